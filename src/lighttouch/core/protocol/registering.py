"""Registering a trial file: frozen, hashed and time-stamped; later versions are amendments.

``STUDY/protocol`` then holds ``registered.toml`` (never written again), ``registration.toml`` (the
record), ``preregistration.md`` and one ``amendment-NN.toml`` per amendment; ``STUDY/secret.key``
holds the secret to which the record commits, private until the allocation is made.
"""

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lighttouch.core.errors import InputError, ProtocolError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.placing import place_folder, place_new, replace_file
from lighttouch.core.protocol.preregistering import render_preregistration
from lighttouch.core.protocol.reading import parse_trial, read_source
from lighttouch.core.protocol.trial import Trial

FOLDER = "protocol"
REGISTERED = "registered.toml"
RECORD = "registration.toml"
TEXT = "preregistration.md"
SECRET = "secret.key"  # noqa: S105 - the name of a file

FEWEST_SECRET_BYTES = 16
"""Fewer could be guessed by trying them all against the published commitment."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A later version of a registered trial file; ``at`` is ISO 8601 with its zone."""

    number: int
    sha256: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class RegistrationRecord:
    """What was registered and when; ``registered_at`` is ISO 8601 with its zone."""

    trial_id: str
    protocol_sha256: str
    secret_commitment: str
    registered_at: str
    amendments: tuple[Amendment, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record, and the files to be written with it: their text by their name in ``protocol``."""

    record: RegistrationRecord
    files: Mapping[str, str]


def commit_secret(secret: bytes) -> str:
    """Return the SHA-256 of a secret, which may be published while the secret is kept.

    Examples
    --------
    >>> commit_secret(bytes(32))[:16]
    '66687aadf862bd77'
    """
    return hashlib.sha256(secret).hexdigest()


def register_trial(text: str, *, folder: Path, secret: bytes, now: datetime) -> RegistrationRecord:
    """Freeze a trial file in a study's folder; either everything is written or nothing.

    Parameters
    ----------
    text
        The trial file.
    folder
        The study's folder; made if it is not there.
    secret
        At least 16 random bytes (32 by custom), from which the allocation will be seeded.
    now
        The time of registration, with its zone.

    Raises
    ------
    ProtocolError
        If the file is not valid, or the folder already holds a registration or a secret.
    """
    prepared = prepare_registration(text, secret=secret, now=now)
    _refuse_registered(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _placed_secret(secret, folder / SECRET):
        place_folder(prepared.files, folder / FOLDER)
    return prepared.record


def prepare_registration(text: str, *, secret: bytes, now: datetime) -> Prepared:
    """Return the record of a registration and its files, for whoever keeps them elsewhere.

    The secret itself is in none of them. Parameters and errors are those of
    :func:`register_trial`.
    """
    trial = parse_trial(text)
    if len(secret) < FEWEST_SECRET_BYTES:
        raise ProtocolError("the secret is too short", remedy="Use 32 random bytes")
    record = RegistrationRecord(trial.id, protocol_sha256(text), commit_secret(secret), _stamp(now))
    files = {
        REGISTERED: text,
        RECORD: _record_text(record),
        TEXT: render_preregistration(trial, record.protocol_sha256, record.secret_commitment),
    }
    return Prepared(record, files)


def amend_trial(text: str, *, folder: Path, now: datetime, reason: str) -> RegistrationRecord:
    """Add a later version of the registered trial file, with its reason.

    Raises
    ------
    ProtocolError
        If nothing is registered there, the file is not valid, is of another trial or is the
        version in force already, or no reason is given.
    """
    trial = parse_trial(text)
    record = read_registration(folder)
    prepared = _amend(record, trial, text, now=now, reason=reason)
    added = _amendment_name(len(prepared.record.amendments))
    place_new(prepared.files[added].encode(), folder / FOLDER / added)
    replace_file(prepared.files[RECORD].encode(), folder / FOLDER / RECORD)
    return prepared.record


def prepare_amendment(
    record: RegistrationRecord, text: str, *, now: datetime, reason: str
) -> Prepared:
    """Return an amended record and its files, for whoever keeps them elsewhere.

    Errors are those of :func:`amend_trial`.
    """
    return _amend(record, parse_trial(text), text, now=now, reason=reason)


def _amend(
    record: RegistrationRecord, trial: Trial, text: str, *, now: datetime, reason: str
) -> Prepared:
    if trial.id != record.trial_id:
        raise ProtocolError(
            f"the study is of the trial {record.trial_id}, the file of {trial.id}",
            where="id",
            remedy="Amend the trial in its own study, or register this one elsewhere",
        )
    if not reason.strip():
        raise ProtocolError("an amendment needs a reason", remedy="Say why in a sentence")
    fingerprint = protocol_sha256(text)
    if fingerprint == (
        record.amendments[-1].sha256 if record.amendments else record.protocol_sha256
    ):
        raise ProtocolError(
            "nothing differs from the version in force", remedy="Edit the file first"
        )
    number = len(record.amendments) + 1
    amendment = Amendment(number, fingerprint, _stamp(now), reason.strip())
    amended = replace(record, amendments=(*record.amendments, amendment))
    return Prepared(amended, {_amendment_name(number): text, RECORD: _record_text(amended)})


def read_registration(folder: Path) -> RegistrationRecord:
    """Return the record of a study's registration, after checking the files against it.

    Raises
    ------
    ProtocolError
        If nothing is registered there, the record cannot be read, or a registered file is missing
        or altered.
    """
    path = folder / FOLDER / RECORD
    if not path.is_file():
        raise ProtocolError(
            "no trial is registered here",
            where=str(folder),
            remedy="Register one first: lighttouch register TRIAL --out STUDY",
        )
    try:
        record = parse_record(read_source(path))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, InputError) as error:
        raise ProtocolError(
            "the record of registration cannot be read",
            where=str(path),
            remedy="Restore it from the copy made at registration",
        ) from error
    _check_fingerprint(folder / FOLDER / REGISTERED, record.protocol_sha256)
    for amendment in record.amendments:
        name = _amendment_name(amendment.number)
        _check_fingerprint(folder / FOLDER / name, amendment.sha256)
    return record


def read_text_in_force(folder: Path) -> str:
    """Return the trial file in force: the last amendment, or the registered file if none.

    Raises
    ------
    ProtocolError
        As :func:`read_registration`.
    """
    amendments = read_registration(folder).amendments
    name = _amendment_name(amendments[-1].number) if amendments else REGISTERED
    return read_source(folder / FOLDER / name)


def _amendment_name(number: int) -> str:
    return f"amendment-{number:02d}.toml"


def _stamp(now: datetime) -> str:
    if now.tzinfo is None:
        raise ProtocolError("the time has no zone", remedy="Give a time with its zone, such as UTC")
    return now.isoformat(timespec="seconds")


def _refuse_registered(folder: Path) -> None:
    if (folder / FOLDER).exists():
        raise ProtocolError(
            "a trial is registered here already, and a registration is never overwritten",
            where=str(folder / FOLDER),
            remedy="Amend it with a reason, or register in a new folder",
        )
    if (folder / SECRET).exists():
        raise ProtocolError(
            "there is a secret without a registration",
            where=str(folder / SECRET),
            remedy="Register in a new folder, or delete the secret if no study uses it",
        )


def _check_fingerprint(path: Path, expected: str) -> None:
    if not path.is_file():
        raise ProtocolError(
            "a registered file is missing", where=str(path), remedy="Restore it from a copy"
        )
    if protocol_sha256(read_source(path)) != expected:
        raise ProtocolError(
            "a registered file was altered after its registration",
            where=str(path),
            remedy="Restore it from a copy; write changes as an amendment",
        )


def parse_record(text: str) -> RegistrationRecord:
    """Return the record that ``registration.toml`` holds; ``ValueError`` and its like if none.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from lighttouch.core.protocol.library import library_text
    >>> now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    >>> prepared = prepare_registration(library_text("letters"), secret=bytes(32), now=now)
    >>> parse_record(prepared.files["registration.toml"]) == prepared.record
    True
    """
    data = tomllib.loads(text)
    amendments = data.get("amendments", [])
    if not isinstance(amendments, list):
        raise TypeError
    return RegistrationRecord(
        trial_id=_text(data, "trial_id"),
        protocol_sha256=_text(data, "protocol_sha256"),
        secret_commitment=_text(data, "secret_commitment"),
        registered_at=_text(data, "registered_at"),
        amendments=tuple(
            Amendment(number, _text(entry, "sha256"), _text(entry, "at"), _text(entry, "reason"))
            for number, entry in enumerate(amendments, start=1)
        ),
    )


def _text(data: dict[str, object], key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        raise TypeError
    return value


def _record_text(record: RegistrationRecord) -> str:
    lines = [
        "# Written by Lighttouch at registration. Do not edit.",
        f"trial_id = {_quote(record.trial_id)}",
        f"protocol_sha256 = {_quote(record.protocol_sha256)}",
        f"secret_commitment = {_quote(record.secret_commitment)}",
        f"registered_at = {_quote(record.registered_at)}",
    ]
    for amendment in record.amendments:
        lines += [
            "",
            "[[amendments]]",
            f"number = {amendment.number}",
            f"sha256 = {_quote(amendment.sha256)}",
            f"at = {_quote(amendment.at)}",
            f"reason = {_quote(amendment.reason)}",
        ]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    """Return a TOML string; JSON's differ only in leaving the delete character as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextlib.contextmanager
def _placed_secret(secret: bytes, path: Path) -> Iterator[None]:
    """Put the secret in place for the owner alone; take it away again if what follows fails."""
    place_new(f"{secret.hex()}\n".encode(), path, mode=0o600)
    try:
        yield
    except BaseException:
        path.unlink()
        raise
