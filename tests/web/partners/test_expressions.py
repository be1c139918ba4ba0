"""Expressions of interest are received once, in time, and their senders forgotten in time."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import InputError, LighttouchError
from lighttouch.web.audit.models import Event
from lighttouch.web.partners import actions
from lighttouch.web.partners.actions.expressions import MOST_AN_HOUR, keep_until
from lighttouch.web.partners.errors import ClosedError, RefusedError
from lighttouch.web.partners.jobs import forget_applicants
from lighttouch.web.partners.models import Applicant, Call, Expression
from tests.web.cast import NOW, Cast
from tests.web.partners.making import make_answers, make_call, make_expression, make_partner

YEAR_ON = datetime(2027, 3, 19, 3, 0, tzinfo=UTC)


@pytest.fixture
def call(cast: Cast) -> Call:
    return make_call(cast.programme, cast["trial_manager"])


def send(call: Call, now: datetime = NOW, **more: Any) -> Expression:
    given = {"answers": make_answers(call), "draft": uuid.uuid4(), "network": "192.0.2.7"}
    return actions.express(call=call, now=now, **{**given, **more})


def test_same_form_sent_twice_is_one_expression(call: Call) -> None:
    draft = uuid.uuid4()
    assert send(call, draft=draft) == send(call, draft=draft)
    assert Expression.objects.count() == Applicant.objects.count() == 1


def test_form_sent_before_the_close_is_found_again_after_it(call: Call) -> None:
    draft = uuid.uuid4()
    first = send(call, draft=draft)
    assert send(call, now=datetime(2026, 4, 1, tzinfo=UTC), draft=draft) == first


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2026, 2, 1, 23, 59, tzinfo=UTC), "opens on Monday 2 February 2026"),
        (datetime(2026, 3, 19, 0, 0, 1, tzinfo=UTC), "closed on Wednesday 18 March 2026"),
    ],
)
def test_nothing_is_received_outside_the_dates(call: Call, now: datetime, words: str) -> None:
    with pytest.raises(ClosedError, match=words):
        send(call, now=now)
    assert not Expression.objects.exists()


def test_last_second_of_the_last_day_counts(call: Call) -> None:
    send(call, now=datetime(2026, 3, 18, 23, 59, 59, tzinfo=UTC))
    assert Expression.objects.count() == 1


def test_nothing_is_received_by_an_unpublished_call(cast: Cast, call: Call) -> None:
    actions.unpublish_call(call=call, revision=call.revision, by=cast["trial_manager"], now=NOW)
    with pytest.raises(ClosedError):
        send(call)


def test_one_network_can_send_only_so_many_in_an_hour(call: Call) -> None:
    for _ in range(MOST_AN_HOUR):
        send(call)
    with pytest.raises(RefusedError, match="network"):
        send(call)
    send(call, network="192.0.2.8")
    send(call, now=NOW + timedelta(hours=2))


def test_theme_of_another_call_or_retired_does_not_count(call: Call) -> None:
    call.themes.update(retired=True)
    with pytest.raises(RefusedError, match="theme"):
        send(call)


def test_free_words_that_name_somebody_are_refused_without_repeating_them(call: Call) -> None:
    with pytest.raises(InputError) as caught:
        send(call, answers=make_answers(call, wish="Write to ann@place.example about it"))
    assert "ann@place" not in str(caught.value)


def test_no_event_says_who_applied(call: Call) -> None:
    make_expression(call)
    told = json.dumps(list(Event.objects.values()), default=str).lower()
    for personal in ("featherstone", "northshire", "principal social worker"):
        assert personal not in told


def test_reference_is_told_to_nobody_twice(call: Call) -> None:
    references = {make_expression(call).reference for _ in range(20)}
    assert len(references) == 20


@pytest.mark.parametrize("field", ["reference", "draft"])
def test_database_refuses_a_second_of_one(call: Call, field: str) -> None:
    one, other = make_expression(call), make_expression(call)
    with pytest.raises(IntegrityError), transaction.atomic():
        Expression.objects.filter(pk=other.pk).update(**{field: getattr(one, field)})


def test_applicant_is_forgotten_on_request_and_the_expression_stays(cast: Cast, call: Call) -> None:
    expression = make_expression(call)
    for _ in range(2):
        actions.forget_applicant(expression=expression, by=cast["researcher"], now=NOW)
    assert not Applicant.objects.exists()
    assert Expression.objects.get().forgotten_at == NOW
    assert Event.objects.filter(act="applicant.forgotten").count() == 1


def test_applicants_are_forgotten_a_year_after_the_call_closed(call: Call) -> None:
    make_expression(call)
    assert actions.forget_old_applicants(now=YEAR_ON - timedelta(days=1)) == 0
    forget_applicants(YEAR_ON)
    assert not Applicant.objects.exists()
    assert Event.objects.get(act="applicants.forgotten").details == {"applicants": 1}


def test_applicant_of_a_matched_partner_is_kept(cast: Cast, call: Call) -> None:
    partner = make_partner(cast, make_expression(call))
    make_expression(call)
    actions.match_partner(
        trial=cast.trial, partner=partner, reason="Fits.", by=cast["second"], now=NOW
    )
    assert actions.forget_old_applicants(now=YEAR_ON) == 1
    assert Applicant.objects.get().expression.partner == partner


def test_leap_day_has_an_anniversary() -> None:
    assert keep_until(date(2024, 2, 29)) == date(2025, 2, 28)


def test_answer_outside_the_choices_is_refused(call: Call) -> None:
    with pytest.raises(LighttouchError):
        send(call, answers=make_answers(call, workforce="huge"))
