"""A declaration holds exact shares, does not depend on row order, and refuses what is unclear."""

import polars as pl
import pytest
from allocation_cases import make_arms, make_design, make_units

from lighttouch.core.allocation.declaring import (
    declare_bernoulli_design,
    declare_design,
    declare_observed_design,
    whole_weights,
)
from lighttouch.core.errors import AllocationError


def test_declaration_does_not_depend_on_the_order_of_rows() -> None:
    units = make_units([("a", "1", 3), ("b", "2", 4)])
    again = units.sample(fraction=1.0, shuffle=True, seed=3)
    assert declare_design(again, make_arms([1, 1])) == declare_design(units, make_arms([1, 1]))


def test_cells_are_blocks_by_strata_in_text_order() -> None:
    design = make_design([("b", "2", 1), ("a", "2", 2), ("a", "1", 3)], [1, 1])
    assert [(c.block, c.stratum, c.size) for c in design.layout] == [
        ("a", "1", 3),
        ("a", "2", 2),
        ("b", "2", 1),
    ]


def test_block_and_stratum_of_each_unit_are_told_in_order_of_units() -> None:
    design = make_design([("b", "2", 1), ("a", "1", 2)], [1, 1])
    assert design.units == ("u0000", "u0001", "u0002")
    assert design.blocks == ("b", "a", "a")
    assert design.strata == ("2", "1", "1")


@pytest.mark.parametrize(
    ("shares", "weights"),
    [
        ([1.0, 1.0], (1, 1)),
        ([0.1, 0.2], (1, 2)),
        ([0.333, 0.667], (333, 667)),
        ([1e-3, 1.0], (1, 1000)),
        ([0.5, 0.25, 0.25], (2, 1, 1)),
        ([3.0, 3.0, 3.0], (1, 1, 1)),
    ],
)
def test_shares_are_read_as_the_decimals_they_were_written_as(
    shares: list[float], weights: tuple[int, ...]
) -> None:
    assert whole_weights(shares) == weights


def test_shares_sum_to_one_whatever_was_written() -> None:
    assert make_design([("", "", 4)], [2.0, 6.0]).shares == (0.25, 0.75)


def test_observed_design_fixes_the_numbers_seen_in_every_cell() -> None:
    units = make_units([("a", "", 3), ("b", "", 2)]).with_columns(
        arm=pl.Series(["arm_0", "arm_1", "arm_0", "arm_1", "arm_1"])
    )
    design = declare_observed_design(units, make_arms([1, 1]))
    assert [cell.counts for cell in design.layout] == [(2, 1), (0, 2)]


def test_observed_design_refuses_an_arm_nobody_declared() -> None:
    units = make_units([("a", "", 2)]).with_columns(arm=pl.Series(["arm_0", "other"]))
    with pytest.raises(AllocationError, match="not arms of the trial"):
        declare_observed_design(units, make_arms([1, 1]))


def test_bernoulli_design_is_one_cell_whatever_the_blocks() -> None:
    units = make_units([("a", "1", 2), ("b", "2", 2)]).with_columns(
        arm=pl.Series(["arm_0", "arm_1", "arm_1", "arm_1"])
    )
    design = declare_bernoulli_design(units, make_arms([1, 1]))
    assert [cell.counts for cell in design.layout] == [(1, 3)]


def test_missing_columns_and_empty_cells_are_all_named() -> None:
    units = pl.DataFrame({"unit": ["a", None], "stratum": ["", ""]})
    with pytest.raises(AllocationError) as caught:
        declare_design(units, make_arms([1, 1]))
    assert len(caught.value.faults) == 2


def test_nobody_to_allocate_is_refused() -> None:
    with pytest.raises(AllocationError, match="nobody to allocate"):
        declare_design(make_units([]), make_arms([1, 1]))


def test_a_unit_listed_twice_is_refused() -> None:
    units = pl.concat([make_units([("a", "", 2)])] * 2)
    with pytest.raises(AllocationError, match="more than once"):
        declare_design(units, make_arms([1, 1]))
