"""Propose, confirm and make the draw; nothing here tells an arm of anybody."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import AllocationError, LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.allocation import actions, queries
from lighttouch.web.allocation.describing import describe_draw
from lighttouch.web.allocation.forms import ConfirmForm
from lighttouch.web.allocation.jobs import DRAW, REPLAY
from lighttouch.web.allocation.models import Allocation, Proposal
from lighttouch.web.allocation.views.common import act_once, address, may, trial_of
from lighttouch.web.audit import once
from lighttouch.web.enrolment.queries import find_roster, flow
from lighttouch.web.jobs.actions import start
from lighttouch.web.jobs.models import Job, State
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.protocols.queries import declared


@requires(Right.RANDOMISE, Right.SEE_BALANCE)
@require_safe
def page(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Where the draw stands, and what comes next."""
    trial = trial_of(request)
    context: dict[str, object] = {
        "trial": trial,
        "once": once.token(),
        "may_oversee": may(request, Right.SEE_OVERVIEW),
    }
    if (allocation := queries.find_allocation(trial)) is not None:
        context |= _drawn(request, trial, allocation)
        return render(request, "allocation/drawn.html", context)
    if not trial.has_reached(Stage.ENROLLED):
        return render(request, "allocation/too_early.html", context)
    if declared(trial).allocation.method != "drawn":
        context["may_lock"] = may(request, Right.LOCK_TRIAL)
        return render(request, "allocation/nothing.html", context)
    return render(request, "allocation/page.html", context | _waiting(request, trial))


def _waiting(request: ScopedRequest, trial: Trial) -> dict[str, object]:
    roster, proposal = find_roster(trial), queries.open_proposal(trial)
    assert roster is not None  # the trial has reached that stage
    context: dict[str, object] = {
        "roster": roster,
        "may_randomise": may(request, Right.RANDOMISE),
        "proposal": proposal,
    }
    try:
        context["described"] = describe_draw(trial, roster)
    except LighttouchError as error:
        context["faults"] = error.faults
    if proposal is not None:
        context |= {
            "stale": queries.is_stale(proposal, roster),
            "own": proposal.proposed_by_id == request.user.pk,
            "job": _job(DRAW, proposal.pk),
            "failed_state": State.FAILED,
        }
    return context


def _drawn(request: ScopedRequest, trial: Trial, allocation: Allocation) -> dict[str, object]:
    return {
        "allocation": allocation,
        "arms": flow(trial).arms,
        "clusters": declared(trial).allocation.unit if declared(trial).clustered else "",
        "replay": queries.latest_replay(allocation),
        "may_randomise": may(request, Right.RANDOMISE),
        "may_see_arms": may(request, Right.SEE_ARMS),
        "may_see_balance": may(request, Right.SEE_BALANCE),
        "may_lock": may(request, Right.LOCK_TRIAL),
        "lock": queries.find_lock(trial),
    }


@requires(Right.RANDOMISE)
@require_POST
def propose(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Propose to draw from the roster as it is."""
    trial = trial_of(request)
    roster = find_roster(trial)
    if roster is not None and request.POST.get("roster", roster.sha256) != roster.sha256:
        raise AllocationError(
            "the roster was frozen again since you opened the page",
            where=trial.slug,
            remedy="Open the page again and look at the roster as it is",
        )

    def act() -> str:
        actions.propose(trial=trial, by=request.user, now=timezone.now())
        return address("page", trial)

    return once.guard(
        request, act, done="The draw is proposed. A second person has to confirm it now."
    )


@requires(Right.RANDOMISE)
@require_POST
def withdraw(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Withdraw the open proposal."""
    trial = trial_of(request)

    def act() -> str:
        if (proposal := queries.open_proposal(trial)) is not None:
            actions.withdraw(proposal=proposal, by=request.user, now=timezone.now())
        return address("page", trial)

    return once.guard(request, act, done="The proposal is withdrawn. Nothing was drawn.")


@requires(Right.RANDOMISE)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Confirm a proposal as the second person; the draw begins."""
    trial = trial_of(request)
    roster, proposal = find_roster(trial), queries.open_proposal(trial)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seen = Proposal.objects.filter(
            trial=trial, pk=_number(request.POST.get("proposal"))
        ).first()

        def act() -> str:
            return _confirm(request, seen)

        answer = act_once(request, form, act)
        if answer is not None:
            return answer
    if roster is None or proposal is None or proposal.confirmed_at is not None:
        return redirect("allocation:page", trial=trial.slug)
    context = {
        "trial": trial,
        "roster": roster,
        "proposal": proposal,
        "own": proposal.proposed_by_id == request.user.pk,
        "stale": queries.is_stale(proposal, roster),
        "described": describe_draw(trial, roster),
        "form": form,
        "once": once.token(),
    }
    return render(request, "allocation/confirm.html", context, status=422 if form.errors else 200)


def _confirm(request: ScopedRequest, proposal: Proposal | None) -> str:
    if proposal is None:
        raise AllocationError("the form names no proposal", remedy="Open the page again")
    confirmed = actions.confirm(proposal=proposal, by=request.user, now=timezone.now())
    return _start_draw(request, confirmed)


@requires(Right.RANDOMISE)
@require_POST
def draw(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Begin a confirmed draw again, if it failed or was lost."""
    trial = trial_of(request)
    proposal = queries.open_proposal(trial)
    if proposal is None or proposal.confirmed_at is None:
        raise AllocationError(
            "no second person confirmed the draw",
            where=trial.slug,
            remedy="Have it confirmed first",
        )
    return once.guard(request, lambda: _start_draw(request, proposal))


@requires(Right.RANDOMISE)
@require_POST
def replay(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Draw again from what is kept, and compare with the record."""
    trial = trial_of(request)
    allocation = queries.find_allocation(trial)
    if allocation is None:
        raise AllocationError("nothing is drawn yet", where=trial.slug)

    def act() -> str:
        job = start(
            kind=REPLAY,
            key=f"{REPLAY}:{allocation.pk}",
            by=request.user,
            now=timezone.now(),
            arguments={"allocation": allocation.pk},
            trial=trial,
            then=address("page", trial),
        )
        return reverse("jobs:progress", args=[job.uuid])

    return once.guard(request, act)


def _start_draw(request: ScopedRequest, proposal: Proposal) -> str:
    job = start(
        kind=DRAW,
        key=f"{DRAW}:{proposal.pk}",
        by=request.user,
        now=timezone.now(),
        arguments={"proposal": proposal.pk},
        trial=proposal.trial,
        then=address("page", proposal.trial),
    )
    if job.user_id != request.user.pk:  # somebody else's: its page is theirs
        return address("page", proposal.trial)
    return reverse("jobs:progress", args=[job.uuid])


def _job(kind: str, number: int) -> Job | None:
    return Job.objects.filter(kind=kind, key=f"{kind}:{number}").order_by("-created_at").first()


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else 0
