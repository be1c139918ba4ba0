"""Locking and unblinding: two acts, the second by two people."""

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import AllocationError, InputError
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.allocation import actions
from lighttouch.web.allocation.models import Lock, Unblinding
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Stage
from tests.web.cast import Cast
from tests.web.enrolment.cases import LATER
from tests.web.studies import find_cast

WHY = "Every return is in."


def lock(cast: Cast, by: str = "trial_manager", reason: str = WHY) -> Lock:
    return actions.lock(trial=cast.trial, reason=reason, by=cast[by], now=LATER)


def propose(cast: Cast, by: str = "trial_manager") -> Unblinding:
    return actions.propose_unblinding(
        trial=cast.trial, reason="The analysis is registered.", by=cast[by], now=LATER
    )


def test_lock_keeps_its_reason_and_locking_twice_changes_nothing(cast: Cast) -> None:
    assert lock(cast).pk == lock(cast, "second", "Another reason.").pk
    assert Lock.objects.get().reason == WHY
    assert find_cast().trial.stage == Stage.LOCKED
    assert Event.objects.filter(act="trial.locked").count() == 1


def test_nothing_is_locked_before_the_draw(enrolled: Cast) -> None:
    with pytest.raises(AllocationError, match="nothing to lock before the draw"):
        lock(enrolled)


@pytest.mark.parametrize("reason", ["", "   ", "Ann Lee said so."])
def test_lock_needs_a_reason_without_names(cast: Cast, reason: str) -> None:
    with pytest.raises(InputError):
        lock(cast, reason=reason)


@pytest.mark.parametrize("who", ["researcher", "randomiser", "coordinator", "administrator"])
def test_only_the_trial_manager_locks_and_unblinds(cast: Cast, who: str) -> None:
    with pytest.raises(AllocationError, match="may not lock or unblind"):
        lock(cast, who)
    lock(cast)
    with pytest.raises(AllocationError, match="may not lock or unblind"):
        propose(cast, who)


def test_nothing_is_unblinded_before_the_data_are_locked(cast: Cast) -> None:
    with pytest.raises(AllocationError, match="not locked yet"):
        propose(cast)


def test_researcher_sees_arms_only_after_a_second_person_unblinds(cast: Cast) -> None:
    def may_see() -> bool:
        fresh = find_cast()
        scope = Scope(fresh.programme, fresh.trial)
        return has_right(fresh["researcher"], Right.SEE_ARMS, scope)

    lock(cast)
    proposal = propose(cast)
    with pytest.raises(AllocationError, match="nobody confirms the unblinding they proposed"):
        actions.confirm_unblinding(unblinding=proposal, by=cast["trial_manager"], now=LATER)
    assert not may_see()
    actions.confirm_unblinding(unblinding=proposal, by=cast["second"], now=LATER)
    assert may_see()
    assert find_cast().trial.unblinded_at == LATER


def test_database_refuses_one_person_to_unblind(cast: Cast) -> None:
    lock(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Unblinding.objects.filter(pk=propose(cast).pk).update(
            confirmed_by=cast["trial_manager"], confirmed_at=LATER
        )


def test_withdrawn_unblinding_is_not_confirmed_and_confirmed_is_not_withdrawn(cast: Cast) -> None:
    lock(cast)
    first = propose(cast)
    actions.withdraw_unblinding(unblinding=first, by=cast["second"], now=LATER)
    with pytest.raises(AllocationError, match="was withdrawn"):
        actions.confirm_unblinding(unblinding=first, by=cast["second"], now=LATER)
    second = propose(cast)
    assert second.pk != first.pk
    actions.confirm_unblinding(unblinding=second, by=cast["second"], now=LATER)
    actions.confirm_unblinding(unblinding=second, by=cast["second"], now=LATER)
    assert Event.objects.filter(act="unblinding.confirmed").count() == 1
    with pytest.raises(AllocationError, match="cannot be undone"):
        actions.withdraw_unblinding(unblinding=second, by=cast["second"], now=LATER)
