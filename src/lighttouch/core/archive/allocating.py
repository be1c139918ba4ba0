"""Draw a study's allocation, once, and let anyone draw it again to compare."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from lighttouch.core.allocation.declaring import declare_design
from lighttouch.core.allocation.drawing import allocation_probabilities, draw_allocation
from lighttouch.core.allocation.seeding import ALGORITHM, GENERATOR, derive_seed, open_generator
from lighttouch.core.allocation.strata import assign_strata
from lighttouch.core.archive.guarding import check_words
from lighttouch.core.archive.layout import (
    ALLOCATION_COLUMNS,
    ALLOCATION_RECORD,
    ALLOCATION_TABLE,
    RETURNS,
    ROSTER,
)
from lighttouch.core.archive.model import AllocationRecord
from lighttouch.core.archive.records import read_record, render_record
from lighttouch.core.archive.returning import collect_returns, recruited, return_files
from lighttouch.core.archive.rostering import build_roster, type_roster
from lighttouch.core.archive.tabular import parse_table, table_bytes
from lighttouch.core.archive.verification import file_sha256
from lighttouch.core.errors import AllocationError, ArchiveError, Fault, LighttouchError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.reading import parse_trial, read_source
from lighttouch.core.protocol.registering import (
    FOLDER,
    SECRET,
    RegistrationRecord,
    commit_secret,
    read_registration,
    read_text_in_force,
)
from lighttouch.core.protocol.trial import Trial

FROZEN = (ROSTER, ALLOCATION_TABLE, ALLOCATION_RECORD)
"""What a draw writes: all three or none."""


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """Whether a recorded draw replays.

    Parameters
    ----------
    confirmed
        Whether everything matches.
    lines
        One sentence per check, in order, for a reader.
    mismatches
        What does not match; empty when confirmed.
    """

    confirmed: bool
    lines: tuple[str, ...]
    mismatches: tuple[Fault, ...]


def allocate_study(
    study: Path, *, by: str, now: datetime, expected_roster_sha256: str | None = None
) -> AllocationRecord:
    """Freeze the roster, draw the allocation and reveal the secret; all of it or nothing.

    Parameters
    ----------
    study
        The study folder, with its registration, secret and baseline returns.
    by
        Who runs the draw; a role or code will do.
    now
        When, with its zone.
    expected_roster_sha256
        Hash of the roster that was agreed on, where it was frozen before; nothing is drawn from
        another.

    Returns
    -------
    AllocationRecord
        As written to ``allocation.toml``.

    Raises
    ------
    AllocationError
        If the study is allocated already, the secret is not the one committed to, a baseline
        return is missing or blocked, the roster is not the one expected, or the design cannot be
        drawn.
    ProtocolError
        If nothing is registered, or what is registered was altered.
    """
    _refuse_second_draw(study)
    registration = read_registration(study)
    text = read_text_in_force(study)
    trial = _refuse_nothing_drawn(parse_trial(text))
    secret = _read_secret(study, registration)
    _check_who_and_when(by, now)
    roster = table_bytes(freeze_roster(trial, study))
    roster_sha256 = hashlib.sha256(roster).hexdigest()
    _refuse_other_roster(roster_sha256, expected_roster_sha256)
    allocation = draw_from_roster(
        roster, trial, secret=secret, protocol=registration.protocol_sha256
    )
    table = table_bytes(allocation)
    record = AllocationRecord(
        algorithm=ALGORITHM,
        generator=GENERATOR,
        secret=secret.hex(),
        commitment=registration.secret_commitment,
        roster_sha256=roster_sha256,
        protocol_sha256=registration.protocol_sha256,
        design_sha256=protocol_sha256(text),
        allocation_sha256=hashlib.sha256(table).hexdigest(),
        by=by.strip(),
        at=now.isoformat(timespec="seconds"),
        counts={arm.id: int((allocation["arm"] == arm.id).sum()) for arm in trial.arms},
    )
    files = (roster, table, render_record(record).encode())
    _write_all(study, dict(zip(FROZEN, files, strict=True)))
    return record


def _refuse_nothing_drawn(trial: Trial) -> Trial:
    if trial.allocation.method != "drawn":
        raise AllocationError(
            "the trial file says that nothing is drawn here", where="allocation.method"
        )
    return trial


def _refuse_other_roster(found: str, expected: str | None) -> None:
    if expected not in (None, found):
        raise AllocationError(
            "the roster that follows from the returns and the trial file is not the one agreed on",
            where=ROSTER,
            remedy="Freeze the roster again, and agree on that one",
        )


def freeze_roster(trial: Trial, study: Path) -> pl.DataFrame:
    """Build the roster from the baseline returns of a study folder; nothing is written.

    Parameters
    ----------
    trial
        The trial file in force.
    study
        The study folder.

    Returns
    -------
    polars.DataFrame
        As :func:`build_roster` gives it; :func:`table_bytes` of it is ``roster.csv``.

    Raises
    ------
    AllocationError
        If a recruited partner's baseline return is missing or blocked, or nobody is recruited.
    """
    wave = trial.baseline_wave
    collection = collect_returns(trial, study, [wave])
    faults = list(collection.faults)
    for partner in recruited(trial):
        if not return_files(study, partner.id, wave.id):
            faults.append(
                Fault(
                    "the baseline return is missing",
                    f"{RETURNS}/{partner.id}/{wave.id}",
                    "Wait for it, or mark the partner cancelled in an amendment",
                )
            )
    if not recruited(trial):
        faults.append(Fault("no partner is recruited", "population.partners", "Amend the trial"))
    if faults:
        raise AllocationError(faults)
    return build_roster(trial, collection.returns)


def draw_from_roster(roster: bytes, trial: Trial, *, secret: bytes, protocol: str) -> pl.DataFrame:
    """Draw the allocation of a frozen roster: a function of its bytes and nothing else.

    Parameters
    ----------
    roster
        ``roster.csv``, to the byte.
    trial
        The trial file in force at the draw.
    secret
        The secret committed to.
    protocol
        SHA-256 of the registered trial file.

    Returns
    -------
    polars.DataFrame
        ``ALLOCATION_COLUMNS``, ordered by unit.

    Raises
    ------
    AllocationError
        If the design cannot be drawn.
    """
    people = type_roster(parse_table(roster, where=ROSTER), trial)
    units = assign_strata(people, trial)
    design = declare_design(units, trial.arms)
    digest = hashlib.sha256(roster).hexdigest()
    seed = derive_seed(secret=secret, roster_sha256=digest, protocol_sha256=protocol)
    drawn = draw_allocation(design, open_generator(seed))
    chances = allocation_probabilities(design)
    return pl.DataFrame(
        {
            "unit": design.units,
            "block": design.blocks,
            "stratum": design.strata,
            "arm": [design.arms[arm] for arm in drawn],
            "probability": [float(chances[unit, arm]) for unit, arm in enumerate(drawn)],
        }
    ).select(ALLOCATION_COLUMNS)


def verify_allocation(folder: Path) -> VerificationResult:
    """Draw a recorded allocation again from its inputs and say precisely what does not match.

    Parameters
    ----------
    folder
        A study folder or an archive.

    Raises
    ------
    ArchiveError
        If there is no readable record of a draw.
    """
    if not (folder / ALLOCATION_RECORD).is_file():
        raise ArchiveError(
            "no draw is recorded here",
            where=str(folder),
            remedy="Name a study folder or archive with allocation.toml",
        )
    record = read_record(folder / ALLOCATION_RECORD)
    checks: list[tuple[str, Fault | None]] = []
    registration = _check_registration(folder, record, checks)
    _check_hashes(folder, record, checks)
    if registration is not None:
        _check_replay(folder, record, registration, checks)
    faults = tuple(fault for _, fault in checks if fault is not None)
    lines = tuple(str(fault) if fault else f"{said}." for said, fault in checks)
    return VerificationResult(not faults, lines, faults)


def _check_who_and_when(by: str, now: datetime) -> None:
    if now.tzinfo is None:
        raise AllocationError("the time has no zone", remedy="Give a time with its zone")
    if not by.strip():
        raise AllocationError("nobody is named as running the draw", remedy="Say who: --by")
    if personal := tuple(check_words({"who runs the draw": by}, "--by")):
        raise AllocationError(personal)


def _refuse_second_draw(study: Path) -> None:
    there = [name for name in FROZEN if (study / name).exists()]
    if there:
        raise AllocationError(
            "the study is allocated already, and an allocation is never drawn twice",
            where=", ".join(there),
            remedy="Replay it with: lighttouch allocate STUDY --verify",
        )


def _read_secret(study: Path, registration: RegistrationRecord) -> bytes:
    remedy = "Restore the secret that was written at registration"
    try:
        secret = bytes.fromhex((study / SECRET).read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise AllocationError("the secret cannot be read", where=SECRET, remedy=remedy) from error
    if commit_secret(secret) != registration.secret_commitment:
        raise AllocationError(
            "the secret is not the one committed to at registration", where=SECRET, remedy=remedy
        )
    return secret


def _write_all(study: Path, files: dict[str, bytes]) -> None:
    """Write every file under a temporary name, then rename them all; undo all if any fails."""
    placed: list[Path] = []
    waiting = {study / f".{name}.new": study / name for name in files}
    try:
        for temporary, content in zip(waiting, files.values(), strict=True):
            temporary.write_bytes(content)
        for temporary, final in waiting.items():
            temporary.rename(final)
            placed.append(final)
    except BaseException:
        for path in (*placed, *waiting):
            path.unlink(missing_ok=True)
        raise


def _check_registration(
    folder: Path, record: AllocationRecord, checks: list[tuple[str, Fault | None]]
) -> RegistrationRecord | None:
    try:
        registration = read_registration(folder)
    except LighttouchError as error:
        checks += [("", fault) for fault in error.faults]
        return None
    _note(
        checks,
        "The record names the commitment made at registration",
        "the record names another commitment than the registration",
        matches=record.commitment == registration.secret_commitment,
    )
    _note(
        checks,
        "The revealed secret is the one committed to",
        "the revealed secret is not the one committed to at registration",
        matches=_commits_to(record.secret) == registration.secret_commitment,
    )
    _note(
        checks,
        "The record names the registered trial file",
        "the record names another trial file than the one registered",
        matches=record.protocol_sha256 == registration.protocol_sha256,
    )
    return registration


def _check_hashes(
    folder: Path, record: AllocationRecord, checks: list[tuple[str, Fault | None]]
) -> None:
    for name, expected in (
        (ROSTER, record.roster_sha256),
        (ALLOCATION_TABLE, record.allocation_sha256),
    ):
        path = folder / name
        _note(
            checks,
            f"{name} is as it was when the allocation was drawn",
            "the file was altered after the draw" if path.is_file() else "the file is missing",
            matches=path.is_file() and file_sha256(path) == expected,
            where=name,
        )


def _check_replay(
    folder: Path,
    record: AllocationRecord,
    registration: RegistrationRecord,
    checks: list[tuple[str, Fault | None]],
) -> None:
    if (record.algorithm, record.generator) != (ALGORITHM, GENERATOR):
        what = f"this version draws by {ALGORITHM} with {GENERATOR}, not as recorded"
        checks.append(("", Fault(what, ALLOCATION_RECORD, "Use the version the record names")))
        return
    text = _find_design(folder, record, registration)
    if text is None:
        what = "no registered version of the trial file is the one the draw used"
        checks.append(("", Fault(what, FOLDER, "Restore the amendments")))
        return
    try:
        trial = parse_trial(text)
        again = draw_from_roster(
            (folder / ROSTER).read_bytes(),
            trial,
            secret=bytes.fromhex(record.secret),
            protocol=registration.protocol_sha256,
        )
        content = (folder / ALLOCATION_TABLE).read_bytes()
        recorded = parse_table(content, where=ALLOCATION_TABLE)
    except (LighttouchError, OSError, ValueError) as error:
        faults = error.faults if isinstance(error, LighttouchError) else ()
        what = "the draw cannot be replayed from what is here"
        checks += [("", fault) for fault in faults or (Fault(what, str(ROSTER)),)]
        return
    _compare(again, recorded, table_bytes(again) == content, record, checks)


def _compare(
    again: pl.DataFrame,
    recorded: pl.DataFrame,
    same_bytes: bool,
    record: AllocationRecord,
    checks: list[tuple[str, Fault | None]],
) -> None:
    what = "the file holds the drawn arms, but not as the draw wrote them"
    if not same_bytes:
        wrong = _count_differences(again, recorded)
        if wrong:
            what = f"{wrong} of {again.height} units are not in the arm that was drawn"
    _note(
        checks,
        f"Drawing again gives the recorded arm for all {again.height} units",
        what,
        matches=same_bytes,
        where=ALLOCATION_TABLE,
    )
    got = again["arm"].to_list()
    _note(
        checks,
        "The recorded numbers in each arm are those drawn",
        "the recorded numbers in each arm are not those drawn",
        matches=all(got.count(arm) == number for arm, number in record.counts.items())
        and sum(record.counts.values()) == len(got),
    )


def _count_differences(again: pl.DataFrame, recorded: pl.DataFrame) -> int:
    """Count drawn units that the record leaves out or puts in another arm, and units it adds."""
    if not {"unit", "arm"} <= set(recorded.columns):
        return again.height
    drawn = set(zip(again["unit"], again["arm"], strict=True))
    written = set(zip(recorded["unit"], recorded["arm"], strict=True))
    return max(len(drawn - written), len(written - drawn))


def _find_design(
    folder: Path, record: AllocationRecord, registration: RegistrationRecord
) -> str | None:
    """Return the registered or amended trial file the draw used."""
    paths = sorted((folder / FOLDER).glob("*.toml"))
    known = {registration.protocol_sha256, *(one.sha256 for one in registration.amendments)}
    for path in paths:
        text = read_source(path)
        if protocol_sha256(text) == record.design_sha256 and record.design_sha256 in known:
            return text
    return None


def _commits_to(secret: str) -> str | None:
    try:
        return commit_secret(bytes.fromhex(secret))
    except ValueError:
        return None


def _note(
    checks: list[tuple[str, Fault | None]],
    said: str,
    otherwise: str,
    *,
    matches: bool,
    where: str = ALLOCATION_RECORD,
) -> None:
    checks.append((said, None if matches else Fault(otherwise, where)))
