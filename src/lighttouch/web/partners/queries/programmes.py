"""Which programmes there are for somebody, and where one stands."""

import hashlib
from dataclasses import dataclass
from datetime import date

from lighttouch.web.accounts.models import Role, User
from lighttouch.web.accounts.permissions import Right, Scope, has_right, live_grants
from lighttouch.web.partners.models import (
    Agreement,
    Call,
    Expression,
    Phase,
    Signing,
    State,
    Task,
)
from lighttouch.web.programmes.models import Participation, Programme, Trial


def may_start_programme(user: User) -> bool:
    """Say whether somebody may start a programme: administrators, and who manages a whole one."""
    return any(
        grant.role == Role.ADMINISTRATOR
        or (grant.role == Role.TRIAL_MANAGER and grant.trial_id is None)
        for grant in live_grants(user)
    )


def programmes_with(user: User, right: Right) -> list[Programme]:
    """Return the programmes in which somebody has a right, by title."""
    ids = {grant.programme_id for grant in live_grants(user) if grant.programme_id}
    every = Programme.objects.filter(pk__in=ids).prefetch_related("trials")
    return [one for one in every if has_right(user, right, Scope(one))]


def fingerprint(programme: Programme) -> str:
    """Return a hash of a programme's words, to see whether they changed."""
    text = f"{programme.title}\0{programme.summary}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a programme's recruitment stands, in counts."""

    call: Call | None
    phase: Phase | None
    received: int
    to_decide: int
    unassessed: int
    unmatched: int
    unsigned: int
    late: int


def standing(programme: Programme, user: User, today: date) -> Standing:
    """Return where recruitment stands; ``unassessed`` counts what somebody has yet to assess."""
    call = Call.objects.filter(programme=programme).first()
    every = Expression.objects.filter(call__programme=programme)
    waiting = every.filter(state=State.RECEIVED)
    taking_part = Participation.objects.filter(trial__programme=programme)
    signed = Agreement.objects.filter(trial__programme=programme, state=Signing.SIGNED)
    pairs = set(signed.values_list("trial_id", "partner_id"))
    return Standing(
        call=call,
        phase=call.phase(today) if call else None,
        received=every.count(),
        to_decide=waiting.count(),
        unassessed=waiting.exclude(assessments__reviewer=user).count(),
        unmatched=every.filter(partner__isnull=False, partner__participations=None).count(),
        unsigned=sum(
            pair not in pairs for pair in taking_part.values_list("trial_id", "partner_id")
        ),
        late=Task.objects.filter(
            trial__programme=programme, done_at=None, due_on__lt=today
        ).count(),
    )


def trials_of(programme: Programme) -> list[Trial]:
    """Return a programme's trials with their partners, by title."""
    return list(programme.trials.prefetch_related("participations__partner"))
