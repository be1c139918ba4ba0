"""One declaration of how units are allocated, from which every answer about the draw follows.

A design holds the units, the cells (block by stratum) within which arms are balanced, the arms and
their exact shares. See ``docs/methods/allocation.md``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Literal

import polars as pl

from lighttouch.core.errors import AllocationError, Fault
from lighttouch.core.protocol.people import Arm

UNIT_COLUMNS = ("unit", "block", "stratum")


@dataclass(frozen=True, slots=True)
class Cell:
    """Units allocated together: one stratum within one block.

    ``counts`` are the fixed numbers of units in each arm (arm order) where the draw is one of
    those with exactly these numbers; empty where numbers follow from the shares.
    """

    block: str
    stratum: str
    size: int
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """How units are allocated to arms.

    Parameters
    ----------
    kind
        ``shares``: each unit's chance of an arm is the arm's share, and numbers in every cell, in
        every block and overall are within one unit of the exact share. ``counts``: the numbers of
        each arm within every cell are fixed, and every such allocation is equally likely.
    units
        Unit identifiers in text order, each once. Everything drawn is aligned with them.
    cells
        For each unit the position of its cell in ``layout``.
    layout
        The cells, ordered by block and then stratum.
    arms
        Arm identifiers in trial-file order; drawn allocations hold positions in this tuple.
    weights
        The arms' shares as whole numbers without a common divisor: the share of arm ``k`` is
        ``weights[k] / sum(weights)``, exactly.
    """

    kind: Literal["shares", "counts"]
    units: tuple[str, ...]
    cells: tuple[int, ...]
    layout: tuple[Cell, ...]
    arms: tuple[str, ...]
    weights: tuple[int, ...]

    @property
    def blocks(self) -> tuple[str, ...]:
        """The block of each unit."""
        return tuple(self.layout[cell].block for cell in self.cells)

    @property
    def strata(self) -> tuple[str, ...]:
        """The stratum of each unit."""
        return tuple(self.layout[cell].stratum for cell in self.cells)

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each arm; they sum to one."""
        return tuple(weight / sum(self.weights) for weight in self.weights)


def declare_design(units: pl.DataFrame, arms: Sequence[Arm]) -> Design:
    """Declare a draw by shares within blocks and strata.

    Parameters
    ----------
    units
        One row per unit with text columns ``unit``, ``block`` and ``stratum`` (empty text where
        there is none), in any order.
    arms
        The arms; only the ratio of their shares matters (``1, 1`` is ``0.5, 0.5``).

    Returns
    -------
    Design
        The declaration; it does not depend on the order of rows.

    Raises
    ------
    AllocationError
        If there is no unit, a unit appears twice, or a value is missing.

    Examples
    --------
    >>> units = pl.DataFrame({"unit": ["a", "b", "c"], "block": [""] * 3, "stratum": [""] * 3})
    >>> design = declare_design(units, [Arm(id="letter", label="L"), Arm(id="wait", label="W")])
    >>> design.shares
    (0.5, 0.5)
    """
    _check_units(units)
    ordered = units.sort("unit")
    keys = list(zip(ordered["block"], ordered["stratum"], strict=True))
    labels = sorted(set(keys))
    position = {label: index for index, label in enumerate(labels)}
    layout = tuple(Cell(block, stratum, keys.count((block, stratum))) for block, stratum in labels)
    return Design(
        kind="shares",
        units=tuple(ordered["unit"]),
        cells=tuple(position[key] for key in keys),
        layout=layout,
        arms=tuple(arm.id for arm in arms),
        weights=whole_weights([arm.share for arm in arms]),
    )


def declare_observed_design(units: pl.DataFrame, arms: Sequence[Arm]) -> Design:
    """Declare a draw made elsewhere: the observed number of each arm in every cell is fixed.

    Parameters
    ----------
    units
        As for :func:`declare_design`, with the column ``arm`` (arm identifiers).
    arms
        The arms of the trial.

    Raises
    ------
    AllocationError
        As for :func:`declare_design`, or if an arm is not one of ``arms``.

    Examples
    --------
    >>> units = pl.DataFrame({"unit": ["a", "b"], "block": ["", ""], "stratum": ["", ""],
    ...                       "arm": ["wait", "letter"]})
    >>> arms = [Arm(id="letter", label="L"), Arm(id="wait", label="W")]
    >>> declare_observed_design(units, arms).layout[0].counts
    (1, 1)
    """
    design = declare_design(units, arms)
    if strange := set(units["arm"].to_list()) - set(design.arms):
        raise AllocationError(
            f"{len(strange)} value(s) in the column arm are not arms of the trial",
            where="units",
            remedy=f"Use only: {', '.join(design.arms)}",
        )
    arm_of = dict(zip(units["unit"], units["arm"], strict=True))
    got: list[list[str]] = [[] for _ in design.layout]
    for unit, cell in zip(design.units, design.cells, strict=True):
        got[cell].append(arm_of[unit])
    layout = tuple(
        Cell(cell.block, cell.stratum, cell.size, tuple(here.count(arm) for arm in design.arms))
        for cell, here in zip(design.layout, got, strict=True)
    )
    return Design("counts", design.units, design.cells, layout, design.arms, design.weights)


def declare_bernoulli_design(units: pl.DataFrame, arms: Sequence[Arm]) -> Design:
    """Declare that each unit was allocated on its own, blocks and strata playing no part.

    Independent allocation, given how many units got each arm, is one fixed-count draw over all
    units; conditioning on those numbers keeps inference exact without knowing the chances used.

    Parameters
    ----------
    units
        One row per unit with text columns ``unit`` and ``arm``; others are ignored.
    arms
        The arms of the trial.

    Raises
    ------
    AllocationError
        As for :func:`declare_observed_design`.

    Examples
    --------
    >>> units = pl.DataFrame({"unit": ["a", "b"], "arm": ["wait", "letter"]})
    >>> arms = [Arm(id="letter", label="L"), Arm(id="wait", label="W")]
    >>> declare_bernoulli_design(units, arms).layout
    (Cell(block='', stratum='', size=2, counts=(1, 1)),)
    """
    together = units.select("unit", "arm", block=pl.lit(""), stratum=pl.lit(""))
    return declare_observed_design(together, arms)


def whole_weights(shares: Sequence[float]) -> tuple[int, ...]:
    """Turn shares into the smallest whole numbers in the same ratio, exactly.

    A share is read as the decimal number it was written as, so 0.1 is one tenth.

    Examples
    --------
    >>> whole_weights([0.5, 0.25, 0.25])
    (2, 1, 1)
    """
    exact = [Fraction(repr(float(share))) for share in shares]
    scale = lcm(*(share.denominator for share in exact))
    whole = [int(share * scale) for share in exact]
    divisor = gcd(*whole)
    return tuple(weight // divisor for weight in whole)


def _check_units(units: pl.DataFrame) -> None:
    faults = [
        Fault(f"the column {column} is missing or has empty values", "units", "Give every unit one")
        for column in UNIT_COLUMNS
        if column not in units.columns or units[column].null_count()
    ]
    if units.is_empty():
        faults.append(Fault("there is nobody to allocate", "units", "Check the exclusions"))
    if not faults and units["unit"].n_unique() != units.height:
        faults.append(Fault("a unit appears more than once", "units", "Give each unit one row"))
    if faults:
        raise AllocationError(faults)
