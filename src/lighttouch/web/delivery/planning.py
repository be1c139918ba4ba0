"""Plan what the trial file declares: the invitation to a survey, and its reminders.

Planning again is safe: what is there stays, what moved moves, what closed is cancelled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID, uuid4

from django.db import transaction

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.design import SurveyWindow
from lighttouch.core.protocol.people import Nation
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.delivery.bulk import insert_alike
from lighttouch.web.delivery.composing import check_words
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
from lighttouch.web.delivery.tokens import digest_of, opt_out_token
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.partners.models import ContactRoute
from lighttouch.web.partners.queries import contact_route
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.surveys.models import Survey, Window
from lighttouch.web.ui.dates import day_of

CHUNK = 1000
CLOSED = "the survey is closed"


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning did: deliveries made, mailings moved, deliveries no longer needed."""

    made: int
    moved: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """A partner's day for a step, before weekends are looked at."""

    step: Step
    window: Window
    day: date
    nation: Nation


@transaction.atomic
def plan_survey(*, survey: Survey, by: Actor, now: datetime) -> Planned:
    """Plan a survey's invitation and reminders for everybody enrolled, by e-mail or by pack.

    Raises
    ------
    InputError
        If sending in the trial was stopped for good, or a message is not whole.
    """
    trial = survey.trial
    if Pause.objects.filter(trial=trial, for_good=True).exists():
        raise InputError("sending in this trial was stopped for good", where=trial.slug)
    check_words(survey)
    made = moved = cancelled = 0
    for asked in _asked(survey):
        mailing, is_moved = _keep_mailing(asked, now)
        moved += is_moved
        if _is_over(asked.window, now):
            cancelled += cancel_waiting(mailing, CLOSED, now)
        else:
            made += _add_people(mailing, now)
    done = Planned(made, moved, cancelled)
    if made or moved or cancelled:
        record(
            act="delivery.planned",
            by=by,
            now=now,
            programme=trial.programme.slug,
            trial=trial.slug,
            details={"wave": survey.wave, "made": made, "moved": moved, "cancelled": cancelled},
        )
    return done


def _asked(survey: Survey) -> Iterator[_Asked]:
    """Every step at every partner; a window that was moved takes its reminders with it."""
    protocol = declared(survey.trial)
    asked = next(wave.survey for wave in protocol.waves if wave.id == survey.wave)
    if asked is None:
        raise InputError("the trial file asks no survey of this wave", where=survey.wave)
    places = {partner.id: partner for partner in protocol.population.partners}
    steps = _keep_steps(survey, asked)
    for window in survey.windows.select_related("partner").order_by("pk"):
        place = places[window.partner.code]
        if place.launch is None:
            continue
        shift = window.opens_on - asked.opens.after(place.launch)
        yield _Asked(steps[0], window, window.opens_on, place.nation)
        for step, reminder in zip(steps[1:], asked.reminders, strict=True):
            yield _Asked(step, window, reminder.after(place.launch) + shift, place.nation)


def _keep_steps(survey: Survey, asked: SurveyWindow) -> list[Step]:
    wanted = [(Kind.INVITATION, 0)]
    wanted += [(Kind.REMINDER, number) for number in range(1, len(asked.reminders) + 1)]
    return [
        Step.objects.get_or_create(
            survey=survey, kind=kind, number=number, defaults={"trial": survey.trial}
        )[0]
        for kind, number in wanted
    ]


def _keep_mailing(asked: _Asked, now: datetime) -> tuple[Mailing, bool]:
    """Return the mailing, made or moved; what is waiting moves with it and is signed off anew."""
    due_at = usual_moment(asked.day, asked.nation)
    mailing, made = Mailing.objects.get_or_create(
        step=asked.step, partner=asked.window.partner, defaults={"due_at": due_at}
    )
    if made or mailing.due_at == due_at or mailing.due_at <= now:
        return mailing, False
    mailing.due_at, mailing.signed_off_at, mailing.signed_off_by = due_at, None, None
    mailing.save()
    Delivery.objects.filter(mailing=mailing, state__in=WAITING).update(
        due_at=due_at, state=State.PLANNED
    )
    return mailing, True


def _is_over(window: Window, now: datetime) -> bool:
    return window.closed_at is not None or window.closes_on < day_of(now)


def _add_people(mailing: Mailing, now: datetime) -> int:
    """Make the deliveries that are not there yet, some hundreds at a time."""
    route = _route(mailing.step.trial, mailing.partner)
    people = (
        Participant.objects.filter(
            trial=mailing.step.trial_id, partner=mailing.partner_id, excluded_because=""
        )
        .exclude(deliveries__step=mailing.step_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    numbers, made = iter(list(people)), 0
    pattern = Delivery(mailing=mailing, step_id=mailing.step_id, route=route, due_at=mailing.due_at)
    while some := list(islice(numbers, CHUNK)):
        rows = [(person, *_secrets()) for person in some]
        new = insert_alike(pattern, ("participant", "reference", "opt_out"), rows)
        planned = Passage(state=State.PLANNED, at=now)
        insert_alike(planned, ("delivery",), [(delivery,) for delivery in new])
        made += len(new)
    return made


def _route(trial: Trial, partner: Partner) -> Route:
    vault = contact_route(trial, partner) == ContactRoute.VAULT
    return Route.EMAIL if vault else Route.PACK


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
