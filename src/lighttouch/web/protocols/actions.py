"""Write a trial file, have it reviewed by a second person, register it, amend it."""

import secrets
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from lighttouch.core.errors import Fault, ProtocolError
from lighttouch.core.protocol.registering import (
    RECORD,
    REGISTERED,
    TEXT,
    prepare_amendment,
    prepare_registration,
)
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.programmes.models import Participation, Partner, Programme, Stage, Trial
from lighttouch.web.protocols.convert import Checked, check_text, clean_text, peek
from lighttouch.web.protocols.messages import refuse_unknown_names
from lighttouch.web.protocols.models import Amendment, Registration, State, Version
from lighttouch.web.protocols.queries import find_registration, newest_version, registration_record
from lighttouch.web.protocols.sealing import seal
from lighttouch.web.protocols.telling import tell_authors, tell_everybody, tell_reviewers
from lighttouch.web.storage.actions import keep

SECRET_BYTES = 32
RESERVED = frozenset({"new"})
"""Identifiers that are words of the site's own addresses."""

REVIEWED = (
    "state",
    "submitted_by",
    "submitted_at",
    "reviewed_by",
    "reviewed_at",
    "review_note",
)
"""What may change of a version once it is saved."""


class MovedOnError(ProtocolError):
    """Somebody saved a version since the one this was about."""

    def __init__(self, newest: Version) -> None:
        super().__init__(
            f"version {newest.number} was saved meanwhile",
            remedy="Look at what changed, then decide again",
        )
        self.newest = newest


@transaction.atomic
def create_trial(
    *,
    programme: Programme,
    text: str,
    by: User,
    now: datetime,
    slug: str = "",
    title: str = "",
) -> Trial:
    """Start a trial from the text of its file, however unfinished.

    Parameters
    ----------
    slug, title
        Used where the text does not give its own; the text's identifier must be ``slug`` if both
        are given and the text is valid.
    """
    text = clean_text(text)
    own_slug, own_title = peek(text)
    trial = Trial(
        programme=programme,
        slug=slug or own_slug,
        title=(own_title or title or slug or own_slug)[:200],
        created_at=now,
    )
    if trial.slug in RESERVED:
        raise ProtocolError(
            f"no trial can be called {trial.slug}", where="id", remedy="Choose another identifier"
        )
    try:
        trial.full_clean()
    except ValidationError as error:
        raise ProtocolError(_slug_fault(trial.slug, error)) from None
    try:
        with transaction.atomic():
            trial.save(force_insert=True)
    except IntegrityError:  # somebody took the identifier at the same moment
        raise ProtocolError(_taken(trial.slug)) from None
    _add_version(trial, text=text, note="", number=1, by=by, now=now)
    _record("trial.created", trial, by=by, now=now, details={"version": 1})
    return trial


@transaction.atomic
def save_version(
    *, trial: Trial, text: str, note: str, after: int, by: User, now: datetime
) -> Version:
    """Save a text as a new version; it may have faults.

    Parameters
    ----------
    note
        What changed; once the trial is registered, why, which becomes the amendment's reason.
    after
        The number of the version it was made from.

    Raises
    ------
    MovedOnError
        If somebody saved another meanwhile.
    ProtocolError
        If the text cannot be kept, is that of the newest version, or has no note when it needs one.
    """
    text = clean_text(text)
    _lock(trial)
    newest = _newest(trial)
    if newest.number != after:
        raise MovedOnError(newest)
    if newest.text == text:
        raise ProtocolError(
            f"nothing differs from version {newest.number}", remedy="Edit the file first"
        )
    if trial.stage != Stage.DRAFT and not note.strip():
        raise ProtocolError(
            "a change to a registered protocol needs a reason", remedy="Say why in a sentence"
        )
    version = _add_version(trial, text=text, note=note.strip(), number=after + 1, by=by, now=now)
    title = peek(text)[1]
    if trial.stage == Stage.DRAFT and title and title != trial.title:
        trial.title = title[:200]
        trial.save(update_fields=("title",))
    _record("protocol.saved", trial, by=by, now=now, details={"version": version.number})
    return version


@transaction.atomic
def submit(*, version: Version, by: User, now: datetime) -> Version:
    """Ask for a version to be reviewed; it must have no fault.

    Raises
    ------
    MovedOnError
        If it is not the newest.
    ProtocolError
        With every fault of the text, or if it was submitted before.
    """
    _lock_newest(version)
    _expect(version, State.DRAFT)
    check_valid(version)
    version.state, version.submitted_by, version.submitted_at = State.SUBMITTED, by, now
    _save(version)
    tell_reviewers(version, by=by, now=now)
    _record("protocol.submitted", version.trial, by=by, now=now, details=_of(version))
    return version


@transaction.atomic
def approve(*, version: Version, by: User, now: datetime, note: str = "") -> Version:
    """Approve a submitted version, as somebody who neither wrote nor submitted it.

    Raises
    ------
    MovedOnError
        If it is not the newest.
    ProtocolError
        If it is not waiting for review, or is the reviewer's own.
    """
    return _review(version, State.APPROVED, note=note, by=by, now=now)


@transaction.atomic
def send_back(*, version: Version, note: str, by: User, now: datetime) -> Version:
    """Send a submitted version back with a note; otherwise as :func:`approve`."""
    if not note.strip():
        raise ProtocolError("nothing says what to change", remedy="Say what the author must do")
    return _review(version, State.RETURNED, note=note, by=by, now=now)


@transaction.atomic
def register(
    *,
    trial: Trial,
    by: User,
    now: datetime,
    version: Version | None = None,
    secret: bytes | None = None,
) -> Registration:
    """Freeze the approved version: hash it, commit to a fresh secret, publish it.

    Parameters
    ----------
    version
        The version that was looked at; whichever is the newest if not given.
    secret
        The secret of the allocation; 32 fresh random bytes unless given. It is kept sealed and
        is never shown or logged.

    Raises
    ------
    MovedOnError
        If the version is not the newest.
    ProtocolError
        If the trial is registered already, or its newest version is not approved.
    """
    _lock(trial)
    if Registration.objects.filter(trial=trial).exists():
        raise ProtocolError(
            "the trial is registered already", where=trial.slug, remedy="Amend it with a reason"
        )
    if version is None:
        version = _newest(trial)
    version.trial = trial
    _lock_newest(version)
    _expect(version, State.APPROVED)
    declared = check_valid(version)
    refuse_unknown_names(trial, declared, version.text)
    registration = _freeze(version, secret or secrets.token_bytes(SECRET_BYTES), by=by, now=now)
    trial.stage, trial.title = Stage.REGISTERED, declared.title[:200]
    trial.save(update_fields=("stage", "title"))
    _sync_partners(trial, declared)
    tell_everybody("registered", version, by=by, now=now)
    hashes: dict[str, Detail] = {
        "sha256": registration.protocol_sha256,
        "commitment": registration.secret_commitment,
    }
    _record("protocol.registered", trial, by=by, now=now, details={**_of(version), **hashes})
    return registration


def _freeze(version: Version, secret: bytes, *, by: User, now: datetime) -> Registration:
    """Keep the files of a registration, and the secret sealed."""
    at = now.astimezone(UTC).replace(microsecond=0)
    prepared = prepare_registration(version.text, secret=secret, now=at)
    files = {name: keep(text.encode(), now=now) for name, text in prepared.files.items()}
    registration = Registration(
        trial=version.trial,
        version=version,
        protocol_sha256=prepared.record.protocol_sha256,
        secret_commitment=prepared.record.secret_commitment,
        registered_at=at,
        registered_by=by,
        sealed_secret=seal(secret),
        text=files[REGISTERED],
        record=files[RECORD],
        preregistration=files[TEXT],
    )
    registration.full_clean()
    registration.save(force_insert=True)
    version.state = State.REGISTERED
    _save(version)
    return registration


@transaction.atomic
def amend(*, trial: Trial, version: Version, reason: str, by: User, now: datetime) -> Amendment:
    """Put an approved version in force in place of the registered one, with its reason.

    Raises
    ------
    MovedOnError
        If it is not the newest.
    ProtocolError
        If the trial is not registered, the version is not approved or is in force already, or
        no reason is given.
    """
    if version.trial_id != trial.pk:
        raise ProtocolError("the version is of another trial", where=trial.slug)
    version.trial = trial
    _lock_newest(version)
    registration = find_registration(trial)
    _expect(version, State.APPROVED)
    declared = check_valid(version)
    refuse_unknown_names(trial, declared, version.text)
    at = now.astimezone(UTC).replace(microsecond=0)
    prepared = prepare_amendment(
        registration_record(registration), version.text, now=at, reason=reason
    )
    made = prepared.record.amendments[-1]
    amendment = Amendment(
        registration=registration,
        number=made.number,
        version=version,
        sha256=made.sha256,
        reason=made.reason,
        at=at,
        by=by,
        text=keep(version.text.encode(), now=now),
        record=keep(prepared.files[RECORD].encode(), now=now),
    )
    amendment.full_clean()
    amendment.save(force_insert=True)
    version.state = State.REGISTERED
    _save(version)
    trial.title = declared.title[:200]
    trial.save(update_fields=("title",))
    _sync_partners(trial, declared)
    tell_everybody("amended", version, by=by, now=now)
    details: dict[str, Detail] = {
        **_of(version),
        "amendment": amendment.number,
        "sha256": made.sha256,
    }
    _record("protocol.amended", trial, by=by, now=now, details=details)
    return amendment


def check_valid(version: Version) -> DeclaredTrial:
    """Return what a version declares.

    Raises
    ------
    ProtocolError
        With every fault of the text.
    """
    checked: Checked = check_text(version.text, slug=version.trial.slug)
    if checked.trial is None:
        raise ProtocolError(checked.faults)
    return checked.trial


def _review(version: Version, state: State, *, note: str, by: User, now: datetime) -> Version:
    _lock_newest(version)
    _expect(version, State.SUBMITTED)
    if by.pk in (version.author_id, version.submitted_by_id):
        raise ProtocolError(
            "nobody reviews a version they wrote or submitted",
            where=f"version {version.number}",
            remedy="Ask a second person to review it",
        )
    version.state, version.reviewed_by, version.reviewed_at = state, by, now
    version.review_note = note.strip()
    _save(version)
    happening = "approved" if state == State.APPROVED else "sent_back"
    tell_authors(happening, version, by=by, now=now)
    _record(f"protocol.{happening}", version.trial, by=by, now=now, details=_of(version))
    return version


def _lock(trial: Trial) -> None:
    """Hold the trial's row until the end of the transaction, and read it afresh."""
    Trial.objects.select_for_update().get(pk=trial.pk)
    trial.refresh_from_db(fields=("stage", "title"))


def _lock_newest(version: Version) -> None:
    """Hold the trial of a version, and refuse a version that is no longer its newest."""
    _lock(version.trial)
    newest = _newest(version.trial)
    if newest.pk != version.pk:
        raise MovedOnError(newest)
    version.refresh_from_db(fields=REVIEWED)


def _newest(trial: Trial) -> Version:
    newest = newest_version(trial)
    if newest is None:
        raise ProtocolError("the trial has no text yet", where=trial.slug)
    return newest


_WANTED = {
    State.DRAFT: "Save a new version to have it reviewed",
    State.SUBMITTED: "Submit it for review first",
    State.APPROVED: "Submit it and have a second person approve it first",
}


def _expect(version: Version, state: State) -> None:
    if version.state != state:
        raise ProtocolError(
            f"version {version.number} is {State(version.state).label.lower()}",
            where=version.trial.slug,
            remedy=_WANTED[state],
        )


def _add_version(
    trial: Trial, *, text: str, note: str, number: int, by: User, now: datetime
) -> Version:
    version = Version(trial=trial, number=number, text=text, note=note, author=by, created_at=now)
    version.full_clean()
    version.save(force_insert=True)
    return version


def _save(version: Version) -> None:
    version.full_clean()
    version.save(update_fields=REVIEWED)


def _sync_partners(trial: Trial, declared: DeclaredTrial) -> None:
    """Make the partners of the trial those its file recruits, adding those the programme lacks."""
    wanted = [p for p in declared.population.partners if p.status == "recruited"]
    for one in wanted:
        partner, _ = Partner.objects.get_or_create(
            programme=trial.programme, code=one.id, defaults={"name": one.name[:200]}
        )
        Participation.objects.get_or_create(trial=trial, partner=partner)
    gone = trial.participations.exclude(partner__code__in=[one.id for one in wanted])
    try:
        gone.delete()
    except ProtectedError:
        raise ProtocolError(
            "a partner with records in this trial is no longer in the file",
            where="population.partners",
            remedy="Keep it in the file; say in its note what happened",
        ) from None


def _slug_fault(slug: str, error: ValidationError) -> Fault:
    if not slug:
        return Fault("the file has no identifier", "id", 'Add a line such as id = "letters"')
    if "slug" in error.error_dict and Trial.objects.filter(slug=slug).exists():
        return _taken(slug)
    return Fault(
        "the identifier cannot be used",
        "id",
        "Use small letters, digits and underscores, starting with a letter",
    )


def _taken(slug: str) -> Fault:
    return Fault(f"there is a trial called {slug} already", "id", "Choose another identifier")


def _of(version: Version) -> dict[str, Detail]:
    return {"version": version.number}


def _record(act: str, trial: Trial, *, by: User, now: datetime, details: dict[str, Detail]) -> None:
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details=details,
    )
