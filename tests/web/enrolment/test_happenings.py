"""What happens to people after the roster is frozen, and what it never changes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.archive.happenings import erase_withdrawn, read_happenings
from lighttouch.core.archive.rostering import type_roster
from lighttouch.core.archive.tabular import parse_table
from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event as AuditEvent
from lighttouch.web.enrolment.actions import cancel_happening, record_many
from lighttouch.web.enrolment.convert import write_study
from lighttouch.web.enrolment.erasing import forget_eraser, on_erase
from lighttouch.web.enrolment.models import Event, Happening, Participant, Roster, Withdrawal
from lighttouch.web.enrolment.queries import flow, standing, standings
from lighttouch.web.enrolment.telling import Told
from lighttouch.web.programmes.models import Stage
from lighttouch.web.protocols.queries import declared
from lighttouch.web.storage.queries import read_bytes
from tests.web.cast import Cast
from tests.web.enrolment.cases import DAY, LATER, happened, somebody, tell, told

ERASE = Withdrawal.ERASE


@pytest.fixture
def answers() -> Iterator[list[int]]:
    """A later stage that keeps something about participants: their keys, as if answers."""
    kept: list[int] = []

    @on_erase
    def forget(participant: Participant, now: datetime) -> dict[str, int]:
        before = len(kept)
        kept[:] = [pk for pk in kept if pk != participant.pk]
        return {"answers": before - len(kept)}

    yield kept
    forget_eraser(forget)


def test_leaver_keeps_their_place(cast: Cast) -> None:
    before = flow(cast.trial)
    tell(cast, told(somebody(cast)))
    after = flow(cast.trial)
    assert (after.screened, after.enrolled) == (before.screened, before.enrolled)
    assert (before.since.left, after.since.left) == (0, 1)


def test_same_thing_told_twice_is_recorded_once(cast: Cast) -> None:
    what = told(somebody(cast))
    assert (tell(cast, what).new, tell(cast, what).new) == (1, 0)
    assert Happening.objects.count() == 1
    assert AuditEvent.objects.filter(act="happening.recorded").count() == 1


def test_database_takes_the_same_thing_once(cast: Cast) -> None:
    person = somebody(cast)
    tell(cast, told(person))
    again = happened(person)
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


def test_code_is_found_whatever_its_case_and_spaces(cast: Cast) -> None:
    person = somebody(cast)
    tell(cast, Told(f"  {person.staff_id.swapcase()} ", Event.LEFT, DAY))
    assert happened(person).event == Event.LEFT


def test_code_of_another_partner_is_unknown_here(cast: Cast) -> None:
    with pytest.raises(InputError, match="nobody on the partner's roster has this code"):
        tell(cast, Told(somebody(cast, cast.shropshire).staff_id + "x", Event.LEFT, DAY))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({"event": Event.WITHDRAWAL}, "how far the person withdraws"),
        ({"event": Event.WITHDRAWAL, "detail": "erase", "on": date(2026, 6, 1)}, "still to come"),
        ({"event": Event.LEFT, "detail": "erase"}, "only a withdrawal says how far"),
        ({"event": Event.TRANSFER}, "where the person moved"),
        ({"event": Event.LEFT, "team": "T1"}, "only a move names a team"),
        ({"event": Event.TRANSFER, "team": "=1+1"}, "not a code made of letters"),
        ({"event": Event.TRANSFER, "team": "x" * 61}, "not a code made of letters"),
        ({"event": Event.TRANSFER, "team": "Philippa Haverstock"}, "name of a person"),
        ({"event": Event.LEFT, "on": date(2062, 4, 20)}, "more than a year away"),
        ({"event": Event.LEFT, "on": date(1926, 4, 20)}, "more than a year away"),
    ],
)
def test_what_cannot_be_so_is_refused_without_repeating_it(
    cast: Cast, what: dict[str, object], says: str
) -> None:
    person = somebody(cast)
    given = {"on": DAY, "detail": "", "team": "", "building": "", **what}
    with pytest.raises(InputError, match=says) as refused:
        tell(cast, Told(person.staff_id, **given))  # type: ignore[arg-type]
    assert "Haverstock" not in str(refused.value)
    assert person.staff_id not in str(refused.value)
    assert not Happening.objects.exists()


def test_file_is_recorded_whole_or_not_at_all(cast: Cast) -> None:
    good, bad = told(somebody(cast)), Told("nobody", Event.LEFT, DAY)
    with pytest.raises(InputError, match="row 3, staff code"):
        record_many(
            trial=cast.trial,
            partner=cast.dudley,
            told=[good, bad],
            places=["row 2", "row 3"],
            by=cast["coordinator"],
            now=LATER,
        )
    assert not Happening.objects.exists()


def test_transfer_moves_somebody_from_its_day_on(cast: Cast) -> None:
    person = somebody(cast)
    tell(cast, told(person, Event.TRANSFER, team="T77"))
    assert standing(person, DAY - timedelta(days=1)).team == person.team
    assert standing(person, DAY).team == "T77"
    assert standing(person, DAY).building == person.building
    person.refresh_from_db()
    assert person.team != "T77"


def test_leave_begins_and_ends(cast: Cast) -> None:
    person = somebody(cast)
    tell(cast, told(person, Event.ON_LEAVE))
    tell(cast, told(person, Event.RETURNED, on=DAY + timedelta(days=9)))
    days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=9)]
    assert [standing(person, day).on_leave for day in days] == [False, True, False]
    assert flow(cast.trial).since.on_leave == 0


@pytest.mark.parametrize(
    ("detail", "contact", "collection", "erased"),
    [
        (Withdrawal.STOP_CONTACT, False, True, False),
        (Withdrawal.STOP_COLLECTION, False, False, False),
        (Withdrawal.ERASE, False, False, True),
    ],
)
def test_each_withdrawal_goes_further(
    cast: Cast, detail: str, contact: bool, collection: bool, erased: bool
) -> None:
    person = somebody(cast)
    tell(cast, told(person, Event.WITHDRAWAL, detail=detail))
    now = standings(cast.trial, DAY)[person.pk]
    assert (now.contact, now.collection, now.erased) == (contact, collection, erased)
    assert standing(person, DAY) == now


def test_erasing_takes_what_later_stages_keep_and_leaves_the_roster(
    cast: Cast, answers: list[int]
) -> None:
    person, other = somebody(cast), somebody(cast, at=1)
    answers += [person.pk, other.pk, person.pk]
    roster = read_bytes(Roster.objects.get().file)
    tell(cast, told(person, Event.WITHDRAWAL, detail=ERASE))
    assert answers == [other.pk]
    assert Participant.objects.filter(pk=person.pk).exists()
    assert read_bytes(Roster.objects.get().file) == roster
    event = AuditEvent.objects.get(act="happening.recorded")
    assert event.details["erased"] == {"answers": 2}


def test_eraser_that_fails_leaves_nothing_recorded(cast: Cast) -> None:
    @on_erase
    def fail(participant: Participant, now: datetime) -> dict[str, int]:
        raise RuntimeError

    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            tell(cast, told(somebody(cast), Event.WITHDRAWAL, detail=ERASE))
    finally:
        forget_eraser(fail)
    assert not Happening.objects.exists()


def test_record_made_by_mistake_is_cancelled_with_a_reason_and_stays(cast: Cast) -> None:
    person = somebody(cast)
    tell(cast, told(person))
    one = happened(person)
    for _ in range(2):
        cancel_happening(
            happening=one, reason="The wrong person.", by=cast["coordinator"], now=LATER
        )
    one.refresh_from_db()
    assert one.cancelled_because == "The wrong person."
    assert flow(cast.trial).since.left == 0
    assert not standing(person, DAY).left
    assert AuditEvent.objects.filter(act="happening.cancelled").count() == 1
    tell(cast, told(person))
    assert flow(cast.trial).since.left == 1


def test_erasure_cannot_be_cancelled(cast: Cast) -> None:
    person = somebody(cast)
    tell(cast, told(person, Event.WITHDRAWAL, detail=ERASE))
    with pytest.raises(InputError, match="cannot be undone"):
        cancel_happening(
            happening=happened(person), reason="A mistake.", by=cast["coordinator"], now=LATER
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Happening.objects.update(
            cancelled_at=LATER, cancelled_by=cast["coordinator"], cancelled_because="x"
        )


@pytest.mark.parametrize(
    "change",
    [
        {"on": DAY + timedelta(days=1)},
        {"event": "on_leave"},
        {"recorded_at": LATER + timedelta(days=1)},
    ],
)
def test_database_keeps_what_was_recorded(cast: Cast, change: dict[str, object]) -> None:
    tell(cast, told(somebody(cast)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Happening.objects.update(**change)


@pytest.mark.parametrize(
    "row",
    [
        {"event": "vanished"},
        {"event": "left", "detail": "erase"},
        {"event": "withdrawal", "detail": ""},
        {"event": "transfer"},
        {"event": "left", "team": "T1"},
        {"event": "left", "cancelled_at": LATER},
    ],
)
def test_database_refuses_what_does_not_fit_together(cast: Cast, row: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Happening.objects.create(
            participant=somebody(cast),
            on=DAY,
            recorded_by=cast["coordinator"],
            recorded_at=LATER,
            **row,
        )


def test_only_withdrawals_are_taken_once_the_data_are_locked(cast: Cast) -> None:
    cast.trial.stage = Stage.LOCKED
    cast.trial.save()
    with pytest.raises(InputError, match="data are locked"):
        tell(cast, told(somebody(cast)))
    tell(cast, told(somebody(cast), Event.WITHDRAWAL, detail=Withdrawal.STOP_CONTACT))


def test_nothing_is_recorded_before_the_roster_is_frozen(returned: Cast) -> None:
    with pytest.raises(InputError, match="not frozen yet"):
        tell(returned, Told("S1", Event.LEFT, DAY))


def test_core_reads_what_happened_and_erases_by_it(cast: Cast, tmp_path: Path) -> None:
    people = [somebody(cast, at=at) for at in range(5)]
    tell(cast, told(people[0]))
    tell(cast, told(people[1], Event.TRANSFER, team="T77", building="B2"))
    tell(cast, told(people[2], Event.WITHDRAWAL, detail=ERASE))
    tell(cast, told(people[3], Event.ON_LEAVE))
    tell(cast, told(people[4]))
    cancel_happening(
        happening=happened(people[4]), reason="A mistake.", by=cast["coordinator"], now=LATER
    )
    write_study(cast.trial, tmp_path)
    protocol = declared(cast.trial)
    content = read_bytes(Roster.objects.get().file)
    roster = type_roster(parse_table(content, where="roster.csv"), protocol)
    tables, faults = read_happenings(protocol, tmp_path, roster)
    assert not faults
    codes = [f"dudley/{person.staff_id}" for person in people]
    assert tables["events.csv"].rows() == sorted(
        [
            (codes[0], "left", "2026-04-20", None),
            (codes[1], "transfer", "2026-04-20", "team T77; building B2"),
            (codes[2], "withdrawal", "2026-04-20", "erase"),
            (codes[3], "on_leave", "2026-04-20", None),
        ]
    )
    assert erase_withdrawn(tables)["events.csv"].height == 4
