"""Start a questionnaire, change it, put it into the trial file, or put it away."""

from datetime import datetime

from django.db import transaction

from lighttouch.core.errors import Fault, InputError, ProtocolError
from lighttouch.core.instruments.library import read_library
from lighttouch.core.protocol.checks_questions import find_instrument_problems
from lighttouch.core.protocol.questions import OwnInstrument
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.protocols.models import Version
from lighttouch.web.questionnaires.building import Built, fill_draft, read_draft
from lighttouch.web.questionnaires.models import Draft
from lighttouch.web.questionnaires.placing import place_block


class MovedOnError(InputError):
    """What is to be changed was changed by somebody else in the meantime."""


@transaction.atomic
def start(*, trial: Trial, name: str, built: Built, by: User, now: datetime) -> Draft:
    """Start a questionnaire of a trial.

    Raises
    ------
    InputError
        If the trial is registered, or the name is taken here or in the library.
    """
    trial = _lock(trial)
    taken = Draft.objects.filter(trial=trial, name=name).exists()
    if taken or name in read_library().questionnaires:
        raise InputError(
            f"there is a questionnaire {name} already", where="name", remedy="Give it another name"
        )
    draft = Draft(trial=trial, name=name, changed_by=by, changed_at=now)
    fill_draft(draft, built)
    draft.full_clean()
    draft.save(force_insert=True)
    _note("questionnaire.started", draft, by=by, now=now, details={})
    return draft


@transaction.atomic
def change(*, draft: Draft, built: Built, revision: int, by: User, now: datetime) -> Draft:
    """Keep what a questionnaire asks now.

    Parameters
    ----------
    revision
        The one it was changed from.

    Raises
    ------
    MovedOnError
        If somebody changed it meanwhile.
    InputError
        If the trial is registered, or a question of its own is not one.
    """
    _lock(draft.trial)
    draft = _lock_draft(draft, revision)
    for own in built.instruments:
        refuse_faulty(own)
    if built == read_draft(draft):
        return draft
    fill_draft(draft, built)
    draft.revision += 1
    draft.changed_by, draft.changed_at = by, now
    draft.full_clean()
    draft.save()
    details: dict[str, Detail] = {"revision": draft.revision, "instruments": len(built.entries)}
    _note("questionnaire.changed", draft, by=by, now=now, details=details)
    return draft


def refuse_faulty(own: OwnInstrument) -> None:
    """Refuse an own question that a trial file would not take.

    Raises
    ------
    InputError
        With every fault of it.
    """
    faults = [problem.as_fault() for problem in find_instrument_problems(own, (own.id,))]
    items = {item.id for one in read_library().instruments.values() for item in one.items}
    taken = {own.id} & set(read_library().instruments) | {item.id for item in own.items} & items
    faults += [
        Fault(f"the library has a question {name} already", own.id, "Give it another name")
        for name in sorted(taken)
    ]
    if faults:
        raise InputError(faults)


@transaction.atomic
def write(
    *, draft: Draft, revision: int, note: str, after: int, by: User, now: datetime
) -> Version:
    """Put a questionnaire into the trial file, as a new version of it.

    Parameters
    ----------
    after
        The number of the newest version, as it was read.

    Raises
    ------
    MovedOnError, lighttouch.web.protocols.actions.MovedOnError
        If the questionnaire or the trial file changed meanwhile.
    ProtocolError, InputError
        As :func:`~lighttouch.web.questionnaires.placing.place_block`.
    """
    trial = _lock(draft.trial)
    draft = _lock_draft(draft, revision)
    newest = Version.objects.filter(trial=trial).order_by("number").last()
    if newest is None:
        raise ProtocolError("the trial has no file yet", where=trial.slug)
    text = place_block(newest.text, read_draft(draft), draft.name)
    version = protocols.save_version(trial=trial, text=text, note=note, after=after, by=by, now=now)
    draft.version, draft.version_revision = version.number, draft.revision
    draft.full_clean()
    draft.save(update_fields=("version", "version_revision"))
    _note("questionnaire.written", draft, by=by, now=now, details={"version": version.number})
    return version


@transaction.atomic
def discard(*, draft: Draft, revision: int, by: User, now: datetime) -> None:
    """Put a questionnaire away; what was put into the trial file stays there.

    Raises
    ------
    MovedOnError, InputError
        As :func:`change`.
    """
    _lock(draft.trial)
    draft = _lock_draft(draft, revision)
    _note("questionnaire.discarded", draft, by=by, now=now, details={})
    draft.delete()


def _lock(trial: Trial) -> Trial:
    found = Trial.objects.select_for_update(of=("self",)).select_related("programme")
    trial = found.get(pk=trial.pk)
    if trial.stage != Stage.DRAFT:
        raise InputError(
            "the protocol is registered, so what is asked is frozen",
            where="the questionnaire",
            remedy="A change is an amendment: edit the trial file and give the reason",
        )
    return trial


def _lock_draft(draft: Draft, revision: int) -> Draft:
    found = Draft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if found is None or found.revision != revision:
        raise MovedOnError(
            "somebody changed the questionnaire in the meantime",
            where="the questionnaire",
            remedy="Open it again, then change it",
        )
    found.trial = draft.trial
    return found


def _note(act: str, draft: Draft, *, by: User, now: datetime, details: dict[str, Detail]) -> None:
    trial = draft.trial
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details={"questionnaire": draft.name, **details},
    )
