"""Programmes are started by those who manage a whole one, and by administrators."""

import pytest

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.partners import actions
from lighttouch.web.partners.errors import MovedOnError, RefusedError
from lighttouch.web.partners.queries.programmes import fingerprint, programmes_with, standing
from lighttouch.web.programmes.models import Programme
from tests.web.cast import NOW, Cast, make_programme
from tests.web.partners.making import TODAY, make_call, make_expression, make_judgements


def create(by: User, slug: str = "well_being") -> Programme:
    return actions.create_programme(slug=slug, title="Well-being", summary="", by=by, now=NOW)


@pytest.mark.parametrize("who", ["administrator", "trial_manager"])
def test_whoever_starts_a_programme_manages_its_trials(cast: Cast, who: str) -> None:
    programme = create(cast[who])
    user = User.objects.get(pk=cast[who].pk)
    assert has_right(user, Right.MANAGE_PROGRAMME, Scope(programme))
    assert not has_right(cast["second"], Right.MANAGE_PROGRAMME, Scope(programme))


@pytest.mark.parametrize("who", ["researcher", "randomiser", "coordinator", "team_manager"])
def test_others_start_none(cast: Cast, who: str) -> None:
    with pytest.raises(RefusedError):
        create(cast[who])
    assert Programme.objects.count() == 1


def test_manager_of_one_trial_starts_none(cast: Cast) -> None:
    Grant.objects.filter(user=cast["second"], role=Role.TRIAL_MANAGER).update(trial=cast.trial)
    with pytest.raises(RefusedError):
        create(cast["second"])


@pytest.mark.parametrize("slug", ["programme", "new", "Big Words", ""])
def test_code_that_is_taken_kept_or_unfit_is_refused(cast: Cast, slug: str) -> None:
    with pytest.raises(RefusedError):
        create(cast["trial_manager"], slug)


def test_second_of_two_editors_is_told(cast: Cast) -> None:
    was = fingerprint(cast.programme)
    given = {"programme": cast.programme, "summary": "", "was": was, "now": NOW}
    actions.edit_programme(title="First", by=cast["second"], **given)  # type: ignore[arg-type]
    with pytest.raises(MovedOnError):
        actions.edit_programme(title="Second", by=cast["second"], **given)  # type: ignore[arg-type]


def test_somebody_sees_their_own_programmes_only(cast: Cast) -> None:
    make_programme("elsewhere", "other")
    assert programmes_with(cast["researcher"], Right.READ_PROGRAMME) == [cast.programme]
    assert programmes_with(cast["coordinator"], Right.READ_PROGRAMME) == []


def test_standing_counts_what_waits_for_whom(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    first, _ = make_expression(call), make_expression(call)
    actions.assess(expression=first, judgements=make_judgements(), by=cast["researcher"], now=NOW)
    found = standing(cast.programme, cast["researcher"], TODAY)
    assert (found.received, found.to_decide, found.unassessed, found.unsigned) == (2, 2, 1, 3)
    assert standing(cast.programme, cast["second"], TODAY).unassessed == 2
