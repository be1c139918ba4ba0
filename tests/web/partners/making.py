"""A call, expressions and agreements for the tests of this stage, made by the real acts."""

import uuid
from datetime import date, datetime

from lighttouch.web.accounts.models import User
from lighttouch.web.partners import actions
from lighttouch.web.partners.models import Call, Criterion, Expression, State
from lighttouch.web.programmes.models import Partner, Programme
from tests.web.cast import NOW, Cast

TODAY = NOW.date()
CALL = actions.CallText(
    title="Try something small with us",
    summary="We look for councils that want to find out what helps their social workers.",
    opens_on=date(2026, 2, 2),
    closes_on=date(2026, 3, 18),
    themes=(("Feeling valued", "Thanks that reach people."), ("Time", "")),
    tasks="Name two people. Send three spreadsheets.",
    time="About six days of work over six months.",
    data="A list of staff codes with absence, without names.",
    handling="We hold codes, never names.",
    contact="trials@example.org",
)
REASON = "They have done this before."


def make_call(programme: Programme, by: User, *, published: bool = True) -> Call:
    """Make the programme's call, open in March 2026."""
    call = actions.save_call(programme=programme, text=CALL, revision=0, by=by, now=NOW)
    if published:
        call = actions.publish_call(call=call, revision=call.revision, by=by, now=NOW)
    return call


def make_answers(call: Call, **changes: object) -> actions.Answers:
    """Return one organisation's answers."""
    given: dict[str, object] = {
        "organisation": "Northshire Council",
        "name": "Wilhelmina Featherstone",
        "role": "Principal social worker",
        "email": "w.featherstone@northshire.example",
        "workforce": "medium",
        "themes": tuple(call.themes.values_list("pk", flat=True)[:1]),
        "wish": "We would like to thank people better.",
        "worry": "",
        "readiness": "probably",
    }
    return actions.Answers(**{**given, **changes})  # type: ignore[arg-type]


def make_expression(call: Call, *, now: datetime = NOW, **changes: object) -> Expression:
    """Receive an expression of interest."""
    return actions.express(
        call=call,
        answers=make_answers(call, **changes),
        draft=uuid.uuid4(),
        network=f"network {uuid.uuid4()}",
        now=now,
    )


def make_judgements(score: int = 2) -> dict[Criterion, actions.Judgement]:
    """Return a judgement of each criterion."""
    return {one: actions.Judgement(score, REASON) for one in Criterion}


def shortlist(expression: Expression, by: User) -> Expression:
    """Shortlist an expression."""
    return actions.decide(
        expression=expression,
        state=State.SHORTLISTED,
        reason=REASON,
        revision=expression.revision,
        by=by,
        now=NOW,
    )


def make_partner(cast: Cast, expression: Expression, code: str = "northshire") -> Partner:
    """Shortlist an expression and turn it into a partner."""
    expression = shortlist(expression, cast["trial_manager"])
    return actions.make_partner(
        expression=expression,
        code=code,
        name=expression.organisation,
        revision=expression.revision,
        by=cast["trial_manager"],
        now=NOW,
    )
