"""What an employer may see of how many answered."""

from datetime import timedelta

import pytest

from lighttouch.web.surveys import actions, queries
from lighttouch.web.surveys.counting import hide_teams
from lighttouch.web.surveys.models import Survey
from tests.web.surveys.cases import OPENED_AT, agreed, link_of, window_of

LATER = OPENED_AT + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("teams", "hidden"),
    [
        ([(20, 10), (30, 9), (15, 8)], [False, False, False]),  # nobody can be told
        ([(20, 10), (30, 9), (9, 3), (8, 2)], [False, False, True, True]),  # few answered
        ([(20, 10), (30, 9), (12, 9), (9, 6)], [False, False, True, True]),  # few did not
        ([(20, 10), (30, 9), (9, 0), (9, 0)], [False, True, True, True]),  # nobody did
        ([(20, 10), (30, 9), (9, 9), (9, 9)], [True, False, True, True]),  # everybody did
        ([(20, 10), (30, 9), (9, 3)], [False, True, True]),  # the total would tell the last
        ([], []),
    ],
)
def test_a_team_is_hidden_where_it_or_the_total_would_tell(
    teams: list[tuple[int, int]], hidden: list[bool]
) -> None:
    assert hide_teams(teams, 5) == hidden


def test_a_larger_least_cell_hides_more() -> None:
    assert hide_teams([(20, 10), (30, 9), (15, 8)], 8) == [False, True, True]


def test_counts_take_three_queries_however_many_answer(
    survey: Survey, django_assert_num_queries: object
) -> None:
    for place in range(3):
        actions.finish(response=agreed(link_of(survey, place=place)).response, now=LATER)
    with django_assert_num_queries(3):  # type: ignore[operator]
        rows = {row.partner.code: row for row in queries.counts(survey)}
    assert (rows["dudley"].begun, rows["dudley"].finished) == (3, 3)
    assert rows["shropshire"].begun == 0
    assert rows["dudley"].invited > 3


def test_no_team_of_a_partner_is_shown_while_few_answered(survey: Survey) -> None:
    actions.finish(response=agreed(link_of(survey)).response, now=LATER)
    assert {row.finished for row in queries.team_counts(window_of(survey))} == {None}
