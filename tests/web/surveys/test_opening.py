"""Opening a survey, its windows and its links."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.surveys import actions, queries
from lighttouch.web.surveys.links import token_of
from lighttouch.web.surveys.models import Link, Survey, Window
from tests.web.cast import Cast
from tests.web.surveys.cases import OPENED_AT, link_of, open_baseline, window_of


def test_opening_asks_what_the_library_has_word_for_word(survey: Survey) -> None:
    pages = queries.pages_of(survey)
    assert [page.instrument for page in pages][:3] == [
        "life_happiness",
        "cantril_ladder",
        "affect_six",
    ]
    assert pages[0].items[0].text.startswith("Taking all things together, how happy")
    assert [item.number for page in pages for item in page.items] == list(
        range(1, sum(len(page.items) for page in pages) + 1)
    )


def test_a_window_counts_from_the_launch_of_its_own_partner(survey: Survey) -> None:
    window = window_of(survey)
    assert (window.opens_on, window.closes_on) == (date(2026, 3, 9), date(2026, 3, 30))


def test_everybody_enrolled_gets_one_link_and_nobody_else(cast: Cast, survey: Survey) -> None:
    enrolled = Participant.objects.filter(trial=cast.trial, excluded_because="")
    assert Participant.objects.filter(trial=cast.trial).count() > enrolled.count()
    assert set(Link.objects.values_list("participant", flat=True)) == set(
        enrolled.values_list("pk", flat=True)
    )


def test_opening_twice_is_opening_once(cast: Cast, survey: Survey) -> None:
    assert open_baseline(cast) == survey
    assert Event.objects.filter(act="survey.opened").count() == 1


def test_a_wave_the_trial_file_lacks_cannot_be_opened(cast: Cast) -> None:
    with pytest.raises(InputError, match="no survey at this wave"):
        actions.open_survey(
            trial=cast.trial, wave="interim", by=cast["trial_manager"], now=OPENED_AT
        )


def test_a_link_is_found_by_its_token_in_one_query(
    survey: Survey, django_assert_num_queries: object
) -> None:
    link = link_of(survey)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert queries.find_link(token_of(link)) == link
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert queries.find_link("x" * 22) is None
    assert token_of(link) not in str(list(Link.objects.values()))


def test_a_renewed_link_ends_the_one_before(cast: Cast, survey: Survey) -> None:
    old = link_of(survey)
    new = actions.renew_link(link=old, by=cast["trial_manager"], now=OPENED_AT)
    assert queries.find_link(token_of(old)) is None
    assert queries.find_link(token_of(new)) == new
    with pytest.raises(InputError, match="renewed already"):
        actions.renew_link(link=old, by=cast["trial_manager"], now=OPENED_AT)


def test_nobody_has_two_links_alive(survey: Survey) -> None:
    link = link_of(survey)
    with pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.create(
            survey=survey,
            participant=link.participant,
            number=2,
            digest="0" * 64,
            made_at=OPENED_AT,
        )


def test_a_window_is_open_on_its_first_and_last_day_in_britain(survey: Survey) -> None:
    window = window_of(survey)
    assert not queries.is_open(window, OPENED_AT - timedelta(days=15))
    assert queries.is_open(window, OPENED_AT)
    assert queries.is_open(window, OPENED_AT + timedelta(days=7))
    assert not queries.is_open(window, OPENED_AT + timedelta(days=8))


def test_a_closed_window_opens_again_when_extended_with_a_reason(
    cast: Cast, survey: Survey
) -> None:
    window = actions.close(window=window_of(survey), by=cast["trial_manager"], now=OPENED_AT)
    assert not queries.is_open(window, OPENED_AT)
    window = actions.extend(
        window=window,
        closes_on=date(2026, 4, 4),
        because="The mailing went out late.",
        revision=window.revision,
        by=cast["trial_manager"],
        now=OPENED_AT,
    )
    assert queries.is_open(window, OPENED_AT)


@pytest.mark.parametrize(
    ("closes_on", "because", "revision", "says"),
    [
        (date(2026, 4, 4), "", 1, "no reason"),
        (date(2026, 3, 27), "Earlier.", 1, "not later"),
        (date(2026, 4, 4), "Late mailing.", 9, "somebody changed"),
    ],
)
def test_a_window_is_not_extended_without_reason_backwards_or_blindly(
    cast: Cast, survey: Survey, closes_on: date, because: str, revision: int, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        actions.extend(
            window=window_of(survey),
            closes_on=closes_on,
            because=because,
            revision=revision,
            by=cast["trial_manager"],
            now=OPENED_AT,
        )
    assert Window.objects.filter(revision=1).count() == Window.objects.count()
