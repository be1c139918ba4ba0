"""Everything a trial will send, to whom and when: what is planned, and what is still to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.checks_messages import messages_of
from lighttouch.core.protocol.design import SurveyWindow
from lighttouch.core.protocol.messages import SurveyKind
from lighttouch.core.protocol.offsets import Span
from lighttouch.core.protocol.people import Partner as Place
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.delivery.hours import usual_moment
from lighttouch.web.delivery.models import Kind, Step
from lighttouch.web.delivery.planning import day_of_act, title_of
from lighttouch.web.delivery.queries import Line, calendar
from lighttouch.web.delivery.scripts import find_act, script_of
from lighttouch.web.enrolment.models import RosterCount
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns.marking import write_table
from lighttouch.web.surveys.models import Survey
from lighttouch.web.ui.dates import LONDON

EVERYBODY = "Everybody enrolled"
BY_PARTNER = "the partner"
MEANS = {"email": "e-mail", "text_message": "text message", "letter": "letter"}
SIGNED, WAITS = "Signed off", "Waits for the partner"
WITH_SURVEY, WITH_DRAW = "Planned when the survey opens", "Planned after the draw"
HEADINGS = ("partner", "day", "time", "what", "to", "by", "people", "state")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing sent at one partner; ``people`` is ``None`` before that is known."""

    partner: Partner
    due_at: datetime
    what: str
    to: str
    by: str
    people: int | None
    state: str

    @property
    def shown_by(self) -> str:
        """By what means, so that it stays on one line."""
        return self.by.replace("-", "\N{NON-BREAKING HYPHEN}")


def outlook(trial: Trial, partner: Partner | None = None) -> list[Entry]:
    """Return everything the trial file has sent in a trial, or at one of its partners, by day.

    A number of queries that does not grow with partners, messages or people.
    """
    protocol = declared(trial)
    partners = [one.partner for one in trial.participations.select_related("partner")]
    here = [one for one in partners if partner is None or one == partner]
    lines = calendar(trial, partner)
    planned = [_planned(protocol, line) for line in lines]
    known = {(line.mailing.partner_id, line.mailing.step.label) for line in lines}
    surveys = {one.wave: one for one in Survey.objects.filter(trial=trial)}
    enrolled, routes = _enrolled(trial), _routes(trial)
    to_come = [
        entry
        for one in here
        if (place := _place(protocol, one)) is not None
        for entry in _to_come(protocol, one, place, surveys, enrolled.get(one.pk))
        if (one.pk, entry.what) not in known
    ]
    entries = [*planned, *(_by_route(one, routes) for one in to_come)]
    return sorted(entries, key=lambda one: (one.due_at, one.partner.name, one.what))


def _planned(protocol: DeclaredTrial, line: Line) -> Entry:
    mailing, step = line.mailing, line.mailing.step
    to = EVERYBODY
    if step.kind == Kind.MESSAGE:
        found = find_act(protocol, step.intervention, step.act)
        to = _arm(protocol, found[0].arm) if found else "Nobody: no longer in the trial file"
    by = BY_PARTNER if line.by_partner else _means(protocol, step)
    state = SIGNED if mailing.signed_off_at else WAITS
    people = line.people - line.not_needed
    return Entry(mailing.partner, mailing.due_at, step.label, to, by, people, state)


def _means(protocol: DeclaredTrial, step: Step) -> str:
    try:
        return MEANS[script_of(step, protocol).channel]
    except InputError:  # an amendment took it out
        return ""


def _arm(protocol: DeclaredTrial, arm: str) -> str:
    return next(f"Arm: {one.label}" for one in protocol.arms if one.id == arm)


def _place(protocol: DeclaredTrial, partner: Partner) -> Place | None:
    """Return a partner as the trial file has it, if it takes part and its launch is known."""
    found = (one for one in protocol.population.partners if one.id == partner.code)
    place = next(found, None)
    return place if place and place.launch and place.status == "recruited" else None


def _enrolled(trial: Trial) -> dict[int, int]:
    rows = RosterCount.objects.filter(trial=trial, excluded_because="").order_by()
    return dict(rows.values_list("partner").annotate(Sum("people")))


def _routes(trial: Trial) -> dict[int, str]:
    return dict(Agreement.objects.filter(trial=trial).values_list("partner", "contact_route"))


def _by_route(entry: Entry, routes: dict[int, str]) -> Entry:
    if routes.get(entry.partner.pk) == ContactRoute.VAULT:
        return entry
    return Entry(
        entry.partner, entry.due_at, entry.what, entry.to, BY_PARTNER, entry.people, entry.state
    )


def _to_come(
    protocol: DeclaredTrial,
    partner: Partner,
    place: Place,
    surveys: dict[str, Survey],
    enrolled: int | None,
) -> Iterator[Entry]:
    """What the trial file declares at a partner, whether it is planned yet or not."""
    assert place.launch is not None
    launch = place.launch

    def moment(day: date) -> datetime:
        return usual_moment(day, place.nation)

    for wave in protocol.waves:
        asked = None if wave.id in surveys else wave.survey
        if asked is None:
            continue
        for kind, number, at in _times(asked):
            own = asked.messages.of(kind) if asked.messages else None
            by = MEANS[own.channel if own else "email"]
            what = f"{wave.label}: {kind}" + (f" {number}" if number else "")
            yield Entry(
                partner, moment(at.after(launch)), what, EVERYBODY, by, enrolled, WITH_SURVEY
            )
    for part in protocol.interventions:
        for act in part.steps:
            for number in range(1, act.times + 1) if messages_of(protocol, act) else ():
                yield Entry(
                    partner,
                    moment(day_of_act(act, number, launch)),
                    title_of(part, act, number),
                    _arm(protocol, part.arm),
                    MEANS[act.channel],
                    None,
                    WITH_DRAW,
                )


def _times(asked: SurveyWindow) -> Iterator[tuple[SurveyKind, int, Span]]:
    """Yield the invitation of a survey and its reminders, each with its number."""
    yield "invitation", 0, asked.opens
    for number, at in enumerate(asked.reminders, start=1):
        yield "reminder", number, at


def outlook_csv(entries: list[Entry]) -> bytes:
    """Return a calendar as a table for spreadsheet programs."""
    rows = [
        (
            one.partner.name,
            one.due_at.astimezone(LONDON).date().isoformat(),
            one.due_at.astimezone(LONDON).strftime("%H:%M"),
            one.what,
            one.to,
            one.by,
            "" if one.people is None else one.people,
            one.state,
        )
        for one in entries
    ]
    return write_table(HEADINGS, rows).encode()
