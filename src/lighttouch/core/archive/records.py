"""The small TOML files of an archive: the record of the draw, and reasons for deviations."""

import json
import tomllib
from dataclasses import asdict, fields
from pathlib import Path

from lighttouch.core.archive.guarding import check_words
from lighttouch.core.archive.model import AllocationRecord, DeviationReason
from lighttouch.core.errors import ArchiveError, Fault

_REASON_KEYS = tuple(one.name for one in fields(DeviationReason))


def quote(text: str) -> str:
    r"""Return text as a TOML string.

    Examples
    --------
    >>> print(quote('a "b"'))
    "a \"b\""
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def render_record(record: AllocationRecord) -> str:
    """Return ``allocation.toml``."""
    lines = ["# How the allocation was drawn. Replay it with: lighttouch allocate --verify FOLDER"]
    simple = {key: value for key, value in asdict(record).items() if key != "counts"}
    lines += [f"{key} = {quote(value)}" for key, value in simple.items()]
    lines += ["", "[counts]", *(f"{arm} = {number}" for arm, number in record.counts.items())]
    return "\n".join(lines) + "\n"


def read_record(path: Path) -> AllocationRecord:
    """Read ``allocation.toml``.

    Raises
    ------
    ArchiveError
        If the file cannot be read or does not have exactly the keys of a record.
    """
    data = _load(path)
    wanted = {one.name for one in fields(AllocationRecord)}
    counts = data.get("counts")
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    sound = set(data) == wanted and len(texts) == len(data) - 1
    if not sound or not isinstance(counts, dict) or not _are_counts(counts):
        raise ArchiveError(
            "the record of the draw is not complete",
            where=path.name,
            remedy="Restore the file as the draw wrote it",
        )
    return AllocationRecord(**texts, counts=counts)


def _are_counts(counts: dict[str, object]) -> bool:
    return all(type(number) is int for number in counts.values())


def read_deviations(path: Path) -> tuple[DeviationReason, ...]:
    """Read ``deviations.toml``: a list of ``[[deviation]]``, see ``docs/methods/archive.md``.

    Raises
    ------
    ArchiveError
        If an entry lacks its scope, decision or reason, or has a key nobody defined.
    """
    data = _load(path)
    entries = data.get("deviation", [])
    faults = [
        Fault(f"the key {key} is unknown", path.name, "Write [[deviation]]")
        for key in data
        if key != "deviation"
    ]
    reasons = []
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], start=1):
        where = f"{path.name}, deviation {number}"
        problems = _check_entry(entry, where)
        faults += problems
        if not problems:
            reasons.append(DeviationReason(**entry))
    if faults:
        raise ArchiveError(faults)
    return tuple(reasons)


def _check_entry(entry: object, where: str) -> list[Fault]:
    if not isinstance(entry, dict):
        return [Fault("this is no entry", where, "Write [[deviation]] with its keys below it")]
    faults = [
        Fault(f"{key} is missing or empty", where, "Say it in a sentence")
        for key in ("scope", "decision", "reason")
        if not str(entry.get(key, "")).strip()
    ]
    faults += [
        Fault(f"the key {key} is unknown", where, f"Use only: {', '.join(_REASON_KEYS)}")
        for key in entry
        if key not in _REASON_KEYS
    ]
    faults += [
        Fault(f"{key} is not text", where, "Put it in quotation marks")
        for key, value in entry.items()
        if key in _REASON_KEYS and not isinstance(value, str)
    ]
    texts = {key: value for key, value in entry.items() if isinstance(value, str)}
    return [*faults, *check_words(texts, where)]


def _load(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArchiveError(
            "the file cannot be read as TOML", where=path.name, remedy="Correct or restore it"
        ) from error
