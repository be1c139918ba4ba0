"""Planning for many takes few statements, and leaves alone what is there."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from lighttouch.web.delivery import bulk, planning
from lighttouch.web.delivery.models import Delivery, Passage, State
from lighttouch.web.delivery.tokens import digest_of, opt_out_token
from lighttouch.web.enrolment.models import Participant
from tests.web.cast import NOW, Cast
from tests.web.delivery.cases import open_survey, people_of, plan

pytestmark = pytest.mark.django_db


def enrol(cast: Cast, count: int, first: int = 0) -> None:
    """Enrol so many more at Dudley."""
    Participant.objects.bulk_create(
        Participant(trial=cast.trial, partner=cast.dudley, staff_id=f"M{number:06}")
        for number in range(first, first + count)
    )


def test_every_thousand_takes_two_more_statements_for_each_step(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK", 100)
    survey = open_survey(cast, cast.dudley)
    plan(cast, survey)
    taken = []
    for first, count in ((0, 100), (100, 300)):
        enrol(cast, count, first)
        with CaptureQueriesContext(connection) as seen:
            plan(cast, survey)
        taken.append(len(seen))
    assert taken[1] - taken[0] == 2 * 2 * 3, "two chunks more, of three steps"


def test_what_is_planned_in_bulk_is_whole_and_begins_its_history_once(cast: Cast) -> None:
    survey = open_survey(cast, cast.dudley)
    plan(cast, survey)
    enrol(cast, 3)
    plan(cast, survey)
    planned = list(Delivery.objects.select_related("mailing"))
    for one in planned[-3:]:
        one.full_clean()
        assert one.opt_out == digest_of(opt_out_token(one.reference))
        assert (one.step_id, one.due_at) == (one.mailing.step_id, one.mailing.due_at)
    noted = list(Passage.objects.values_list("delivery", "state", "at"))
    assert sorted(noted) == sorted((one.pk, State.PLANNED, NOW) for one in planned)


def test_people_planned_by_somebody_else_meanwhile_are_left_alone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = open_survey(cast, cast.dudley)
    insert = bulk.insert_alike
    raced: list[int] = []

    def insert_twice(pattern: Model, differing: list[str], rows: list[Any]) -> list[int]:
        new = insert(pattern, differing, rows)
        if isinstance(pattern, Delivery):
            raced.append(len(new))
            again = [(one[0], *planning._secrets()) for one in rows]
            assert insert(pattern, differing, again) == []
        return new

    monkeypatch.setattr(planning, "insert_alike", insert_twice)
    plan(cast, survey)
    assert Delivery.objects.count() == sum(raced) == 3 * len(people_of(cast, cast.dudley))
