"""Draws come as often as the listing says they should, and test at the size they claim."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from lighttouch.core.allocation.declaring import Design, declare_design
from lighttouch.core.allocation.drawing import draw_allocations, enumerate_allocations
from lighttouch.core.protocol.people import Arm

pytestmark = pytest.mark.calibration

SEED = 20260401
DRAWS = 40_000
ALARM = 1e-4
"""Over the seven tests here a right draw is refused with a chance under one in 1,000."""

DESIGNS: dict[str, tuple[list[tuple[str, str, int]], list[float]]] = {
    "two arms, leftovers in two blocks": ([("a", "1", 3), ("a", "2", 3), ("b", "1", 3)], [1, 1]),
    "thirteen buildings in quarters": (
        [("kent", str(q), size) for q, size in enumerate((4, 3, 3, 3))],
        [1, 1],
    ),
    "thirty to seventy": ([("a", "1", 3), ("a", "2", 2), ("b", "1", 2)], [0.3, 0.7]),
    "three equal arms": ([("a", "1", 2), ("a", "2", 2), ("b", "1", 3)], [1, 1, 1]),
    "three to two to one": ([("a", "1", 3), ("a", "2", 1), ("b", "1", 2)], [3, 2, 1]),
    "seven to two to one": ([("a", "1", 2), ("b", "1", 2), ("c", "1", 1)], [0.7, 0.2, 0.1]),
}


def declare(name: str) -> Design:
    cells, shares = DESIGNS[name]
    rows = [(block, stratum) for block, stratum, size in cells for _ in range(size)]
    units = pl.DataFrame(
        [(f"u{at:03}", *row) for at, row in enumerate(rows)],
        schema=["unit", "block", "stratum"],
        orient="row",
    )
    arms = [Arm(id=f"a{k}", label="Arm", share=share) for k, share in enumerate(shares)]
    return declare_design(units, arms)


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_frequencies_of_draws_fit_the_exact_chances(name: str) -> None:
    design = declare(name)
    listed = enumerate_allocations(design)
    places = {tuple(row): at for at, row in enumerate(listed.allocations.tolist())}
    drawn = draw_allocations(design, np.random.default_rng(SEED), DRAWS)
    kinds, times = np.unique(drawn, axis=0, return_counts=True)
    seen = np.zeros(len(places))
    for kind, number in zip(kinds.tolist(), times, strict=True):
        seen[places[tuple(kind)]] = number
    fit = stats.chisquare(seen, listed.probabilities * DRAWS)
    assert fit.pvalue > ALARM


def test_shares_of_units_fit_over_many_draws_of_a_large_design() -> None:
    cells = [(f"b{at}", "", 7 + at % 5) for at in range(12)]
    rows = [(block, stratum) for block, stratum, size in cells for _ in range(size)]
    units = pl.DataFrame(
        [(f"u{at:03}", *row) for at, row in enumerate(rows)],
        schema=["unit", "block", "stratum"],
        orient="row",
    )
    arms = [Arm(id=f"a{k}", label="Arm", share=share) for k, share in enumerate([2.0, 1.0])]
    design = declare_design(units, arms)
    drawn = draw_allocations(design, np.random.default_rng(SEED), DRAWS)
    away = ((drawn == 1).mean(axis=0) - 1 / 3) / np.sqrt(2 / 9 / DRAWS)
    assert 2 * stats.norm.sf(np.abs(away).max()) * len(units) > ALARM
