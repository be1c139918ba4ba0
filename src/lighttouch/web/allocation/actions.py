"""Propose a draw, confirm it as a second person, draw once; then decide who may see what."""

from datetime import datetime

from django.db import transaction

from lighttouch.core.errors import AllocationError
from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.allocation.convert import batches, count_arms, write_draw
from lighttouch.web.allocation.drawing import Drawn, Progress, draw_study
from lighttouch.web.allocation.models import (
    Allocation,
    Assignment,
    Delivering,
    Proposal,
    Replay,
)
from lighttouch.web.allocation.telling import people_with, tell
from lighttouch.web.allocation.unblinding import (
    confirm_unblinding,
    lock,
    propose_unblinding,
    withdraw_unblinding,
)
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.enrolment.actions import note_arms
from lighttouch.web.enrolment.models import Participant, Roster
from lighttouch.web.enrolment.queries import verify_flow
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Participation, Partner, Stage, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.storage.actions import keep

__all__ = [
    "confirm",
    "confirm_unblinding",
    "decide_delivering",
    "draw",
    "lock",
    "note_look",
    "propose",
    "propose_unblinding",
    "replay",
    "withdraw",
    "withdraw_unblinding",
]

BATCH = 2_000


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@transaction.atomic
def propose(*, trial: Trial, by: User, now: datetime) -> Proposal:
    """Propose to draw from the roster as it is frozen now; a second person confirms.

    Doing it twice gives the proposal that is there. An open proposal about an earlier roster is
    withdrawn in favour of the new one.

    Raises
    ------
    AllocationError
        If somebody may not randomise, the roster is not frozen, the trial is allocated, nothing
        is drawn in it, or another person's proposal is open.
    """
    trial = _lock(trial)
    _refuse_unless_randomiser(by, trial)
    roster = _refuse_unless_drawable(trial)
    there = Proposal.objects.filter(trial=trial, withdrawn_at=None).first()
    if there and there.roster_sha256 == roster.sha256:
        if there.proposed_by_id == by.pk:
            return there
        raise AllocationError(
            "the draw is proposed already", where=trial.slug, remedy="Confirm that proposal"
        )
    if there:
        _withdraw(there, by=by, now=now)
    proposal = Proposal(trial=trial, roster_sha256=roster.sha256, proposed_by=by, proposed_at=now)
    proposal.full_clean()
    proposal.save(force_insert=True)
    others = people_with(Right.RANDOMISE, trial, but=by)
    about, sha256 = proposal.pk, roster.sha256
    tell("proposed", others, trial, about=about, by=by, now=now, roster=sha256)
    _note(trial, "draw.proposed", by=by, now=now, details={"roster": roster.sha256})
    return proposal


@transaction.atomic
def withdraw(*, proposal: Proposal, by: User, now: datetime) -> Proposal:
    """Withdraw a proposal, confirmed or not, as long as nothing was drawn.

    Raises
    ------
    AllocationError
        If somebody may not randomise, or the trial is allocated.
    """
    trial = _lock(proposal.trial)
    _refuse_unless_randomiser(by, trial)
    proposal = Proposal.objects.select_related("trial__programme").get(pk=proposal.pk)
    if proposal.withdrawn_at is not None:
        return proposal
    _refuse_if_drawn(trial)
    _withdraw(proposal, by=by, now=now)
    return proposal


@transaction.atomic
def confirm(*, proposal: Proposal, by: User, now: datetime) -> Proposal:
    """Confirm a proposal, as somebody other than who made it; the draw follows.

    Of two people who confirm at once, the first counts; for the other nothing changes.

    Raises
    ------
    AllocationError
        If somebody may not randomise or made the proposal, it was withdrawn, or the roster is
        not the one it names.
    """
    trial = _lock(proposal.trial)
    _refuse_unless_randomiser(by, trial)
    proposal = Proposal.objects.select_related("trial__programme").get(pk=proposal.pk)
    if by.pk == proposal.proposed_by_id:
        raise AllocationError(
            "nobody confirms the draw they proposed",
            where=trial.slug,
            remedy="Ask a second person to confirm it",
        )
    if proposal.withdrawn_at is not None:
        raise AllocationError(
            "the proposal was withdrawn", where=trial.slug, remedy="Propose the draw again"
        )
    if proposal.confirmed_at is not None:
        return proposal
    _refuse_if_stale(proposal, _refuse_unless_drawable(trial))
    proposal.confirmed_by, proposal.confirmed_at = by, now
    proposal.full_clean()
    proposal.save(update_fields=("confirmed_by", "confirmed_at"))
    _note(trial, "draw.confirmed", by=by, now=now, details={"roster": proposal.roster_sha256})
    return proposal


def draw(*, proposal: Proposal, now: datetime, progress: Progress = no_progress) -> Allocation:
    """Draw the trial of a confirmed proposal, once; a second time gives what was drawn.

    Raises
    ------
    AllocationError
        If the proposal is not confirmed or was withdrawn, the roster is not the one it names, or
        the core refuses.
    """
    proposal = Proposal.objects.select_related(
        "trial__programme", "proposed_by", "confirmed_by"
    ).get(pk=proposal.pk)
    if found := Allocation.objects.filter(trial=proposal.trial).first():
        return found
    _refuse_unless_confirmed(proposal)
    verify_flow(proposal.trial)
    drawn = draw_study(proposal, now=now, progress=progress)
    return _keep(proposal, drawn, progress)


@transaction.atomic
def _keep(proposal: Proposal, drawn: Drawn, progress: Progress) -> Allocation:
    trial = _lock(proposal.trial)
    if found := Allocation.objects.filter(trial=trial).first():
        return found
    _refuse_unless_confirmed(Proposal.objects.get(pk=proposal.pk))
    roster = _refuse_unless_drawable(trial)
    _refuse_if_stale(proposal, roster)
    assert proposal.confirmed_by is not None  # it is confirmed
    now = drawn.at
    allocation = Allocation(
        trial=trial,
        of_roster=roster,
        record=keep(drawn.record, now=now),
        table=keep(drawn.table, now=now),
        roster=keep(drawn.roster, now=now),
        proposed_by=proposal.proposed_by,
        confirmed_by=proposal.confirmed_by,
        drawn_at=now,
        balance=drawn.balance,
    )
    allocation.full_clean()
    allocation.save(force_insert=True)
    _assign(allocation, drawn, progress)
    counts = count_arms(drawn.placed, declared(trial))
    note_arms(roster=roster, counts=counts)
    _begin_delivering(trial, by=proposal.confirmed_by, now=now)
    Replay.objects.create(
        allocation=allocation,
        at=now,
        by=proposal.confirmed_by,
        confirmed=True,
        lines=list(drawn.lines),
    )
    trial.stage = Stage.ALLOCATED
    trial.save(update_fields=("stage",))
    told = people_with(Right.RANDOMISE, trial)
    tell("drawn", told, trial, about=allocation.pk, by=proposal.confirmed_by, now=now)
    details: dict[str, Detail] = {**drawn.hashes, "people": len(drawn.placed)}
    _note(trial, "draw.done", by=proposal.confirmed_by, now=now, details=details)
    return allocation


def _assign(allocation: Allocation, drawn: Drawn, progress: Progress) -> None:
    people = Participant.objects.filter(trial=allocation.trial, excluded_because="")
    keys = {
        (partner, staff): pk
        for pk, partner, staff in people.values_list("pk", "partner__code", "staff_id").iterator()
    }
    done = 0
    for batch in batches(drawn.placed, BATCH):
        Assignment.objects.bulk_create(
            Assignment(
                allocation=allocation,
                participant_id=keys[one.partner, one.staff_id],
                unit=one.unit,
                arm=one.arm,
            )
            for one in batch
        )
        done += len(batch)
        progress("Writing down the allocation", done, len(drawn.placed))


def _begin_delivering(trial: Trial, *, by: User, now: datetime) -> None:
    """Begin with those partners delivering that hold their people's contact details."""
    holding = set(
        Agreement.objects.filter(trial=trial, contact_route=ContactRoute.HELD).values_list(
            "partner", flat=True
        )
    )
    Delivering.objects.bulk_create(
        Delivering(
            participation=one,
            by_partner=one.partner_id in holding,
            decided_at=now,
            decided_by=by,
        )
        for one in Participation.objects.filter(trial=trial)
    )


@transaction.atomic
def decide_delivering(
    *, trial: Trial, partner: Partner, by_partner: bool, by: User, now: datetime
) -> Delivering:
    """Say whether a partner delivers what the arms get; then its coordinator sees who gets what."""
    row = Delivering.objects.select_for_update().get(
        participation__trial=trial, participation__partner=partner
    )
    if row.by_partner != by_partner:
        row.by_partner, row.decided_at, row.decided_by = by_partner, now, by
        row.full_clean()
        row.save()
        record(
            act="delivering.decided",
            by=by,
            now=now,
            programme=trial.programme.slug,
            trial=trial.slug,
            partner=partner.code,
            details={"by_partner": by_partner},
        )
    return row


@transaction.atomic
def note_look(
    *, trial: Trial, what: str, people: int, by: User, now: datetime, partner: str = ""
) -> None:
    """Write down that somebody looked at people's arms: who, when and how many."""
    record(
        act="arms.seen",
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=partner,
        details={"what": what, "people": people},
    )


def replay(
    *, allocation: Allocation, by: User, now: datetime, progress: Progress = no_progress
) -> Replay:
    """Draw again from what is kept, compare with the record, and keep what was found."""
    from lighttouch.core.archive.allocating import verify_allocation
    from lighttouch.web.enrolment.convert import write_frozen
    from lighttouch.web.returns.resting import empty_folder

    trial = allocation.trial
    verify_flow(trial)
    with empty_folder() as folder:
        progress("Laying out the roster and the returns", 0, 2)
        write_frozen(trial, folder)
        write_draw(trial, folder)
        progress("Drawing again", 1, 2)
        found = verify_allocation(folder)
    return _keep_replay(
        Replay(
            allocation=allocation,
            at=now,
            by=by,
            confirmed=found.confirmed,
            lines=list(found.lines),
        )
    )


@transaction.atomic
def _keep_replay(replayed: Replay) -> Replay:
    replayed.full_clean()
    replayed.save(force_insert=True)
    trial, details = replayed.allocation.trial, {"confirmed": replayed.confirmed}
    _note(trial, "draw.replayed", by=replayed.by, now=replayed.at, details=dict(details))
    return replayed


def _lock(trial: Trial) -> Trial:
    return (
        Trial.objects.select_for_update(of=("self",)).select_related("programme").get(pk=trial.pk)
    )


def _refuse_unless_randomiser(by: User, trial: Trial) -> None:
    if not has_right(by, Right.RANDOMISE, Scope(trial.programme, trial)):
        raise AllocationError(
            "this person may not randomise", where=trial.slug, remedy="Ask somebody who may"
        )


def _refuse_if_drawn(trial: Trial) -> None:
    if trial.has_reached(Stage.ALLOCATED):
        raise AllocationError(
            "the trial is allocated already, and nothing is ever drawn twice", where=trial.slug
        )


def _refuse_unless_drawable(trial: Trial) -> Roster:
    """Return the roster of a trial that can be drawn."""
    _refuse_if_drawn(trial)
    roster = Roster.objects.filter(trial=trial).first()
    if roster is None:
        raise AllocationError(
            "the roster is not frozen yet", where=trial.slug, remedy="Freeze the roster first"
        )
    if declared(trial).allocation.method != "drawn":
        raise AllocationError(
            "the trial file says that nothing is drawn here", where="allocation.method"
        )
    return roster


def _refuse_if_stale(proposal: Proposal, roster: Roster) -> None:
    if proposal.roster_sha256 != roster.sha256:
        raise AllocationError(
            "the roster was frozen again since the draw was proposed",
            where=roster.trial.slug,
            remedy="Propose the draw again, from the roster as it is",
        )


def _refuse_unless_confirmed(proposal: Proposal) -> None:
    if proposal.confirmed_at is None or proposal.withdrawn_at is not None:
        raise AllocationError(
            "no second person confirmed the draw",
            where=proposal.trial.slug,
            remedy="Have it confirmed first",
        )


def _withdraw(proposal: Proposal, *, by: User, now: datetime) -> None:
    proposal.withdrawn_by, proposal.withdrawn_at = by, now
    proposal.full_clean()
    proposal.save(update_fields=("withdrawn_by", "withdrawn_at"))
    _note(proposal.trial, "draw.withdrawn", by=by, now=now)


def _note(
    trial: Trial, act: str, *, by: User, now: datetime, details: dict[str, Detail] | None = None
) -> None:
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        details=details,
    )
