"""Lock a trial's data, and open its arms to researchers: two acts, the second by two people."""

from datetime import datetime

from django.db import transaction

from lighttouch.core.errors import AllocationError
from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.allocation.models import Lock, Unblinding
from lighttouch.web.allocation.telling import people_with, tell
from lighttouch.web.audit.actions import record
from lighttouch.web.enrolment.words import check_words
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.protocols.queries import declared


@transaction.atomic
def lock(*, trial: Trial, reason: str, by: User, now: datetime) -> Lock:
    """Lock the data of a trial: no return or happening but withdrawals is taken any more.

    Doing it twice changes nothing.

    Raises
    ------
    AllocationError
        If the trial is not allocated yet.
    InputError
        If the reason is empty or looks personal.
    """
    trial = _hold(trial, by)
    if found := Lock.objects.filter(trial=trial).first():
        return found
    drawn = declared(trial).allocation.method == "drawn"
    if not trial.has_reached(Stage.ALLOCATED if drawn else Stage.ENROLLED):
        raise AllocationError(
            "there is nothing to lock before the draw",
            where=trial.slug,
            remedy="Draw the allocation first",
        )
    made = Lock(trial=trial, reason=check_words(reason, "reason"), at=now, by=by)
    made.full_clean()
    made.save(force_insert=True)
    trial.stage = Stage.LOCKED
    trial.save(update_fields=("stage",))
    _note(trial, "trial.locked", reason=made.reason, by=by, now=now)
    return made


@transaction.atomic
def propose_unblinding(*, trial: Trial, reason: str, by: User, now: datetime) -> Unblinding:
    """Propose to open arms and results by arm to researchers; a second person confirms.

    Doing it twice gives the proposal that is there.

    Raises
    ------
    AllocationError
        If the data are not locked.
    InputError
        If the reason is empty or looks personal.
    """
    trial = _hold(trial, by)
    if not trial.has_reached(Stage.LOCKED):
        raise AllocationError(
            "the data are not locked yet", where=trial.slug, remedy="Lock them first"
        )
    if found := Unblinding.objects.filter(trial=trial, withdrawn_at=None).first():
        return found
    made = Unblinding(
        trial=trial, reason=check_words(reason, "reason"), proposed_by=by, proposed_at=now
    )
    made.full_clean()
    made.save(force_insert=True)
    others = people_with(Right.LOCK_TRIAL, trial, but=by)
    tell("unblinding", others, trial, about=made.pk, by=by, now=now)
    _note(trial, "unblinding.proposed", reason=made.reason, by=by, now=now)
    return made


@transaction.atomic
def confirm_unblinding(*, unblinding: Unblinding, by: User, now: datetime) -> Unblinding:
    """Open arms and results by arm to researchers, as somebody other than who proposed it.

    Raises
    ------
    AllocationError
        If it is the proposer's own, or was withdrawn.
    """
    trial = _hold(unblinding.trial, by)
    unblinding = Unblinding.objects.get(pk=unblinding.pk)
    if unblinding.proposed_by_id == by.pk:
        raise AllocationError(
            "nobody confirms the unblinding they proposed",
            where=trial.slug,
            remedy="Ask a second person to confirm it",
        )
    if unblinding.withdrawn_at is not None:
        raise AllocationError(
            "the proposal was withdrawn", where=trial.slug, remedy="Propose it again"
        )
    if unblinding.confirmed_at is not None:
        return unblinding
    unblinding.confirmed_by, unblinding.confirmed_at = by, now
    unblinding.full_clean()
    unblinding.save(update_fields=("confirmed_by", "confirmed_at"))
    trial.unblinded_at = now
    trial.save(update_fields=("unblinded_at",))
    _note(trial, "unblinding.confirmed", reason=unblinding.reason, by=by, now=now)
    return unblinding


@transaction.atomic
def withdraw_unblinding(*, unblinding: Unblinding, by: User, now: datetime) -> Unblinding:
    """Withdraw a proposal to unblind that nobody confirmed.

    Raises
    ------
    AllocationError
        If it was confirmed: what was seen cannot be unseen.
    """
    trial = _hold(unblinding.trial, by)
    unblinding = Unblinding.objects.get(pk=unblinding.pk)
    if unblinding.confirmed_at is not None:
        raise AllocationError("the trial is unblinded, which cannot be undone", where=trial.slug)
    if unblinding.withdrawn_at is None:
        unblinding.withdrawn_by, unblinding.withdrawn_at = by, now
        unblinding.full_clean()
        unblinding.save(update_fields=("withdrawn_by", "withdrawn_at"))
        _note(trial, "unblinding.withdrawn", reason=unblinding.reason, by=by, now=now)
    return unblinding


def _hold(trial: Trial, by: User) -> Trial:
    held = (
        Trial.objects.select_for_update(of=("self",)).select_related("programme").get(pk=trial.pk)
    )
    if not has_right(by, Right.LOCK_TRIAL, Scope(held.programme, held)):
        raise AllocationError(
            "this person may not lock or unblind a trial",
            where=held.slug,
            remedy="Ask its trial manager",
        )
    return held


def _note(trial: Trial, act: str, *, reason: str, by: User, now: datetime) -> None:
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details={"reason": reason},
    )
