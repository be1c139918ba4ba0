"""Pages on which sending is watched, agreed to, paused and stopped."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, requires
from lighttouch.web.audit import once
from lighttouch.web.delivery import actions, queries
from lighttouch.web.delivery.models import Delivery, Mailing, State
from lighttouch.web.delivery.transports.notify.looking_up import has_after_all
from lighttouch.web.programmes.models import Partner, Trial

ON_A_PAGE = 100
HOLDS = {
    "pause": ("Sending is paused: nothing is handed over until somebody resumes.", actions.pause),
    "resume": ("Sending goes on.", actions.resume),
}


@requires(Right.SEE_OVERVIEW)
@require_safe
def trial_page(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show every mailing of a trial: when, to how many, and what became of it."""
    trial = _trial(request)
    context = {
        "trial": trial,
        "lines": queries.calendar(trial),
        "held": queries.held(trial),
        "manages": has_right(request.user, Right.MANAGE_RETURNS, request.scope),
        "once": once.token(),
    }
    return render(request, "delivery/trial.html", context)


@requires(Right.READ_TASKS)
@require_safe
def partner_page(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show a partner what its people will be sent, in which words, and when."""
    trial, partner = _trial(request), _partner(request)
    lines = queries.calendar(trial, partner)
    context = {
        "trial": trial,
        "partner": partner,
        "lines": [(line, queries.words_of(line.mailing)) for line in lines],
        "waiting": [line for line in lines if line.mailing.signed_off_at is None],
        "signs": has_right(request.user, Right.MANAGE_CONTACTS, request.scope),
        "once": once.token(),
    }
    return render(request, "delivery/partner.html", context)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def sign_off(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Take the coordinator's word that what the page showed may be sent."""
    return once.guard(request, lambda: _sign_off(request), done="The mailings are signed off.")


@requires(Right.MANAGE_RETURNS)
@require_safe
def mailing_page(request: ScopedRequest, mailing: int, **_where: str) -> HttpResponse:
    """Show a mailing's deliveries by staff code, never by name."""
    found = _mailing(request, mailing)
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    deliveries = queries.deliveries_of(found, state)
    context = {
        "trial": _trial(request),
        "mailing": found,
        "state": state,
        "states": State.choices,
        "page": Paginator(deliveries, ON_A_PAGE).get_page(request.GET.get("page")),
        "once": once.token(),
    }
    return render(request, "delivery/mailing.html", context)


@requires(Right.MANAGE_RETURNS)
@require_POST
def settle(request: ScopedRequest, delivery: int, **_where: str) -> HttpResponse:
    """Say what became of a delivery in doubt."""
    found = get_object_or_404(
        Delivery.objects.select_related("mailing__partner", "step__trial__programme"),
        pk=delivery,
        step__trial=_trial(request),
    )
    was_sent = {"sent": True, "again": False}.get(request.POST.get("verb", ""))
    if was_sent is None:
        raise InputError("nothing was chosen", remedy="Press one of the two buttons")
    if not was_sent and found.state == State.UNKNOWN and has_after_all(found, timezone.now()):
        messages.info(request, "GOV.UK Notify has it after all. It was not sent again.")
        return redirect("delivery:mailing", trial=found.step.trial.slug, mailing=found.mailing_id)

    def act() -> str:
        actions.settle_unknown(
            delivery=found, was_sent=was_sent, by=request.user, now=timezone.now()
        )
        return reverse("delivery:mailing", args=[found.step.trial.slug, found.mailing_id])

    done = "It counts as sent." if was_sent else "It will be sent again."
    return once.guard(request, act, done=done)


@requires(Right.MANAGE_RETURNS)
@require_POST
def hold(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Pause or resume sending in a trial."""
    trial, verb = _trial(request), request.POST.get("verb", "")
    if verb not in HOLDS:
        raise InputError("nothing was chosen", remedy="Press one of the buttons")
    words, act = HOLDS[verb]
    act(trial=trial, by=request.user, now=timezone.now())
    messages.success(request, words)
    return redirect("delivery:trial", trial=trial.slug)


@requires(Right.MANAGE_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Cancel all that waits in a trial, for good, after asking."""
    trial = _trial(request)
    if request.method == "POST":
        actions.stop(trial=trial, by=request.user, now=timezone.now())
        messages.success(request, "Sending in this trial is stopped for good.")
        return redirect("delivery:trial", trial=trial.slug)
    waiting = sum(line.to_come for line in queries.calendar(trial))
    lines = [
        f"{waiting:,} deliveries are still to go. All of them are cancelled.",
        "This cannot be undone. To hold them back for a while, pause instead.",
    ]
    context: dict[str, object] = {"title": "Stop all sending in this trial?", "lines": lines}
    context |= {"button": "Stop for good", "warning": True}
    context |= {"back": reverse("delivery:trial", args=[trial.slug])}
    return render(request, "ui/confirm.html", context)


def _sign_off(request: ScopedRequest) -> str:
    trial, partner = _trial(request), _partner(request)
    actions.sign_off(
        trial=trial, partner=partner, mailings=_shown(request), by=request.user, now=timezone.now()
    )
    return reverse("delivery:partner", args=[trial.slug, partner.code])


def _shown(request: ScopedRequest) -> list[tuple[int, datetime]]:
    """Return which mailings the page showed, and for when."""
    shown: list[tuple[int, datetime]] = []
    for one in request.POST.getlist("mailing"):
        number, _, said = one.partition("@")
        due = _moment(said) if number.isdecimal() else None
        if due is None:
            raise InputError("the form was changed on its way", remedy="Open the page again")
        shown.append((int(number), due))
    return shown


def _moment(said: str) -> datetime | None:
    try:
        found = parse_datetime(said)
    except ValueError:  # such as the thirteenth month
        return None
    return found if found is not None and found.tzinfo is not None else None


def _mailing(request: ScopedRequest, number: int) -> Mailing:
    mailings = Mailing.objects.select_related("step__survey", "step__trial", "partner")
    return get_object_or_404(mailings, pk=number, step__trial=_trial(request))


def _trial(request: ScopedRequest) -> Trial:
    assert request.scope.trial is not None, "the address names a trial"
    return request.scope.trial


def _partner(request: ScopedRequest) -> Partner:
    assert request.scope.partner is not None, "the address names a partner"
    return request.scope.partner
