"""The roster: what it would be, freezing it, and the flow of participants from it."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.disclosure.counts import SUPPRESSED, suppress_small_count
from lighttouch.core.errors import LighttouchError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.enrolment import queries
from lighttouch.web.enrolment.forms import FreezeAgainForm, FreezeForm
from lighttouch.web.enrolment.jobs import FREEZE
from lighttouch.web.enrolment.preview import preview
from lighttouch.web.enrolment.queries import Since
from lighttouch.web.enrolment.views.common import draw_table, may, trial_of
from lighttouch.web.enrolment.words import check_words
from lighttouch.web.jobs.actions import start
from lighttouch.web.jobs.queries import failed_in
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.protocols.queries import declared, text_in_force

SAID = (
    ("left", "left the organisation"),
    ("moved", "moved to another team or building"),
    ("on_leave", "are on long leave"),
    ("stop_contact", "withdrew: no more contact"),
    ("stop_collection", "of those: nothing more is collected"),
    ("erased", "of those: what they answered is erased"),
)


@requires(Right.READ_ROSTER)
@require_safe
def page(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Who is eligible so far, or who was enrolled."""
    trial = trial_of(request)
    if not trial.has_reached(Stage.REGISTERED):
        return render(request, "enrolment/unregistered.html", {"trial": trial})
    roster = queries.find_roster(trial)
    if roster is None:
        return render(request, "enrolment/preview.html", _before(request, trial))
    counts = queries.exclusions(trial)
    exact = may(request, Right.FREEZE_ROSTER)
    table, hidden = draw_table(counts, "Screened and enrolled, by partner", exact=exact)
    context = {
        "trial": trial,
        "roster": roster,
        "table": table,
        "hidden": hidden,
        "rules": declared(trial).population.exclusions,
        "counts": counts,
        "shown": counts.show(exact=exact),
        "earlier": trial.earlier_rosters.select_related("replaced_by"),
        "may_freeze": exact and not trial.has_reached(Stage.ALLOCATED),
        "amended": roster.design_sha256 != protocol_sha256(text_in_force(trial)),
        "may_draw": may(request, Right.RANDOMISE),
        "since": say_since(queries.count_since(trial), exact=exact),
        "partners": counts.partners if may(request, Right.RECORD_EVENT) else (),
    }
    return render(request, "enrolment/page.html", context)


def _before(request: ScopedRequest, trial: Trial) -> dict[str, object]:
    seen = preview(trial)
    exact = may(request, Right.FREEZE_ROSTER)
    table, hidden = None, False
    if seen.exclusions is not None:
        table, hidden = draw_table(seen.exclusions, "Screened so far, by partner", exact=exact)
    return {
        "trial": trial,
        "seen": seen,
        "table": table,
        "hidden": hidden,
        "rules": declared(trial).population.exclusions,
        "may_freeze": exact,
        "failed": next((job for job in failed_in(trial) if job.kind == FREEZE), None),
    }


@requires(Right.READ_ROSTER)
@require_safe
def flow(request: ScopedRequest, **_where: str) -> HttpResponse:
    """The flow of participants as a diagram."""
    trial = trial_of(request)
    if not trial.has_reached(Stage.ENROLLED):
        return redirect("enrolment:page", trial=trial.slug)
    told = queries.flow(trial)
    exact = may(request, Right.FREEZE_ROSTER)
    protocol = declared(trial)
    context = {
        "trial": trial,
        "flow": told,
        "shown": told.exclusions.show(exact=exact),
        "clusters": protocol.allocation.unit if protocol.clustered else "",
        "since": say_since(told.since, exact=exact),
    }
    return render(request, "enrolment/flow.html", context)


@requires(Right.FREEZE_ROSTER)
@require_http_methods(["GET", "HEAD", "POST"])
def freeze(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Check the numbers, then freeze the roster in the background."""
    trial = trial_of(request)
    roster = queries.find_roster(trial)
    number = str(roster.number if roster else 0)
    # A second press of the first freeze finds a roster, and must not be asked for a reason.
    again = request.POST.get("seen", number) != "0"
    if not trial.has_reached(Stage.REGISTERED) or trial.has_reached(Stage.ALLOCATED):
        return redirect("enrolment:page", trial=trial.slug)
    form = (FreezeAgainForm if again else FreezeForm)(request.POST or None)
    seen = preview(trial)
    if request.method == "POST" and form.is_valid() and seen.ready:
        try:
            reason = check_words(form.cleaned_data["reason"], "reason") if again else ""
        except LighttouchError as error:
            form.add_error("reason", str(error))
        else:
            return once.guard(request, lambda: _start(request, trial, reason))
    table, hidden = None, False
    if seen.exclusions is not None:
        table, hidden = draw_table(seen.exclusions, "Who would be on the roster", exact=True)
    context = {
        "trial": trial,
        "form": form,
        "again": again,
        "number": number,
        "seen": seen,
        "table": table,
        "hidden": hidden,
        "once": once.token(),
    }
    return render(request, "enrolment/freeze.html", context, status=422 if form.errors else 200)


def _start(request: ScopedRequest, trial: Trial, reason: str) -> str:
    job = start(
        kind=FREEZE,
        key=f"{FREEZE}:{trial.pk}",
        by=request.user,
        now=timezone.now(),
        arguments={"trial": trial.pk, "reason": reason},
        trial=trial,
        then=reverse("enrolment:page", args=[trial.slug]),
    )
    return reverse("jobs:progress", args=[job.uuid])


def say_since(since: Since, *, exact: bool) -> list[tuple[str, str]]:
    """Say what happened since, each with its number; noughts are left out."""
    counted = [(getattr(since, name), words) for name, words in SAID]
    return [(_say(n, exact=exact), words) for n, words in counted if n]


def _say(number: int, *, exact: bool) -> str:
    return SUPPRESSED if not exact and suppress_small_count(number) else f"{number:,}"
