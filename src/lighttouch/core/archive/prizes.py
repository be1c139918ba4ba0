"""The record of a draw of prizes, and its replay: nothing in it leads to an answer."""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from lighttouch.core.allocation.seeding import GENERATOR
from lighttouch.core.archive.layout import PRIZES
from lighttouch.core.archive.records import quote
from lighttouch.core.errors import ArchiveError, Fault, InputError, LighttouchError
from lighttouch.core.prizes.drawing import ALGORITHM, Winner, draw_winners, read_entries
from lighttouch.core.protocol.reading import parse_trial, read_source
from lighttouch.core.protocol.registering import (
    FOLDER,
    REGISTERED,
    commit_secret,
    read_registration,
)


@dataclass(frozen=True, slots=True)
class PrizeRecord:
    """Who drew which prizes among what; enough to draw again and compare.

    Parameters
    ----------
    algorithm, generator
        Name and version of the draw, and the numpy bit generator its seed was given to.
    wave, rule, worth
        As the trial file declares them.
    number, smallest_team
        How many prizes, and the fewest people of a team that is entered; 0 among people.
    secret, commitment, committed_at
        The secret, revealed by the draw; its hash, and when that was published (ISO 8601).
    protocol_sha256, entries_sha256
        Hashes of the registered trial file and of the list of entries.
    entries
        How many were entered.
    winners
        In the order drawn.
    by, at
        Who drew and when (ISO 8601).
    """

    algorithm: str
    generator: str
    wave: str
    rule: str
    worth: str
    number: int
    smallest_team: int
    secret: str
    commitment: str
    committed_at: str
    protocol_sha256: str
    entries_sha256: str
    entries: int
    by: str
    at: str
    winners: tuple[Winner, ...] = ()


@dataclass(frozen=True, slots=True)
class PrizeVerification:
    """Whether a recorded draw of prizes replays: a sentence for each check, and what differs."""

    confirmed: bool
    lines: tuple[str, ...]
    mismatches: tuple[Fault, ...]


def record_path(wave: str) -> str:
    """Return where the record of a wave's draw lies in an archive."""
    return f"{PRIZES}/{wave}.toml"


def entries_path(wave: str) -> str:
    """Return where the list of entries of a wave's draw lies in an archive."""
    return f"{PRIZES}/{wave}.csv"


def render_prize_record(record: PrizeRecord) -> str:
    """Return ``prizes/<wave>.toml``."""
    simple = {key: value for key, value in asdict(record).items() if key != "winners"}
    lines = ["# How the prizes were drawn. Replay it with: lighttouch verify ARCHIVE"]
    lines += [
        f"{key} = {quote(value) if isinstance(value, str) else value}"
        for key, value in simple.items()
    ]
    for one in record.winners:
        lines += ["", "[[winners]]", f"place = {one.place}", f"entry = {quote(one.entry)}"]
    return "\n".join(lines) + "\n"


def parse_prize_record(text: str, where: str) -> PrizeRecord:
    """Read the record of a draw of prizes.

    Raises
    ------
    ArchiveError
        If it cannot be read, or does not have exactly the keys of a record.
    """
    kinds = {one.name: one.type for one in fields(PrizeRecord) if one.name != "winners"}
    found = None
    try:
        data = tomllib.loads(text)
        winners = tuple(
            Winner(int(one["place"]), str(one["entry"])) for one in data.pop("winners", [])
        )
        if {key: type(value) for key, value in data.items()} == kinds:
            found = PrizeRecord(**data, winners=winners)
    except (ValueError, KeyError, TypeError):
        found = None
    if found is None:
        raise ArchiveError(
            "the record of the prizes is not complete",
            where=where,
            remedy="Restore the file as the draw wrote it",
        )
    return found


def waves_with_prizes(folder: Path) -> list[str]:
    """Return the waves whose prizes were drawn, by name."""
    return sorted(path.stem for path in (folder / PRIZES).glob("*.toml"))


def verify_prizes(folder: Path, wave: str) -> PrizeVerification:
    """Draw a wave's prizes again from what is kept, and say precisely what does not match.

    Parameters
    ----------
    folder
        A study folder or an archive.
    wave
        Whose prizes.
    """
    where = record_path(wave)
    try:
        record = parse_prize_record((folder / where).read_text(encoding="utf-8"), where)
        content = (folder / entries_path(wave)).read_bytes()
        protocol = read_registration(folder).protocol_sha256
    except (OSError, ValueError):
        return _refuse([Fault("the record of the prizes or its entries cannot be read", where)])
    except LighttouchError as error:
        return _refuse(error.faults)
    checks = [
        (
            f"The prizes of {wave} are those the trial file declares",
            "the prizes recorded are not those the trial file declares",
            _declared(record) in _declared_versions(folder, wave),
        ),
        *_check_record(record, wave, content, protocol),
    ]
    faults = tuple(Fault(otherwise, where) for _, otherwise, matches in checks if not matches)
    lines = tuple(
        f"{said}." if matches else str(Fault(otherwise, where))
        for said, otherwise, matches in checks
    )
    return PrizeVerification(not faults, lines, faults)


Check = tuple[str, str, bool]
Declared = tuple[str, str, int, int]


def _refuse(faults: Iterable[Fault]) -> PrizeVerification:
    listed = tuple(faults)
    return PrizeVerification(False, tuple(map(str, listed)), listed)


def _declared(record: PrizeRecord) -> Declared:
    return record.rule, record.worth, record.number, record.smallest_team


def _declared_versions(folder: Path, wave: str) -> list[Declared]:
    """Return what the registered trial file and its amendments declare of a wave's prizes."""
    names = (REGISTERED, "amendment-*.toml")
    paths = [path for name in names for path in sorted((folder / FOLDER).glob(name))]
    found = [
        one.survey.prize
        for path in paths
        for one in parse_trial(read_source(path)).waves
        if one.id == wave and one.survey
    ]
    return [
        (one.rule, one.worth, one.number, one.smallest_team or 0)
        for one in found
        if one is not None
    ]


def _check_record(record: PrizeRecord, wave: str, content: bytes, protocol: str) -> list[Check]:
    again = _draw_again(record, content, protocol)
    return [
        (
            f"The prizes of {wave} are recorded under their wave",
            "the record is of another wave",
            record.wave == wave,
        ),
        (
            "The revealed secret of the prizes is the one committed to",
            "the revealed secret of the prizes is not the one committed to",
            _commits_to(record.secret) == record.commitment,
        ),
        (
            "The prizes were drawn under the registered trial file",
            "the prizes were drawn under another trial file than the one registered",
            record.protocol_sha256 == protocol,
        ),
        (
            "The list of entries is as it was when the prizes were drawn",
            "the list of entries was altered after the draw",
            hashlib.sha256(content).hexdigest() == record.entries_sha256,
        ),
        (
            f"Drawing again gives the recorded winners among {record.entries:,} entries",
            "drawing again does not give the recorded winners",
            again is not None and again == record.winners,
        ),
    ]


def _draw_again(record: PrizeRecord, content: bytes, protocol: str) -> tuple[Winner, ...] | None:
    if (record.algorithm, record.generator) != (ALGORITHM, GENERATOR):
        return None
    try:
        entries = read_entries(content)
        secret = bytes.fromhex(record.secret)
    except (InputError, ValueError):
        return None
    if len(entries) != record.entries:
        return None
    return draw_winners(entries, record.number, secret=secret, protocol_sha256=protocol)


def _commits_to(secret: str) -> str | None:
    try:
        return commit_secret(bytes.fromhex(secret))
    except ValueError:
        return None
