"""How far the surveys of a trial are, and what opening one would do."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Count, Q, QuerySet, Sum

from lighttouch.core.disclosure.counts import round_count
from lighttouch.core.protocol.design import SurveyWindow
from lighttouch.core.protocol.prizes import describe_prize
from lighttouch.web.enrolment.models import RosterCount
from lighttouch.web.programmes.models import Partner, Stage, Trial
from lighttouch.web.protocols.queries import declared, is_registered
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.asking import (
    AskedPage,
    all_pages,
    freeze_questionnaire,
    minutes_of,
    pages_by_arm,
    title_of,
)
from lighttouch.web.surveys.models import Link, Response, Survey, Window
from lighttouch.web.surveys.sources import arms_of
from lighttouch.web.ui.dates import say_date

Kind = Literal["done", "doing", "waiting"]

DAYS_OF_A_WEEK = 7
NEAR = timedelta(days=14)
"""How long before its first day a survey is to be opened."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One wave that has a survey: not opened (no ``survey``), open, or closed.

    ``first_day`` is the first planned anywhere; ``invited`` and ``finished`` are exact, for the
    research team.
    """

    wave: str
    label: str
    ready: bool
    first_day: date | None
    survey: Survey | None
    windows: tuple[Window, ...]
    invited: int
    finished: int
    today: date

    @property
    def running(self) -> list[Window]:
        """Windows that are open today or open later."""
        return [one for one in self.windows if not is_over(one, self.today)]

    @property
    def due(self) -> bool:
        """Whether to open it now: it can be, and its first day is near."""
        near = self.first_day is None or self.first_day <= self.today + NEAR
        return self.survey is None and self.ready and near

    @property
    def state(self) -> str:
        """Its state in a word or two."""
        if self.survey is None:
            if not self.ready:
                return "Not open"
            if self.due or self.first_day is None:
                return "Ready to be opened"
            return f"From {say_date(self.first_day)}"
        if not self.running:
            return "Closed"
        begun = any(one.opens_on <= self.today for one in self.running)
        return "Open" if begun else "Opens later"

    @property
    def words(self) -> str:
        """How many answered, and when it closes: for the research team."""
        if self.survey is None:
            return self.state
        told = f"{self.finished:,} of {self.invited:,} answered"
        ends = [one.closes_on for one in self.running if one.opens_on <= self.today]
        return f"{told}, closes {_say_soon(min(ends), self.today)}" if ends else told

    @property
    def dates(self) -> str:
        """When it opens or closes next, wherever that is."""
        if not self.running:
            return "closed"
        first = min(one.opens_on for one in self.running)
        if first > self.today:
            return f"opens {say_date(first)}"
        ends = sorted({one.closes_on for one in self.running})
        return f"{'first ' if len(ends) > 1 else ''}closes {say_date(ends[0])}"


def _say_soon(day: date, today: date) -> str:
    """Say a day in as few words as do: its name within the week, else day and month."""
    if day == today:
        return "today"
    return f"{day:%A}" if (day - today).days < DAYS_OF_A_WEEK else f"{day.day} {day:%B}"


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """When a survey would be open at a partner; no days without a launch date."""

    partner: Partner
    people: int
    opens_on: date | None
    closes_on: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What opening a survey would freeze; ``of_some`` are instruments not everybody is asked.

    ``waits_for_arms`` says that there are such and nothing is allocated yet.
    """

    wave: str
    label: str
    title: str
    minutes: int
    pages: tuple[AskedPage, ...]
    of_some: frozenset[str]
    waits_for_arms: bool
    windows: tuple[PlannedWindow, ...]
    prize: str = ""

    @property
    def questions(self) -> int:
        """How many questions are asked."""
        return sum(len(page.items) for page in self.pages)

    @property
    def people(self) -> int:
        """How many people are asked."""
        return sum(one.people for one in self.windows)

    @property
    def without_launch(self) -> list[str]:
        """Names of the partners whose launch date is not in the trial file."""
        return [one.partner.name for one in self.windows if one.opens_on is None]


def is_over(window: Window, today: date) -> bool:
    """Say whether a window has closed, by its date or by hand."""
    return window.closed_at is not None or window.closes_on < today


def standings(trial: Trial, now: datetime) -> list[Standing]:
    """Return every wave that has a survey, in the order of the trial file: five queries at most."""
    if not is_registered(trial):
        return []
    plan = declared(trial)
    launches = [one.launch for one in plan.population.partners if one.launch]
    surveys = {one.wave: one for one in Survey.objects.filter(trial=trial)}
    windows = Window.objects.filter(survey__trial=trial).select_related("partner")
    found = list(windows.order_by("partner__name")) if surveys else []
    links = Link.objects.filter(survey__trial=trial, ended_at=None)
    invited = _per_survey(links, Q()) if surveys else {}
    answered = Response.objects.filter(survey__trial=trial)
    finished = _per_survey(answered, Q(finished_at__isnull=False)) if surveys else {}
    ready = trial.has_reached(Stage.ENROLLED) and not trial.has_reached(Stage.LOCKED)
    return [
        Standing(
            wave=wave.id,
            label=wave.label,
            ready=ready,
            first_day=min(map(wave.survey.opens.after, launches), default=None),
            survey=(own := surveys.get(wave.id)),
            windows=tuple(one for one in found if own and one.survey_id == own.pk),
            invited=invited.get(own.pk, 0) if own else 0,
            finished=finished.get(own.pk, 0) if own else 0,
            today=today_of(now),
        )
        for wave in plan.waves
        if wave.survey
    ]


def _per_survey(rows: QuerySet[Any], which: Q) -> dict[int, int]:
    counted = rows.order_by().values_list("survey").annotate(people=Count("pk", filter=which))
    return dict(counted)


def windows_at(trial: Trial, partner: Partner) -> list[Window]:
    """Return the windows of the surveys that were opened, at one partner."""
    found = Window.objects.filter(survey__trial=trial, partner=partner)
    return list(found.select_related("survey", "partner").order_by("opens_on"))


def find_window_at(trial: Trial, partner: Partner, wave: str) -> Window | None:
    """Return a survey's window at a partner."""
    found = Window.objects.filter(survey__trial=trial, partner=partner, survey__wave=wave)
    return found.select_related("survey__trial__programme", "partner").first()


def say_window(window: Window, today: date) -> tuple[Kind, str]:
    """Say how a window stands, in a colour and in words.

    Examples
    --------
    >>> say_window(Window(opens_on=date(2026, 3, 2), closes_on=date(2026, 3, 13)), date(2026, 3, 3))
    ('doing', 'Open until Friday 13 March 2026')
    """
    if window.closed_at is not None:
        return "done", f"Closed early, {say_date(window.closed_at)}"
    if window.closes_on < today:
        return "done", f"Closed {say_date(window.closes_on)}"
    if window.opens_on > today:
        return "waiting", f"Opens {say_date(window.opens_on)}"
    return "doing", f"Open until {say_date(window.closes_on)}"


def say_response(window: Window) -> str:
    """Say how many of a partner's people finished, as its employer may know it.

    Rounded to the nearest five, and neither the few who answered nor the few who did not are told.
    """
    asked = Link.objects.filter(
        survey=window.survey_id, participant__partner=window.partner_id, ended_at=None
    ).count()
    done = Response.objects.filter(
        survey=window.survey_id,
        participant__partner=window.partner_id,
        finished_at__isnull=False,
    ).count()
    return say_count(done, asked, window.survey.least_cell)


def say_count(done: int, asked: int, least: int) -> str:
    """Say a count of people in words that single out nobody.

    Examples
    --------
    >>> say_count(42, 340, 5), say_count(3, 340, 5), say_count(338, 340, 5), say_count(4, 8, 5)
    ('About 40 of 340', 'Fewer than 5 of 340', 'Nearly all of 340', 'Not shown: only 8 were asked')
    """
    if asked < 2 * least:
        return f"Not shown: only {asked} were asked"
    if done < least:
        return f"Fewer than {least} of {asked:,}"
    if asked - done < least:
        return f"Nearly all of {asked:,}"
    return f"About {round_count(done):,} of {asked:,}"


def plan_of(trial: Trial, wave: str) -> Plan | None:
    """Return what opening a wave's survey would freeze; None if the wave has none."""
    found = next((one for one in declared(trial).waves if one.id == wave), None)
    if found is None or found.survey is None:
        return None
    plan = declared(trial)
    asked = freeze_questionnaire(plan, wave)
    by_arm = pages_by_arm(plan, wave).values()
    return Plan(
        wave=wave,
        label=found.label,
        title=title_of(plan, wave),
        minutes=minutes_of(plan, wave, asked),
        pages=tuple(all_pages(Survey(asked=asked))),
        of_some=(of_some := frozenset[str]().union(*by_arm)),
        waits_for_arms=bool(of_some) and arms_of(trial) is None,
        windows=tuple(_plan_windows(trial, found.survey)),
        prize=describe_prize(found.survey.prize) if found.survey.prize else "",
    )


def _plan_windows(trial: Trial, survey: SurveyWindow) -> list[PlannedWindow]:
    launches = {one.id: one.launch for one in declared(trial).population.partners}
    people = dict(
        RosterCount.objects.filter(trial=trial, excluded_because="")
        .order_by()
        .values_list("partner")
        .annotate(Sum("people"))
    )
    planned = []
    for one in trial.participations.select_related("partner").order_by("partner__name"):
        launch = launches.get(one.partner.code)
        opens = survey.opens.after(launch) if launch else None
        closes = survey.closes.after(launch) if launch else None
        planned.append(PlannedWindow(one.partner, people.get(one.partner_id, 0), opens, closes))
    return planned
