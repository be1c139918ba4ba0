"""The guarantee of the draw, proved by listing every allocation of small designs."""

import csv
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from allocation_cases import Cells, keeps_within_one, make_arms, make_design, make_units

from lighttouch.core.allocation import drawing
from lighttouch.core.allocation.declaring import Design, declare_observed_design
from lighttouch.core.allocation.drawing import (
    ENUMERATION_LIMIT,
    allocation_probabilities,
    count_allocations,
    draw_allocation,
    draw_allocations,
    enumerate_allocations,
)
from lighttouch.core.errors import AllocationError

REFERENCE = Path(__file__).parents[2] / "reference" / "allocation" / "brute_force.csv"
EXACT = 1e-12
"""Sums of at most 100,000 probabilities, each rounded once to double precision."""

SMALL: list[tuple[Cells, list[float]]] = [
    ([("a", "", 1)], [1, 1]),
    ([("a", "1", 3), ("a", "2", 3), ("b", "1", 3)], [1, 1]),
    ([("a", "1", 3), ("a", "2", 2), ("b", "1", 1), ("c", "1", 2)], [1, 1]),
    ([("a", "1", 4), ("a", "2", 3), ("a", "3", 3), ("a", "4", 3)], [1, 1]),
    ([("a", "1", 5), ("b", "1", 4)], [0.3, 0.7]),
    ([("a", "1", 3), ("a", "2", 3), ("b", "1", 2)], [2, 1]),
    ([("a", "1", 2), ("a", "2", 1), ("b", "1", 1)], [1, 1, 1]),
    ([("a", "1", 2), ("a", "2", 2), ("b", "1", 3)], [1, 1, 1]),
    ([("a", "1", 3), ("b", "1", 3)], [1, 1, 1, 1]),
    ([("a", "1", 2), ("a", "2", 1), ("b", "1", 2)], [3, 2, 1]),
    ([("a", "1", 3), ("a", "2", 2), ("b", "1", 2)], [0.7, 0.2, 0.1]),
    ([("a", "1", 1), ("b", "1", 1), ("c", "1", 1), ("d", "1", 1)], [2, 1, 1]),
    ([("a", "1", 4)], [1]),
]


@pytest.mark.parametrize(("cells", "shares"), SMALL)
def test_every_unit_has_exactly_its_share_over_all_allocations(
    cells: Cells, shares: list[float]
) -> None:
    design = make_design(cells, shares)
    listed = enumerate_allocations(design)
    for arm, share in enumerate(design.shares):
        chances = listed.probabilities @ (listed.allocations == arm)
        np.testing.assert_allclose(chances, share, rtol=0, atol=EXACT)


@pytest.mark.parametrize(("cells", "shares"), SMALL)
def test_every_allocation_is_within_one_unit_in_cells_blocks_and_overall(
    cells: Cells, shares: list[float]
) -> None:
    design = make_design(cells, shares)
    assert keeps_within_one(design, enumerate_allocations(design).allocations)


@pytest.mark.parametrize(("cells", "shares"), SMALL)
def test_allocations_are_distinct_possible_and_counted(cells: Cells, shares: list[float]) -> None:
    design = make_design(cells, shares)
    listed = enumerate_allocations(design)
    assert len(np.unique(listed.allocations, axis=0)) == len(listed.allocations)
    assert len(listed.allocations) == count_allocations(design)
    assert (listed.probabilities > 0).all()
    assert listed.probabilities.sum() == pytest.approx(1, abs=EXACT)


@pytest.mark.parametrize(("cells", "shares"), SMALL)
def test_every_draw_is_one_of_the_listed_allocations(cells: Cells, shares: list[float]) -> None:
    design = make_design(cells, shares)
    possible = set(map(tuple, enumerate_allocations(design).allocations.tolist()))
    drawn = draw_allocations(design, np.random.default_rng(5), 300)
    assert set(map(tuple, drawn.tolist())) <= possible


def read_reference() -> dict[str, dict[tuple[int, ...], Fraction]]:
    found: dict[str, dict[tuple[int, ...], Fraction]] = defaultdict(dict)
    with REFERENCE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            counts = tuple(int(number) for number in row["counts"].split())
            found[row["design"]][counts] = Fraction(row["chance"])
    return found


REFERENCE_DESIGNS: dict[str, tuple[Cells, list[float]]] = {
    "one_odd_cell": ([("a", "1", 3)], [1, 1]),
    "leftovers_in_two_blocks": ([("a", "1", 3), ("a", "2", 3), ("b", "1", 3)], [1, 1]),
    "many_single_units": (
        [("a", s, 1) for s in "1234"] + [("b", s, 1) for s in "12"],
        [1, 1],
    ),
    "two_to_one": ([("a", "1", 2), ("a", "2", 1), ("b", "1", 4)], [2, 1]),
    "thirty_seventy": ([("a", "1", 3), ("a", "2", 2), ("b", "1", 2)], [0.3, 0.7]),
    "three_equal_arms": ([("a", "1", 2), ("a", "2", 1), ("b", "1", 1)], [1, 1, 1]),
    "three_arms_uneven_blocks": (
        [("a", "1", 2), ("a", "2", 2), ("b", "1", 3), ("c", "1", 1)],
        [1, 1, 1],
    ),
}


@pytest.mark.parametrize("name", sorted(REFERENCE_DESIGNS))
def test_chances_agree_with_brute_force_over_every_order_start_and_naming(name: str) -> None:
    design = make_design(*REFERENCE_DESIGNS[name])
    listed = enumerate_allocations(design)
    cells, arms = np.array(design.cells), range(len(design.arms))
    chances: dict[tuple[int, ...], float] = defaultdict(float)
    for allocation, chance in zip(listed.allocations, listed.probabilities, strict=True):
        counts = [
            int(((cells == cell) & (allocation == arm)).sum())
            for cell in range(len(design.layout))
            for arm in arms
        ]
        chances[tuple(counts)] += float(chance)
    expected = {counts: float(chance) for counts, chance in read_reference()[name].items()}
    assert dict(chances) == pytest.approx(expected, abs=EXACT)


def test_three_units_in_two_arms_are_split_two_to_one_either_way_worked_by_hand() -> None:
    listed = enumerate_allocations(make_design([("", "", 3)], [1, 1]))
    # Choosing the single unit (3 ways) and its arm (2 ways): six allocations, all alike.
    assert listed.allocations.tolist() == [
        [0, 0, 1],
        [0, 1, 0],
        [0, 1, 1],
        [1, 0, 0],
        [1, 0, 1],
        [1, 1, 0],
    ]
    np.testing.assert_allclose(listed.probabilities, 1 / 6, atol=EXACT)


def test_thirteen_buildings_in_quarters_can_be_allocated_in_972_ways_worked_by_hand() -> None:
    # Quarters of 4, 3, 3 and 3. The even one splits in C(4,2) = 6 ways. Of the three leftovers
    # one or two go to each arm: 6 ways. In each odd quarter 3 units may be the odd one: 27 ways.
    design = make_design([("kent", str(q), size) for q, size in enumerate((4, 3, 3, 3))], [1, 1])
    assert count_allocations(design) == 6 * 6 * 27
    np.testing.assert_allclose(enumerate_allocations(design).probabilities, 1 / 972, atol=EXACT)


def test_leftovers_of_a_block_offset_one_another() -> None:
    design = make_design([("a", str(s), 1) for s in range(6)], [1, 1])
    drawn = draw_allocations(design, np.random.default_rng(2), 200)
    assert (drawn.sum(axis=1) == 3).all()


def test_leftovers_of_blocks_offset_one_another() -> None:
    design = make_design([(str(b), "", 3) for b in range(6)], [1, 1])
    drawn = draw_allocations(design, np.random.default_rng(2), 200)
    assert (drawn.sum(axis=1) == 9).all()


@pytest.mark.parametrize("shares", [[1, 1], [0.3, 0.7], [1, 1, 1], [3, 2, 1], [0.7, 0.2, 0.1]])
def test_large_draws_keep_the_guarantee_too(shares: list[float]) -> None:
    sizes = np.random.default_rng(8).integers(1, 40, size=32)
    cells = [(f"b{at // 4}", f"s{at % 4}", int(size)) for at, size in enumerate(sizes)]
    design = make_design(cells, shares)
    assert keeps_within_one(design, draw_allocations(design, np.random.default_rng(9), 100))


GOLDEN: dict[str, tuple[list[float], str]] = {
    "two arms": ([1, 1], "0001101011010101011001"),
    "thirty to seventy": ([0.3, 0.7], "0011111111010101011011"),
    "three arms": ([1, 1, 1], "1212020120102022112010"),
    "three to two to one": ([3, 2, 1], "0201100012010210101020"),
}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_golden_draw_of_lighttouch_blocks_1(name: str) -> None:
    shares, expected = GOLDEN[name]
    design = make_design([("a", "1", 7), ("a", "2", 6), ("b", "1", 5), ("b", "2", 4)], shares)
    rng = np.random.Generator(np.random.PCG64DXSM(20190930))
    assert "".join(map(str, draw_allocation(design, rng).tolist())) == expected


def test_one_draw_is_the_first_of_many_draws_of_one() -> None:
    design = make_design([("a", "", 5)], [1, 1])
    one = draw_allocation(design, np.random.default_rng(1))
    assert (draw_allocations(design, np.random.default_rng(1), 1)[0] == one).all()


def test_draws_beyond_a_chunk_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    design = make_design([("a", "", 5), ("b", "", 4)], [1, 1])
    monkeypatch.setattr(drawing, "CHUNK", 20)
    drawn = draw_allocations(design, np.random.default_rng(1), 7)
    assert drawn.shape == (7, 9)
    assert keeps_within_one(design, drawn)


def test_no_draws_give_an_empty_table() -> None:
    design = make_design([("a", "", 5)], [1, 1])
    assert draw_allocations(design, np.random.default_rng(1), 0).shape == (0, 5)


def test_probabilities_are_the_shares_for_every_unit() -> None:
    chances = allocation_probabilities(make_design([("a", "", 3), ("b", "", 2)], [1, 3]))
    assert chances.tolist() == [[0.25, 0.75]] * 5


def observed() -> Design:
    units = make_units([("a", "", 3), ("b", "", 2)]).with_columns(
        arm=pl.Series(["arm_0", "arm_1", "arm_0", "arm_1", "arm_1"])
    )
    return declare_observed_design(units, make_arms([1, 1]))


def test_fixed_numbers_give_each_unit_its_cells_shares() -> None:
    chances = allocation_probabilities(observed())
    np.testing.assert_allclose(chances[:3], [[2 / 3, 1 / 3]] * 3)
    np.testing.assert_allclose(chances[3:], [[0, 1]] * 2)


def test_fixed_numbers_are_kept_in_every_draw() -> None:
    drawn = draw_allocations(observed(), np.random.default_rng(4), 100)
    assert (drawn[:, :3].sum(axis=1) == 1).all()
    assert (drawn[:, 3:] == 1).all()
    assert len(np.unique(drawn, axis=0)) == 3


def test_fixed_numbers_give_equally_likely_allocations() -> None:
    listed = enumerate_allocations(observed())
    assert count_allocations(observed()) == 3
    np.testing.assert_allclose(listed.probabilities, 1 / 3)


def test_more_allocations_than_the_limit_are_counted_but_not_listed() -> None:
    design = make_design([("a", "", 40)], [1, 1])
    assert count_allocations(design) == 137846528820
    with pytest.raises(AllocationError, match="more than 100,000"):
        enumerate_allocations(design)


def test_like_single_units_are_counted_exactly_beyond_the_limit() -> None:
    design = make_design([(str(at), "", 1) for at in range(40)], [1, 1])
    assert count_allocations(design) == 137846528820


@pytest.mark.parametrize(
    "cells",
    [[("a", str(size), size) for size in (1, 2, 3)], [(str(b), "", b + 1) for b in range(4)]],
)
def test_more_kinds_of_outcome_than_the_limit_count_as_beyond_it(
    monkeypatch: pytest.MonkeyPatch, cells: Cells
) -> None:
    design = make_design(cells, [0.01, 0.99])
    monkeypatch.setattr("lighttouch.core.allocation.enumerating.ENUMERATION_LIMIT", 2)
    assert count_allocations(design) == 3


def test_a_walk_of_too_many_steps_counts_as_beyond_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lighttouch.core.allocation.enumerating.WALK_LIMIT", 3)
    design = make_design([("a", str(s), 1) for s in range(6)], [3, 2, 1])
    assert count_allocations(design) == ENUMERATION_LIMIT + 1


def test_relabelling_units_in_order_relabels_the_draw_and_nothing_else() -> None:
    cells = [("a", "1", 7), ("b", "1", 6)]
    one = make_design(cells, [1, 1])
    units = make_units(cells).with_columns(pl.col("unit").str.replace("u", "staff-"))
    two = Design(one.kind, tuple(units["unit"]), one.cells, one.layout, one.arms, one.weights)
    assert (
        draw_allocation(one, np.random.default_rng(3))
        == draw_allocation(two, np.random.default_rng(3))
    ).all()


def test_exchanging_arms_of_equal_share_leaves_the_chances_alone() -> None:
    design = make_design([("a", "1", 3), ("b", "1", 2)], [1, 1, 1])
    listed = enumerate_allocations(design)
    chances = dict(zip(map(tuple, listed.allocations.tolist()), listed.probabilities, strict=True))
    for allocation, chance in chances.items():
        assert chances[tuple((arm + 1) % 3 for arm in allocation)] == pytest.approx(chance)
