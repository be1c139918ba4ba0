"""Freeze the roster: from signed-off baseline returns, once, before anything is drawn."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import polars as pl
from django.db import transaction
from django.db.models import ProtectedError

from lighttouch.core.archive.allocating import freeze_roster
from lighttouch.core.archive.tabular import table_bytes
from lighttouch.core.errors import AllocationError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.enrolment.convert import (
    Files,
    count_reasons,
    participants_of,
    write_inputs,
)
from lighttouch.web.enrolment.models import (
    EarlierRoster,
    Happening,
    Participant,
    Roster,
    RosterCount,
    RosterSource,
)
from lighttouch.web.enrolment.words import check_words
from lighttouch.web.programmes.models import Partner, Stage, Trial
from lighttouch.web.protocols.queries import declared, text_in_force
from lighttouch.web.returns.queries import accepted_files
from lighttouch.web.returns.resting import empty_folder
from lighttouch.web.storage.actions import keep

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Built:
    """A roster the core built, with what it was built from."""

    frame: pl.DataFrame
    content: bytes
    design_sha256: str
    sources: Files

    @property
    def sha256(self) -> str:
        """Hash of ``roster.csv``."""
        return hashlib.sha256(self.content).hexdigest()


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def freeze(
    *,
    trial: Trial,
    by: User,
    now: datetime,
    again_because: str = "",
    progress: Progress = no_progress,
) -> Roster:
    """Freeze the roster of a registered trial.

    Doing it twice gives the roster that is there. With a reason, a roster that is frozen already
    is built again and takes its place; that ends with the draw.

    Parameters
    ----------
    again_because
        Why the roster is frozen again, in a sentence without names.

    Raises
    ------
    AllocationError
        With every baseline return that is not signed off; if the trial is not registered or is
        allocated; if the roster frozen again would be the same; or if anything it is built from
        changed meanwhile.
    """
    reason = again_because.strip()
    if reason:
        check_words(reason, "reason")
    found = Roster.objects.filter(trial=trial).first()
    if found and not reason:
        return found
    _refuse_unless_ready(trial)
    progress("Reading the returns", 0, 1)
    built = build(trial)
    progress("Reading the returns", 1, 1)
    return _keep(trial, built, reason, by=by, now=now, progress=progress)


def build(trial: Trial) -> Built:
    """Have the core build the roster from what is signed off now; nothing is kept."""
    protocol = declared(trial)
    baseline = protocol.baseline_wave.id
    sources = {key: file for key, file in accepted_files(trial).items() if key[1] == baseline}
    with empty_folder() as folder:
        write_inputs(trial, sources, folder)
        frame = freeze_roster(protocol, folder)
    design = protocol_sha256(text_in_force(trial))
    return Built(frame, table_bytes(frame), design, sources)


@transaction.atomic
def _keep(
    trial: Trial, built: Built, reason: str, *, by: User, now: datetime, progress: Progress
) -> Roster:
    trial = (
        Trial.objects.select_for_update(of=("self",)).select_related("programme").get(pk=trial.pk)
    )
    before = Roster.objects.filter(trial=trial).first()
    if before and not reason:  # somebody else was quicker
        return before
    _refuse_unless_ready(trial)
    _refuse_unless_same(trial, built)
    carried = _set_aside(before, built, reason, by=by, now=now) if before else []
    roster = _add_roster(trial, built, (before.number if before else 0) + 1, by=by, now=now)
    _add_people(trial, built, progress)
    _carry_over(trial, carried)
    trial.stage = Stage.ENROLLED
    trial.save(update_fields=("stage",))
    record(
        act="roster.frozen_again" if before else "roster.frozen",
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details={
            "sha256": roster.sha256,
            "people": roster.people,
            "enrolled": roster.randomisable,
            "reason": reason,
        },
    )
    return roster


def _refuse_unless_ready(trial: Trial) -> None:
    if not trial.has_reached(Stage.REGISTERED):
        raise AllocationError(
            "the protocol is not registered", where=trial.slug, remedy="Register it first"
        )
    if trial.has_reached(Stage.ALLOCATED):
        raise AllocationError(
            "the trial is allocated, and its roster never changes again", where=trial.slug
        )
    if any(wave.table for wave in declared(trial).waves):
        raise AllocationError(
            "the trial was randomised elsewhere, and its roster comes with its tables",
            where=trial.slug,
            remedy="Assemble its archive from the command line",
        )


def _refuse_unless_same(trial: Trial, built: Built) -> None:
    baseline = declared(trial).baseline_wave.id
    now_there = {key: f for key, f in accepted_files(trial).items() if key[1] == baseline}
    design = protocol_sha256(text_in_force(trial))
    if now_there != built.sources or design != built.design_sha256:
        raise AllocationError(
            "a return or the protocol changed while the roster was being built",
            where=trial.slug,
            remedy="Look at the enrolment page again, then freeze the roster",
        )


def _add_roster(trial: Trial, built: Built, number: int, *, by: User, now: datetime) -> Roster:
    roster = Roster(
        trial=trial,
        number=number,
        file=keep(built.content, now=now),
        sha256=built.sha256,
        design_sha256=built.design_sha256,
        frozen_at=now,
        frozen_by=by,
        people=built.frame.height,
        randomisable=int((built.frame["excluded_because"] == "").sum()),
    )
    if not roster.randomisable:
        raise AllocationError(
            "nobody is left to randomise", where="roster", remedy="Check the exclusions"
        )
    roster.full_clean()
    roster.save(force_insert=True)
    partners = _partners(trial)
    RosterSource.objects.bulk_create(
        RosterSource(
            roster=roster, partner=partners[code], suffix=suffix, file=keep(content, now=now)
        )
        for (code, _), (suffix, content) in built.sources.items()
    )
    return roster


def _add_people(trial: Trial, built: Built, progress: Progress) -> None:
    partners = _partners(trial)
    RosterCount.objects.bulk_create(
        RosterCount(trial=trial, partner=partners[code], excluded_because=reason, people=people)
        for (code, reason), people in sorted(count_reasons(built.frame).items())
    )
    done, total = 0, built.frame.height
    for batch in _batches(participants_of(built.frame, trial, partners)):
        Participant.objects.bulk_create(batch)
        done += len(batch)
        progress("Writing down who is on the roster", done, total)


def _batches(people: Iterator[Participant]) -> Iterator[list[Participant]]:
    while batch := list(islice(people, BATCH)):
        yield batch


def _partners(trial: Trial) -> dict[str, Partner]:
    return {partner.code: partner for partner in Partner.objects.filter(programme=trial.programme)}


def _set_aside(
    before: Roster, built: Built, reason: str, *, by: User, now: datetime
) -> list[Happening]:
    """Keep the file of the roster that was there, and take its rows away; return what happened."""
    if before.sha256 == built.sha256 and before.design_sha256 == built.design_sha256:
        raise AllocationError(
            "the roster would come out the same", where="roster", remedy="Leave it as it is"
        )
    earlier = EarlierRoster(
        trial=before.trial,
        number=before.number,
        file=before.file,
        sha256=before.sha256,
        people=before.people,
        randomisable=before.randomisable,
        frozen_at=before.frozen_at,
        frozen_by=before.frozen_by,
        replaced_at=now,
        replaced_by=by,
        reason=reason,
    )
    earlier.full_clean()
    earlier.save(force_insert=True)
    people = Participant.objects.filter(trial=before.trial)
    happened = list(
        Happening.objects.filter(participant__trial=before.trial).select_related("participant")
    )
    Happening.objects.filter(participant__trial=before.trial).delete()
    try:
        people.delete()
    except ProtectedError as error:
        raise AllocationError(
            "people on this roster were asked or sent something already",
            where="roster",
            remedy="Leave it as it is; record what happened to people since as events",
        ) from error
    RosterCount.objects.filter(trial=before.trial).delete()
    before.delete()
    return happened


def _carry_over(trial: Trial, happened: list[Happening]) -> None:
    """Put what happened to people on the roster before to the same people on this one."""
    codes = {one.participant.staff_id for one in happened}
    again = {
        (one.partner_id, one.staff_id): one
        for one in Participant.objects.filter(trial=trial, staff_id__in=codes)
    }
    keys = [(one.participant.partner_id, one.participant.staff_id) for one in happened]
    if gone := len({key for key in keys if key not in again}):
        raise AllocationError(
            f"{gone} people about whom something is recorded are not on the new roster",
            where="roster",
            remedy="Cancel those records first, or have the return put right",
        )
    for one, key in zip(happened, keys, strict=True):
        one.participant = again[key]
    Happening.objects.bulk_create(happened)
