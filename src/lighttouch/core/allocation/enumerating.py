"""Every allocation a design can produce, with its exact probability."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import permutations, product
from math import factorial, prod
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lighttouch.core.allocation.declaring import Design
from lighttouch.core.allocation.rounding import count_run, sweeps
from lighttouch.core.allocation.walking import WALK_LIMIT, list_walked_counts
from lighttouch.core.errors import AllocationError

ENUMERATION_LIMIT = 100_000
"""The most allocations that are listed one by one."""

Matrix = tuple[tuple[int, ...], ...]
"""Units of each arm (inner) in each cell of the layout (outer)."""

CellOutcome = tuple[int, tuple[int, ...]]
BlockOutcome = tuple[tuple[int, ...], tuple[CellOutcome, ...]]
_Item = TypeVar("_Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Every allocation of a design.

    Parameters
    ----------
    allocations
        Shape (allocations, units): positions in ``design.arms``; no two rows are alike.
    probabilities
        The chance of each row; they sum to one and may be unequal.
    """

    allocations: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]


def count_allocations(design: Design) -> int:
    """Count the allocations the design can produce.

    Returns
    -------
    int
        The exact number up to ``ENUMERATION_LIMIT``, and always where numbers in cells are fixed.
        Beyond the limit, or where listing would take too long, a number above the limit.

    Examples
    --------
    >>> import polars as pl
    >>> from lighttouch.core.allocation.declaring import declare_design
    >>> from lighttouch.core.protocol.people import Arm
    >>> units = pl.DataFrame({"unit": ["a", "b", "c"], "block": [""] * 3, "stratum": [""] * 3})
    >>> design = declare_design(units, [Arm(id="letter", label="L"), Arm(id="wait", label="W")])
    >>> count_allocations(design)
    6
    """
    least = _count_within(_one_matrix(design))
    if design.kind == "counts" or least > ENUMERATION_LIMIT:
        return least
    if sweeps(design):
        kinds = _list_kinds_of_outcome(design, ENUMERATION_LIMIT)
        return ENUMERATION_LIMIT + 1 if kinds is None else sum(map(_count_kind, kinds))
    matrices = list_walked_counts(design, WALK_LIMIT)
    if matrices is None:
        return ENUMERATION_LIMIT + 1
    return sum(map(_count_within, matrices))


def enumerate_allocations(design: Design) -> Enumeration:
    """List every allocation the design can produce, with its exact probability.

    Raises
    ------
    AllocationError
        If there are more than ``ENUMERATION_LIMIT``.

    Examples
    --------
    >>> import polars as pl
    >>> from lighttouch.core.allocation.declaring import declare_design
    >>> from lighttouch.core.protocol.people import Arm
    >>> units = pl.DataFrame({"unit": ["a", "b"], "block": ["", ""], "stratum": ["", ""]})
    >>> design = declare_design(units, [Arm(id="letter", label="L"), Arm(id="wait", label="W")])
    >>> enumerate_allocations(design).allocations.tolist()
    [[0, 1], [1, 0]]
    """
    if count_allocations(design) > ENUMERATION_LIMIT:
        raise AllocationError(
            f"the design can produce more than {ENUMERATION_LIMIT:,} allocations",
            remedy="Draw at random from it instead",
        )
    matrices = {_one_matrix(design): Fraction(1)}
    if design.kind == "shares":
        matrices = _list_matrices(design)
    parts = [_spread(matrix) for matrix in matrices]
    chances = [
        float(chance) / len(part) for part, chance in zip(parts, matrices.values(), strict=True)
    ]
    by_cell = np.argsort(design.cells, kind="stable")
    allocations = np.empty((sum(map(len, parts)), len(design.units)), dtype=np.int64)
    allocations[:, by_cell] = np.concatenate(parts)
    probabilities = np.repeat(chances, [len(part) for part in parts])
    order = np.lexsort(allocations.T[::-1])
    return Enumeration(allocations[order], probabilities[order])


def _count_within(matrix: Matrix) -> int:
    """Count the allocations with these numbers in every cell."""
    return prod(factorial(sum(row)) // prod(map(factorial, row)) for row in matrix)


def _one_matrix(design: Design) -> Matrix:
    """Return one possible outcome: the fixed numbers, or shares rounded in layout order."""
    if design.kind == "counts":
        return tuple(cell.counts for cell in design.layout)
    if not sweeps(design):
        # Rounding each cell down leaves the fewest arrangements, so it bounds from below.
        total = sum(design.weights)
        floors = [[cell.size * w // total for w in design.weights] for cell in design.layout]
        return tuple(map(tuple, floors))
    start, rows = 0, []
    for cell in design.layout:
        rows.append(_count(design, start, cell.size))
        start += cell.size
    return tuple(rows)


def _count(design: Design, start: int, length: int) -> tuple[int, ...]:
    counted = count_run(design, np.array(start), np.array(length))
    return tuple(int(number) for number in counted)


def _count_kind(outcomes: tuple[BlockOutcome, ...]) -> int:
    """Count the allocations of one kind of outcome: arranged over blocks, cells and units."""
    ways = _count_orders(outcomes, [inside for inside, _ in outcomes])
    for _, cells in outcomes:
        ways *= _count_orders(cells, [size for size, _ in cells])
        ways *= _count_within(tuple(row for _, row in cells))
    return ways


def _count_orders(outcomes: Sequence[Hashable], classes: Sequence[Hashable]) -> int:
    """Count distinct ways of giving outcomes to the exchangeable members of their class."""
    within = prod(factorial(number) for number in Counter(classes).values())
    return within // prod(factorial(number) for number in Counter(outcomes).values())


def _list_matrices(design: Design) -> dict[Matrix, Fraction]:
    """List the possible numbers in cells with their chances, known not to be too many."""
    if not sweeps(design):
        return list_walked_counts(design, WALK_LIMIT) or {}
    matrices: dict[Matrix, Fraction] = {}
    kinds = _list_kinds_of_outcome(design, ENUMERATION_LIMIT) or {}
    for outcomes, chance in kinds.items():
        found = list(_arrange_blocks(design, outcomes))
        matrices |= dict.fromkeys(found, chance / len(found))
    return matrices


def _list_kinds_of_outcome(
    design: Design, most: int
) -> dict[tuple[BlockOutcome, ...], Fraction] | None:
    """List outcomes up to exchanging like cells and like blocks.

    The sequence of arms is laid over blocks, and cells within them, in random order, so cells of
    one size (and blocks of the same cell sizes) are exchangeable: only how many of them got what
    needs following.
    """
    cycle = sum(design.weights)
    sizes: dict[str, list[int]] = {}
    for cell in design.layout:
        sizes.setdefault(cell.block, []).append(cell.size)

    def cell_outcomes(size: int, start: int) -> dict[tuple[int, ...], Fraction]:
        return {_count(design, start, size): Fraction(1)}

    @cache
    def block_outcomes(
        inside: tuple[int, ...], start: int
    ) -> dict[tuple[CellOutcome, ...], Fraction] | None:
        return _sequence(inside, start, cell_outcomes, lambda size: size, cycle, most)

    blocks = tuple(tuple(sorted(inside)) for inside in sizes.values())
    merged: dict[tuple[BlockOutcome, ...], Fraction] = {}
    for start, share in _list_starts(design):
        found = _sequence(blocks, start, block_outcomes, sum, cycle, most)
        if found is None:
            return None
        for outcome, chance in found.items():
            merged[outcome] = merged.get(outcome, Fraction(0)) + chance * share
    return merged if len(design.arms) == 2 else _relabel(merged, len(design.arms))


def _list_starts(design: Design) -> list[tuple[int, Fraction]]:
    """List starts of the sequence that differ in what follows, with their chances.

    With arms of equal share a start is a naming of the arms, which is averaged over elsewhere.
    Of an evenly spread sequence of two arms, a run of n places can look n + 1 ways at most.
    """
    if len(design.arms) != 2:
        return [(0, Fraction(1))]
    cycle = sum(design.weights)
    runs: dict[bytes, list[int]] = {}
    lengths = np.arange(len(design.units) + 1)
    for start in range(cycle):
        ahead = count_run(design, np.full_like(lengths, start), lengths)
        runs.setdefault(ahead.tobytes(), []).append(start)
    return [(starts[0], Fraction(len(starts), cycle)) for starts in runs.values()]


_Class = TypeVar("_Class", bound=Hashable)
_Outcome = TypeVar("_Outcome", bound=Hashable)


def _sequence(
    items: tuple[_Class, ...],
    start: int,
    outcomes_of: Callable[[_Class, int], dict[_Outcome, Fraction] | None],
    length_of: Callable[[_Class], int],
    cycle: int,
    most: int,
) -> dict[tuple[tuple[_Class, _Outcome], ...], Fraction] | None:
    """Follow items taken in uniformly random order; outcomes are multisets, kept sorted."""
    classes = Counter(items)
    names = list(classes)
    frontier: dict[tuple[int, ...], dict[tuple[tuple[_Class, _Outcome], ...], Fraction]] = {
        tuple(classes.values()): {(): Fraction(1)}
    }
    for left in range(len(items), 0, -1):
        following: dict[tuple[int, ...], dict[tuple[tuple[_Class, _Outcome], ...], Fraction]] = {}
        for remaining, reached in frontier.items():
            gone = zip(names, remaining, strict=True)
            place = start + sum((classes[c] - n) * length_of(c) for c, n in gone)
            for at, name in enumerate(names):
                if not remaining[at]:
                    continue
                outcomes = outcomes_of(name, place % cycle)
                if outcomes is None:
                    return None
                after = (*remaining[:at], remaining[at] - 1, *remaining[at + 1 :])
                bucket = following.setdefault(after, {})
                for (so_far, chance), (outcome, share) in product(
                    reached.items(), outcomes.items()
                ):
                    key = tuple(sorted((*so_far, (name, outcome))))
                    added = chance * share * Fraction(remaining[at], left)
                    bucket[key] = bucket.get(key, Fraction(0)) + added
        if sum(map(len, following.values())) > most:
            return None
        frontier = following
    return next(iter(frontier.values()))


def _relabel(
    outcomes: dict[tuple[BlockOutcome, ...], Fraction], arms: int
) -> dict[tuple[BlockOutcome, ...], Fraction]:
    """Average over every naming of the arms, as the draw does when their shares are equal."""
    merged: dict[tuple[BlockOutcome, ...], Fraction] = {}
    for order in permutations(range(arms)):
        for blocks, chance in outcomes.items():
            renamed = tuple(
                sorted(
                    (
                        inside,
                        tuple(
                            sorted((size, tuple(row[arm] for arm in order)) for size, row in cells)
                        ),
                    )
                    for inside, cells in blocks
                )
            )
            merged[renamed] = merged.get(renamed, Fraction(0)) + chance / factorial(arms)
    return merged


def _arrange_blocks(design: Design, outcomes: tuple[BlockOutcome, ...]) -> Iterator[Matrix]:
    """Give block outcomes to blocks of their kind, and cell outcomes to cells, in every way."""
    places: dict[str, list[int]] = {}
    for at, cell in enumerate(design.layout):
        places.setdefault(cell.block, []).append(at)
    kinds: dict[tuple[int, ...], list[list[int]]] = {}
    for cells in places.values():
        inside = tuple(sorted(design.layout[at].size for at in cells))
        kinds.setdefault(inside, []).append(cells)
    ways = [
        [
            tuple(zip(blocks, given, strict=True))
            for given in _arrange([cells for kind, cells in outcomes if kind == inside])
        ]
        for inside, blocks in kinds.items()
    ]
    for chosen in product(*ways):
        pairs = [pair for group in chosen for pair in group]
        for filled in product(*(_arrange_cells(design, cells, got) for cells, got in pairs)):
            rows = dict(row for block in filled for row in block)
            yield tuple(rows[at] for at in range(len(design.layout)))


def _arrange_cells(
    design: Design, cells: list[int], outcomes: tuple[CellOutcome, ...]
) -> list[tuple[tuple[int, tuple[int, ...]], ...]]:
    """Give a block's cell outcomes to its cells of the same size in every way."""
    sizes = sorted({design.layout[at].size for at in cells})
    ways = [
        [
            tuple(zip([at for at in cells if design.layout[at].size == size], given, strict=True))
            for given in _arrange([row for length, row in outcomes if length == size])
        ]
        for size in sizes
    ]
    return [tuple(pair for group in chosen for pair in group) for chosen in product(*ways)]


def _arrange(items: Sequence[_Item]) -> Iterator[tuple[_Item, ...]]:
    """Yield every distinct order of the items."""
    left = Counter(items)
    taken: list[_Item] = []

    def extend() -> Iterator[tuple[_Item, ...]]:
        if len(taken) == len(items):
            yield tuple(taken)
        for item in [item for item, number in left.items() if number]:
            left[item] -= 1
            taken.append(item)
            yield from extend()
            taken.pop()
            left[item] += 1

    return extend()


def _spread(matrix: Matrix) -> npt.NDArray[np.int64]:
    """List every allocation with these numbers in every cell, units in order of their cells."""
    first = [arm for row in matrix for arm, number in enumerate(row) for _ in range(number)]
    total = _count_within(matrix)
    spread = np.tile(np.array(first, dtype=np.int64), (total, 1))
    each, at = total, 0
    for row in matrix:
        size = sum(row)
        if max(row) < size:
            choice = _arrange_arms(row)
            each //= len(choice)
            spread[:, at : at + size] = choice[np.arange(total) // each % len(choice)]
        at += size
    return spread


@cache
def _arrange_arms(row: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """List every order of so many units of each arm; shape (orders, units)."""
    slots = [arm for arm, number in enumerate(row) for _ in range(number)]
    return np.array(list(_arrange(slots)), dtype=np.int64)
