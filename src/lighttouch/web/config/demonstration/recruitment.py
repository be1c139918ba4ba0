"""The simulated programme's call, the organisations that answered, and its funnel."""

import uuid
from datetime import datetime, timedelta

from lighttouch.web.config.demonstration.people import People
from lighttouch.web.partners.actions import (
    add_quote,
    assess,
    clear_quote,
    decide,
    enter_stage,
    express,
    log_entry,
    publish_call,
    save_call,
)
from lighttouch.web.partners.actions.calls import CallText
from lighttouch.web.partners.actions.expressions import Answers
from lighttouch.web.partners.actions.reviews import Judgement
from lighttouch.web.partners.models import (
    Call,
    Criterion,
    Expression,
    FunnelStage,
    Kind,
    Readiness,
    Stage,
    State,
    Workforce,
)
from lighttouch.web.programmes.models import Programme

HISTORY = ((Stage.ASKED, 152, "Every authority in England"), (Stage.RESPONDED, 35, ""))
THEMES = (
    ("Recognition", "Thanks that are noticed: letters, notes, small tokens."),
    ("Time and goals", "Help with planning, and with what matters in a crowded week."),
    ("The place of work", "Small comforts where people do the job."),
)
WISHES = (
    ("Ashdown", "Letters from the director to everybody who stayed through the winter."),
    ("Millbrook", "Half an hour a week that nobody may book over."),
    ("Westferry", "Somewhere to sit down with a hot drink between visits."),
    ("Harrowgate", "A message from young people who have left care."),
)


def recruit(programme: Programme, people: People, now: datetime) -> None:
    """Publish a call, receive what comes, and begin to review it."""
    opened = now - timedelta(days=20)
    call = _call(programme, people, opened, now)
    received = [
        _express(call, name, wish, opened + timedelta(days=3 * i))
        for i, (name, wish) in enumerate(WISHES, start=1)
    ]
    _review(received, people, now)
    for stage, count, note in HISTORY:
        _enter(programme, stage, count, note, people, now)
    _codesign(programme, people, now)


def _call(programme: Programme, people: People, opened: datetime, now: datetime) -> Call:
    text = CallText(
        title="Try something small, and find out whether it helps",
        summary="We look for organisations with social-work teams that would like to try a cheap, "
        "humane idea with us, as an honest trial.",
        opens_on=opened.date(),
        closes_on=(now + timedelta(days=25)).date(),
        themes=THEMES,
        tasks="One officer who sends a spreadsheet without names two or three times, and a senior "
        "person who stands behind the trial.",
        time="About two days of the officer's time in all; five minutes for each member of staff.",
        data="Sickness absence and turnover by code, never by name.",
        handling="You keep the list that says whose code is whose.",
        contact="programme@example.org",
    )
    by = people.manager
    call = save_call(programme=programme, text=text, revision=0, by=by, now=opened)
    return publish_call(call=call, revision=call.revision, by=by, now=opened)


def _express(call: Call, name: str, wish: str, at: datetime) -> Expression:
    theme = call.themes.first()
    assert theme is not None
    answers = Answers(
        organisation=f"{name} Council",
        name="Alex Example",
        role="Head of workforce",
        email=f"workforce@{name.lower()}.example.org",
        workforce=Workforce.MEDIUM,
        themes=(theme.pk,),
        wish=wish,
        worry="That staff feel watched.",
        readiness=Readiness.PROBABLY,
    )
    return express(call=call, answers=answers, draft=uuid.uuid4(), network="127.0.0.1", now=at)


def _review(received: list[Expression], people: People, now: datetime) -> None:
    for index, expression in enumerate(received[:3]):
        for reviewer in (people.manager, people.researcher)[: 2 - index % 2]:
            scores = {
                c: Judgement(3 - (index + i) % 3, "Seen in the form.")
                for i, c in enumerate(Criterion)
            }
            assess(expression=expression, judgements=scores, by=reviewer, now=now)
    first = Expression.objects.get(pk=received[0].pk)
    decide(
        expression=first,
        state=State.SHORTLISTED,
        reason="Cheap, and the director would write the letters.",
        revision=first.revision,
        by=people.manager,
        now=now,
    )


def _enter(
    programme: Programme, stage: Stage, count: int, note: str, people: People, now: datetime
) -> None:
    row = FunnelStage.objects.filter(programme=programme, stage=stage).first()
    enter_stage(
        programme=programme,
        stage=stage,
        partners=count,
        note=note,
        revision=row.revision if row else 0,
        by=people.manager,
        now=now,
    )


def _codesign(programme: Programme, people: People, now: datetime) -> None:
    entry = log_entry(
        programme=programme,
        kind=Kind.WORKSHOP,
        on=(now - timedelta(days=8)).date(),
        title="What would be noticed",
        text="Two hours with team managers and practitioners of three authorities.",
        by=people.researcher,
        now=now,
    )
    for theme, text in (
        ("Being noticed", "A thank you from somebody who knows what the week was like."),
        ("Time", "If it is not in the diary, it does not happen."),
    ):
        quote = add_quote(
            entry=entry, theme=theme, role="Team manager", text=text, by=people.researcher, now=now
        )
        clear_quote(quote=quote, by=people.manager, now=now)
