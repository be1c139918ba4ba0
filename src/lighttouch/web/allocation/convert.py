"""Between the platform's rows and a study folder that is allocated."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lighttouch.core.allocation.strata import unit_column
from lighttouch.core.archive.layout import ALLOCATION_RECORD, ALLOCATION_TABLE, ROSTER
from lighttouch.core.archive.rostering import type_roster
from lighttouch.core.archive.tabular import parse_table
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.allocation.models import Allocation
from lighttouch.web.enrolment.convert import write_study
from lighttouch.web.programmes.models import Trial
from lighttouch.web.storage.queries import read_bytes

if TYPE_CHECKING:
    from lighttouch.core.allocation.balance import BalanceRow


@dataclass(frozen=True, slots=True)
class Placed:
    """One enrolled person with the unit they belong to and its arm."""

    partner: str
    staff_id: str
    unit: str
    arm: str


def write_allocated_study(trial: Trial, folder: Path) -> None:
    """Write a trial as a study folder, with what the draw wrote if there was one.

    The secret of the draw is in ``allocation.toml``, where the draw revealed it; there is no
    ``secret.key``.
    """
    write_study(trial, folder)
    write_draw(trial, folder)


def write_draw(trial: Trial, folder: Path) -> None:
    """Write the three files of the draw, if there was one, as the core wrote them."""
    drawn = (
        Allocation.objects.select_related("record", "table", "roster").filter(trial=trial).first()
    )
    if drawn is None:
        return
    for name, stored in (
        (ROSTER, drawn.roster),
        (ALLOCATION_TABLE, drawn.table),
        (ALLOCATION_RECORD, drawn.record),
    ):
        (folder / name).write_bytes(read_bytes(stored))


def place_people(roster: bytes, table: bytes, protocol: DeclaredTrial) -> list[Placed]:
    """Give every enrolled person the arm of their unit, ordered as in the roster."""
    people = type_roster(parse_table(roster, where=ROSTER), protocol)
    people = people.filter(pl.col("excluded_because") == "")
    unit = pl.col("participant")
    if protocol.clustered:
        unit = pl.concat_str("partner", pl.lit("/"), pl.col(unit_column(protocol)).cast(pl.String))
    arms = parse_table(table, where=ALLOCATION_TABLE).select("unit", "arm")
    placed = people.with_columns(unit=unit).join(arms, on="unit", how="left", maintain_order="left")
    return [Placed(*row) for row in placed.select("partner", "staff_id", "unit", "arm").iter_rows()]


def count_arms(placed: list[Placed], protocol: DeclaredTrial) -> dict[str, tuple[int, int]]:
    """Count units and people by arm, in the order of the trial file."""
    people = Counter(one.arm for one in placed)
    units = Counter(arm for _, arm in {(one.unit, one.arm) for one in placed})
    return {arm.id: (units[arm.id], people[arm.id]) for arm in protocol.arms}


def write_balance(rows: "tuple[BalanceRow, ...]") -> list[dict[str, str | float | int | None]]:
    """Turn the core's rows into what the database holds."""
    return [
        {
            "label": row.label,
            "category": row.category,
            "arm": row.arm,
            "arm_value": row.arm_value,
            "reference_value": row.reference_value,
            "difference": row.standardised_difference,
            "n_arm": row.n_arm,
            "n_reference": row.n_reference,
        }
        for row in rows
    ]


def batches(placed: list[Placed], size: int) -> Iterator[list[Placed]]:
    """Cut a list into parts of a size."""
    for start in range(0, len(placed), size):
        yield placed[start : start + size]
