"""The roster: frozen once from what was signed off, and never changed."""

import csv
import io
from pathlib import Path

import pytest
from django.db import IntegrityError, models, transaction

from lighttouch.core.errors import AllocationError, ArchiveError, InputError
from lighttouch.web.audit.models import Event as AuditEvent
from lighttouch.web.enrolment.actions import freeze
from lighttouch.web.enrolment.convert import write_study
from lighttouch.web.enrolment.models import (
    EarlierRoster,
    Happening,
    Participant,
    Roster,
    RosterCount,
    RosterSource,
)
from lighttouch.web.enrolment.queries import exclusions, flow, verify_flow
from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns.models import Return
from lighttouch.web.storage.queries import read_bytes
from tests.web.cast import NOW, Cast, make_cast
from tests.web.enrolment.cases import LATER, LOSE_BRACKNELL, amend, somebody, tell, told
from tests.web.studies import FROZEN_AT, simulated

BASELINE = "baseline"


def unsign(cast: Cast, partner: str) -> None:
    """Take the signature off a partner's baseline."""
    Return.objects.filter(trial=cast.trial, partner__code=partner, wave=BASELINE).update(
        accepted=None, signed_off_at=None, signed_off_by=None
    )


def freeze_it(cast: Cast, reason: str = "") -> Roster:
    return freeze(trial=cast.trial, by=cast["trial_manager"], now=LATER, again_because=reason)


def test_roster_is_the_one_the_core_freezes_from_the_same_returns(cast: Cast) -> None:
    roster = Roster.objects.get(trial=cast.trial)
    assert read_bytes(roster.file) == (simulated() / "roster.csv").read_bytes()
    assert roster.sha256 == roster.file.sha256


def test_everybody_on_the_roster_is_a_participant_once(cast: Cast) -> None:
    content = read_bytes(Roster.objects.get(trial=cast.trial).file).decode()
    rows = {
        (row["partner"], row["staff_id"], row["team"], row["building"], row["excluded_because"])
        for row in csv.DictReader(io.StringIO(content))
    }
    kept = Participant.objects.filter(trial=cast.trial).values_list(
        "partner__code", "staff_id", "team", "building", "excluded_because"
    )
    assert set(kept) == rows
    assert len(kept) == len(rows) == 391


def test_freezing_moves_the_trial_on_and_writes_an_event_without_codes(cast: Cast) -> None:
    assert cast.trial.stage == Stage.ENROLLED
    event = AuditEvent.objects.get(act="roster.frozen")
    assert event.details["people"] == 391
    assert event.details["enrolled"] == 340
    codes = Participant.objects.values_list("staff_id", flat=True)
    assert not any(f'"{code}"' in str(event.details) for code in codes)


def test_reasons_for_exclusion_are_those_registered(cast: Cast) -> None:
    table = exclusions(cast.trial)
    assert list(table.by_reason) == [
        "Left before the trial started",
        "No feedback from the line manager, so no letter could be written",
    ]
    assert sum(table.by_reason.values()) == 391 - 340


def test_freezing_twice_changes_nothing(cast: Cast) -> None:
    first = Roster.objects.get(trial=cast.trial)
    again = freeze_it(cast)
    assert (again.pk, again.sha256) == (first.pk, first.sha256)
    assert AuditEvent.objects.filter(act__startswith="roster.").count() == 1


def test_nothing_is_frozen_while_a_return_is_not_signed_off(returned: Cast) -> None:
    unsign(returned, "shropshire")
    with pytest.raises(AllocationError, match="returns/shropshire/baseline: the baseline"):
        freeze_it(returned)
    assert not Roster.objects.exists()
    assert not Participant.objects.exists()


def test_partner_cancelled_by_an_amendment_is_not_waited_for(returned: Cast) -> None:
    unsign(returned, "bracknell_forest")
    amend(returned, LOSE_BRACKNELL)
    freeze_it(returned)
    partners = RosterCount.objects.values_list("partner__code", flat=True).distinct()
    assert set(partners) == {"dudley", "shropshire"}
    verify_flow(returned.trial)


@pytest.mark.django_db
def test_nothing_is_frozen_before_registration() -> None:
    cast = make_cast()
    with pytest.raises(AllocationError, match="not registered"):
        freeze_it(cast)


def test_return_that_changes_while_the_roster_is_built_stops_it(returned: Cast) -> None:
    def meddle(_what: str, done: int, total: int) -> None:
        if done == total:
            unsign(returned, "dudley")

    with pytest.raises(AllocationError, match="changed while the roster was being built"):
        freeze(trial=returned.trial, by=returned["trial_manager"], now=NOW, progress=meddle)
    assert not Roster.objects.exists()


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Roster, {"sha256": "0" * 64}),
        (Roster, {"randomisable": 1}),
        (RosterSource, {"suffix": ".csv"}),
        (RosterCount, {"people": 1}),
        (Participant, {"excluded_because": ""}),
        (Participant, {"team": "T99"}),
        (Participant, {"staff_id": "another"}),
    ],
)
def test_database_refuses_to_change_what_is_frozen(
    cast: Cast, model: type[models.Model], change: dict[str, object]
) -> None:
    last = model._default_manager.order_by("-pk").values_list("pk", flat=True)[0]
    if model is Participant:
        last = Participant.objects.exclude(excluded_because="").values_list("pk", flat=True)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.filter(pk=last).update(**change)


def test_database_takes_a_code_once_at_a_partner(cast: Cast) -> None:
    person = somebody(cast)
    person.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        person.save(force_insert=True)


def test_person_added_past_the_actions_is_noticed(cast: Cast) -> None:
    Participant.objects.create(trial=cast.trial, partner=cast.dudley, staff_id="X1")
    with pytest.raises(ArchiveError, match="not those of the frozen roster"):
        verify_flow(cast.trial)


def test_person_taken_away_past_the_actions_is_noticed(cast: Cast) -> None:
    somebody(cast).delete()
    with pytest.raises(ArchiveError, match="not those of the frozen roster"):
        verify_flow(cast.trial)


def test_count_added_past_the_actions_is_noticed(cast: Cast) -> None:
    RosterCount.objects.create(
        trial=cast.trial, partner=cast.dudley, excluded_because="other", people=1
    )
    with pytest.raises(ArchiveError, match="does not add up: everyone screened"):
        flow(cast.trial)


def test_later_version_of_a_return_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    own = Return.objects.get(trial=cast.trial, partner=cast.dudley, wave=BASELINE)
    other = Return.objects.get(trial=cast.trial, partner=cast.shropshire, wave=BASELINE)
    unsign(cast, "shropshire")
    own.accepted = other.accepted
    own.save()
    write_study(cast.trial, tmp_path)
    written = sorted(path.name for path in tmp_path.glob("returns/*/*"))
    assert written == ["baseline.csv", "baseline.ods", "baseline.xlsx"]
    stored = RosterSource.objects.get(partner=cast.dudley).file
    assert (tmp_path / "returns/dudley/baseline.xlsx").read_bytes() == read_bytes(stored)


def test_roster_is_frozen_again_only_with_a_reason_and_the_first_is_kept(cast: Cast) -> None:
    first = Roster.objects.get(trial=cast.trial)
    amend(cast, LOSE_BRACKNELL)
    second = freeze_it(cast, "Bracknell Forest was lost before launch.")
    earlier = EarlierRoster.objects.get(trial=cast.trial)
    assert (earlier.number, earlier.sha256) == (1, first.sha256)
    assert second.number == 2
    assert second.sha256 != first.sha256
    assert not Participant.objects.filter(partner__code="bracknell_forest").exists()
    verify_flow(cast.trial)


def test_what_happened_to_people_is_carried_to_the_roster_frozen_again(cast: Cast) -> None:
    person = somebody(cast)
    tell(cast, told(person))
    amend(cast, LOSE_BRACKNELL)
    freeze_it(cast, "Bracknell Forest was lost before launch.")
    kept = Happening.objects.get()
    assert kept.participant.staff_id == person.staff_id
    assert kept.participant_id != person.pk


def test_roster_is_not_frozen_again_over_somebody_something_happened_to(cast: Cast) -> None:
    bracknell = cast.programme.partners.get(code="bracknell_forest")
    person = somebody(cast, bracknell)
    tell(cast, told(person), bracknell)
    amend(cast, LOSE_BRACKNELL)
    with pytest.raises(AllocationError, match="1 people about whom something is recorded"):
        freeze_it(cast, "Bracknell Forest was lost before launch.")
    assert Roster.objects.get().frozen_at == FROZEN_AT
    assert Happening.objects.get().participant_id == person.pk


def test_roster_that_would_be_the_same_is_not_frozen_again(cast: Cast) -> None:
    with pytest.raises(AllocationError, match="would come out the same"):
        freeze_it(cast, "To be sure.")


def test_reason_with_a_name_in_it_is_refused_and_not_repeated(cast: Cast) -> None:
    with pytest.raises(InputError) as refused:
        freeze_it(cast, "Ann Lee asked for it.")
    assert "Lee" not in str(refused.value)


def test_roster_is_never_frozen_again_once_it_is_drawn_from(cast: Cast) -> None:
    cast.trial.stage = Stage.ALLOCATED
    cast.trial.save()
    with pytest.raises(AllocationError, match="never changes again"):
        freeze_it(cast, "To be sure.")
