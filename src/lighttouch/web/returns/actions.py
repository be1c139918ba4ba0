"""Ask for returns, take files, explain findings, sign off, open again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from lighttouch.core.errors import ReturnError
from lighttouch.core.progress import Progress, no_progress
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.core.returns.findings import Finding
from lighttouch.core.returns.periods import period_of
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import Detail
from lighttouch.web.audit.actors import Actor
from lighttouch.web.partners.actions.tasks import add_task, complete_task, reopen_task
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns import queries
from lighttouch.web.returns.checking import Examined, examine, suffix_of
from lighttouch.web.returns.keeping import (
    carry_explanations,
    check_words,
    lock,
    next_number,
    note,
    note_outcome,
    note_trial,
    place_of,
    refuse_if_closed,
    refuse_unless_current,
    refuse_unless_ready,
    settle,
)
from lighttouch.web.returns.models import Explanation, Return, State, Version
from lighttouch.web.returns.sealing import open_file, seal_file
from lighttouch.web.returns.telling import address_of, tell_opened_again, tell_whoever_sent_before
from lighttouch.web.storage.actions import keep
from lighttouch.web.storage.queries import read_bytes

LEAST_TIME = timedelta(weeks=4)
"""A return opens when its period is over, and this long before it is due at the latest."""


@transaction.atomic
def open_wave_returns(*, trial: Trial, by: Actor, now: datetime) -> int:
    """Ask every recruited partner for its returns; return how many were added, moved or dropped.

    Doing it again follows an amendment; a return that was signed off stays as it is, and one for
    which a file came is not dropped.
    """
    protocol = declared(trial)
    partners = {p.code: p for p in Partner.objects.filter(participations__trial=trial)}
    labels = {wave.id: wave.label for wave in queries.waves_of(protocol)}
    known = {(r.partner_id, r.wave): r for r in Return.objects.filter(trial=trial)}
    changed = 0
    for code, wave, opens_on, due_on in _asked(protocol):
        partner = partners.get(code)
        if partner is None:
            continue
        row = known.pop((partner.pk, wave), None)
        row = row or Return(trial=trial, partner=partner, wave=wave)
        same = (row.opens_on, row.due_on) == (opens_on, due_on)
        if same or row.accepted_id is not None:
            continue
        row.opens_on, row.due_on = opens_on, due_on
        row.full_clean()
        row.save()
        add_task(
            trial=trial,
            partner=partner,
            key=task_key(wave),
            title=f"Send the staff return: {labels[wave]}"[:120],
            hint="One spreadsheet without names; it is checked while you wait.",
            href=address_of(row),
            due_on=due_on,
            by=by,
            now=now,
        )
        changed += 1
    for row in known.values():  # an amendment dropped the partner or the wave
        if not row.versions.exists():
            row.delete()
            changed += 1
    if changed:
        note_trial("returns.asked_for", trial, by=by, now=now, details={"returns": changed})
    return changed


def receive(
    *,
    trial: Trial,
    partner: Partner,
    wave: str,
    filename: str,
    content: bytes,
    by: User,
    now: datetime,
    progress: Progress = no_progress,
) -> Version:
    """Check a file and keep it as the newest version of a return.

    The check runs before anything is written, so that a file with names in it is never in the
    database, and two files can be checked at once. Of such a file only the places of the findings
    are kept.

    Parameters
    ----------
    filename
        The name it came under; only its ending is looked at, nothing of it is kept.
    progress
        Told step by step.

    Raises
    ------
    ReturnError
        If no return is asked for, or it takes no more files.
    """
    sent = queries.must_find(trial, partner, wave)
    examined = look_at(sent=sent, filename=filename, content=content, progress=progress)
    return keep_examined(sent=sent, examined=examined, by=by, now=now)


def look_at(
    *, sent: Return, filename: str, content: bytes, progress: Progress = no_progress
) -> Examined:
    """Check a file and write nothing: the slow half of :func:`receive`."""
    refuse_if_closed(sent)
    return examine(content, suffix_of(filename), queries.context_of(sent), progress)


@transaction.atomic
def keep_examined(*, sent: Return, examined: Examined, by: User, now: datetime) -> Version:
    """Keep what a check came to as the newest version: the quick half of :func:`receive`."""
    sent = lock(sent)
    refuse_if_closed(sent)
    version = Version(for_return=sent, number=next_number(sent), uploaded_by=by, uploaded_at=now)
    settle(version, examined, now=now)
    carry_explanations(version)
    tell_whoever_sent_before(version, by=by, now=now)
    note_outcome(version, by=by, now=now)
    return version


@transaction.atomic
def receive_sealed(
    *,
    trial: Trial,
    partner: Partner,
    wave: str,
    filename: str,
    content: bytes,
    by: User,
    now: datetime,
) -> Version:
    """Keep a large file encrypted until :func:`check_sealed` has looked at it.

    Raises
    ------
    ReturnError
        If no return is asked for, or it takes no more files.
    """
    sent = lock(queries.must_find(trial, partner, wave))
    refuse_if_closed(sent)
    version = Version(
        for_return=sent,
        number=next_number(sent),
        state=State.CHECKING,
        sealed=keep(seal_file(content, suffix_of(filename)), now=now),
        uploaded_by=by,
        uploaded_at=now,
    )
    version.full_clean()
    version.save()
    tell_whoever_sent_before(version, by=by, now=now)
    note(version, "return.sent", by=by, now=now, details={"version": version.number})
    return version


def check_sealed(*, version: Version, now: datetime, progress: Progress = no_progress) -> Version:
    """Check a file that waits encrypted; the encrypted copy is deleted whatever is found.

    Doing it again changes nothing.
    """
    if version.state != State.CHECKING or version.sealed is None:
        return version
    content, suffix = open_file(read_bytes(version.sealed))
    context = queries.context_of(version.for_return)
    examined = examine(content, suffix, context, progress)
    return _conclude(version, examined, now=now)


@transaction.atomic
def give_up_checking(*, before: datetime, by: Actor, now: datetime) -> int:
    """Delete the encrypted files whose check never ended, and send those returns back.

    Parameters
    ----------
    before
        Files sent after this may still be in hand.

    Returns
    -------
    How many there were.
    """
    stuck = Version.objects.select_for_update().filter(state=State.CHECKING, uploaded_at__lt=before)
    unfinished = Finding(
        "", None, "", "the check of this file did not finish, and the file was deleted",
        "Send the file again", blocks=True, code="unfinished",
    )  # fmt: skip
    versions = list(stuck.select_related("for_return__trial__programme", "for_return__partner"))
    for version in versions:
        settle(version, Examined(State.BLOCKED, (unfinished,)), now=now)
        note(version, "return.given_up", by=by, now=now, details={"version": version.number})
    return len(versions)


@transaction.atomic
def explain(*, version: Version, kind: str, text: str, by: User, now: datetime) -> Explanation:
    """Say why findings of one kind are right as they are.

    Raises
    ------
    ReturnError
        If the version is no longer the current one, has no such kind, or the text is empty, too
        long or holds a personal detail.
    """
    sent = lock(version.for_return)
    refuse_if_closed(sent)
    refuse_unless_current(sent, version.number)
    kinds = {k.id: k for k in queries.kinds_of(version)} if version.kinds_to_explain else {}
    if kind not in kinds:
        raise ReturnError("there is nothing of this kind to explain", where=kind)
    text = check_words(text, "explanation")
    row, _ = Explanation.objects.update_or_create(
        version=version, kind=kind, defaults={"text": text, "by": by, "at": now}
    )
    row.full_clean()
    details: dict[str, Detail] = {"version": version.number, "kind": kinds[kind].code}
    note(version, "return.explained", by=by, now=now, details=details)
    return row


@transaction.atomic
def sign_off(*, sent: Return, number: int, by: User, now: datetime) -> Return:
    """Settle a return: its current version is what the trial uses.

    Parameters
    ----------
    number
        The version that whoever signs has looked at.

    Raises
    ------
    MovedOnError
        If another version came since.
    ReturnError
        If the version did not pass, something is still to be explained, it was compared with an
        earlier return that changed since, or it turns out to hold another partner's rows.
    """
    sent = lock(sent)
    refuse_if_closed(sent)
    version = refuse_unless_current(sent, number)
    refuse_unless_ready(sent, version)
    sent.accepted, sent.signed_off_at, sent.signed_off_by = version, now, by
    sent.full_clean()
    sent.save()
    complete_task(trial=sent.trial, partner=sent.partner, key=task_key(sent.wave), by=by, now=now)
    details: dict[str, Detail] = {"version": number, "people": version.people}
    note(version, "return.signed_off", by=by, now=now, details=details)
    return sent


@transaction.atomic
def reopen(*, sent: Return, reason: str, by: User, now: datetime) -> Return:
    """Open a signed-off return again, so that another file can be sent.

    Raises
    ------
    ReturnError
        If the data are locked, the roster was frozen from it, it is not signed off, or the reason
        is empty, too long or holds a personal detail.
    """
    sent = lock(sent)
    if why := queries.why_not_reopened(sent):
        raise ReturnError(f"the return cannot be opened again: {why}", where=place_of(sent))
    reason = check_words(reason, "reason")
    version = sent.accepted
    assert version is not None  # it is signed off
    sent.accepted = sent.signed_off_at = sent.signed_off_by = None
    sent.full_clean()
    sent.save()
    reopen_task(trial=sent.trial, partner=sent.partner, key=task_key(sent.wave), by=by, now=now)
    tell_opened_again(sent, reason, by=by, now=now)
    details: dict[str, Detail] = {"version": version.number, "reason": reason}
    note(version, "return.reopened", by=by, now=now, details=details)
    return sent


def task_key(wave: str) -> str:
    """Return the key of a return's task in the partner's list."""
    return f"return:{wave}"


def _asked(protocol: DeclaredTrial) -> Iterable[tuple[str, str, date, date]]:
    """Yield partner, wave, opening and due date of every return of a protocol."""
    for partner in protocol.population.partners:
        if partner.status != "recruited" or partner.launch is None:
            continue
        for wave in protocol.waves:
            if wave.collect is not None:
                due = wave.collect.due.after(partner.launch)
                over = period_of(wave, partner.launch).end
                yield partner.id, wave.id, min(over, due - LEAST_TIME), due


@transaction.atomic
def _conclude(version: Version, examined: Examined, *, now: datetime) -> Version:
    lock(version.for_return)
    fresh = Version.objects.select_for_update().get(pk=version.pk)
    if fresh.state != State.CHECKING:  # another worker was quicker
        return fresh
    fresh.for_return = version.for_return
    settle(fresh, examined, now=now)
    carry_explanations(fresh)
    note_outcome(fresh, by=version.uploaded_by, now=now)
    return fresh
