"""How many units of each cell get each arm: exact shares turned into whole numbers by chance.

The exact number of units owed to an arm, cell size times share, is seldom whole. The rounding here
keeps its expectation exact and holds three levels at once: in every cell, in every block and
overall the number is the exact one rounded down or up. ``docs/methods/allocation.md`` has the
argument.
"""

import numpy as np
import numpy.typing as npt

from lighttouch.core.allocation.declaring import Design
from lighttouch.core.allocation.walking import draw_walked_counts

Counts = npt.NDArray[np.int64]


def draw_counts(design: Design, rng: np.random.Generator, draws: int) -> Counts:
    """Draw the number of units of each cell for each arm; shape (draws, cells, arms)."""
    if design.kind == "counts":
        fixed = np.array([cell.counts for cell in design.layout], dtype=np.int64)
        return np.broadcast_to(fixed, (draws, *fixed.shape))
    if sweeps(design):
        return _draw_swept_counts(design, rng, draws)
    return draw_walked_counts(design, rng, draws)


def sweeps(design: Design) -> bool:
    """Whether one evenly spread sequence of arms serves: two arms, or arms of equal share."""
    return len(design.arms) == 2 or len(set(design.weights)) == 1


def count_run(design: Design, start: Counts, length: Counts) -> Counts:
    """Count each arm in a run of the evenly spread sequence; the last axis is the arm.

    With two arms, place ``x`` of the endless sequence belongs to the second arm when
    ``floor((x + 1) w / W)`` exceeds ``floor(x w / W)``; with arms of equal share the sequence
    goes round the arms. Any run of the sequence holds an arm's exact share, rounded down or up.
    """
    if len(design.arms) == 2:
        weight, total = design.weights[1], sum(design.weights)
        second = (start + length) * weight // total - start * weight // total
        return np.stack([length - second, second], axis=-1)
    arms = np.arange(len(design.arms), dtype=np.int64)
    start, length = start[..., None], length[..., None]
    return (start + length - 1 - arms) // len(arms) - (start - 1 - arms) // len(arms)


def _draw_swept_counts(design: Design, rng: np.random.Generator, draws: int) -> Counts:
    """Lay the sequence over cells in random order, cells of a block together."""
    sizes = np.array([cell.size for cell in design.layout], dtype=np.int64)
    order = _draw_cell_order(design, rng, draws)
    ahead = np.cumsum(sizes[order], axis=1) - sizes[order]
    first = rng.integers(0, sum(design.weights), size=(draws, 1))
    start = np.empty_like(ahead)
    np.put_along_axis(start, order, ahead + first, axis=1)
    counts = count_run(design, start, np.broadcast_to(sizes, start.shape))
    if len(design.arms) == 2:
        return counts
    relabelled = np.argsort(rng.random((draws, 1, len(design.arms))), axis=2, kind="stable")
    return np.take_along_axis(counts, relabelled, axis=2)


def _draw_cell_order(design: Design, rng: np.random.Generator, draws: int) -> Counts:
    """Draw an order of blocks, and of the cells within each block; shape (draws, cells)."""
    names = sorted({cell.block for cell in design.layout})
    block_of = np.array([names.index(cell.block) for cell in design.layout])
    rank = np.argsort(np.argsort(rng.random((draws, len(names))), axis=1), axis=1)
    keys = rank[:, block_of] + rng.random((draws, len(design.layout)))
    return np.argsort(keys, axis=1, kind="stable")
