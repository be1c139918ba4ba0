"""Pages of prizes: for whoever draws, for the partner that won, and for anybody to check."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.core.protocol.prizes import describe_prize
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, public, requires
from lighttouch.web.prizes import actions
from lighttouch.web.prizes.entrants import declared_of
from lighttouch.web.prizes.models import Prize, Rule
from lighttouch.web.prizes.queries import (
    closed_everywhere,
    find_draw,
    find_prize,
    find_published,
    record_of,
    winners_at,
    winners_of,
)
from lighttouch.web.storage.queries import read_bytes
from lighttouch.web.surveys.views.managing import partner_of, trial_of

KINDS = {"toml": "application/toml", "csv": "text/csv; charset=utf-8"}


def _prize_of(request: ScopedRequest, wave: str) -> Prize:
    prize = find_prize(trial_of(request), wave)
    if prize is None:
        raise Http404
    return prize


@requires(Right.SEE_OVERVIEW)
@require_safe
def page(request: ScopedRequest, wave: str, **_where: str) -> HttpResponse:
    """What is to be drawn, what was committed to, and who won."""
    prize = _prize_of(request, wave)
    drawn = find_draw(prize)
    context = {
        "trial": trial_of(request),
        "survey": prize.survey,
        "prize": prize,
        "said": describe_prize(declared_of(prize)),
        "draw": drawn,
        "record": record_of(drawn) if drawn else None,
        "winners": winners_of(drawn) if drawn else [],
        "ready": closed_everywhere(prize, timezone.now()),
        "draws": has_right(request.user, Right.MANAGE_RETURNS, request.scope),
    }
    return render(request, "prizes/page.html", context)


@requires(Right.MANAGE_RETURNS)
@require_POST
def draw(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Draw the prizes; pressing twice draws once."""
    prize = _prize_of(request, wave)
    try:
        actions.draw(prize=prize, by=request.user, now=timezone.now())
    except LighttouchError as error:
        for fault in error.faults:
            words = f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}"
            messages.error(request, words.strip())
    else:
        messages.success(request, "The prizes are drawn.")
    return redirect("prizes:page", trial=trial_of(request).slug, wave=wave)


@requires(Right.SEE_OVERVIEW)
@require_safe
def file(request: ScopedRequest, wave: str, kind: str, **_where: str) -> HttpResponse:
    """Hand over the record of the draw, or its list of entries, as the archive has them."""
    drawn = find_draw(_prize_of(request, wave))
    if drawn is None or kind not in KINDS:
        raise Http404
    content = read_bytes(drawn.record if kind == "toml" else drawn.entries)
    name = f"{trial_of(request).slug}-{wave}-prizes.{kind}"
    return HttpResponse(
        content,
        content_type=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@requires(Right.READ_TASKS)
@require_safe
def partner(request: ScopedRequest, wave: str, **_where: str) -> HttpResponse:
    """Whether somebody at one partner won; never who was entered."""
    prize, own = _prize_of(request, wave), partner_of(request)
    drawn = find_draw(prize)
    context = {
        "trial": trial_of(request),
        "partner": own,
        "survey": prize.survey,
        "prize": prize,
        "by_team": prize.rule == Rule.TEAM,
        "said": describe_prize(declared_of(prize)),
        "draw": drawn,
        "winners": winners_at(drawn, own) if drawn else [],
    }
    return render(request, "prizes/partner.html", context)


@public
@require_safe
def check(request: HttpRequest, trial: str, wave: str) -> HttpResponse:
    """What anybody may check: the hash before, and after the draw all that it follows from."""
    prize = find_published(trial, wave)
    if prize is None:
        raise Http404
    drawn = find_draw(prize)
    context = {
        "survey": prize.survey,
        "trial": prize.survey.trial,
        "prize": prize,
        "said": describe_prize(declared_of(prize)),
        "record": record_of(drawn) if drawn else None,
        "draw": drawn,
    }
    return render(request, "prizes/check.html", context)
