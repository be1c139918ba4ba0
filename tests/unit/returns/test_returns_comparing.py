"""Between two returns, everyone who joined, left or moved team is named once, by code."""

from datetime import date

import polars as pl
import pytest

from lighttouch.core.errors import ReturnError
from lighttouch.core.returns.comparing import WaveDifference, compare_waves

GONE = date(2020, 1, 31)
Row = tuple[str | None, str | None, date | None]


def frame(*rows: Row) -> pl.DataFrame:
    schema = {"staff_id": pl.String, "team": pl.String, "leaving_date": pl.Date}
    return pl.DataFrame(list(rows), schema, orient="row")


BEFORE = frame(("S1", "A", None), ("S2", "A", None), ("S3", "B", None))


def test_the_same_return_twice_shows_no_change() -> None:
    difference = compare_waves(BEFORE, BEFORE)
    assert difference == WaveDifference((), (), (), 3, 3)
    assert not difference.changed


def test_each_kind_of_change_is_named_and_counted() -> None:
    after = frame(("S1", "B", None), ("S2", "A", GONE), ("S5", "A", None), ("S4", "B", None))
    difference = compare_waves(BEFORE, after)
    assert difference.joined == ("S4", "S5")
    assert difference.left == ("S2", "S3")
    assert difference.moved_team == ("S1",)
    counts = (difference.joined_count, difference.left_count, difference.moved_team_count)
    assert counts == (2, 2, 1)
    assert (difference.people_before, difference.people_after) == (3, 4)


@pytest.mark.parametrize(
    "after",
    [
        frame(("S4", "B", None)),
        frame(("S1", "B", None), ("S4", "B", None)),
        frame(("S4", "A", GONE)),
    ],
)
def test_any_one_change_is_a_change(after: pl.DataFrame) -> None:
    assert compare_waves(frame(("S1", "A", None), ("S4", "A", None)), after).changed
    assert compare_waves(frame(), frame(("S4", "A", None))).changed


@pytest.mark.parametrize("after", [frame(("S1", "A", GONE)), frame()])
def test_who_had_left_by_the_earlier_return_is_not_told_again(after: pl.DataFrame) -> None:
    assert compare_waves(frame(("S1", "A", GONE)), after).left == ()


def test_who_joined_and_left_between_the_returns_is_in_both_lists() -> None:
    difference = compare_waves(BEFORE, pl.concat([BEFORE, frame(("S4", "A", GONE))]))
    assert difference.joined == difference.left == ("S4",)


def test_who_moved_team_and_then_left_is_in_both_lists() -> None:
    difference = compare_waves(frame(("S1", "A", None)), frame(("S1", "B", GONE)))
    assert difference.moved_team == difference.left == ("S1",)


@pytest.mark.parametrize(("team_before", "team_after"), [(None, "A"), ("A", None), (None, None)])
def test_an_empty_team_is_no_move(team_before: str | None, team_after: str | None) -> None:
    difference = compare_waves(frame(("S1", team_before, None)), frame(("S1", team_after, None)))
    assert difference.moved_team == ()


def test_rows_without_a_staff_code_are_passed_over() -> None:
    nameless = frame((None, "A", None), (None, "B", GONE))
    assert compare_waves(BEFORE, pl.concat([BEFORE, nameless])) == compare_waves(BEFORE, BEFORE)


def test_a_staff_code_given_twice_is_refused_without_being_repeated() -> None:
    twice = frame(("S77", "A", None), ("S77", "B", None))
    with pytest.raises(ReturnError, match="the later return: 1 row") as caught:
        compare_waves(BEFORE, twice)
    assert "S77" not in str(caught.value)
    with pytest.raises(ReturnError, match="the earlier return"):
        compare_waves(twice, BEFORE)
