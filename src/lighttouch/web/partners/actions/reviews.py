"""Consult, assess and decide about an expression of interest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.partners.actions.common import check_revision, save_checked, tell
from lighttouch.web.partners.errors import RefusedError
from lighttouch.web.partners.models import (
    Assessment,
    Criterion,
    Expression,
    Note,
    Score,
    State,
)
from lighttouch.web.partners.words import refuse_personal
from lighttouch.web.programmes.models import Participation, Partner
from lighttouch.web.ui.dates import day_of

DECISIONS: dict[State, tuple[State, ...]] = {
    State.RECEIVED: (State.SHORTLISTED, State.DECLINED, State.WITHDRAWN),
    State.SHORTLISTED: (State.DECLINED, State.WITHDRAWN, State.RECEIVED),
    State.DECLINED: (State.SHORTLISTED, State.WITHDRAWN, State.RECEIVED),
    State.WITHDRAWN: (State.RECEIVED,),
}
"""What may be decided next."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well one criterion is met, from 0 to 3, and why."""

    score: int
    reason: str


@transaction.atomic
def add_note(*, expression: Expression, on: date, text: str, by: User, now: datetime) -> Note:
    """Note what was learnt from an organisation on a day."""
    if on > day_of(now):
        raise RefusedError(
            "the day has not come yet", where="On", remedy="Give the day you spoke to them"
        )
    refuse_personal(note=text)
    note = Note(expression=expression, on=on, text=text, author=by, created_at=now)
    save_checked(note)
    _tell("expression.noted", expression, by=by, now=now)
    return note


@transaction.atomic
def assess(
    *,
    expression: Expression,
    judgements: Mapping[Criterion, Judgement],
    by: User,
    now: datetime,
) -> Assessment:
    """Judge an expression against the four criteria, once.

    Raises
    ------
    RefusedError
        If a criterion is missing, this person has judged it already, or it is decided against.
    """
    expression = _locked(expression)
    if expression.state not in (State.RECEIVED, State.SHORTLISTED):
        raise RefusedError(
            "this expression was declined or withdrawn", remedy="Put it back to be decided first"
        )
    if missing := [one.label for one in Criterion if one not in judgements]:
        raise RefusedError(f"there is no judgement of: {', '.join(missing)}")
    if Assessment.objects.filter(expression=expression, reviewer=by).exists():
        raise RefusedError(
            "you have given your assessment, and have seen those of others",
            remedy="Add a note if you think otherwise now",
        )
    refuse_personal(**{f"reason_{key}": one.reason for key, one in judgements.items()})
    assessment = Assessment(expression=expression, reviewer=by, given_at=now)
    save_checked(assessment)
    for criterion in Criterion:
        one = judgements[criterion]
        save_checked(
            Score(assessment=assessment, criterion=criterion, score=one.score, reason=one.reason)
        )
    _tell("expression.assessed", expression, by=by, now=now)
    return assessment


@transaction.atomic
def decide(
    *,
    expression: Expression,
    state: State,
    reason: str,
    revision: int,
    by: User,
    now: datetime,
) -> Expression:
    """Shortlist or decline an expression, note that it is withdrawn, or put it back; say why.

    The decision and its reason also become a note, so that an earlier one stays to be read.
    """
    expression = _locked(expression)
    check_revision(expression, revision)
    _check_decision(expression, state)
    if not reason.strip():
        raise RefusedError("there is no reason", where="Reason", remedy="Say why in a sentence")
    refuse_personal(reason=reason)
    back = state == State.RECEIVED
    expression.state, expression.reason = state, "" if back else reason
    expression.decided_by = None if back else by
    expression.decided_at = None if back else now
    if back:
        expression.shortlisted_at = None
    elif state == State.SHORTLISTED:
        expression.shortlisted_at = expression.shortlisted_at or now
    expression.revision += 1
    save_checked(expression)
    Note.objects.create(
        expression=expression,
        on=day_of(now),
        text=f"{'Put back' if back else state.label}: {reason}",
        author=by,
        created_at=now,
    )
    _tell("expression.decided", expression, by=by, now=now, decision=state.value)
    return expression


def _check_decision(expression: Expression, state: State) -> None:
    if state not in DECISIONS[State(expression.state)]:
        raise RefusedError(
            f"this expression is {State(expression.state).label.lower()}",
            remedy="Look at its page again",
        )
    if expression.partner_id is None:
        return
    if state == State.RECEIVED:
        raise RefusedError("it has become a partner already", remedy="Decline it, or withdraw it")
    if Participation.objects.filter(partner=expression.partner_id).exists():
        raise RefusedError(
            "the partner is matched to a trial", remedy="End the match first, with its reason"
        )


@transaction.atomic
def make_partner(
    *, expression: Expression, code: str, name: str, revision: int, by: User, now: datetime
) -> Partner:
    """Turn a shortlisted expression into a partner of the programme."""
    expression = _locked(expression)
    check_revision(expression, revision)
    if expression.state != State.SHORTLISTED or expression.partner_id is not None:
        raise RefusedError(
            "only a shortlisted expression becomes a partner, once",
            remedy="Shortlist it first",
        )
    partner = Partner(programme=expression.call.programme, code=code, name=name)
    save_checked(partner)
    expression.partner = partner
    expression.revision += 1
    save_checked(expression)
    _tell("partner.made", expression, by=by, now=now, partner=partner.code)
    return partner


def _locked(expression: Expression) -> Expression:
    return (
        Expression.objects.select_for_update(of=("self",))
        .select_related("call__programme")
        .get(pk=expression.pk)
    )


def _tell(act: str, expression: Expression, *, by: User, now: datetime, **more: str) -> None:
    tell(
        act,
        by=by,
        now=now,
        programme=expression.call.programme,
        details={"reference": expression.reference, **more},
    )
