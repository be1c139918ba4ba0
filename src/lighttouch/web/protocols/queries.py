"""What is registered, what is in force, and what waits for whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from django.db.models import QuerySet

from lighttouch.core.errors import ArchiveError, ProtocolError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.registering import (
    FOLDER,
    RECORD,
    REGISTERED,
    TEXT,
    RegistrationRecord,
    commit_secret,
    parse_record,
)
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.models import Amendment, Registration, Simulation, Version
from lighttouch.web.protocols.sealing import unseal
from lighttouch.web.storage.models import StoredFile
from lighttouch.web.storage.queries import read_bytes


def is_registered(trial: Trial) -> bool:
    """Say whether a trial's protocol is registered."""
    return Registration.objects.filter(trial=trial).exists()


def list_registrations() -> list[Registration]:
    """Return every registration, the latest first, without the sealed secrets."""
    found = Registration.objects.defer("sealed_secret").select_related("trial__programme")
    return list(found.order_by("-registered_at"))


def registration_of(trial: Trial) -> Registration | None:
    """Return a trial's registration if there is one, without the sealed secret."""
    try:
        return find_registration(trial)
    except ProtocolError:
        return None


def find_registration(trial: Trial) -> Registration:
    """Return a trial's registration, without the sealed secret.

    Raises
    ------
    ProtocolError
        If the trial is not registered.
    """
    try:
        return (
            Registration.objects.defer("sealed_secret")
            .select_related("version", "text", "record", "preregistration")
            .get(trial=trial)
        )
    except Registration.DoesNotExist:
        raise ProtocolError(
            "the trial is not registered",
            where=trial.slug,
            remedy="Have its protocol approved and register it",
        ) from None


def list_amendments(registration: Registration) -> list[Amendment]:
    """Return the amendments of a registration in their order."""
    return list(registration.amendments.select_related("version", "text", "record"))


def text_in_force(trial: Trial) -> str:
    """Return the trial file in force: the last amendment, or what was registered if none.

    Raises
    ------
    ProtocolError
        If the trial is not registered.
    ArchiveError
        If the text kept is not the one whose hash was recorded.
    """
    registration = find_registration(trial)
    last = registration.amendments.select_related("text").order_by("-number").first()
    if last is None:
        return _verified(registration.text, registration.protocol_sha256)
    return _verified(last.text, last.sha256)


_held: ContextVar[dict[int, DeclaredTrial] | None] = ContextVar("held", default=None)


def declared(trial: Trial) -> DeclaredTrial:
    """Return what the protocol in force declares; errors are those of :func:`text_in_force`."""
    held = _held.get()
    if held is None:
        return _parse(text_in_force(trial))
    if trial.pk not in held:
        held[trial.pk] = _parse(text_in_force(trial))
    return held[trial.pk]


@contextmanager
def holding_protocols() -> Iterator[None]:
    """Read and check each trial's protocol once in this block, however often it is asked for.

    For work on many rows that takes seconds; an amendment is seen by the next block.
    """
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


@lru_cache(maxsize=64)
def _parse(text: str) -> DeclaredTrial:
    return parse_trial(text)


def registered_files(trial: Trial) -> dict[str, bytes]:
    """Return the files of the registration, named as in a study folder.

    The secret is not among them.
    """
    registration = find_registration(trial)
    amendments = list_amendments(registration)
    record = amendments[-1].record if amendments else registration.record
    files = {
        REGISTERED: _verified(registration.text, registration.protocol_sha256).encode(),
        RECORD: read_bytes(record),
        TEXT: read_bytes(registration.preregistration),
    }
    for one in amendments:
        files[one.filename] = _verified(one.text, one.sha256).encode()
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def registration_record(registration: Registration) -> RegistrationRecord:
    """Return the core's record of a registration, amendments included."""
    last = registration.amendments.select_related("record").order_by("-number").first()
    return parse_record(read_bytes(last.record if last else registration.record).decode())


def open_secret(trial: Trial) -> bytes:
    """Return the secret of the allocation; for the draw alone.

    Raises
    ------
    InputError
        If no key of the vault opens it.
    ArchiveError
        If it is not the one that was committed to.
    """
    registration = Registration.objects.only("sealed_secret", "secret_commitment").get(trial=trial)
    secret = unseal(bytes(registration.sealed_secret))
    if commit_secret(secret) != registration.secret_commitment:
        raise ArchiveError(
            "the allocation secret is not the one committed to at registration",
            where=trial.slug,
            remedy="Restore the database from a backup",
        )
    return secret


def newest_version(trial: Trial) -> Version | None:
    """Return the last version saved."""
    return _versions(trial).order_by("number").last()


def list_versions(trial: Trial) -> list[Version]:
    """Return every version, newest first, without their texts."""
    return list(_versions(trial).defer("text").order_by("-number"))


def _versions(trial: Trial) -> QuerySet[Version]:
    return Version.objects.filter(trial=trial).select_related(
        "author", "submitted_by", "reviewed_by"
    )


def _verified(stored: StoredFile, sha256: str) -> str:
    """Return a registered text after checking it against the hash recorded for it."""
    text = read_bytes(stored).decode()
    if protocol_sha256(text) != sha256:
        raise ArchiveError(
            "a registered file was altered after its registration",
            where=f"file {sha256[:12]}",
            remedy="Restore the database from a backup; write changes as an amendment",
        )
    return text


def reviewers_of(version: Version) -> list[User]:
    """Return the people who may review a version: those with the right who did not write it."""
    trial = version.trial
    scope = Scope(trial.programme, trial)
    people = User.objects.filter(
        is_active=True, grants__ended_at=None, grants__programme=trial.programme
    ).exclude(pk__in=[pk for pk in (version.author_id, version.submitted_by_id) if pk])
    return [
        person
        for person in people.distinct().order_by("pk")
        if has_right(person, Right.APPROVE_PROTOCOL, scope)
    ]


def list_simulations(version: Version) -> list[Simulation]:
    """Return what was simulated of a version, newest first."""
    return list(Simulation.objects.filter(version=version).order_by("-asked_at", "-pk"))
