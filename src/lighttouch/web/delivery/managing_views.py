"""Pages on which sending is watched, agreed to, paused and stopped."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, requires
from lighttouch.web.allocation.actions import note_look
from lighttouch.web.allocation.queries import may_see_partner_arms
from lighttouch.web.audit import once
from lighttouch.web.delivery import actions, outlook, planning, queries, troubles
from lighttouch.web.delivery.forms import PreviewForm
from lighttouch.web.delivery.models import Delivery, Mailing, State
from lighttouch.web.delivery.transports.notify.looking_up import has_after_all
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import is_registered

ON_A_PAGE = 100
HOLDS = {
    "pause": ("Sending is paused: nothing is handed over until somebody resumes.", actions.pause),
    "resume": ("Sending goes on.", actions.resume),
}

FAILED: dict[str, tuple[str, Callable[..., object]]] = {
    "again": ("What failed is tried once more.", actions.send_failed_again),
    "seen": ("What failed counts as seen to.", actions.see_to),
}


@requires(Right.SEE_OVERVIEW)
@require_safe
def trial_page(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show every mailing of a trial: when, to how many, and what became of it."""
    trial = _trial(request)
    context = {
        "trial": trial,
        "lines": queries.calendar(trial),
        "red": list(troubles.lines_for(trial, timezone.now())),
        "obstacles": planning.find_obstacles(trial) if is_registered(trial) else (),
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
    waiting = [line for line in lines if line.mailing.signed_off_at is None]
    context = {
        "trial": trial,
        "partner": partner,
        "lines": [(line, queries.words_of(line.mailing)) for line in lines],
        "waiting": waiting,
        "words_shown": actions.words_of_all(line.mailing for line in waiting),
        "red": list(troubles.lines_for(trial, timezone.now(), partner)),
        "signs": has_right(request.user, Right.MANAGE_CONTACTS, request.scope),
        "once": once.token(),
    }
    return render(request, "delivery/partner.html", context)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def sign_off(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Take the coordinator's word that what the page showed may be sent."""
    return once.guard(request, lambda: _sign_off(request), done="The mailings are signed off.")


@requires(Right.SEE_OVERVIEW)
@require_safe
def calendar_page(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show everything the trial will send, planned or not yet."""
    trial = _trial(request)
    entries = outlook.outlook(trial) if is_registered(trial) else []
    context = {"trial": trial, "entries": entries}
    return render(request, "delivery/calendar.html", context)


@requires(Right.SEE_OVERVIEW)
@require_safe
def calendar_table(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Give the same as a table."""
    trial = _trial(request)
    return _download(outlook.outlook(trial), trial.slug)


@requires(Right.READ_TASKS)
@require_safe
def partner_calendar(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show a partner everything its people will be sent, planned or not yet."""
    trial, partner = _trial(request), _partner(request)
    context = {"trial": trial, "partner": partner, "entries": outlook.outlook(trial, partner)}
    return render(request, "delivery/calendar.html", context)


@requires(Right.READ_TASKS)
@require_safe
def partner_table(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Give the same as a table."""
    trial, partner = _trial(request), _partner(request)
    return _download(outlook.outlook(trial, partner), f"{trial.slug}-{partner.code}")


def _download(entries: list[outlook.Entry], name: str) -> HttpResponse:
    answer = HttpResponse(outlook.outlook_csv(entries), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-messages.csv"'
    return answer


@requires(Right.READ_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: ScopedRequest, mailing: int, **_where: str) -> HttpResponse:
    """Show a message as anybody gets it, or as one participant does, by staff code.

    Who gets a message of an intervention gives away an arm: only those who may know it can ask. A
    form is posted, so that no code stands in an address; nothing changes by it.
    """
    trial, partner = _trial(request), _partner(request)
    found = _mailing(request, mailing)
    if found.partner_id != partner.pk:
        raise Http404
    may_ask = found.step.survey_id is not None or may_see_partner_arms(request.user, trial, partner)
    form = PreviewForm(request.POST or None) if may_ask else None
    person = None
    if form is not None and form.is_valid():
        person = queries.recipient(found, form.cleaned_data["code"])
        if person is None:
            form.add_error("code", "Nobody with this staff code is sent this message.")
        elif found.step.survey_id is None:
            note_look(
                trial=trial,
                what="preview",
                people=1,
                by=request.user,
                now=timezone.now(),
                partner=partner.code,
            )
    context: dict[str, object] = {"trial": trial, "partner": partner, "mailing": found}
    context |= {"form": form, "person": person, "words": queries.words_of(found, person)}
    return render(request, "delivery/preview.html", context)


@requires(Right.MANAGE_RETURNS)
@require_POST
def failed(request: ScopedRequest, mailing: int, **_where: str) -> HttpResponse:
    """Try once more what failed in a mailing, or say that it was seen to."""
    found, verb = _mailing(request, mailing), request.POST.get("verb", "")
    if verb not in FAILED:
        raise InputError("nothing was chosen", remedy="Press one of the buttons")
    words, act = FAILED[verb]

    def do() -> str:
        act(mailing=found, by=request.user, now=timezone.now())
        return reverse("delivery:mailing", args=[found.step.trial.slug, found.pk])

    return once.guard(request, do, done=words)


@requires(Right.MANAGE_RETURNS)
@require_safe
def mailing_page(request: ScopedRequest, mailing: int, **_where: str) -> HttpResponse:
    """Show a mailing's deliveries by staff code, never by name."""
    found = _mailing(request, mailing)
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    deliveries = queries.deliveries_of(found, state)
    if found.step.survey_id is None:
        now, people = timezone.now(), deliveries.count()
        note_look(trial=_trial(request), what="mailing", people=people, by=request.user, now=now)
    context = {
        "failures": queries.failures(found),
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
        trial=trial,
        partner=partner,
        mailings=_shown(request),
        words=request.POST.get("words", ""),
        by=request.user,
        now=timezone.now(),
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
    mailings = Mailing.objects.select_related(
        "step__survey__trial", "step__trial__programme", "partner", "signed_off_by"
    )
    return get_object_or_404(mailings, pk=number, step__trial=_trial(request))


def _trial(request: ScopedRequest) -> Trial:
    assert request.scope.trial is not None, "the address names a trial"
    return request.scope.trial


def _partner(request: ScopedRequest) -> Partner:
    assert request.scope.partner is not None, "the address names a partner"
    return request.scope.partner
