"""Freeze the roster, and record what happens to people on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.enrolment.erasing import erase
from lighttouch.web.enrolment.freezing import freeze
from lighttouch.web.enrolment.models import ArmCount, Happening, Participant, Roster, Withdrawal
from lighttouch.web.enrolment.telling import Told, check_all, refuse_unless_open
from lighttouch.web.enrolment.words import check_words
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.returns.queries import today_of

__all__ = [
    "Recorded",
    "cancel_happening",
    "freeze",
    "note_arms",
    "record_happening",
    "record_many",
]


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many records are new, and how many were there already."""

    new: int
    known: int


@transaction.atomic
def record_happening(
    *, trial: Trial, partner: Partner, told: Told, by: Actor, now: datetime
) -> Recorded:
    """Record what happened to one person; the same thing told twice is recorded once.

    Raises
    ------
    InputError
        If nobody on the partner's roster has the code, or what is told cannot be so.
    """
    return record_many(trial=trial, partner=partner, told=[told], by=by, now=now)


@transaction.atomic
def record_many(
    *,
    trial: Trial,
    partner: Partner,
    told: Sequence[Told],
    by: Actor,
    now: datetime,
    places: Sequence[str] = (),
) -> Recorded:
    """Record what happened to several people of a partner: all of it or nothing.

    Parameters
    ----------
    places
        Where each of ``told`` comes from, such as ``row 3``, for faults.

    Raises
    ------
    InputError
        With every fault, by its place; nothing is recorded then.
    """
    trial = (
        Trial.objects.select_for_update(of=("self",)).select_related("programme").get(pk=trial.pk)
    )
    checked = check_all(trial, partner, told, places=places, today=today_of(now))
    new = [_add(participant, one, by=by, now=now) for participant, one in checked]
    added = [one for one in new if one is not None]
    for event in sorted({(one.event, one.detail) for one in added}):
        same = [one for one in added if (one.event, one.detail) == event]
        _note(trial, partner, same, by=by, now=now)
    return Recorded(len(added), len(new) - len(added))


def _add(participant: Participant, told: Told, *, by: Actor, now: datetime) -> Happening | None:
    """Add a record; None if it is there already."""
    what = {
        "event": told.event,
        "detail": told.detail,
        "team": told.team,
        "building": told.building,
        "on": told.on,
    }
    if participant.happenings.filter(cancelled_at=None, **what).exists():
        return None
    recorder = by if isinstance(by, User) else None
    happening = Happening(participant=participant, recorded_by=recorder, recorded_at=now, **what)
    happening.full_clean()
    happening.save(force_insert=True)
    return happening


def _note(
    trial: Trial, partner: Partner, happened: list[Happening], *, by: Actor, now: datetime
) -> None:
    """Write one event for what is alike; erase first where that is what was asked for."""
    details: dict[str, Detail] = {"event": happened[0].event, "people": len(happened)}
    if happened[0].detail:
        details["how_far"] = happened[0].detail
    if happened[0].detail == Withdrawal.ERASE:
        gone: dict[str, int] = {}
        for one in happened:
            for what, rows in erase(one.participant, now).items():
                gone[what] = gone.get(what, 0) + rows
        details["erased"] = gone
    record(
        act="happening.recorded",
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=partner.code,
        details=details,
    )


@transaction.atomic
def cancel_happening(*, happening: Happening, reason: str, by: User, now: datetime) -> Happening:
    """Cancel a record that was made by mistake; it stays, marked as cancelled.

    Doing it twice changes nothing.

    Raises
    ------
    InputError
        If it is an erasure, which cannot be undone, or the reason is empty or looks personal.
    """
    happening = (
        Happening.objects.select_for_update(of=("self",))
        .select_related("participant__trial__programme", "participant__partner")
        .get(pk=happening.pk)
    )
    if happening.cancelled_at is not None:
        return happening
    if happening.detail == Withdrawal.ERASE:
        raise InputError("an erasure cannot be undone: what was erased is gone", where="how far")
    trial = happening.participant.trial
    refuse_unless_open(trial, happening.event)
    happening.cancelled_because = check_words(reason, "reason")[:300]
    happening.cancelled_at, happening.cancelled_by = now, by
    happening.full_clean()
    happening.save(update_fields=("cancelled_at", "cancelled_by", "cancelled_because"))
    record(
        act="happening.cancelled",
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=happening.participant.partner.code,
        details={"event": happening.event, "reason": happening.cancelled_because},
    )
    return happening


def note_arms(*, roster: Roster, counts: dict[str, tuple[int, int]]) -> None:
    """Write down how many units and people each arm got; called by the draw, in its transaction.

    Raises
    ------
    InputError
        If they are not as many as were enrolled.
    """
    if sum(people for _, people in counts.values()) != roster.randomisable:
        raise InputError(
            "the people in the arms are not those enrolled",
            where=roster.trial.slug,
            remedy="Do not use the draw; tell the administrator",
        )
    ArmCount.objects.bulk_create(
        ArmCount(trial=roster.trial, arm=arm, units=units, people=people)
        for arm, (units, people) in counts.items()
    )
