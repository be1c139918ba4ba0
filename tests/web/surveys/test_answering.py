"""Agreeing, answering, finishing and taking back."""

from datetime import timedelta

import pytest

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.enrolment.models import Happening, Withdrawal
from lighttouch.web.surveys import actions, queries
from lighttouch.web.surveys.actions import ClosedError
from lighttouch.web.surveys.links import token_of
from lighttouch.web.surveys.models import Answer, Device, Response, Survey
from tests.web.cast import Cast
from tests.web.surveys.cases import COOKIE, OPENED_AT, agreed, link_of, window_of

LATER = OPENED_AT + timedelta(minutes=3)


def test_the_last_answer_counts_and_sending_twice_changes_nothing(survey: Survey) -> None:
    device = agreed(link_of(survey))
    for value in ("7", "8", "8"):
        actions.answer(
            response=device.response,
            values={"life_happiness_1": value},
            device=device,
            now=LATER,
            seconds={"life_happiness_1": 4},
        )
    kept = Answer.objects.get()
    assert (kept.item, kept.value, kept.seconds) == ("life_happiness_1", "8", 4)


def test_saving_an_answer_takes_four_queries(
    survey: Survey, django_assert_max_num_queries: object
) -> None:
    device = agreed(link_of(survey))
    with django_assert_max_num_queries(6):  # type: ignore[operator] # with its savepoint
        actions.answer(
            response=device.response, values={"burnout_1": "3"}, device=device, now=LATER
        )


@pytest.mark.parametrize(
    ("item", "value"),
    [("life_happiness_1", "11"), ("age_1", "old"), ("marital_status_1", "Other"), ("nope", "1")],
)
def test_an_answer_the_question_does_not_allow_is_refused_and_not_repeated(
    survey: Survey, item: str, value: str
) -> None:
    device = agreed(link_of(survey))
    values = {"burnout_1": "3", item: value}
    with pytest.raises(InputError) as refused:
        actions.answer(response=device.response, values=values, device=device, now=LATER)
    assert value not in {str(fault) for fault in refused.value.faults}
    assert not Answer.objects.exists()


def test_rather_not_say_is_kept_as_said(survey: Survey) -> None:
    device = agreed(link_of(survey))
    actions.answer(response=device.response, values={"age_1": ""}, device=device, now=LATER)
    assert Answer.objects.get().value == ""


def test_answers_after_closing_are_refused_and_those_before_are_kept(
    cast: Cast, survey: Survey
) -> None:
    device = agreed(link_of(survey))
    actions.answer(response=device.response, values={"age_1": "40"}, device=device, now=LATER)
    actions.close(window=window_of(survey), by=cast["trial_manager"], now=LATER)
    with pytest.raises(ClosedError):
        actions.answer(response=device.response, values={"age_1": "50"}, device=device, now=LATER)
    assert Answer.objects.get().value == "40"


def test_a_browser_of_somebody_else_cannot_answer(survey: Survey) -> None:
    mine, theirs = agreed(link_of(survey)), agreed(link_of(survey, place=1))
    with pytest.raises(InputError, match="not known"):
        actions.answer(response=mine.response, values={"age_1": "40"}, device=theirs, now=LATER)


def test_one_browser_of_two_people_is_a_device_of_each(survey: Survey) -> None:
    agreed(link_of(survey))
    agreed(link_of(survey, place=1))
    assert Device.objects.count() == 2


def test_answers_given_elsewhere_are_counted_and_never_shown(survey: Survey) -> None:
    link = link_of(survey)
    first = agreed(link)
    actions.answer(response=first.response, values={"age_1": "40"}, device=first, now=LATER)
    second = actions.join_device(link=link, cookie="another browser", now=LATER)
    assert queries.answers_seen_from(response=second.response_id, device=second.pk) == (
        {},
        frozenset({"age_1"}),
    )
    assert queries.answers_seen_from(response=first.response_id, device=first.pk) == (
        {"age_1": "40"},
        frozenset(),
    )


def test_declining_is_recorded_settles_and_takes_answers_away(survey: Survey) -> None:
    link = link_of(survey)
    device = agreed(link)
    actions.answer(response=device.response, values={"age_1": "40"}, device=device, now=LATER)
    actions.decline(link=link, cookie=COOKIE, now=LATER)
    assert not Answer.objects.exists()
    assert queries.settled(survey) == {link.participant_id}
    with pytest.raises(ClosedError):
        actions.answer(response=device.response, values={"age_1": "40"}, device=device, now=LATER)


def test_somebody_who_declined_may_change_their_mind(survey: Survey) -> None:
    link = link_of(survey)
    actions.decline(link=link, cookie=COOKIE, now=OPENED_AT)
    assert agreed(link, later=2).response.consent == "agreed"
    assert queries.settled(survey) == set()


def test_finishing_with_gaps_is_kept_and_flagged(cast: Cast, survey: Survey) -> None:
    device = agreed(link_of(survey))
    actions.answer(response=device.response, values={"age_1": "40"}, device=device, now=LATER)
    actions.finish(response=device.response, now=LATER)
    code = f"dudley/{device.response.participant.staff_id}"
    assert (code, "survey_finished", "2026-03-23", "baseline") in queries.events_rows(cast.trial)
    assert [row[1] for row in queries.events_rows(cast.trial)] == [
        "consent",
        "survey_finished",
        "survey_partial",
    ]


def test_erasing_leaves_a_sealed_marker_and_counts_that_reconcile(
    cast: Cast, survey: Survey
) -> None:
    link = link_of(survey)
    device = agreed(link)
    actions.answer(response=device.response, values={"age_1": "40"}, device=device, now=LATER)
    actions.finish(response=device.response, now=LATER)
    before = queries.counts(survey)
    assert actions.erase(link=link, now=LATER) == 1
    assert not Answer.objects.exists()
    assert not Device.objects.exists()
    assert Response.objects.get().erased_at == LATER
    assert queries.counts(survey) == before
    assert queries.responses_csv(cast.trial) == b""
    with pytest.raises(ClosedError):
        agreed(link)


@pytest.mark.parametrize("how", list(Withdrawal))
def test_each_way_of_withdrawing_is_recorded_once_and_settles(
    survey: Survey, how: Withdrawal
) -> None:
    link = link_of(survey)
    device = agreed(link)
    actions.answer(response=device.response, values={"age_1": "40"}, device=device, now=LATER)
    actions.withdraw(link=link, how=how, now=LATER)
    actions.withdraw(link=link, how=how, now=LATER)
    told = Happening.objects.get()
    assert (told.detail, told.recorded_by) == (how, None)
    assert queries.settled(survey) == {link.participant_id}
    assert Answer.objects.exists() is (how != Withdrawal.ERASE)


def test_nothing_is_collected_after_collection_was_stopped(survey: Survey) -> None:
    link = link_of(survey)
    device = agreed(link)
    actions.withdraw(link=link, how=Withdrawal.STOP_COLLECTION, now=LATER)
    with pytest.raises(ClosedError):
        actions.answer(response=device.response, values={"age_1": "40"}, device=device, now=LATER)


def test_responses_reach_the_archive_item_by_item_without_what_looks_personal(
    cast: Cast, survey: Survey
) -> None:
    device = agreed(link_of(survey))
    values = {"age_1": "40", "burnout_1": "", "comments_1": "Write to ann@place.example"}
    seconds = {"age_1": 7}
    actions.answer(
        response=device.response, values=values, device=device, now=LATER, seconds=seconds
    )
    code = f"dudley/{device.response.participant.staff_id}"
    assert queries.responses_csv(cast.trial).decode().splitlines() == [
        "participant,wave,item,value,seconds",
        f"{code},baseline,age_1,40,7",
        f"{code},baseline,comments_1,[withheld: looked personal],",
    ]


def test_no_event_tells_who_answered_or_by_which_link(survey: Survey) -> None:
    link = link_of(survey)
    device = agreed(link)
    actions.finish(response=device.response, now=LATER)
    actions.erase(link=link, now=LATER)
    told = str(list(Event.objects.filter(actor="staff").values()))
    assert "survey.agreed" in told
    for secret in (token_of(link), link.digest, link.participant.staff_id, COOKIE):
        assert f"'{secret}'" not in told


def test_a_team_is_counted_only_where_nobody_is_exposed(survey: Survey) -> None:
    window = window_of(survey)
    for place in range(4):
        actions.finish(response=agreed(link_of(survey, place=place)).response, now=LATER)
    assert {row.finished for row in queries.team_counts(window)} == {None}
    assert next(row.finished for row in queries.counts(survey) if row.partner.code == "dudley") == 4
