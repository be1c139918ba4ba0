"""A survey as one partner runs it: how many answered, slips to print, and its links."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, requires
from lighttouch.web.audit import once
from lighttouch.web.partners.models import ContactRoute
from lighttouch.web.partners.queries import contact_route
from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys import actions, handing, standing
from lighttouch.web.surveys.counting import team_counts
from lighttouch.web.surveys.forms import OneForm
from lighttouch.web.surveys.models import Link, Window
from lighttouch.web.surveys.slips import render_slips
from lighttouch.web.surveys.views.managing import act_once, partner_of, trial_of, window_of

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Right.READ_TASKS)
@require_safe
def partner(request: ScopedRequest, wave: str, **_where: str) -> HttpResponse:
    """How many of a partner's people answered, so that nobody is singled out."""
    trial, own = trial_of(request), partner_of(request)
    window = window_of(request, wave)
    today = today_of(timezone.now())
    kind, words = standing.say_window(window, today)
    teams = team_counts(window)
    manages = has_right(request.user, Right.MANAGE_RETURNS, request.scope)
    context = {
        "trial": trial,
        "partner": own,
        "window": window,
        "survey": window.survey,
        "kind": kind,
        "words": words,
        "over": standing.is_over(window, today),
        "begun": window.opens_on <= today,
        "response": standing.say_response(window),
        "teams": [one for one in teams if one.finished is not None],
        "hidden": sum(one.finished is None for one in teams),
        "hands": has_right(request.user, Right.MANAGE_CONTACTS, request.scope),
        "held": contact_route(trial, own) == ContactRoute.HELD,
        "manages": manages and not trial.has_reached(Stage.LOCKED),
        "oversees": has_right(request.user, Right.SEE_OVERVIEW, request.scope),
    }
    return render(request, "surveys/managing/partner.html", context)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def slips(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Hand over a slip for each person, to print and cut out; nothing of it is kept."""
    window = window_of(request, wave)
    try:
        handed = _take(request, wave, handing.Taken.SLIPS)
        content = render_slips(window.survey, handed)
    except LighttouchError as error:
        return _refuse(request, wave, error)
    return _hand(request, wave, content, "application/pdf", "slips.pdf")


@requires(Right.MANAGE_CONTACTS)
@require_POST
def links(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Hand over codes and links as a table, to a partner that holds the list of names."""
    if contact_route(trial_of(request), partner_of(request)) != ContactRoute.HELD:
        raise Http404
    workbook = request.POST.get("as") == "workbook"
    form = handing.Taken.WORKBOOK if workbook else handing.Taken.TABLE
    try:
        handed = _take(request, wave, form)
    except LighttouchError as error:
        return _refuse(request, wave, error)
    if workbook:
        return _hand(request, wave, handing.links_workbook(handed), WORKBOOK, "links.xlsx")
    content = handing.links_table(handed)
    return _hand(request, wave, content, "text/csv; charset=utf-8", "links.csv")


@requires(Right.MANAGE_RETURNS, Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Print one person's slip again, or end a link that went astray and make another."""
    window = window_of(request, wave)
    hands = has_right(request.user, Right.MANAGE_CONTACTS, request.scope)
    form = OneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        link = handing.find_one(window, form.cleaned_data["code"])
        if link is None:
            form.add_error("code", "Nobody with this staff code is asked here")
        else:
            answer = _act_on_one(request, window, form, link, hands=hands)
            if answer is not None:
                return answer
    context = {
        "trial": trial_of(request),
        "partner": partner_of(request),
        "survey": window.survey,
        "hands": hands,
        "over": standing.is_over(window, today_of(timezone.now())),
        "form": form,
        "once": once.token(),
    }
    return render(request, "surveys/managing/one.html", context)


def _act_on_one(
    request: ScopedRequest, window: Window, form: OneForm, link: Link, *, hands: bool
) -> HttpResponseBase | None:
    """Renew a link, or hand its slip over; None where that is refused, which the form says."""
    wave, now = window.survey.wave, timezone.now()

    def renew() -> str:
        actions.renew_link(link=link, by=request.user, now=now)
        return request.path

    if "renew" in request.POST:
        done = "The old link has ended, and a new one is made. Hand over the new slip."
        return act_once(request, form, renew, done=done)
    if not hands:
        raise PermissionDenied
    try:
        handed = handing.take_links(
            window=window, form=handing.Taken.ONE_SLIP, by=request.user, now=now, only=link
        )
        content = render_slips(window.survey, handed)
    except LighttouchError as error:
        form.add_error(None, f"{error.faults[0].what[:1].upper()}{error.faults[0].what[1:]}")
        return None
    return _hand(request, wave, content, "application/pdf", "slip.pdf")


def _take(request: ScopedRequest, wave: str, form: handing.Taken) -> list[handing.Handed]:
    return handing.take_links(
        window=window_of(request, wave), form=form, by=request.user, now=timezone.now()
    )


def _refuse(request: ScopedRequest, wave: str, error: LighttouchError) -> HttpResponseBase:
    for fault in error.faults:
        messages.error(request, f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}".strip())
    trial, own = trial_of(request), partner_of(request)
    return redirect("surveys:partner", trial=trial.slug, partner=own.code, wave=wave)


def _hand(
    request: ScopedRequest, wave: str, content: bytes, kind: str, ending: str
) -> HttpResponse:
    name = f"{trial_of(request).slug}-{partner_of(request).code}-{wave}-{ending}"
    return HttpResponse(
        content,
        content_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
