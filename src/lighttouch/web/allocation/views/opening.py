"""Lock a trial's data, and open its arms to researchers."""

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lighttouch.core.errors import AllocationError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.allocation import actions, queries
from lighttouch.web.allocation.forms import ReasonForm, UnblindForm
from lighttouch.web.allocation.views.common import act_once, address, trial_of
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Stage

BOTH = ["GET", "HEAD", "POST"]


@requires(Right.LOCK_TRIAL)
@require_http_methods(BOTH)
def lock(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Lock the data, with a reason."""
    trial = trial_of(request)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.lock(
                trial=trial, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
            return address("unblind", trial)

        answer = act_once(request, form, act, done="The data are locked.", field="reason")
        if answer is not None:
            return answer
    registered = trial.has_reached(Stage.REGISTERED)
    context = {
        "trial": trial,
        "form": form,
        "lock": queries.find_lock(trial),
        "open": queries.reasons_not_to_lock(trial) if registered else [],
        "once": once.token(),
    }
    return render(request, "allocation/lock.html", context, status=422 if form.errors else 200)


@requires(Right.LOCK_TRIAL)
@require_http_methods(BOTH)
def unblind(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Propose to open arms to researchers, with a reason."""
    form = ReasonForm(request.POST or None)

    def act() -> str:
        trial = trial_of(request)
        reason = form.cleaned_data["reason"]
        actions.propose_unblinding(trial=trial, reason=reason, by=request.user, now=timezone.now())
        return address("unblind", trial)

    done = "The unblinding is proposed. A second trial manager has to confirm it now."
    return _answer(request, form, act, done)


@requires(Right.LOCK_TRIAL)
@require_http_methods(BOTH)
def unblind_confirm(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Confirm it as the second person."""
    form = UnblindForm(request.POST or None)
    if request.method != "POST":
        return redirect("allocation:unblind", trial=trial_of(request).slug)

    def act() -> str:
        trial = trial_of(request)
        proposal = queries.open_unblinding(trial)
        if proposal is None:
            raise AllocationError("nobody proposes to unblind the trial", where=trial.slug)
        actions.confirm_unblinding(unblinding=proposal, by=request.user, now=timezone.now())
        return address("unblind", trial)

    done = "The trial is unblinded. Researchers can see arms and results by arm."
    return _answer(request, form, act, done)


@requires(Right.LOCK_TRIAL)
@require_POST
def unblind_withdraw(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Withdraw the proposal."""
    trial = trial_of(request)

    def act() -> str:
        if (proposal := queries.open_unblinding(trial)) is not None:
            actions.withdraw_unblinding(unblinding=proposal, by=request.user, now=timezone.now())
        return address("unblind", trial)

    return once.guard(request, act, done="The proposal is withdrawn. Nothing was opened.")


def _answer(
    request: ScopedRequest, form: ReasonForm | UnblindForm, act: Callable[[], str], done: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        field = "reason" if isinstance(form, ReasonForm) else "sure"
        answer = act_once(request, form, act, done=done, field=field)
        if answer is not None:
            assert isinstance(answer, HttpResponse)
            return answer
    trial = trial_of(request)
    proposal = queries.open_unblinding(trial)
    own = proposal is not None and proposal.proposed_by_id == request.user.pk
    wanted: type[ReasonForm] | type[UnblindForm] = UnblindForm if proposal else ReasonForm
    context = {
        "trial": trial,
        "locked": trial.has_reached(Stage.LOCKED),
        "lock": queries.find_lock(trial),
        "proposal": proposal,
        "own": own,
        "form": form if isinstance(form, wanted) else wanted(),
        "once": once.token(),
    }
    return render(request, "allocation/unblind.html", context, status=422 if form.errors else 200)
