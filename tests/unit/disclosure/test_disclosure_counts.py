"""Small counts are withheld, and nothing printed gives one away."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from lighttouch.core.disclosure.counts import (
    THRESHOLD,
    round_count,
    suppress_small_count,
    suppress_small_counts,
)

tables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.sampled_from([0, 1, 2, 4, 5, 6, 9, 30, 80]))
)


Table = NDArray[np.int64]


def with_totals(counts: Table) -> Table:
    wide = np.column_stack([counts, counts.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)])


def test_a_table_of_large_counts_and_noughts_is_printed_whole() -> None:
    assert not suppress_small_counts(np.array([[10, 0], [25, 9]])).any()


def test_a_small_count_takes_complements_in_its_row_and_column() -> None:
    mask = suppress_small_counts(np.array([[30, 2], [20, 25], [11, 9]]))
    assert mask.tolist() == [
        [True, True, False],
        [False, False, False],
        [True, True, False],
        [False, False, False],
    ]


def test_a_small_count_stands_alone_where_no_total_is_printed() -> None:
    counts = np.array([[30, 2], [20, 25]])
    mask = suppress_small_counts(counts, row_totals=False, column_totals=False)
    assert mask.sum() == 1
    assert mask[0, 1]


def test_withheld_counts_that_sum_to_little_take_another() -> None:
    mask = suppress_small_counts(np.array([[1, 2, 40, 50]]), column_totals=False)
    assert mask.tolist() == [[True, True, True, False, False], [False] * 5]


def test_a_small_total_is_withheld_with_its_cells() -> None:
    mask = suppress_small_counts(np.array([[1, 2], [60, 70], [30, 40]]))
    assert mask[0].all()
    assert not mask[-1].any()


def test_a_cell_that_lines_give_away_together_is_protected() -> None:
    """Every line hides at least two cells here, yet all lines together fix one of them."""
    counts = np.array([[4, 30, 9, 4], [0, 30, 1, 0], [0, 1, 80, 2]])
    mask = suppress_small_counts(counts)
    assert list_determined(counts, mask, rows=True, columns=True) == []


@given(counts=tables, rows=st.booleans(), columns=st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_small_count_is_printed_and_none_can_be_worked_out(
    counts: Table, rows: bool, columns: bool
) -> None:
    mask = suppress_small_counts(counts, row_totals=rows, column_totals=columns)
    table = with_totals(counts)
    printed = ~mask
    printed[:-1, -1] &= rows
    printed[-1, :-1] &= columns
    printed[-1, -1] &= rows and columns
    assert not ((table[printed] > 0) & (table[printed] < THRESHOLD)).any()
    assert list_determined(counts, mask, rows=rows, columns=columns) == []


def list_determined(
    counts: Table, mask: NDArray[np.bool_], *, rows: bool, columns: bool
) -> list[int]:
    """Withheld cells fixed by the printed ones: least squares on the whole table's equations."""
    table = with_totals(counts)
    height, width = table.shape
    number = np.arange(table.size).reshape(table.shape)
    equations = []
    if rows:
        for row in range(height if columns else height - 1):
            line = np.zeros(table.size)
            line[number[row, :-1]], line[number[row, -1]] = 1, -1
            equations.append(line)
    if columns:
        for column in range(width if rows else width - 1):
            line = np.zeros(table.size)
            line[number[:-1, column]], line[number[-1, column]] = 1, -1
            equations.append(line)
    for place in np.flatnonzero(~mask.ravel()):
        line = np.zeros(table.size)
        line[place] = 1
        equations.append(line)
    system = np.array(equations)
    rank = np.linalg.matrix_rank(system) if len(system) else 0
    found = []
    for place in np.flatnonzero(mask.ravel()):
        unit = np.zeros((1, table.size))
        unit[0, place] = 1
        if np.linalg.matrix_rank(np.vstack([system, unit])) == rank:
            found.append(int(place))
    return found


EVERY_TABLE = np.array([with_totals(np.reshape(v, (2, 2))) for v in product(range(13), repeat=4)])


@given(arrays(np.int64, (2, 2), elements=st.integers(0, 9)))
@settings(max_examples=60, deadline=None)
def test_every_small_count_could_be_another_number(counts: Table) -> None:
    """Counting by hand: several whole-number tables agree with everything that is printed."""
    mask = suppress_small_counts(counts)
    fits = EVERY_TABLE[(EVERY_TABLE[:, ~mask] == with_totals(counts)[~mask]).all(axis=1)]
    for row, column in np.argwhere(mask[:-1, :-1] & (counts > 0) & (counts < THRESHOLD)):
        assert len(np.unique(fits[:, row, column])) > 1


@pytest.mark.parametrize(
    ("count", "hidden"), [(None, False), (0, False), (1, True), (4, True), (5, False)]
)
def test_a_lone_count_is_withheld_from_one_to_four(count: int | None, hidden: bool) -> None:
    assert suppress_small_count(count) is hidden


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_rounding_gives_the_nearest_multiple(count: int, base: int) -> None:
    rounded = round_count(count, base=base)
    assert rounded % base == 0
    assert abs(rounded - count) * 2 <= base


@pytest.mark.parametrize(("count", "base"), [(-1, 5), (3, 0)])
def test_rounding_refuses_what_is_no_count(count: int, base: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        round_count(count, base=base)
