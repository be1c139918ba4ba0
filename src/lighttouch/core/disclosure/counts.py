"""Suppression of small counts in tables that are published with their totals."""

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 5
"""Counts from 1 to one below this are not printed."""
SUPPRESSED = "fewer than 5"
"""What is printed in place of a small count."""

TOLERANCE = 1e-9
"""Far above rounding in equations whose coefficients are -1, 0 and 1, far below any of those."""

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


def suppress_small_counts(
    counts: Counts, *, row_totals: bool = True, column_totals: bool = True
) -> Mask:
    """Say which cells of a table of counts must not be printed.

    Primary: every count from 1 to ``THRESHOLD`` - 1, inner cells and published totals alike.
    Complementary: where one withheld cell could be worked out from a published total, or the
    withheld cells of a line sum to less than the threshold, the next smallest counts of the line
    are withheld too, until neither a line nor all lines together give a cell away.

    Parameters
    ----------
    counts
        Shape (rows, columns); whole numbers of at least 0. No cell is missing.
    row_totals, column_totals
        Whether the totals of rows and of columns are published.

    Returns
    -------
    numpy.ndarray
        Shape (rows + 1, columns + 1): whether each inner cell, row total (last column), column
        total (last row) and the grand total is withheld. A total that is not published is
        reported as not withheld.

    Notes
    -----
    Noughts stand: they are printed unless needed as complements. Source: the rules of official
    statistics on primary and secondary cell suppression.

    Examples
    --------
    >>> suppress_small_counts(np.array([[30, 2], [20, 25], [11, 9]])).astype(int)
    array([[1, 1, 0],
           [0, 0, 0],
           [1, 1, 0],
           [0, 0, 0]])
    """
    table = _with_totals(np.asarray(counts, dtype=np.int64))
    published = np.ones(table.shape, dtype=bool)
    published[:-1, -1], published[-1, :-1] = row_totals, column_totals
    published[-1, -1] = row_totals and column_totals
    withheld = published & (table > 0) & (table < THRESHOLD)
    lines = list(_lines(table.shape, row_totals=row_totals, column_totals=column_totals))
    pending = True
    while pending:
        pending = any(_protect(line, table, withheld) for line in lines)
        if not pending and (exposed := _list_exposed(lines, withheld)):
            _hide_beside(exposed[0], lines, table, withheld)
            pending = True
    return withheld


def _with_totals(counts: Counts) -> Counts:
    wide = np.column_stack([counts, counts.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)])


def _lines(
    shape: tuple[int, ...], *, row_totals: bool, column_totals: bool
) -> list[list[tuple[int, int]]]:
    """List the sets of cells of which the last is the sum of the others."""
    rows, columns = shape
    lines: list[list[tuple[int, int]]] = []
    if row_totals:
        last = rows if column_totals else rows - 1
        lines += [[(r, c) for c in range(columns)] for r in range(last)]
    if column_totals:
        last = columns if row_totals else columns - 1
        lines += [[(r, c) for r in range(rows)] for c in range(last)]
    return lines


def _protect(line: list[tuple[int, int]], table: Counts, withheld: Mask) -> bool:
    """Withhold more cells of a line until it gives none away; say whether any was added."""
    added = False
    while _gives_away(line, table, withheld):
        open_cells = [cell for cell in line if not withheld[cell]]
        # Totals are given up last, noughts after counts: a nought hides little.
        cell = min(open_cells, key=lambda c: (c == line[-1], table[c] == 0, table[c]))
        withheld[cell] = added = True
    return added


def _gives_away(line: list[tuple[int, int]], table: Counts, withheld: Mask) -> bool:
    hidden = [cell for cell in line if withheld[cell]]
    if not hidden:
        return False
    inner = [cell for cell in hidden if cell != line[-1]]
    sums_to_little = line[-1] not in hidden and sum(int(table[c]) for c in inner) < THRESHOLD
    return len(hidden) == 1 or sums_to_little


def _list_exposed(lines: list[list[tuple[int, int]]], withheld: Mask) -> list[tuple[int, int]]:
    """List withheld cells that the published lines together determine, whatever the counts.

    Each line is an equation in its withheld cells; a cell is determined when no solution of the
    equations with nothing published can move it.
    """
    cells = [(int(row), int(column)) for row, column in np.argwhere(withheld)]
    system = np.array(
        [[_sign(cell, line) if cell in line else 0.0 for cell in cells] for line in lines]
    ).reshape(len(lines), len(cells))
    _, sizes, directions = np.linalg.svd(system)
    free = directions[int(np.sum(sizes > TOLERANCE)) :]
    return [cell for place, cell in enumerate(cells) if not np.any(abs(free[:, place]) > TOLERANCE)]


def _sign(cell: tuple[int, int], line: list[tuple[int, int]]) -> float:
    return -1.0 if cell == line[-1] else 1.0


def _hide_beside(
    cell: tuple[int, int], lines: list[list[tuple[int, int]]], table: Counts, withheld: Mask
) -> None:
    """Withhold the smallest printed count on a line of a cell (or anywhere, if none is left)."""
    beside = [other for line in lines if cell in line for other in line if not withheld[other]]
    anywhere = [other for line in lines for other in line if not withheld[other]]
    chosen = min(beside or anywhere, key=lambda c: (table[c] == 0, table[c]))
    withheld[chosen] = True


def suppress_small_count(count: int | None) -> bool:
    """Say whether a count published without a total must not be printed.

    Examples
    --------
    >>> [suppress_small_count(count) for count in (None, 0, 4, 5)]
    [False, False, True, False]
    """
    return count is not None and 0 < count < THRESHOLD


def round_count(count: int, *, base: int = 5) -> int:
    """Round a count to the nearest multiple of ``base``, halves upwards.

    For live counts that are published again and again, where the difference of two publications
    could give a person away.

    Raises
    ------
    ValueError
        If the count is negative or the base is below 1.

    Examples
    --------
    >>> [round_count(count) for count in (0, 2, 3, 7, 8)]
    [0, 0, 5, 5, 10]
    """
    if count < 0 or base < 1:
        raise ValueError("a count is at least 0 and a base at least 1")
    return (2 * count + base) // (2 * base) * base
