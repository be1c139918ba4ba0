"""From a study folder to an archive: read everything, refuse what is wrong, write plain files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lighttouch.core.archive.allocating import FROZEN, verify_allocation
from lighttouch.core.archive.asking import check_asked
from lighttouch.core.archive.given import read_given
from lighttouch.core.archive.happenings import ERASE, erase_withdrawn, read_happenings
from lighttouch.core.archive.layout import (
    ALLOCATION_COLUMNS,
    ALLOCATION_RECORD,
    ALLOCATION_TABLE,
    DEVIATIONS,
    EVENTS,
    FINDING_COLUMNS,
    FINDINGS,
    REGISTRATION,
    RESPONSES,
    RETURNS,
    ROSTER,
    TABLES,
    TRIAL,
)
from lighttouch.core.archive.model import Archive, FindingCount
from lighttouch.core.archive.prizes import (
    entries_path,
    record_path,
    verify_prizes,
    waves_with_prizes,
)
from lighttouch.core.archive.reading import read_archive
from lighttouch.core.archive.records import read_deviations, read_record
from lighttouch.core.archive.returning import Collection, collect_returns
from lighttouch.core.archive.rostering import build_roster, type_roster
from lighttouch.core.archive.tabular import (
    parse_table,
    read_table,
    table_bytes,
    write_table,
)
from lighttouch.core.archive.verification import write_manifest
from lighttouch.core.archive.writing import whole_or_nothing
from lighttouch.core.errors import ArchiveError, Fault
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.reading import parse_trial, read_source
from lighttouch.core.protocol.registering import FOLDER, read_registration
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.canonical import write_canonical


@dataclass(frozen=True, slots=True)
class _People:
    """Who was screened and allocated, and what was collected about them; files as bytes."""

    roster: pl.DataFrame
    files: Mapping[str, bytes]
    returns: Mapping[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    findings: tuple[FindingCount, ...] = ()
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def assemble_archive(trial_text: str, *, data: Path, out: Path) -> Archive:
    """Assemble the archive of a trial from its study folder.

    Parameters
    ----------
    trial_text
        The trial file to run; where the study is registered, differences from the registered
        version show as deviations later.
    data
        The study folder.
    out
        Where the archive appears, whole or not at all; it must not exist, or be empty.

    Raises
    ------
    ProtocolError
        If the trial file, or what was registered, is not valid or was altered.
    ArchiveError
        With every fault: a blocked return, an allocation that is not there or does not replay, a
        roster that no longer follows from the baseline returns, a table that is wrong.
    """
    trial = parse_trial(trial_text)
    _check_registration(trial, data)
    people = _read_people(trial, trial_text, data)
    happened, faults = read_happenings(trial, data, people.roster)
    if not faults and RESPONSES in happened:
        faults += _check_asked(trial, people, data)
    if (data / DEVIATIONS).is_file():
        try:
            read_deviations(data / DEVIATIONS)
        except ArchiveError as error:
            faults += error.faults
    for wave in waves_with_prizes(data):
        faults += verify_prizes(data, wave).mismatches
    if faults:
        raise ArchiveError(faults)
    with whole_or_nothing(out) as folder:
        (folder / TRIAL).write_bytes(trial_text.encode())
        _copy(data, folder)
        _write_people(trial, people, happened, folder)
        for name, table in erase_withdrawn(happened).items():
            write_table(table, folder / name)
        write_manifest(folder)
    return read_archive(out)


def _check_asked(trial: Trial, people: _People, data: Path) -> list[Fault]:
    return list(
        check_asked(
            trial,
            responses=read_table(data / RESPONSES),
            roster=people.roster,
            allocation=parse_table(people.files[ALLOCATION_TABLE], where=ALLOCATION_TABLE),
        )
    )


def _check_registration(trial: Trial, data: Path) -> None:
    if not (data / REGISTRATION).is_file():
        return
    registration = read_registration(data)
    if registration.trial_id != trial.id:
        raise ArchiveError(
            f"the study is of the trial {registration.trial_id}, the trial file of {trial.id}",
            where=REGISTRATION,
            remedy="Run the trial file that was registered here",
        )


def _read_people(trial: Trial, trial_text: str, data: Path) -> _People:
    if trial.allocation.method == "drawn":
        return _read_drawn(trial, trial_text, data)
    if any(wave.table for wave in trial.waves):
        given = read_given(trial, data)
        return _People(
            given.roster,
            {ROSTER: table_bytes(given.roster), ALLOCATION_TABLE: table_bytes(given.allocation)},
            tables=given.tables,
        )
    return _read_single_arm(trial, data)


def _read_drawn(trial: Trial, trial_text: str, data: Path) -> _People:
    if not data.is_dir():
        raise ArchiveError("there is no such folder", where=str(data), remedy="Check the path")
    absent = [name for name in FROZEN if not (data / name).is_file()]
    if absent:
        raise ArchiveError(
            "the study is not allocated yet, or lost what the draw wrote",
            where=", ".join(absent),
            remedy="Run: lighttouch allocate STUDY",
        )
    faults = list(verify_allocation(data).mismatches)
    collection = collect_returns(trial, data, trial.waves)
    faults += collection.faults
    if not faults:
        faults += _check_roster(trial_text, collection, data)
    if faults:
        raise ArchiveError(faults)
    files = {name: (data / name).read_bytes() for name in FROZEN}
    roster = type_roster(parse_table(files[ROSTER], where=ROSTER), trial)
    return _People(roster, files, collection.returns, collection.findings)


def _check_roster(trial_text: str, collection: Collection, data: Path) -> list[Fault]:
    """Check that the frozen roster still follows from the baseline returns."""
    design = read_record(data / ALLOCATION_RECORD).design_sha256
    text, returns = trial_text, collection.returns
    if protocol_sha256(trial_text) != design:
        versions = [read_source(path) for path in sorted((data / FOLDER).glob("*.toml"))]
        text = next(one for one in versions if protocol_sha256(one) == design)
        then = parse_trial(text)
        again = collect_returns(then, data, [then.baseline_wave])
        if again.faults:
            return list(again.faults)
        returns = again.returns
    roster = table_bytes(build_roster(parse_trial(text), returns))
    if roster == (data / ROSTER).read_bytes():
        return []
    return [
        Fault(
            "the baseline returns are not those the roster was frozen from",
            ROSTER,
            "Put back the baseline returns as they were when the allocation was drawn",
        )
    ]


def _read_single_arm(trial: Trial, data: Path) -> _People:
    """Everybody in the baseline return is in the one arm."""
    collection = collect_returns(trial, data, trial.waves)
    faults = list(collection.faults)
    if not any(wave == trial.baseline_wave.id for _, wave in collection.returns):
        where = f"{RETURNS}/<partner>/{trial.baseline_wave.id}"
        faults.append(Fault("there is no baseline return", where, "Put it in the study folder"))
    if faults:
        raise ArchiveError(faults)
    roster = build_roster(trial, collection.returns)
    included = roster.filter(pl.col("excluded_because") == "")
    allocation = included.select(
        unit="participant",
        block=pl.lit(""),
        stratum=pl.lit(""),
        arm=pl.lit(trial.arms[0].id),
        probability=pl.lit(1.0),
    ).select(ALLOCATION_COLUMNS)
    files = {ROSTER: table_bytes(roster), ALLOCATION_TABLE: table_bytes(allocation)}
    return _People(roster, files, collection.returns, collection.findings)


def _copy(data: Path, folder: Path) -> None:
    """Copy what is kept as it is: the protocol's versions, reasons for deviations, prizes."""
    names = [path.relative_to(data) for path in sorted((data / FOLDER).glob("*"))]
    for wave in waves_with_prizes(data):
        names += [Path(record_path(wave)), Path(entries_path(wave))]
    if (data / DEVIATIONS).is_file():
        names.append(Path(DEVIATIONS))
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((data / name).read_bytes())


def _write_people(
    trial: Trial, people: _People, happened: Mapping[str, pl.DataFrame], folder: Path
) -> None:
    for name, content in people.files.items():
        (folder / name).write_bytes(content)
    for (partner, wave), frame in people.returns.items():
        kept = frame
        if wave != trial.baseline_wave.id:
            kept = frame.filter(~pl.col("staff_id").is_in(_erased(happened, partner)))
        write_canonical(kept.sort("staff_id"), folder / RETURNS / partner / f"{wave}.csv")
    for wave, table in people.tables.items():
        write_table(table, folder / TABLES / f"{wave}.csv")
    if people.findings:
        rows = [(one.partner, one.wave, one.blocking, one.advisory) for one in people.findings]
        counts = pl.DataFrame(rows, schema=FINDING_COLUMNS, orient="row")
        write_table(counts.sort(FINDING_COLUMNS), folder / FINDINGS)


def _erased(happened: Mapping[str, pl.DataFrame], partner: str) -> list[str]:
    """Return the codes of a partner's participants who asked for erasure."""
    if EVENTS not in happened:
        return []
    asked = happened[EVENTS].filter(
        (pl.col("event") == "withdrawal") & (pl.col("detail").fill_null("") == ERASE)
    )["participant"]
    return [one.removeprefix(f"{partner}/") for one in asked if one.startswith(f"{partner}/")]
