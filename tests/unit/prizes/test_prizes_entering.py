"""Who is entered: saying no costs a team nothing, and nobody's no can be read from an entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighttouch.core.errors import InputError
from lighttouch.core.prizes.entering import Asked, Completion, enter_draw
from lighttouch.core.protocol.prizes import Prize

FINISHED, SETTLED, AWAY, OPEN = (
    Completion.FINISHED,
    Completion.SETTLED,
    Completion.AWAY,
    Completion.OPEN,
)
TEAMS = Prize(rule="team_complete", number=1, worth="vouchers", smallest_team=5)
PEOPLE = Prize(rule="person_complete", number=1, worth="a book")


def team(*completions: Completion, code: str = "east/T1") -> list[Asked]:
    return [Asked(f"{code}/{n}", code, one) for n, one in enumerate(completions)]


@pytest.mark.parametrize(
    ("completions", "entered"),
    [
        ([FINISHED] * 5, True),
        ([FINISHED] * 4 + [SETTLED], True),
        ([FINISHED] + [SETTLED] * 4, True),
        ([FINISHED] * 5 + [AWAY], True),
        ([FINISHED] * 4 + [OPEN], False),
        ([FINISHED] * 4 + [AWAY], False),
        ([FINISHED] * 4, False),
        ([SETTLED] * 5, False),
    ],
)
def test_team_is_entered_once_nobody_is_still_to_answer(
    completions: list[Completion], entered: bool
) -> None:
    assert enter_draw(TEAMS, team(*completions)) == (("east/T1",) if entered else ())


@given(st.lists(st.sampled_from([FINISHED, SETTLED, AWAY, OPEN]), max_size=9))
def test_no_entry_changes_when_somebody_says_no_instead_of_finishing(
    others: list[Completion],
) -> None:
    others = [FINISHED, *others]
    agreed = enter_draw(TEAMS, team(*others, FINISHED))
    assert agreed == enter_draw(TEAMS, team(*others, SETTLED))


def test_people_without_a_team_enter_no_team() -> None:
    alone = [Asked(str(n), "", FINISHED) for n in range(6)]
    assert enter_draw(TEAMS, alone) == ()


def test_people_are_entered_one_by_one_if_they_finished() -> None:
    asked = team(FINISHED, SETTLED, OPEN, AWAY, FINISHED)
    assert enter_draw(PEOPLE, asked) == ("east/T1/0", "east/T1/4")


def test_two_people_cannot_share_an_entry() -> None:
    with pytest.raises(InputError, match="the same entry"):
        enter_draw(PEOPLE, team(FINISHED) * 2)
