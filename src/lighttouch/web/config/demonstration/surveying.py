"""A trial whose first survey is open: invited, reminded, some have answered."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from lighttouch.core.archive.layout import RESPONSES
from lighttouch.core.protocol.library import library_text
from lighttouch.web.config.demonstration.people import People, invite_coordinator
from lighttouch.web.config.demonstration.trials import collect_baseline, shift_launches, simulated
from lighttouch.web.contacts.actions import store_contacts
from lighttouch.web.contacts.reading import HEADINGS
from lighttouch.web.delivery.actions import sign_off
from lighttouch.web.delivery.models import Mailing
from lighttouch.web.delivery.planning import plan_survey
from lighttouch.web.delivery.sending import send_due
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.partners.models import ContactRoute
from lighttouch.web.programmes.models import Partner, Programme, Trial
from lighttouch.web.surveys.actions import agree, answer, finish, open_survey
from lighttouch.web.surveys.models import Link, Survey

WAVE = "baseline"
LAUNCHES_IN = timedelta(days=20)
"""So that the survey opened eight days ago and the reminder went yesterday."""
OPENED_AGO = timedelta(days=8)
BUSY_DAYS = 6
STOP_HALFWAY = 0.1
"""Share of those who answer that leave off half-way."""


def load_weekly_messages(
    programme: Programme, people: People, now: datetime, seed: int
) -> tuple[Trial, Link]:
    """Take the weekly messages into their first survey; return it and one open private link."""
    text = shift_launches(library_text("weekly_messages"), (now + LAUNCHES_IN).date())
    with simulated(text, seed) as study:
        trial = collect_baseline(
            programme, text, study, people, now - timedelta(days=10), ContactRoute.VAULT
        )
        partner = Partner.objects.get(participations__trial=trial)
        _keep_contacts(trial, partner, people, now - timedelta(days=10))
        survey = open_survey(trial=trial, wave=WAVE, by=people.manager, now=now - timedelta(days=9))
        _plan(survey, partner, people, now - timedelta(days=9))
        send_due(_morning(now - OPENED_AGO))
        _answer(survey, _answers_of(study), now, np.random.default_rng(seed))
        send_due(_morning(now - timedelta(days=1)))
    open_links = Link.objects.filter(survey=survey).exclude(
        participant__in=survey.responses.values("participant")
    )
    return trial, open_links.order_by("pk")[0]


def _keep_contacts(trial: Trial, partner: Partner, people: People, now: datetime) -> None:
    """Seal made-up addresses at a domain kept for examples."""
    enrolled = Participant.objects.filter(trial=trial, excluded_because="").order_by("pk")
    rows = [
        f"{one.staff_id},Staff,Example,{one.staff_id.lower()}@example.org,,," for one in enrolled
    ]
    store_contacts(
        trial=trial,
        partner=partner,
        filename="key.csv",
        content="\r\n".join([",".join(HEADINGS), *rows]).encode(),
        destroy_on=(now + timedelta(days=500)).date(),
        by=invite_coordinator(partner, people.manager, now),
        now=now,
    )


def _plan(survey: Survey, partner: Partner, people: People, now: datetime) -> None:
    """Plan the invitation and the reminders, and have the coordinator sign them off."""
    plan_survey(survey=survey, by=people.manager, now=now)
    planned = Mailing.objects.filter(step__survey=survey).values_list("pk", "due_at")
    coordinator = invite_coordinator(partner, people.manager, now)
    sign_off(trial=survey.trial, partner=partner, mailings=planned, by=coordinator, now=now)


def _morning(day: datetime) -> datetime:
    """Return a moment at which what is due that day has become due."""
    return day.replace(hour=11, minute=0)


def _answers_of(study: Path) -> dict[str, dict[str, str]]:
    """Return what the simulation has people answer at the wave, by their code."""
    answers: defaultdict[str, dict[str, str]] = defaultdict(dict)
    with (study / RESPONSES).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["wave"] == WAVE:
                answers[row["participant"].partition("/")[2]][row["item"]] = row["value"]
    return answers


def _answer(
    survey: Survey, answers: dict[str, dict[str, str]], now: datetime, luck: np.random.Generator
) -> None:
    """Have those who answer do so, in the days since the invitation."""
    for link, values in _answering(survey, answers):
        moment = now - OPENED_AGO + timedelta(days=luck.uniform(1, BUSY_DAYS))
        device = agree(link=link, cookie=luck.bytes(16).hex(), now=moment)
        leaves_off = luck.random() < STOP_HALFWAY
        some = list(values.items())[: len(values) // 2 if leaves_off else None]
        seconds = {item: int(luck.integers(2, 15)) for item, _ in some}
        answer(
            response=device.response, values=dict(some), device=device, now=moment, seconds=seconds
        )
        if not leaves_off:
            finish(response=device.response, now=moment + timedelta(minutes=5))


def _answering(
    survey: Survey, answers: dict[str, dict[str, str]]
) -> Iterator[tuple[Link, dict[str, str]]]:
    links = Link.objects.filter(survey=survey).select_related(
        "survey__trial__programme", "participant__partner", "participant__trial__programme"
    )
    for link in links.order_by("pk"):
        if values := answers.get(link.participant.staff_id):
            yield link, values
