"""Who was randomised, in which unit, to which arm and with what weight."""

from collections.abc import Iterator

import polars as pl

from lighttouch.core.archive.layout import ALLOCATION_TABLE, ROSTER
from lighttouch.core.archive.model import Archive
from lighttouch.core.archive.tabular import FIRST_ROW
from lighttouch.core.datasets.columns import read_numbers, table_columns, table_file
from lighttouch.core.datasets.model import KEYS
from lighttouch.core.errors import ArchiveError, Fault

EQUAL = 1e-9
"""Chances of an arm that part by no more than this are equal but for rounding."""


def list_randomised(archive: Archive) -> pl.DataFrame:
    """Return the keys of every randomised participant, ordered by participant.

    Raises
    ------
    ArchiveError
        If nothing is allocated yet, a participant has no allocated unit, a unit has no
        participants, or an identifier is there twice; all faults at once, by file and row.
    """
    roster = archive.roster.with_row_index("row", offset=FIRST_ROW)
    people = roster.filter(pl.col("excluded_because").fill_null("") == "").with_columns(
        unit=_unit(archive)
    )
    allocation = _allocation(archive, people)
    faults = [*_check_roster(people), *_check_allocation(archive, allocation, people)]
    if faults:
        raise ArchiveError(faults)
    keys = people.select("participant", "partner", "unit").join(
        allocation.drop("row"), on="unit", how="left"
    )
    return _add_weight(archive, keys).select(KEYS).sort("participant")


def _unit(archive: Archive) -> pl.Expr:
    """The allocated unit: the participant, or ``partner/cluster``."""
    trial, columns = archive.trial, archive.roster.columns
    if not trial.clustered:
        return pl.col("participant")
    named = [trial.allocation.unit, *(wave.table.cluster for wave in trial.waves if wave.table)]
    found = next((name for name in named if name in columns), None)
    if found is None:
        raise ArchiveError(
            f"the column of the allocated cluster, {trial.allocation.unit}, is not there",
            where=ROSTER,
            remedy="Assemble the archive again from the study folder",
        )
    return pl.concat_str("partner", pl.lit("/"), pl.col(found).cast(pl.String))


def _allocation(archive: Archive, people: pl.DataFrame) -> pl.DataFrame:
    if archive.allocation is not None:
        numbered = archive.allocation.with_row_index("row", offset=FIRST_ROW)
        return numbered.with_columns(
            pl.col("unit", "arm").cast(pl.String),
            pl.col("block", "stratum").cast(pl.String).fill_null(""),
            pl.col("probability").cast(pl.Float64).fill_null(1.0),
        ).select("row", "unit", "block", "stratum", "arm", "probability")
    if archive.trial.allocation.method != "none":
        raise ArchiveError(
            "nothing has been allocated yet",
            where=ALLOCATION_TABLE,
            remedy="Run the allocation before the analysis",
        )
    return people.select(
        "row",
        "unit",
        block=pl.lit(""),
        stratum=pl.lit(""),
        arm=pl.lit(archive.trial.arms[0].id),
        probability=pl.lit(1.0),
    )


def _check_roster(people: pl.DataFrame) -> Iterator[Fault]:
    for row in people.filter(~pl.col("participant").is_first_distinct())["row"]:
        yield Fault("this participant is there twice", f"{ROSTER}, row {row}")
    for row in people.filter(pl.col("unit").is_null())["row"]:
        yield Fault("this participant has no cluster", f"{ROSTER}, row {row}")


def _check_allocation(
    archive: Archive, allocation: pl.DataFrame, people: pl.DataFrame
) -> Iterator[Fault]:
    arms = [arm.id for arm in archive.trial.arms]
    for row in allocation.filter(~pl.col("unit").is_first_distinct())["row"]:
        yield Fault("this unit is there twice", f"{ALLOCATION_TABLE}, row {row}")
    for row in allocation.filter(~pl.col("arm").is_in(arms))["row"]:
        yield Fault("this arm is not in the trial file", f"{ALLOCATION_TABLE}, row {row}")
    for row in allocation.join(people, on="unit", how="anti")["row"]:
        yield Fault("this unit has no randomised participant", f"{ALLOCATION_TABLE}, row {row}")
    known = people.filter(pl.col("unit").is_not_null())
    for row in known.join(allocation, on="unit", how="anti")["row"]:
        yield Fault("this participant's unit was not allocated", f"{ROSTER}, row {row}")


def _add_weight(archive: Archive, keys: pl.DataFrame) -> pl.DataFrame:
    """Add a given table's weight, or 1/p(arm) where units' chances of an arm differ, or 1."""
    for wave in archive.trial.waves:
        if wave.table and wave.table.weight:
            table = table_columns(archive, wave.id, wave.table.weight)
            given = read_numbers(table, wave.table.weight, table_file(wave.id))
            return keys.join(given.rename({"value": "weight"}), on="participant", how="left")
    within_arm = pl.col("probability").max() - pl.col("probability").min()
    unequal = keys.group_by("arm").agg(spread=within_arm).filter(pl.col("spread") > EQUAL)
    return keys.with_columns(weight=1 / pl.col("probability") if unequal.height else pl.lit(1.0))
