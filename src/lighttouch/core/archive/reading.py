"""Reading an archive: verified against its manifest first, then typed."""

from pathlib import Path

import polars as pl

from lighttouch.core.archive.happenings import TABLES as HAPPENINGS
from lighttouch.core.archive.layout import (
    ALLOCATION_RECORD,
    ALLOCATION_TABLE,
    DELIVERIES,
    DEVIATIONS,
    EVENTS,
    FINDINGS,
    FUNNEL,
    QUOTES,
    REGISTRATION,
    RESPONSES,
    RETURNS,
    ROSTER,
    TABLES,
    TRIAL,
    UPTAKE,
)
from lighttouch.core.archive.model import Archive, FindingCount
from lighttouch.core.archive.records import read_deviations, read_record
from lighttouch.core.archive.rostering import type_roster
from lighttouch.core.archive.tabular import read_table, type_columns
from lighttouch.core.archive.verification import check_manifest
from lighttouch.core.protocol.reading import parse_trial, read_source
from lighttouch.core.protocol.registering import read_registration
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.canonical import read_canonical


def read_archive(path: Path) -> Archive:
    """Read an archive after checking that every file is as its manifest says.

    Parameters
    ----------
    path
        The archive's folder.

    Raises
    ------
    ArchiveError
        If a file is missing, altered or not listed (each is named), or cannot be read.
    ProtocolError, ReturnError
        If the trial file or a return in it is not valid.
    """
    check_manifest(path)
    text = read_source(path / TRIAL)
    trial = parse_trial(text)
    registered = (path / REGISTRATION).is_file()
    drawn = (path / ALLOCATION_RECORD).is_file()
    happened = {name: read_table(path / name) for name in HAPPENINGS if (path / name).is_file()}
    return Archive(
        root=path,
        trial=trial,
        trial_text=text,
        registration=read_registration(path) if registered else None,
        roster=type_roster(read_table(path / ROSTER), trial),
        allocation=_read_allocation(path),
        record=read_record(path / ALLOCATION_RECORD) if drawn else None,
        returns=_read_returns(path, trial),
        tables={file.stem: read_table(file) for file in sorted((path / TABLES).glob("*.csv"))},
        responses=happened.get(RESPONSES),
        events=happened.get(EVENTS),
        deliveries=happened.get(DELIVERIES),
        uptake=happened.get(UPTAKE),
        quotes=happened.get(QUOTES),
        funnel=_type_funnel(happened.get(FUNNEL)),
        deviations=read_deviations(path / DEVIATIONS) if (path / DEVIATIONS).is_file() else (),
        findings=_read_findings(path),
    )


def _read_allocation(path: Path) -> pl.DataFrame:
    kinds = {"probability": "number"}
    table = type_columns(read_table(path / ALLOCATION_TABLE), kinds, where=ALLOCATION_TABLE)
    return table.with_columns(pl.col("block", "stratum").fill_null(""))


def _read_returns(path: Path, trial: Trial) -> dict[tuple[str, str], pl.DataFrame]:
    files = sorted((path / RETURNS).glob("*/*.csv"))
    return {(file.parent.name, file.stem): read_canonical(file, trial) for file in files}


def _type_funnel(table: pl.DataFrame | None) -> pl.DataFrame | None:
    return None if table is None else type_columns(table, {"partners": "count"}, where=FUNNEL)


def _read_findings(path: Path) -> tuple[FindingCount, ...]:
    if not (path / FINDINGS).is_file():
        return ()
    kinds = {"blocking": "count", "advisory": "count"}
    rows = type_columns(read_table(path / FINDINGS), kinds, where=FINDINGS).iter_rows(named=True)
    return tuple(FindingCount(**row) for row in rows)
