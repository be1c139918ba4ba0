"""A walk along the chain finds whatever was done to it."""

import pytest
from django.db import connection
from django.db.models import QuerySet

from lighttouch.web.audit import verifying
from lighttouch.web.audit.actions import record_alone
from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.audit.commands import verify
from lighttouch.web.audit.models import START, Event, Head
from lighttouch.web.audit.sealing import seal_of
from lighttouch.web.audit.verifying import verify_chain
from tests.web.cast import NOW
from tests.web.triggers import without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> list[Event]:
    """A chain of six events."""
    for turn in range(6):
        record_alone(act="trial.changed", by=SYSTEM, now=NOW, details={"turn": turn})
    return list(Event.objects.order_by("number"))


def tamper(*statements: str) -> None:
    with without_triggers(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def move_head(number: int, seal: str) -> None:
    tamper(f"UPDATE audit_head SET number = {number}, seal = '{seal}'")


def test_chain_nobody_touched_is_whole(chain: list[Event]) -> None:
    report = verify_chain(expected=chain[2].seal)
    assert (report.whole, report.events, report.seal) == (True, 6, chain[-1].seal)


def test_empty_log_is_whole() -> None:
    assert verify_chain() == verifying.ChainReport(0, START, ())


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("number = 1", "event 1 was removed"),
        ("number = 3", "event 3 was removed"),
        ("number IN (3, 4)", "events 3 to 4 were removed"),
        ("number = 6", "event 6 was removed from the end"),
        ("number > 2", "events 3 to 6 were removed from the end"),
        ("number > 0", "events 1 to 6 were removed from the end"),
    ],
)
def test_removed_events_are_found(chain: list[Event], where: str, found: str) -> None:
    tamper(f"DELETE FROM audit_event WHERE {where}")
    assert found in verify_chain().breaks


@pytest.mark.parametrize(
    "change",
    [
        "act = 'trial.made'",
        "actor = 'user:9'",
        "trial = 'letters'",
        "partner = 'dudley'",
        "programme = 'other'",
        """details = '{"turn": 9}'""",
        "at = '2027-01-01 00:00:00+00:00'",
        f"seal = '{'a' * 64}'",
        f"previous = '{'a' * 64}'",
    ],
)
def test_altered_event_is_found_whatever_was_altered(chain: list[Event], change: str) -> None:
    tamper(f"UPDATE audit_event SET {change} WHERE number = 4")
    assert "event 4 was altered" in verify_chain().breaks


def test_altered_event_sealed_anew_breaks_with_the_next(chain: list[Event]) -> None:
    forged = Event.objects.get(number=4)
    forged.act = "trial.made"
    tamper(
        f"UPDATE audit_event SET act = 'trial.made', seal = '{seal_of(forged)}' WHERE number = 4"
    )
    assert verify_chain().breaks == ("event 5 does not follow the one before it",)


def test_event_put_in_between_is_found(chain: list[Event]) -> None:
    tamper("UPDATE audit_event SET number = number + 1 WHERE number = 6")
    forged = Event(number=6, at=NOW, actor="user:1", act="a.b", previous=chain[4].seal)
    forged.seal = seal_of(forged)
    forged.save()
    assert "event 7 does not follow the one before it" in verify_chain().breaks


def test_event_added_behind_the_end_is_found(chain: list[Event]) -> None:
    forged = Event(number=7, at=NOW, actor="user:1", act="a.b", previous=chain[-1].seal)
    forged.seal = seal_of(forged)
    forged.save()
    assert verify_chain().breaks == ("the end of the chain is not the last event",)


def test_events_that_changed_places_are_found(chain: list[Event]) -> None:
    tamper(
        "UPDATE audit_event SET number = 99 WHERE number = 3",
        "UPDATE audit_event SET number = 3 WHERE number = 4",
        "UPDATE audit_event SET number = 4 WHERE number = 99",
    )
    assert {"event 3 was altered", "event 4 was altered"} <= set(verify_chain().breaks)


def test_end_with_another_seal_is_found(chain: list[Event]) -> None:
    move_head(6, "b" * 64)
    assert verify_chain().breaks == ("the end of the chain is not the last event",)


def test_lost_end_is_found(chain: list[Event]) -> None:
    tamper("DELETE FROM audit_head")
    assert verify_chain().breaks == ("the end of the chain is not the last event",)


def test_cut_that_moves_the_end_too_shows_by_a_seal_noted_outside(chain: list[Event]) -> None:
    tamper("DELETE FROM audit_event WHERE number > 4")
    move_head(4, chain[3].seal)
    assert verify_chain().whole
    assert verify_chain(expected=chain[5].seal).breaks == (
        "the seal noted earlier is not in the chain: it was rewritten or cut",
    )


def test_events_added_during_the_walk_are_walked_too(
    chain: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    class BusyHead:
        """One more event is added the first time somebody looks where the chain ends."""

        added = False
        objects: "type[BusyHead]"

        @classmethod
        def filter(cls, **where: int) -> QuerySet[Head]:
            if not cls.added:
                cls.added = True
                record_alone(act="trial.changed", by=SYSTEM, now=NOW)
            return Head.objects.filter(**where)

    BusyHead.objects = BusyHead
    monkeypatch.setattr(verifying, "Head", BusyHead)
    report = verify_chain()
    assert (report.events, report.breaks) == (7, ())


def test_walk_stops_where_nearly_everything_is_wrong(
    chain: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "MOST_BREAKS", 3)
    tamper("UPDATE audit_event SET act = 'x'")
    assert verify_chain().breaks[-1] == "and so on: the walk stopped here"
    assert len(verify_chain().breaks) == 4


def test_command_tells_what_it_found(chain: list[Event]) -> None:
    lines: list[str] = []
    assert verify(None, lines.append) == 0
    assert lines[:2] == ["The log is whole: 6 events.", f"Last seal: {chain[-1].seal}"]
    tamper("DELETE FROM audit_event WHERE number = 2")
    lines.clear()
    assert verify(None, lines.append) == 1
    assert lines[0] == "error: event 2 was removed."


def test_command_writes_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify() == 0
    assert capsys.readouterr().out.startswith("The log is whole: 0 events.")
