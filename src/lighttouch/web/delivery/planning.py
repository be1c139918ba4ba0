"""Plan what the trial file declares: messages of surveys to everybody, of interventions to an arm.

Planning again is safe: what is there stays, what moved or was put in other words is agreed to
anew, what closed is cancelled.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from lighttouch.core.errors import Fault, InputError
from lighttouch.core.protocol.checks_messages import messages_of
from lighttouch.core.protocol.design import SurveyWindow
from lighttouch.core.protocol.offsets import Span
from lighttouch.core.protocol.people import Intervention, Nation
from lighttouch.core.protocol.people import Step as DeclaredStep
from lighttouch.web.allocation.models import Allocation, Assignment
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.delivery.bulk import insert_alike
from lighttouch.web.delivery.composing import check_words, find_unknown
from lighttouch.web.delivery.hours import usual_moment
from lighttouch.web.delivery.models import (
    WAITING,
    Delivery,
    Kind,
    Mailing,
    Passage,
    Pause,
    Route,
    State,
    Step,
)
from lighttouch.web.delivery.scripts import Script, script_of
from lighttouch.web.delivery.sources import refuse_second_source
from lighttouch.web.delivery.tokens import digest_of, opt_out_token
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.surveys.models import Survey, Window
from lighttouch.web.ui.dates import day_of

CHUNK = 1000
CLOSED = "the survey is closed"


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning did: deliveries made, mailings moved, deliveries no longer needed."""

    made: int = 0
    moved: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A partner's day for a step, before weekends are looked at, and for whom it is."""

    step: Step
    script: Script
    partner: Partner
    day: date
    nation: Nation
    people: QuerySet[Participant]
    is_over: bool = False


@transaction.atomic
def plan_survey(*, survey: Survey, by: Actor, now: datetime) -> Planned:
    """Plan a survey's invitation and reminders for everybody enrolled.

    Raises
    ------
    InputError
        If sending in the trial was stopped for good, or a message is not whole.
    """
    _refuse_stopped(survey.trial)
    check_words(survey)
    return _plan(survey.trial, list(_asked(survey, now)), {"wave": survey.wave}, by, now)


@transaction.atomic
def plan_interventions(*, trial: Trial, by: Actor, now: datetime) -> Planned:
    """Plan the messages of a trial's interventions, each for the arm that gets it.

    Nothing is planned before the draw; whoever was never allocated gets nothing.

    Raises
    ------
    InputError
        If sending in the trial was stopped for good, a message asks for what is not known at a
        partner, or deliveries of an intervention were given as a table.
    """
    steps = _keep_acts(trial)
    if not steps:
        return Planned()
    _refuse_stopped(trial)
    refuse_second_source(trial, {step.intervention for step, _, _ in steps})
    asked = list(_asked_acts(trial, steps))
    if faults := _find_unknown(asked):
        raise InputError(faults)
    return _plan(trial, asked, {}, by, now)


def _find_unknown(asked: Iterable[_Asked]) -> list[Fault]:
    return [fault for one in asked for fault in find_unknown(one.step, one.partner, one.script)]


def find_obstacles(trial: Trial) -> tuple[Fault, ...]:
    """Return why messages of a trial cannot be planned, for a page to say; empty if they can."""
    try:
        steps = {step.intervention for step in Step.objects.filter(trial=trial, survey=None)}
        refuse_second_source(trial, steps | _worded(trial))
        for survey in trial.surveys.all():
            check_words(survey)
    except InputError as error:
        return error.faults
    return ()


def _worded(trial: Trial) -> set[str]:
    """Return the interventions the trial file has messages for."""
    protocol = declared(trial)
    return {
        part.id
        for part in protocol.interventions
        for act in part.steps
        if messages_of(protocol, act)
    }


def _refuse_stopped(trial: Trial) -> None:
    if Pause.objects.filter(trial=trial, for_good=True).exists():
        raise InputError("sending in this trial was stopped for good", where=trial.slug)


def _plan(
    trial: Trial, asked: list[_Asked], details: dict[str, str], by: Actor, now: datetime
) -> Planned:
    """Keep every mailing as it is now asked for, and make the deliveries that are not there."""
    made = moved = cancelled = 0
    routes = _contact_routes(trial)
    there = {
        (one.step_id, one.partner_id): one
        for one in Mailing.objects.filter(step__in={each.step.pk for each in asked})
    }
    for one in asked:
        mailing = there.get((one.step.pk, one.partner.pk))
        is_new = mailing is None
        mailing, is_moved = _keep_mailing(one, mailing, now)
        moved += is_moved
        if one.is_over:
            cancelled += cancel_waiting(mailing, CLOSED, now)
        elif is_new or one.step.survey_id:
            held = routes.get(one.partner.pk) != ContactRoute.VAULT
            route = Route.PACK if held else one.script.route
            made += _add_people(mailing, one.people, route, now)
    if made or moved or cancelled:
        record(
            act="delivery.planned",
            by=by,
            now=now,
            programme=trial.programme.slug,
            trial=trial.slug,
            details={**details, "made": made, "moved": moved, "cancelled": cancelled},
        )
    return Planned(made, moved, cancelled)


def _contact_routes(trial: Trial) -> dict[int, str]:
    return dict(Agreement.objects.filter(trial=trial).values_list("partner", "contact_route"))


def _asked(survey: Survey, now: datetime) -> Iterator[_Asked]:
    """Every step at every partner; a window that was moved takes its reminders with it."""
    protocol = declared(survey.trial)
    asked = next(wave.survey for wave in protocol.waves if wave.id == survey.wave)
    if asked is None:
        raise InputError("the trial file asks no survey of this wave", where=survey.wave)
    places = {partner.id: partner for partner in protocol.population.partners}
    steps = _keep_steps(survey, asked)
    scripts = [script_of(step, protocol) for step in steps]
    for window in survey.windows.select_related("partner").order_by("pk"):
        place = places[window.partner.code]
        if place.launch is None:
            continue
        shift = window.opens_on - asked.opens.after(place.launch)
        days = [window.opens_on, *(one.after(place.launch) + shift for one in asked.reminders)]
        people = _enrolled(survey.trial, window.partner)
        over = _is_over(window, now)
        for step, script, day in zip(steps, scripts, days, strict=True):
            yield _Asked(step, script, window.partner, day, place.nation, people, over)


def _enrolled(trial: Trial, partner: Partner) -> QuerySet[Participant]:
    return Participant.objects.filter(trial=trial, partner=partner, excluded_because="")


def _keep_steps(survey: Survey, asked: SurveyWindow) -> list[Step]:
    wanted = [(Kind.INVITATION, 0)]
    wanted += [(Kind.REMINDER, number) for number in range(1, len(asked.reminders) + 1)]
    return [
        Step.objects.get_or_create(
            survey=survey, kind=kind, number=number, defaults={"trial": survey.trial}
        )[0]
        for kind, number in wanted
    ]


def _keep_acts(trial: Trial) -> list[tuple[Step, Intervention, DeclaredStep]]:
    """Return a step for each time the trial file has a message of an intervention sent."""
    protocol = declared(trial)
    there = {
        (one.intervention, one.act, one.number): one
        for one in Step.objects.filter(trial=trial, survey=None)
    }
    kept = []
    for part in protocol.interventions:
        for act in part.steps if _is_allocated(trial) else ():
            for number in range(1, act.times + 1) if messages_of(protocol, act) else ():
                step = there.get((part.id, act.id, number))
                if step is None:
                    step = Step.objects.create(
                        trial=trial,
                        kind=Kind.MESSAGE,
                        number=number,
                        intervention=part.id,
                        act=act.id,
                        title=title_of(part, act, number),
                    )
                kept.append((step, part, act))
    return kept


def title_of(part: Intervention, act: DeclaredStep, number: int) -> str:
    """Return what pages call one time of one step of an intervention."""
    of_several = f" {number} of {act.times}" if act.times > 1 else ""
    name = f"{part.label}: {act.id.replace('_', ' ')}"
    return f"{name[: 190 - len(of_several)]}{of_several}"


def _is_allocated(trial: Trial) -> bool:
    single = declared(trial).allocation.method == "none"
    return single or Allocation.objects.filter(trial=trial).exists()


def _asked_acts(
    trial: Trial, steps: Iterable[tuple[Step, Intervention, DeclaredStep]]
) -> Iterator[_Asked]:
    """Every message at every partner that takes part and has a launch day."""
    protocol = declared(trial)
    places = {one.id: one for one in protocol.population.partners if one.status == "recruited"}
    partners = [one.partner for one in trial.participations.select_related("partner")]
    for step, part, act in steps:
        script = script_of(step, protocol)
        for partner in partners:
            place = places.get(partner.code)
            if place is None or place.launch is None:
                continue
            people = _enrolled(trial, partner)
            if protocol.allocation.method != "none":
                drawn = Assignment.objects.filter(
                    allocation__trial=trial, arm=part.arm, participant=OuterRef("pk")
                )
                people = people.filter(Exists(drawn))
            day = day_of_act(act, step.number, place.launch)
            yield _Asked(step, script, partner, day, place.nation, people)


def day_of_act(act: DeclaredStep, number: int, launch: date) -> date:
    """Return the day of one time of a step, counted from 1, at a partner's launch."""
    first = act.at.after(launch)
    if act.every is None:
        return first
    return Span(act.every.count * (number - 1), act.every.unit).after(first)


def _keep_mailing(asked: _Asked, mailing: Mailing | None, now: datetime) -> tuple[Mailing, bool]:
    """Return the mailing, made or moved; what is waiting moves with it and is signed off anew."""
    due_at, words = usual_moment(asked.day, asked.nation), asked.script.sha256
    if mailing is None:
        mailing = Mailing(step=asked.step, partner=asked.partner, due_at=due_at, words=words)
        mailing.save()
        return mailing, False
    mailing.step, mailing.partner = asked.step, asked.partner
    is_moved = mailing.due_at != due_at and mailing.due_at > now
    is_reworded = mailing.words != words
    if not (is_moved or is_reworded):
        return mailing, False
    if is_moved:
        mailing.due_at = due_at
        Delivery.objects.filter(mailing=mailing, state__in=WAITING).update(due_at=due_at)
    if mailing.words or is_moved:
        mailing.signed_off_at = mailing.signed_off_by = None
        Delivery.objects.filter(mailing=mailing, state__in=WAITING).update(state=State.PLANNED)
    mailing.words = words
    mailing.save()
    return mailing, is_moved


def _is_over(window: Window, now: datetime) -> bool:
    return window.closed_at is not None or window.closes_on < day_of(now)


def _add_people(
    mailing: Mailing, people: QuerySet[Participant], route: Route, now: datetime
) -> int:
    """Make the deliveries that are not there yet, some hundreds at a time."""
    there = Delivery.objects.filter(step=mailing.step_id, participant=OuterRef("pk"))
    missing = people.filter(~Exists(there)).order_by("pk").values_list("pk", flat=True)
    numbers, made = iter(list(missing)), 0
    pattern = Delivery(mailing=mailing, step_id=mailing.step_id, route=route, due_at=mailing.due_at)
    while some := list(islice(numbers, CHUNK)):
        rows = [(person, *_secrets()) for person in some]
        new = insert_alike(pattern, ("participant", "reference", "opt_out"), rows)
        planned = Passage(state=State.PLANNED, at=now)
        insert_alike(planned, ("delivery",), [(delivery,) for delivery in new])
        made += len(new)
    return made


def _secrets() -> tuple[UUID, str]:
    """Return a new reference, and what its opt-out address is found by."""
    reference = uuid4()
    return reference, digest_of(opt_out_token(reference))


def cancel_waiting(mailing: Mailing, because: str, now: datetime) -> int:
    """Cancel everything of a mailing that is not being sent yet; say how many."""
    return cancel(list(mailing.deliveries.filter(state__in=WAITING)), because, now)


def cancel(deliveries: list[Delivery], because: str, now: datetime) -> int:
    """Cancel those of these deliveries that still wait."""
    gone = 0
    for start in range(0, len(deliveries), CHUNK):
        some = [one.pk for one in deliveries[start : start + CHUNK]]
        held = list(
            Delivery.objects.select_for_update()
            .filter(pk__in=some, state__in=WAITING)
            .values_list("pk", flat=True)
        )
        Delivery.objects.filter(pk__in=held).update(
            state=State.CANCELLED, trouble=because, claim=None, lease_until=None
        )
        Passage.objects.bulk_create(
            [Passage(delivery_id=pk, state=State.CANCELLED, at=now, note=because) for pk in held]
        )
        gone += len(held)
    return gone
