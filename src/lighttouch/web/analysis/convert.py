"""Between the platform's rows and a whole study folder, from which the core makes the archive."""

import hashlib
import tempfile
from pathlib import Path

import polars as pl

from lighttouch.core.archive.happenings import read_happenings
from lighttouch.core.archive.layout import (
    DELIVERIES,
    DELIVERY_COLUMNS,
    EVENT_COLUMNS,
    EVENTS,
    FUNNEL,
    MANIFEST,
    QUOTES,
    RESPONSES,
    ROSTER,
)
from lighttouch.core.archive.rostering import type_roster
from lighttouch.core.archive.tabular import parse_table, table_bytes
from lighttouch.core.errors import ArchiveError
from lighttouch.web.allocation.convert import write_allocated_study
from lighttouch.web.analysis.queries import newest_tables
from lighttouch.web.delivery.records import deliveries_csv
from lighttouch.web.enrolment.queries import find_roster
from lighttouch.web.partners.queries import funnel_csv, quotes_csv
from lighttouch.web.prizes.queries import write_prizes
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.storage.queries import read_bytes
from lighttouch.web.surveys.queries import events_rows, responses_csv


def write_full_study(trial: Trial, folder: Path) -> None:
    """Write everything the platform holds of a trial as a study folder.

    Protocol, returns, events and draw; tables collected elsewhere; answers to the site's own
    surveys and what was sent from here; the programme's funnel and its cleared quotes. Nothing in
    it names anybody.
    """
    write_allocated_study(trial, folder)
    for table in newest_tables(trial):
        (folder / table.name).write_bytes(read_bytes(table.file))
    _write_surveys(trial, folder)
    write_prizes(trial, folder)
    _write_deliveries(trial, folder)
    for name, content in (
        (FUNNEL, funnel_csv(trial.programme)),
        (QUOTES, quotes_csv(trial.programme, trial)),
    ):
        if content.count(b"\n") > 1:  # more than headings
            (folder / name).write_bytes(content)


def _write_surveys(trial: Trial, folder: Path) -> None:
    """Write the answers to the site's surveys, and who agreed, among the other events."""
    if answers := responses_csv(trial):
        (folder / RESPONSES).write_bytes(answers)
    if not (rows := events_rows(trial)):
        return
    frame = pl.DataFrame(rows, schema=dict.fromkeys(EVENT_COLUMNS, pl.String), orient="row")
    path = folder / EVENTS
    if path.is_file():
        frame = pl.concat([parse_table(path.read_bytes(), where=EVENTS), frame])
    path.write_bytes(table_bytes(frame))


def _write_deliveries(trial: Trial, folder: Path) -> None:
    """Write what was sent from here, beside what was given of other interventions."""
    if not (own := deliveries_csv(trial)):
        return
    path = folder / DELIVERIES
    if path.is_file():
        given = parse_table(path.read_bytes(), where=DELIVERIES).select(DELIVERY_COLUMNS)
        own = table_bytes(pl.concat([given, parse_table(own, where=DELIVERIES)]))
    path.write_bytes(own)


def check_table(trial: Trial, name: str, content: bytes) -> int:
    """Check a table against the trial and its roster, and return how many rows it has.

    Raises
    ------
    ArchiveError
        If the roster is not frozen yet, or with every fault of the table, by row.
    """
    roster = find_roster(trial)
    if roster is None:
        raise ArchiveError(
            "nobody is enrolled yet, so the table cannot be checked",
            where=name,
            remedy="Freeze the roster first",
        )
    protocol = declared(trial)
    people = type_roster(parse_table(read_bytes(roster.file), where=ROSTER), protocol)
    with tempfile.TemporaryDirectory(prefix="lighttouch-") as scratch:
        (Path(scratch) / name).write_bytes(content)
        tables, faults = read_happenings(protocol, Path(scratch), people)
    if faults:
        raise ArchiveError(faults)
    return tables[name].height


def manifest_sha256(folder: Path) -> str:
    """Return the hash of an archive's manifest, which stands for all of its data."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
