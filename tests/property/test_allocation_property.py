"""Whatever the design: shares exact, numbers within one, draws possible, names of no account."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.allocation.declaring import Design, declare_design
from lighttouch.core.allocation.drawing import (
    ENUMERATION_LIMIT,
    allocation_probabilities,
    count_allocations,
    draw_allocation,
    draw_allocations,
    enumerate_allocations,
)
from lighttouch.core.protocol.people import Arm

EXACT = 1e-11
"""Sums of at most 100,000 probabilities, each rounded once to double precision."""
FEW = 3_000
"""Designs with more allocations are drawn from but not listed, to keep the tests quick."""

shares = st.one_of(
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.sampled_from([[1, 1], [1, 1, 1], [1, 1, 1, 1]]),
)
small_cells = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(1, 3)),
    min_size=1,
    max_size=4,
)
large_cells = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz"), st.integers(1, 30)),
    min_size=1,
    max_size=10,
)


def declare(cells: list[tuple[str, str, int]], ratios: list[int]) -> Design:
    rows = [(block, stratum) for block, stratum, size in cells for _ in range(size)]
    units = pl.DataFrame(
        [(f"u{at:03}", *row) for at, row in enumerate(rows)],
        schema=["unit", "block", "stratum"],
        orient="row",
    )
    arms = [Arm(id=f"a{k}", label="Arm", share=float(ratio)) for k, ratio in enumerate(ratios)]
    return declare_design(units, arms)


def assert_within_one(design: Design, drawn: np.ndarray) -> None:
    total = sum(design.weights)
    cells, blocks = np.array(design.cells), np.array(design.blocks)
    groups = [cells == cell for cell in range(len(design.layout))]
    groups += [blocks == block for block in set(design.blocks)]
    groups.append(np.ones(len(cells), dtype=bool))
    for group in groups:
        for arm, weight in enumerate(design.weights):
            away = (drawn[:, group] == arm).sum(axis=1) * total - group.sum() * weight
            assert (np.abs(away) < total).all()


@given(large_cells, shares, st.integers(0, 2**64))
@settings(max_examples=60, deadline=None)
def test_numbers_are_within_one_in_every_cell_every_block_and_overall(
    cells: list[tuple[str, str, int]], ratios: list[int], seed: int
) -> None:
    design = declare(cells, ratios)
    assert_within_one(design, draw_allocations(design, np.random.default_rng(seed), 8))


@given(small_cells, shares, st.integers(0, 2**64))
@settings(max_examples=50, deadline=None)
def test_listing_has_exact_shares_keeps_the_guarantee_and_contains_every_draw(
    cells: list[tuple[str, str, int]], ratios: list[int], seed: int
) -> None:
    design = declare(cells, ratios)
    if count_allocations(design) > FEW:
        return
    listed = enumerate_allocations(design)
    assert_within_one(design, listed.allocations)
    for arm, share in enumerate(design.shares):
        np.testing.assert_allclose(
            listed.probabilities @ (listed.allocations == arm), share, rtol=0, atol=EXACT
        )
    possible = set(map(tuple, listed.allocations.tolist()))
    drawn = draw_allocations(design, np.random.default_rng(seed), 20)
    assert set(map(tuple, drawn.tolist())) <= possible


@given(large_cells, shares)
@settings(max_examples=40, deadline=None)
def test_rows_of_the_probability_table_are_the_shares_and_sum_to_one(
    cells: list[tuple[str, str, int]], ratios: list[int]
) -> None:
    design = declare(cells, ratios)
    chances = allocation_probabilities(design)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=0, atol=EXACT)
    np.testing.assert_allclose(chances, np.tile(design.shares, (len(design.units), 1)))


@given(large_cells, shares, st.integers(0, 2**64))
@settings(max_examples=40, deadline=None)
def test_permuting_rows_of_the_declaration_changes_nothing(
    cells: list[tuple[str, str, int]], ratios: list[int], seed: int
) -> None:
    design = declare(cells, ratios)
    units = pl.DataFrame(
        {"unit": design.units, "block": design.blocks, "stratum": design.strata}
    ).sample(fraction=1.0, shuffle=True, seed=seed % 2**32)
    arms = [Arm(id=f"a{k}", label="Arm", share=float(ratio)) for k, ratio in enumerate(ratios)]
    again = declare_design(units, arms)
    assert (
        draw_allocation(again, np.random.default_rng(seed))
        == draw_allocation(design, np.random.default_rng(seed))
    ).all()


@given(small_cells, shares)
@settings(max_examples=30, deadline=None)
def test_exchanging_units_of_a_cell_leaves_the_chance_of_an_allocation_alone(
    cells: list[tuple[str, str, int]], ratios: list[int]
) -> None:
    design = declare(cells, ratios)
    if count_allocations(design) > FEW:
        return
    listed = enumerate_allocations(design)
    chances = dict(zip(map(tuple, listed.allocations.tolist()), listed.probabilities, strict=True))
    largest = max(range(len(design.layout)), key=lambda cell: design.layout[cell].size)
    members = [at for at, cell in enumerate(design.cells) if cell == largest]
    turned = np.arange(len(design.units))
    turned[members] = np.roll(members, 1)
    for allocation, chance in chances.items():
        assert abs(chances[tuple(np.array(allocation)[turned].tolist())] - chance) < EXACT


def test_the_limit_of_listing_is_the_one_promised() -> None:
    assert ENUMERATION_LIMIT == 100_000
