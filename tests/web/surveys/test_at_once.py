"""People and browsers at the same moment: nothing is lost, nothing is mixed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from lighttouch.web.surveys import actions
from lighttouch.web.surveys.actions import ClosedError
from lighttouch.web.surveys.models import Answer, Device, Response, Survey
from tests.web.cast import Cast
from tests.web.studies import world
from tests.web.surveys.cases import OPENED_AT, agreed, link_of, open_baseline, window_of
from tests.web.together import at_once, errors

pytestmark = pytest.mark.django_db(transaction=True)
LATER = OPENED_AT + timedelta(minutes=3)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast, with the letters trial's roster frozen."""
    return world("enrolled")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return open_baseline(cast)


def give(device: Device, **values: str) -> Callable[[], int]:
    return lambda: actions.answer(response=device.response, values=values, device=device, now=LATER)


def test_two_browsers_of_one_person_lose_nothing(survey: Survey) -> None:
    link = link_of(survey)
    first = agreed(link)
    second = actions.join_device(link=link, cookie="another", now=LATER)
    acts = [
        *(give(first, **{f"burnout_{n}": "2"}) for n in range(1, 5)),
        *(give(second, **{f"burnout_{n}": "5"}) for n in range(5, 9)),
        give(first, age_1="40"),
        give(second, age_1="41"),
    ]
    assert errors(at_once(*acts)) == []
    kept = dict(Answer.objects.values_list("item", "value"))
    assert kept.pop("age_1") in {"40", "41"}
    assert kept == {f"burnout_{n}": "2" if n < 5 else "5" for n in range(1, 9)}


def test_people_who_answer_at_once_are_not_mixed(survey: Survey) -> None:
    devices = [agreed(link_of(survey, place=place), cookie=str(place)) for place in range(6)]
    acts = [give(one, age_1=str(30 + place)) for place, one in enumerate(devices)]
    assert errors(at_once(*acts)) == []
    kept = dict(Answer.objects.values_list("response", "value"))
    assert kept == {one.response_id: str(30 + place) for place, one in enumerate(devices)}


def test_pressing_agree_twice_at_once_makes_one_response(survey: Survey) -> None:
    link = link_of(survey)
    outcomes = at_once(lambda: agreed(link), lambda: agreed(link), lambda: agreed(link))
    assert errors(outcomes) == []
    assert (Response.objects.count(), Device.objects.count()) == (1, 1)


def test_closing_at_the_same_moment_keeps_an_answer_or_says_so(cast: Cast, survey: Survey) -> None:
    device = agreed(link_of(survey))
    window = window_of(survey)
    answered, _ = at_once(
        give(device, age_1="40"),
        lambda: actions.close(window=window, by=cast["trial_manager"], now=LATER),
    )
    assert answered == 1 or isinstance(answered, ClosedError)
    assert Answer.objects.count() == (1 if answered == 1 else 0)


def test_erasing_while_answering_leaves_no_answer(survey: Survey) -> None:
    link = link_of(survey)
    device = agreed(link)
    answered, erased = at_once(
        give(device, age_1="40"), lambda: actions.erase(link=link, now=LATER)
    )
    assert answered == 1 or isinstance(answered, (ClosedError, Device.DoesNotExist))
    assert erased in {0, 1}
    assert not Answer.objects.exists()
