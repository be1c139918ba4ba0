"""Deliveries, use and events: what reached whom, what they did with it, and who dropped out."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lighttouch.core.archive.layout import DELIVERY_COLUMNS, EVENT_COLUMNS, UPTAKE_COLUMNS
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.people import Intervention, Step
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.course import Course, Dates
from lighttouch.core.simulation.profile import Profile, Use
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.surveys import Survey
from lighttouch.core.simulation.workforce import Floats, Ints, Workforce

Arms = NDArray[np.str_]


def simulate_deliveries(
    trial: Trial, profile: Profile, people: Workforce, course: Course, arms: Arms
) -> pl.DataFrame:
    """Write down each act of each intervention for each person it was meant for.

    A step is ``delivered`` to those the intervention reaches and ``failed`` for the others;
    what falls due after someone left is ``cancelled``, and what falls due after the last
    collection is still ``planned``.

    Parameters
    ----------
    arms
        Each person's arm, shape (people,); empty for those not allocated.
    """
    launches = _launches(trial, people)
    participant = people.frame["participant"].to_list()
    last = max(_ends(wave) for wave in trial.waves)
    rows = []
    for intervention in trial.interventions:
        wanted = profile.reaching(intervention.arm, reference=False).steps
        for step, later in _acts(intervention, wanted):
            planned = step.at.approximate_days + later.days > last
            for row in np.flatnonzero(arms == intervention.arm):
                due = step.at.after(launches[row]) + later
                gone = bool(course.left[row] < np.datetime64(due, "D"))
                state = _state(planned=planned, gone=gone, reached=bool(course.reached[row]))
                at = "" if planned else due.isoformat()
                act = (intervention.id, step.id, due.isoformat(), state, at)
                rows.append((participant[row], *act))
    return pl.DataFrame(rows, schema=_text(DELIVERY_COLUMNS), orient="row")


def _ends(wave: Wave) -> float:
    """Return how many days after launch a wave's collection is over."""
    survey = wave.survey.closes.approximate_days if wave.survey else 0.0
    collect = wave.collect.ends.approximate_days if wave.collect else 0.0
    return max(survey, collect)


def _state(*, planned: bool, gone: bool, reached: bool) -> str:
    if planned:
        return "planned"
    return "cancelled" if gone else "delivered" if reached else "failed"


def _text(columns: tuple[str, ...]) -> dict[str, type[pl.String]]:
    return dict.fromkeys(columns, pl.String)


def _launches(trial: Trial, people: Workforce) -> list[date]:
    known = {one.id: one.launch for one in trial.population.partners if one.launch is not None}
    return [known[partner] for partner in people.frame["partner"].to_list()]


def _acts(intervention: Intervention, wanted: tuple[str, ...]) -> Iterator[tuple[Step, timedelta]]:
    """Yield each recorded act: its step and how long after the step's first time it is."""
    for step in intervention.steps:
        if step.id in wanted or (not wanted and step.at.approximate_days >= 0):
            gap = 0.0 if step.every is None else step.every.approximate_days
            yield from ((step, timedelta(days=round(gap * time))) for time in range(step.times))


def simulate_uptake(
    trial: Trial, profile: Profile, people: Workforce, course: Course, arms: Arms, streams: Streams
) -> pl.DataFrame:
    """Write down what those offered an intervention did with it."""
    launches = _launches(trial, people)
    participant = people.frame["participant"].to_list()
    rows: list[tuple[str, str, str, str]] = []
    for use in profile.use:
        members = np.flatnonzero(arms == use.arm)
        times = _draw_times(use, course, members, streams.open("use", use.arm, use.event))
        for row, number in zip(members, times, strict=True):
            rows += _list_use(participant[row], launches[row], int(number), use)
    return pl.DataFrame(sorted(rows), schema=_text(UPTAKE_COLUMNS), orient="row")


def _draw_times(use: Use, course: Course, members: Ints, rng: np.random.Generator) -> Ints:
    """Draw how often each member of an arm has the event: never for those not reached."""
    reached = course.reached[members]
    share = max(float(reached.mean()), use.ever)
    luck = rng.random(len(members))
    started = np.maximum(rng.binomial(use.most - 1, use.typical / use.most, len(members)), 1)
    times = np.where(luck < use.fully / share, use.most, started)
    return np.where(reached & (luck < use.ever / share), times, 0)


def _list_use(
    participant: str, launch: date, times: int, use: Use
) -> Iterator[tuple[str, str, str, str]]:
    days = [launch + timedelta(days=1 + use.every_days * time) for time in range(times)]
    for number, day in enumerate(days, start=1):
        yield participant, use.event, day.isoformat(), str(number)
    if times == use.most and use.completion is not None:
        yield participant, use.completion, days[-1].isoformat(), ""


def list_recall(profile: Profile, surveys: list[Survey], people: Workforce) -> pl.DataFrame:
    """Turn answers to questions about the intervention into events of use, dated as answered."""
    place = {name: row for row, name in enumerate(people.frame["participant"].to_list())}
    rows = []
    for survey in surveys:
        for recall in profile.recall:
            answers = survey.responses.filter(pl.col("item") == recall.item)
            for participant, _, _, value in answers.iter_rows():
                day = str(survey.at[place[participant]])
                rows.append((participant, recall.asked, day, value))
                if value in recall.counts:
                    rows.append((participant, recall.event, day, value))
    return pl.DataFrame(sorted(rows), schema=_text(UPTAKE_COLUMNS), orient="row")


def list_events(
    trial: Trial,
    people: Workforce,
    course: Course,
    surveys: list[Survey],
    *,
    randomised: NDArray[np.bool_],
    withdrawn: dict[int, date],
) -> pl.DataFrame:
    """Write down consents, leavings while the trial ran, and withdrawals, by person and day."""
    last = np.timedelta64(round(max(_ends(wave) for wave in trial.waves)), "D")
    launched: Dates = np.array(_launches(trial, people), dtype="datetime64[D]")
    until = launched + last
    participant = people.frame["participant"].to_list()
    rows = [
        (participant[row], "consent", str(survey.at[row]), "survey")
        for survey in surveys
        for row in np.flatnonzero(survey.answered)
    ]
    left = np.flatnonzero(randomised & (course.left < until))
    rows += [(participant[row], "left", str(course.left[row]), "") for row in left]
    rows += [
        (participant[row], "withdrawal", day.isoformat(), "stop_contact")
        for row, day in withdrawn.items()
    ]
    return pl.DataFrame(sorted(rows), schema=_text(EVENT_COLUMNS), orient="row")


def draw_withdrawals(
    trial: Trial, profile: Profile, people: Workforce, arms: Arms, streams: Streams
) -> dict[int, date]:
    """Draw who asks not to be contacted again, and when, by row of ``people``."""
    rng = streams.open("withdrawals")
    luck: Floats = rng.random(len(arms))
    days = rng.integers(1, 40, len(arms))
    launches = _launches(trial, people)
    chosen = np.flatnonzero((luck < profile.withdrawals) & (arms != ""))
    return {int(row): launches[row] + timedelta(days=int(days[row])) for row in chosen}
