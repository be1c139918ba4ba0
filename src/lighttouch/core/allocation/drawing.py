"""Draw allocations from a design, say how likely each arm is, and list every allocation."""

import numpy as np
import numpy.typing as npt

from lighttouch.core.allocation.declaring import Design
from lighttouch.core.allocation.enumerating import (
    ENUMERATION_LIMIT,
    Enumeration,
    count_allocations,
    enumerate_allocations,
)
from lighttouch.core.allocation.rounding import draw_counts

__all__ = [
    "ENUMERATION_LIMIT",
    "Enumeration",
    "allocation_probabilities",
    "count_allocations",
    "draw_allocation",
    "draw_allocations",
    "enumerate_allocations",
]

Allocations = npt.NDArray[np.int64]
CHUNK = 4_000_000
"""Cells of random numbers held at once; part of the algorithm, for it fixes the stream's order."""


def draw_allocation(design: Design, rng: np.random.Generator) -> Allocations:
    """Draw one allocation.

    Parameters
    ----------
    design
        The declaration.
    rng
        The only source of randomness.

    Returns
    -------
    numpy.ndarray
        For each of ``design.units``, in that order, the position of its arm in ``design.arms``.

    Examples
    --------
    >>> import polars as pl
    >>> from lighttouch.core.allocation.declaring import declare_design
    >>> from lighttouch.core.protocol.people import Arm
    >>> units = pl.DataFrame({"unit": ["a", "b"], "block": ["", ""], "stratum": ["", ""]})
    >>> design = declare_design(units, [Arm(id="letter", label="L"), Arm(id="wait", label="W")])
    >>> sorted(draw_allocation(design, np.random.default_rng(1)).tolist())
    [0, 1]
    """
    drawn: Allocations = draw_allocations(design, rng, 1)[0]
    return drawn


def draw_allocations(design: Design, rng: np.random.Generator, draws: int) -> Allocations:
    """Draw many allocations, each as :func:`draw_allocation` would.

    Parameters
    ----------
    design
        The declaration.
    rng
        The only source of randomness.
    draws
        How many.

    Returns
    -------
    numpy.ndarray
        Shape (draws, units): positions in ``design.arms``.

    Examples
    --------
    >>> import polars as pl
    >>> from lighttouch.core.allocation.declaring import declare_design
    >>> from lighttouch.core.protocol.people import Arm
    >>> units = pl.DataFrame({"unit": ["a", "b"], "block": ["", ""], "stratum": ["", ""]})
    >>> design = declare_design(units, [Arm(id="letter", label="L"), Arm(id="wait", label="W")])
    >>> draw_allocations(design, np.random.default_rng(1), 5).sum(axis=1).tolist()
    [1, 1, 1, 1, 1]
    """
    step = max(1, CHUNK // len(design.units))
    parts = [_draw_chunk(design, rng, min(step, draws - first)) for first in range(0, draws, step)]
    return np.concatenate(parts) if parts else np.empty((0, len(design.units)), dtype=np.int64)


def _draw_chunk(design: Design, rng: np.random.Generator, draws: int) -> Allocations:
    """Draw the numbers of each arm in each cell, then which units of the cell get which arm."""
    counts = draw_counts(design, rng, draws)
    arms = np.tile(np.arange(len(design.arms), dtype=np.int64), draws * len(design.layout))
    slots = np.repeat(arms, counts.reshape(-1)).reshape(draws, len(design.units))
    cells = np.asarray(design.cells, dtype=np.float64)
    order = np.argsort(cells + rng.random((draws, len(design.units))), axis=1, kind="stable")
    drawn = np.empty_like(slots)
    np.put_along_axis(drawn, order, slots, axis=1)
    return drawn


def allocation_probabilities(design: Design) -> npt.NDArray[np.float64]:
    """Return every unit's chance of every arm.

    Returns
    -------
    numpy.ndarray
        Shape (units, arms); each row sums to one. The arms' shares, or, where numbers are fixed,
        the share of each arm in the unit's cell.

    Examples
    --------
    >>> import polars as pl
    >>> from lighttouch.core.allocation.declaring import declare_design
    >>> from lighttouch.core.protocol.people import Arm
    >>> units = pl.DataFrame({"unit": ["a"], "block": [""], "stratum": [""]})
    >>> arms = [Arm(id="letter", label="L", share=2.0), Arm(id="wait", label="W", share=3.0)]
    >>> allocation_probabilities(declare_design(units, arms)).tolist()
    [[0.4, 0.6]]
    """
    if design.kind == "shares":
        return np.tile(np.asarray(design.shares), (len(design.units), 1))
    by_cell = np.array([[count / cell.size for count in cell.counts] for cell in design.layout])
    return np.asarray(by_cell[list(design.cells)])
