"""Which cells of the report's count tables are too small to print."""

import numpy as np

from lighttouch.core.disclosure.counts import suppress_small_count, suppress_small_counts
from lighttouch.core.reporting.results import CharacteristicRow, CollectionCell, Results

Cells = frozenset[tuple[str, str, str]]
EVERYONE = "all"


def withhold_characteristics(results: Results) -> Cells:
    """Return the cells (variable, category, arm) of the sample table that are not printed.

    A mean of fewer than five people is not printed, nor are the means that would give it away.
    """
    arms = [arm.id for arm in results.trial.arms]
    hidden: set[tuple[str, str, str]] = set()
    for row in results.characteristics:
        if not row.category:
            hidden |= _withhold_means(row, arms)
    for variable in dict.fromkeys(row.variable for row in results.characteristics):
        rows = [r for r in results.characteristics if r.variable == variable and r.category]
        if rows:
            hidden |= _withhold_categories(variable, rows, arms)
    return frozenset(hidden)


def _withhold_means(row: CharacteristicRow, arms: list[str]) -> set[tuple[str, str, str]]:
    """Suppress a variable's means: all arms where one is small, everyone where all are few."""
    few = suppress_small_count(row.values[EVERYONE].n)
    small = any(suppress_small_count(row.values[arm].n) for arm in arms)
    return {(row.variable, "", key) for key in [*arms * small, *[EVERYONE] * few]}


def _withhold_categories(
    variable: str, rows: list[CharacteristicRow], arms: list[str]
) -> set[tuple[str, str, str]]:
    """Suppress within one variable; those not recorded count as a category, as n is printed."""
    counts = [[row.values[arm].count or 0 for arm in arms] for row in rows]
    missing = [rows[0].values[arm].missing for arm in arms]
    mask = suppress_small_counts(np.array([*counts, missing]))
    columns = [*arms, EVERYONE]
    return {
        (variable, row.category, key)
        for row, line in zip(rows, mask[: len(rows)], strict=True)
        for key, hide in zip(columns, line, strict=True)
        if hide
    }


def withhold_collection(cells: tuple[CollectionCell, ...]) -> Cells:
    """Return the cells (partner, wave, kind) not printed; the total has an empty partner."""
    partners = list(dict.fromkeys(cell.partner for cell in cells))
    hidden: set[tuple[str, str, str]] = set()
    for wave in dict.fromkeys(cell.wave for cell in cells):
        found = {cell.partner: cell for cell in cells if cell.wave == wave}
        for kind in ("returned", "responded"):
            counts = [_count(found.get(partner), kind) for partner in partners]
            mask = suppress_small_counts(np.array([counts]).T, row_totals=False)[:, 0]
            names = [*partners, ""]
            hidden |= {(p, wave, kind) for p, hide in zip(names, mask, strict=True) if hide}
    return frozenset(hidden)


def _count(cell: CollectionCell | None, kind: str) -> int:
    return 0 if cell is None else getattr(cell, kind) or 0


def withhold_balance(results: Results) -> Cells:
    """Return the rows (variable, category, arm) of the balance table whose shares are hidden.

    A share is hidden where the sample table hides the count of either arm, or where it stands for
    a small count itself; a mean where it is of fewer than five people.
    """
    characteristics = withhold_characteristics(results)
    reference = next((a.id for a in results.trial.arms if a.reference), results.trial.arms[0].id)
    hidden = set()
    for row in results.balance:
        if not row.category:
            if any(suppress_small_count(n) for n in (row.n_arm, row.n_reference)):
                hidden.add((row.variable, "", row.arm))
            continue
        keys = {(row.variable, row.category, arm) for arm in (row.arm, reference)}
        counts = ((row.arm_value, row.n_arm), (row.reference_value, row.n_reference))
        small = any(v is not None and suppress_small_count(round(v * n)) for v, n in counts)
        if small or keys & characteristics:
            hidden.add((row.variable, row.category, row.arm))
    return frozenset(hidden)
