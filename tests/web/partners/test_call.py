"""A call is written, published, changed and closed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from lighttouch.web.audit.models import Event
from lighttouch.web.partners import actions
from lighttouch.web.partners.errors import MovedOnError, RefusedError
from lighttouch.web.partners.models import Call, Phase
from lighttouch.web.partners.queries import published_calls
from tests.web.cast import NOW, Cast
from tests.web.partners.making import CALL, make_call, make_expression


def save(cast: Cast, text: actions.CallText, revision: int) -> Call:
    return actions.save_call(
        programme=cast.programme, text=text, revision=revision, by=cast["trial_manager"], now=NOW
    )


def test_call_is_open_from_its_first_day_to_the_end_of_its_last(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    days = {
        date(2026, 2, 1): Phase.BEFORE,
        date(2026, 2, 2): Phase.OPEN,
        date(2026, 3, 18): Phase.OPEN,
        date(2026, 3, 19): Phase.AFTER,
    }
    assert {day: call.phase(day) for day in days} == days


def test_unpublished_call_is_never_open(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"], published=False)
    assert call.phase(date(2026, 3, 1)) == Phase.UNPUBLISHED


def test_second_of_two_editors_is_told_and_overwrites_nothing(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    save(cast, replace(CALL, title="First"), call.revision)
    with pytest.raises(MovedOnError):
        save(cast, replace(CALL, title="Second"), call.revision)
    assert Call.objects.get().title == "First"


def test_theme_taken_off_stays_with_those_who_chose_it(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    expression = make_expression(call)
    save(cast, replace(CALL, themes=(("Workload", ""),)), call.revision)
    assert [t.title for t in expression.themes.all()] == ["Feeling valued"]
    assert [t.title for t in call.themes.filter(retired=False)] == ["Workload"]


def test_theme_brought_back_is_the_same_theme(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    before = call.themes.get(title="Time").pk
    call = save(cast, replace(CALL, themes=(("Workload", ""),)), call.revision)
    save(cast, CALL, call.revision)
    assert call.themes.get(title="Time", retired=False).pk == before


@pytest.mark.parametrize("themes", [(), (("Time", ""), ("TIME", ""))])
def test_call_needs_themes_each_once(cast: Cast, themes: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(RefusedError):
        save(cast, replace(CALL, themes=themes), 0)
    assert not Call.objects.exists()


def test_call_that_closes_before_it_opens_is_refused_by_act_and_database(cast: Cast) -> None:
    with pytest.raises(RefusedError):
        save(cast, replace(CALL, closes_on=date(2026, 1, 1)), 0)
    call = make_call(cast.programme, cast["trial_manager"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(closes_on=date(2026, 1, 1))


def test_programme_has_one_call(cast: Cast) -> None:
    make_call(cast.programme, cast["trial_manager"])
    with pytest.raises(MovedOnError):
        save(cast, CALL, 0)


def test_publishing_twice_is_one_event(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"], published=False)
    for _ in range(2):
        call = actions.publish_call(
            call=call, revision=call.revision, by=cast["trial_manager"], now=NOW
        )
    assert Event.objects.filter(act="call.published").count() == 1


@pytest.mark.parametrize(
    ("day", "is_open"), [(1, False), (2, True), (28, True)], ids=("eve", "first", "later")
)
def test_open_calls_are_listed_from_their_first_day(cast: Cast, day: int, is_open: bool) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    now = datetime(2026, 2, day, 12, tzinfo=UTC)
    assert published_calls(now) == ([call] if is_open else [])


def test_a_call_is_listed_to_the_last_minute_of_its_last_day(cast: Cast) -> None:
    call = make_call(cast.programme, cast["trial_manager"])
    assert published_calls(call.closes_at) == [call]
    assert published_calls(call.closes_at + timedelta(minutes=1)) == []


def test_an_unpublished_call_is_not_listed(cast: Cast) -> None:
    make_call(cast.programme, cast["trial_manager"], published=False)
    assert published_calls(NOW) == []
