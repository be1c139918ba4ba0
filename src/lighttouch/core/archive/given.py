"""Trials randomised elsewhere: their tables, checked, and the roster and allocation in them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lighttouch.core.allocation.excluding import apply_exclusions
from lighttouch.core.allocation.strata import assign_strata
from lighttouch.core.archive.guarding import REMEDY, find_personal
from lighttouch.core.archive.layout import ALLOCATION_COLUMNS, ROSTER_COLUMNS
from lighttouch.core.archive.tabular import FIRST_ROW
from lighttouch.core.errors import ArchiveError, Fault
from lighttouch.core.protocol.design import GivenTable, Wave
from lighttouch.core.protocol.measures import FromColumn
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.personal import Strictness

NO_PARTNER = "given"
"""The partner of participants whose table names none."""

MOST_PER_FAULT = 20
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class GivenTrial:
    """What the tables of a trial randomised elsewhere hold.

    ``tables`` has, by wave, ``participant`` and the columns the trial uses, ordered by participant.
    """

    roster: pl.DataFrame
    allocation: pl.DataFrame
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)


def read_given(trial: Trial, folder: Path) -> GivenTrial:
    """Read the tables of a trial randomised elsewhere, or with one arm.

    Parameters
    ----------
    trial
        A trial with at least one wave's table.
    folder
        The study folder; tables lie in it.

    Raises
    ------
    ArchiveError
        With every fault: a table or column not there, an empty or repeated participant, an arm
        code nobody declared, a cluster with several arms or none named.
    """
    waves = [wave for wave in trial.waves if wave.table is not None]
    main = next((w for w in waves if w.table and w.table.arm), waves[0])
    frames: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    for wave in waves:
        try:
            frames[wave.id] = _read_wave(trial, wave, main, folder)
        except ArchiveError as error:
            faults += error.faults
    if faults:
        raise ArchiveError(faults)
    roster = _build_roster(trial, main, frames[main.id])
    tables = {wave.id: _place(wave, frames[wave.id], roster, faults) for wave in waves}
    allocation = _build_allocation(trial, main, roster, faults)
    if faults or allocation is None:
        raise ArchiveError(faults)
    return GivenTrial(roster, allocation, tables)


def used_columns(trial: Trial, wave: Wave, *, main: bool) -> tuple[str, ...]:
    """Return the columns of a wave's table that the trial uses, in order of first mention.

    Parameters
    ----------
    trial, wave
        The trial and one of its waves with a table.
    main
        Whether roster and allocation come from this table.
    """
    table = _table(wave)
    named = [
        table.participant,
        table.arm,
        table.partner,
        table.cluster,
        table.stratum,
        table.weight,
    ]
    if main:
        rules = trial.population.exclusions
        named += [rule.when.column for rule in rules if rule.when is not None]
        named += [name for name in trial.allocation.blocks if name != "partner"]
        named += [stratum.column for stratum in trial.allocation.strata]
    for outcome in trial.outcomes:
        derive = outcome.derive
        if outcome.wave == wave.id and isinstance(derive, FromColumn):
            named.append(derive.column)
        if outcome.baseline is not None and outcome.baseline.wave == wave.id:
            before = outcome.baseline.derive or derive
            named.append(before.column if isinstance(before, FromColumn) else None)
    named += [c.column for c in trial.covariates if c.wave == wave.id]
    return tuple(dict.fromkeys(name for name in named if name is not None))


def _table(wave: Wave) -> GivenTable:
    assert wave.table is not None
    return wave.table


def _read_wave(trial: Trial, wave: Wave, main: Wave, folder: Path) -> pl.DataFrame:
    table = _table(wave)
    frame = _read_file(folder, table.file)
    wanted = used_columns(trial, wave, main=wave is main)
    lacking = [name for name in wanted if name not in frame.columns]
    if lacking:
        raise ArchiveError(
            Fault(f"there is no column {name}", table.file, "Correct the trial file or the table")
            for name in lacking
        )
    missing = dict.fromkeys(["", *table.missing])
    frame = frame.select(pl.col(wanted).str.strip_chars().replace(missing))
    keys = [name for name in (table.partner, table.participant) if name is not None]
    empty = frame.select(pl.any_horizontal(pl.col(keys).is_null())).to_series()
    again = ~frame.select(pl.struct(keys).is_first_distinct()).to_series()
    faults = [
        *_name_rows(empty, table.file, "the participant or partner is empty"),
        *_name_rows(again & ~empty, table.file, "the participant is there already"),
        *_name_personal(frame, table),
    ]
    if faults:
        raise ArchiveError(faults)
    return frame


def _read_file(folder: Path, name: str) -> pl.DataFrame:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ArchiveError("the table lies outside the study folder", where=name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(
            "the table is not in the study folder", where=name, remedy="Put the file there"
        ) from error
    text = _decode(content)
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    names = next(csv.reader([header.strip("\r")], delimiter=separator), [])
    if len(set(names)) < len(names):
        raise ArchiveError("two columns have the same heading", where=name, remedy="Rename one")
    try:
        return pl.read_csv(io.BytesIO(text.encode()), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise ArchiveError(
            "the file is not a table", where=name, remedy="Save it as comma-separated text"
        ) from error


def _decode(content: bytes) -> str:
    """Read text as what it most likely is: marked UTF-16, UTF-8, else Western Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _name_personal(frame: pl.DataFrame, table: GivenTable) -> Iterator[Fault]:
    """Refuse participants known by anything but a code, and what looks personal elsewhere."""
    for column in frame.columns:
        strictness: Strictness = "person" if column == table.participant else "text"
        for kind, rows in find_personal(frame[column], strictness).items():
            what = f"column {column} looks like it holds {kind}"
            yield from _name_rows(rows, table.file, what, REMEDY)


def _name_rows(
    wrong: pl.Series, file: str, what: str, remedy: str = "Correct the row or leave it out"
) -> Iterator[Fault]:
    rows = wrong.fill_null(value=False).arg_true()
    for row in rows[:MOST_PER_FAULT]:
        yield Fault(what, f"{file}, row {row + FIRST_ROW}", remedy)
    if len(rows) > MOST_PER_FAULT:
        yield Fault(f"{what}, in {len(rows) - MOST_PER_FAULT:,} more rows", file)


def _key(table: GivenTable) -> tuple[pl.Expr, pl.Expr]:
    """Return the partner and the participant of a table's rows."""
    partner = pl.col(table.partner) if table.partner else pl.lit(NO_PARTNER)
    return partner, pl.concat_str(partner, pl.lit("/"), pl.col(table.participant))


def _build_roster(trial: Trial, main: Wave, frame: pl.DataFrame) -> pl.DataFrame:
    """Build the roster from the table that holds the arm (the first, if there is one arm only)."""
    table = _table(main)
    partner, participant = _key(table)
    rest = [name for name in frame.columns if name not in (*ROSTER_COLUMNS, table.participant)]
    people = frame.select(
        participant.alias("participant"),
        partner.alias("partner"),
        pl.col(table.participant).alias("staff_id"),
        *rest,
    )
    screened = apply_exclusions(people, trial, cluster=table.cluster)
    return screened.select(*ROSTER_COLUMNS, *rest).sort("participant")


def _place(
    wave: Wave, frame: pl.DataFrame, roster: pl.DataFrame, faults: list[Fault]
) -> pl.DataFrame:
    """Key a wave's rows by the roster's participants."""
    table = _table(wave)
    if table.partner is None:
        known = roster.select("participant", key="staff_id")
        key = pl.col(table.participant)
    else:
        known = roster.select("participant", key=pl.concat_str("partner", pl.lit("/"), "staff_id"))
        key = _key(table)[1]
    if known["key"].n_unique() < known.height:
        faults.append(
            Fault(
                "participants of different partners share codes, and this table names no partner",
                table.file,
                "Name the table's partner column",
            )
        )
        return frame
    rest = [name for name in frame.columns if name != "participant"]
    placed = frame.with_columns(key=key).join(known, on="key", how="left", suffix="_roster")
    found = "participant_roster" if "participant" in frame.columns else "participant"
    strange = placed[found].is_null()
    faults += _name_rows(strange, table.file, "the participant is not in the table with the arms")
    return placed.select(pl.col(found).alias("participant"), *rest).sort("participant")


def _build_allocation(
    trial: Trial, main: Wave, roster: pl.DataFrame, faults: list[Fault]
) -> pl.DataFrame | None:
    """Read who got which arm, in which block and stratum, with the observed share as chance."""
    table = _table(main)
    people = roster.filter(pl.col("excluded_because") == "")
    arm = pl.lit(trial.arms[0].id)
    if table.arm is not None and trial.allocation.method == "given":
        codes = {one.code: one.id for one in trial.arms if one.code is not None}
        arm = pl.col(table.arm).replace_strict(codes, default=None, return_dtype=pl.String)
    people = people.with_columns(arm=arm)
    if trial.clustered and table.cluster is not None:
        people = people.with_columns(pl.col(table.cluster).alias(trial.allocation.unit))
    if strange := people["arm"].null_count():
        known = ", ".join(one.code for one in trial.arms if one.code is not None)
        what = f"{strange} participant(s) have no arm, or one of a code no arm has"
        remedy = f"Use the codes {known}, or exclude them by a declared rule"
        faults.append(Fault(what, f"{table.file}, column {table.arm}", remedy))
        return None
    units = assign_strata(people, trial)
    if table.stratum is not None:
        units = units.with_columns(stratum=_unit_values(trial, people, table.stratum, faults))
    if table.partner is None and trial.allocation.blocks == ("partner",):
        units = units.with_columns(block=pl.lit(""))
    arms = _unit_values(trial, people, "arm", faults)
    return _add_chances(trial, units.with_columns(arm=arms)) if not faults else None


def _unit_values(trial: Trial, people: pl.DataFrame, column: str, faults: list[Fault]) -> pl.Series:
    """Return each unit's value of a column, in order of unit."""
    unit = pl.col("participant")
    if trial.clustered:
        unit = pl.concat_str("partner", pl.lit("/"), trial.allocation.unit)
    values = people.select(unit=unit, value=pl.col(column).fill_null("missing"))
    distinct = values.unique().sort("unit", "value")
    several = distinct.height - distinct["unit"].n_unique()
    if several:
        what = f"members of a {trial.allocation.unit} have different values of {column}"
        faults.append(Fault(what, "table", "Correct the table, or allocation.unit"))
    return distinct.unique("unit", keep="first", maintain_order=True)["value"]


def _add_chances(trial: Trial, units: pl.DataFrame) -> pl.DataFrame:
    """Add the share of units that got each unit's arm, in its cell or, if unblocked, overall."""
    blocked = trial.allocation.method == "given" and trial.allocation.design == "blocked"
    cell = ["block", "stratum"] if blocked else [pl.lit(0)]
    got = pl.len().over([*cell, "arm"])
    return units.with_columns(probability=got / pl.len().over(cell)).select(ALLOCATION_COLUMNS)
