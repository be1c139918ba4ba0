"""Events are written in the transaction of their act, in one chain, and stay."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighttouch.web.audit.actions import LARGEST, SMALLEST, Detail, record, record_alone
from lighttouch.web.audit.actors import SYSTEM, NamedActor
from lighttouch.web.audit.models import START, Event, Head
from lighttouch.web.audit.sealing import seal_of
from lighttouch.web.audit.verifying import verify_chain
from tests.web.cast import NOW


def recorded(**said: Any) -> Event:
    """Record an event and return it as the database gives it back."""
    return Event.objects.get(number=record_alone(**said))


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        record(act="trial.made", by=SYSTEM, now=NOW)


@pytest.mark.django_db
def test_each_event_is_sealed_onto_the_one_before() -> None:
    first = recorded(act="trial.made", by=SYSTEM, now=NOW)
    second = recorded(act="trial.changed", by=SYSTEM, now=NOW)
    assert (first.number, first.previous) == (1, START)
    assert (second.number, second.previous) == (2, first.seal)
    assert (Head.objects.get().number, Head.objects.get().seal) == (2, second.seal)


@pytest.mark.django_db
def test_seal_is_the_hash_of_the_whole_event_as_json_in_alphabetical_order() -> None:
    event = recorded(act="trial.made", by=SYSTEM, now=NOW, trial="té", details={"b": 1, "a": "é"})
    whole = {
        "act": "trial.made",
        "actor": "system",
        "at": NOW.astimezone(UTC).isoformat(timespec="microseconds"),
        "details": {"a": "é", "b": 1},
        "number": 1,
        "partner": "",
        "previous": START,
        "programme": "",
        "trial": "té",
    }
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    assert event.seal == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.django_db
def test_act_that_fails_leaves_no_event() -> None:
    record_alone(act="trial.made", by=SYSTEM, now=NOW)

    @transaction.atomic
    def act_and_fail() -> None:
        record(act="trial.changed", by=SYSTEM, now=NOW)
        raise ValueError

    with pytest.raises(ValueError):
        act_and_fail()
    assert [event.act for event in Event.objects.all()] == ["trial.made"]
    assert verify_chain().whole


@pytest.mark.django_db
def test_moment_given_in_another_zone_keeps_its_seal() -> None:
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    event = recorded(act="trial.made", by=SYSTEM, now=summer)
    assert event.at == summer.astimezone(UTC)
    assert seal_of(event) == event.seal


numbers = st.floats(SMALLEST, LARGEST, exclude_max=True) | st.just(0.0)
details = st.dictionaries(
    st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=8),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
    | st.integers(-(10**30), 10**30)
    | st.booleans()
    | st.none()
    | numbers
    | numbers.map(lambda number: -number if number else number)
    | st.lists(st.integers(0, 100), max_size=3)
    | st.dictionaries(st.sampled_from("abc"), st.integers(0, 100), max_size=3),
    max_size=4,
)


@pytest.mark.django_db
@given(details=details)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_details_come_back_from_the_database_as_they_were_sealed(
    details: dict[str, Detail],
) -> None:
    event = recorded(act="trial.made", by=SYSTEM, now=NOW, details=details)
    assert seal_of(event) == event.seal


@pytest.mark.django_db
@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e15, 1e300, 1e-5, -0.0])
def test_number_that_databases_write_differently_is_refused(number: float) -> None:
    with pytest.raises(ValueError):
        record_alone(act="trial.made", by=SYSTEM, now=NOW, details={"share": number})


@pytest.mark.django_db
@pytest.mark.parametrize(("act", "actor"), [("a" * 65, "system"), ("", "system"), ("a.b", "")])
def test_event_that_a_database_would_cut_or_leave_empty_is_refused(act: str, actor: str) -> None:
    with pytest.raises(ValueError):
        record_alone(act=act, by=NamedActor(actor), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET act = 'trial.unmade'",
        "UPDATE audit_event SET details = '{}'",
        "UPDATE audit_event SET seal = previous",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE number = 2",
        "UPDATE audit_head SET number = 1",
        "UPDATE audit_head SET seal = '0'",
        "DELETE FROM audit_head",
    ],
)
def test_database_refuses_to_change_or_lose_an_event(statement: str) -> None:
    for act in ("trial.made", "trial.changed"):
        record_alone(act=act, by=SYSTEM, now=NOW)
    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert verify_chain().whole


@pytest.mark.django_db
def test_postgresql_refuses_to_empty_the_log() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE audit_event")


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["number", "seal"])
def test_database_refuses_two_events_with_one_number_or_seal(field: str) -> None:
    event = recorded(act="trial.made", by=SYSTEM, now=NOW)
    twin = Event(number=7, at=NOW, actor="system", act="a.b", previous=START, seal="f" * 64)
    setattr(twin, field, getattr(event, field))
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


@pytest.mark.django_db
def test_database_refuses_a_second_end_of_the_chain() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Head.objects.create(id=2)


@pytest.mark.django_db(transaction=True)
def test_people_acting_at_the_same_moment_leave_one_whole_chain() -> None:
    ready = threading.Barrier(4)
    faults: list[Exception] = []

    def act(key: int) -> None:
        try:
            ready.wait(5)
            for turn in range(10):
                with transaction.atomic():
                    record(act="a.b", by=NamedActor(f"user:{key}"), now=NOW, details={"turn": turn})
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(key,)) for key in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    report = verify_chain()
    assert (report.events, report.breaks) == (40, ())
