"""Between the platform's rows and a whole study folder, from which the core makes the archive."""

import hashlib
import tempfile
from pathlib import Path

from lighttouch.core.archive.happenings import read_happenings
from lighttouch.core.archive.layout import FUNNEL, MANIFEST, QUOTES, ROSTER
from lighttouch.core.archive.rostering import type_roster
from lighttouch.core.archive.tabular import parse_table
from lighttouch.core.errors import ArchiveError
from lighttouch.web.allocation.convert import write_allocated_study
from lighttouch.web.analysis.queries import newest_tables
from lighttouch.web.enrolment.queries import find_roster
from lighttouch.web.partners.queries import funnel_csv, quotes_csv
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.storage.queries import read_bytes


def write_full_study(trial: Trial, folder: Path) -> None:
    """Write everything the platform holds of a trial as a study folder.

    Protocol, returns, events and draw; tables collected elsewhere; the programme's funnel and its
    cleared quotes. Nothing in it names anybody.
    """
    write_allocated_study(trial, folder)
    for table in newest_tables(trial):
        (folder / table.name).write_bytes(read_bytes(table.file))
    for name, content in (
        (FUNNEL, funnel_csv(trial.programme)),
        (QUOTES, quotes_csv(trial.programme, trial)),
    ):
        if content.count(b"\n") > 1:  # more than headings
            (folder / name).write_bytes(content)


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
