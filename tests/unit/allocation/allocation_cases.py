"""Designs small enough to list, and the guarantee every one of them must keep."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from lighttouch.core.allocation.declaring import Design, declare_design
from lighttouch.core.protocol.people import Arm

Cells = Sequence[tuple[str, str, int]]


def make_arms(shares: Sequence[float]) -> list[Arm]:
    return [Arm(id=f"arm_{k}", label=f"Arm {k}", share=share) for k, share in enumerate(shares)]


def make_units(cells: Cells) -> pl.DataFrame:
    rows = [(block, stratum) for block, stratum, size in cells for _ in range(size)]
    named = [(f"u{at:04}", *row) for at, row in enumerate(rows)]
    return pl.DataFrame(named, schema=["unit", "block", "stratum"], orient="row")


def make_design(cells: Cells, shares: Sequence[float]) -> Design:
    return declare_design(make_units(cells), make_arms(shares))


def groups_of_units(design: Design) -> Iterable[npt.NDArray[np.int64]]:
    """The units of every cell, of every block, and all of them."""
    cells, blocks = np.array(design.cells), np.array(design.blocks)
    for cell in range(len(design.layout)):
        yield np.flatnonzero(cells == cell)
    for block in sorted(set(design.blocks)):
        yield np.flatnonzero(blocks == block)
    yield np.arange(len(design.units))


def keeps_within_one(design: Design, allocations: npt.NDArray[np.int64]) -> bool:
    """Whether numbers are exact shares rounded down or up: in cells, in blocks and overall."""
    total = sum(design.weights)
    for units in groups_of_units(design):
        for arm, weight in enumerate(design.weights):
            got = (allocations[:, units] == arm).sum(axis=1)
            owed = len(units) * weight
            if not ((got == owed // total) | (got == -(-owed // total))).all():
                return False
    return True
