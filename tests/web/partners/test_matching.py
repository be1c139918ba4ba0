"""Partners are matched to trials with reasons, until the trial is registered."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.partners import actions
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import Agreement, Match, Officer, State, Task
from lighttouch.web.partners.queries import conflicts
from lighttouch.web.programmes.models import Participation, Partner, Stage, Trial
from tests.web.cast import NOW, Cast, make_programme
from tests.web.partners.making import make_call, make_expression, make_partner


@pytest.fixture
def kent(cast: Cast) -> Partner:
    return Partner.objects.create(programme=cast.programme, code="kent", name="Kent")


@pytest.fixture
def coffee(cast: Cast) -> Trial:
    return Trial.objects.create(
        programme=cast.programme, slug="coffee", title="Coffee", created_at=NOW
    )


def match(cast: Cast, trial: Trial, partner: Partner, reason: str = "It fits.") -> Match:
    return actions.match_partner(
        trial=trial, partner=partner, reason=reason, by=cast["trial_manager"], now=NOW
    )


def unmatch(cast: Cast, one: Match, *, mistaken: bool = False) -> Match:
    return actions.unmatch_partner(
        match=one, reason="They left.", mistaken=mistaken, by=cast["second"], now=NOW
    )


def test_matched_partner_takes_part_and_has_tasks(cast: Cast, kent: Partner, coffee: Trial) -> None:
    one = match(cast, coffee, kent)
    assert (one.reason, one.matched_by) == ("It fits.", cast["trial_manager"])
    assert Participation.objects.filter(trial=coffee, partner=kent).exists()
    assert Task.objects.filter(trial=coffee, partner=kent).exists()
    assert Event.objects.filter(act="partner.matched", trial="coffee", partner="kent").exists()


def test_partner_is_matched_to_a_trial_once(cast: Cast, kent: Partner, coffee: Trial) -> None:
    match(cast, coffee, kent)
    with pytest.raises(RefusedError, match="already"):
        match(cast, coffee, kent)
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.create(
            trial=coffee, partner=kent, reason="x", matched_by=cast["second"], matched_at=NOW
        )


@pytest.mark.parametrize("reason", ["", "Because Sarah Jones asked"])
def test_match_has_a_reason_that_names_nobody(
    cast: Cast, kent: Partner, coffee: Trial, reason: str
) -> None:
    with pytest.raises((RefusedError, InputError)):
        match(cast, coffee, kent, reason)
    assert not Match.objects.exists()


def test_partner_of_another_programme_is_refused(cast: Cast, coffee: Trial) -> None:
    other = make_programme("elsewhere", "other")
    with pytest.raises(RefusedError, match="another programme"):
        match(cast, coffee, other.dudley)


def test_partner_that_withdrew_is_refused(cast: Cast, coffee: Trial) -> None:
    expression = make_expression(make_call(cast.programme, cast["trial_manager"]))
    partner = make_partner(cast, expression)
    expression.refresh_from_db()
    actions.decide(
        expression=expression,
        state=State.WITHDRAWN,
        reason="Moved house.",
        revision=expression.revision,
        by=cast["second"],
        now=NOW,
    )
    with pytest.raises(RefusedError, match="withdrawn"):
        match(cast, coffee, partner)


def test_registered_trial_is_matched_and_unmatched_by_amendment_only(
    cast: Cast, kent: Partner, coffee: Trial
) -> None:
    one = match(cast, coffee, kent)
    coffee.stage = Stage.REGISTERED
    coffee.save()
    with pytest.raises(RefusedError, match="registered"):
        unmatch(cast, one)
    with pytest.raises(RefusedError, match="registered"):
        match(cast, coffee, cast.dudley)


def test_unmatched_partner_leaves_the_trial_with_a_reason(
    cast: Cast, kent: Partner, coffee: Trial
) -> None:
    one = match(cast, coffee, kent)
    here: dict[str, Any] = {"trial": coffee, "partner": kent}
    actions.complete_task(**here, key="ready", by=cast["second"], now=NOW)
    actions.add_officer(
        **here, name="A Person", role="Analyst", email="a@kent.example", by=cast["second"], now=NOW
    )
    one = unmatch(cast, one)
    assert (one.ended_reason, one.ended_by) == ("They left.", cast["second"])
    assert not Participation.objects.filter(**here).exists()
    assert not Officer.objects.exists()
    assert set(Task.objects.filter(**here).values_list("key", flat=True)) == {"ready", "officers"}
    assert Agreement.objects.filter(**here).exists()


def test_partner_can_come_back(cast: Cast, kent: Partner, coffee: Trial) -> None:
    unmatch(cast, match(cast, coffee, kent))
    match(cast, coffee, kent, "They came back.")
    assert Match.objects.count() == 2
    assert Match.objects.filter(ended_at=None).count() == 1


def test_match_is_ended_once(cast: Cast, kent: Partner, coffee: Trial) -> None:
    one = match(cast, coffee, kent)
    unmatch(cast, one)
    with pytest.raises(RefusedError, match="ended already"):
        unmatch(cast, one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.update(ended_reason="")


def test_partner_in_two_trials_is_a_conflict(cast: Cast, coffee: Trial) -> None:
    assert conflicts(cast.programme) == []
    match(cast, coffee, cast.dudley)
    found = conflicts(cast.programme)
    assert [(one.partner, [place.trial.slug for place in one.places]) for one in found] == [
        (cast.dudley, ["coffee", "letters"])
    ]
