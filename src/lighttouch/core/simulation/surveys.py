"""Surveys: who is invited, who answers, and what the archive is told."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lighttouch.core.archive.layout import RESPONSE_COLUMNS
from lighttouch.core.instruments.model import Instrument, ScaleResponse
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.design import SurveyWindow, Wave
from lighttouch.core.protocol.offsets import Span
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.answers import draw_background
from lighttouch.core.simulation.course import Course, Dates, Flags
from lighttouch.core.simulation.profile import Profile, Recall, Response
from lighttouch.core.simulation.response import compute_response_chance
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.workforce import Workforce, draw_categories


@dataclass(frozen=True, slots=True)
class Survey:
    """One wave's survey.

    Parameters
    ----------
    answered
        Who answered, shape (people,).
    at
        The day each person would have answered, shape (people,).
    responses
        Answers in the archive's long form.
    """

    answered: Flags
    at: Dates
    responses: pl.DataFrame


def simulate_survey(
    trial: Trial,
    profile: Profile,
    wave: Wave,
    people: Workforce,
    course: Course,
    streams: Streams,
    *,
    invited: Flags,
    arms: NDArray[np.str_],
) -> Survey:
    """Simulate one wave's survey.

    Parameters
    ----------
    people, course
        Everyone, and what happened to them.
    invited
        Who is on the list, shape (people,); those who left, or whose partner ran no survey, are
        taken off it here.
    arms
        Each person's arm, shape (people,); empty before allocation.

    Returns
    -------
    Survey
        Answers of those who answered, ordered by person and question.
    """
    assert wave.survey is not None
    response = profile.answering(wave.id)
    rng = streams.open("response", wave.id)
    number = people.frame.height
    opens, at = _draw_days(trial, wave.survey, people, rng)
    chance = compute_response_chance(
        response,
        wellbeing=people.wellbeing,
        habit=people.habit,
        arm=np.array([response.arms.get(arm, 0.0) for arm in arms]),
    )
    partners = people.frame["partner"].to_list()
    asked = np.array([wave.id not in profile.partner(one).unsurveyed for one in partners])
    answered = (rng.random(number) < chance) & invited & asked & (course.left >= opens)
    parts = _collect(trial, profile, wave, people, course, streams, answered, arms)
    return Survey(answered, at, parts)


def _draw_days(
    trial: Trial, survey: SurveyWindow, people: Workforce, rng: np.random.Generator
) -> tuple[Dates, Dates]:
    """Return the day the survey opens for each person, and the day they would answer."""

    def days(span: Span) -> Dates:
        launches = {
            one.id: np.datetime64(span.after(one.launch), "D")
            for one in trial.population.partners
            if one.launch is not None
        }
        return np.array([launches[one] for one in people.frame["partner"].to_list()])

    opens, closes = days(survey.opens), days(survey.closes)
    length = (closes - opens).astype(np.int64)
    share = rng.random(len(opens)) ** 2
    return opens, opens + np.floor(share * length).astype("timedelta64[D]")


def _collect(
    trial: Trial,
    profile: Profile,
    wave: Wave,
    people: Workforce,
    course: Course,
    streams: Streams,
    answered: Flags,
    arms: NDArray[np.str_],
) -> pl.DataFrame:
    """Put the answers of those who answered into the archive's long form."""
    assert wave.survey is not None
    response = profile.answering(wave.id)
    number = people.frame.height
    background = streams.open("sections", wave.id).random(number) < response.background
    recalls = {one.item: one for one in profile.recall}
    parts = []
    library = library_of(trial)
    for entry in library.entries(wave.survey.questionnaire, wave.id):
        instrument = library.instrument(entry.instrument)
        rows = np.flatnonzero(answered & np.isin(arms, entry.arms) if entry.arms else answered)
        values = _values(instrument, wave, course, streams, recalls)
        given = _draw_given(instrument, wave, response, streams, background)
        parts += [
            pl.DataFrame(
                {
                    "row": rows,
                    "item": item.id,
                    "value": np.where(given[rows, place], values[rows, place], ""),
                },
                schema={"row": pl.Int64, "item": pl.String, "value": pl.String},
            )
            for place, item in enumerate(instrument.items)
        ]
    names = people.frame["participant"]
    long = pl.concat(parts).filter(pl.col("value") != "").sort("row", maintain_order=True)
    return long.select(
        participant=names[long["row"]], wave=pl.lit(wave.id), item="item", value="value"
    ).select(RESPONSE_COLUMNS)


def _values(
    instrument: Instrument,
    wave: Wave,
    course: Course,
    streams: Streams,
    recalls: dict[str, Recall],
) -> NDArray[np.str_]:
    """Return everyone's answers as text, shape (people, items)."""
    if isinstance(instrument.response, ScaleResponse):
        return course.answers[wave.id, instrument.id].astype(np.int64).astype(np.str_)
    number = len(course.reached)
    if instrument.items[0].id not in recalls:
        return draw_background(instrument, streams, number)
    recall = recalls[instrument.items[0].id]
    rng = streams.open("recall", wave.id, recall.item)
    reached, missed = (draw_categories(rng, one, number) for one in (recall.reached, recall.missed))
    return np.where(course.reached, reached, missed)[:, None]


def _draw_given(
    instrument: Instrument, wave: Wave, response: Response, streams: Streams, background: Flags
) -> Flags:
    """Return which answers are given at all, shape (people, items)."""
    rng = streams.open("given", wave.id, instrument.id)
    number, items = len(background), len(instrument.items)
    if instrument.id in response.items:
        asked = rng.random(number) < response.items[instrument.id]
        return np.repeat(asked[:, None], items, axis=1)
    if isinstance(instrument.response, ScaleResponse):
        return rng.random((number, items)) < response.other
    return np.repeat(background[:, None], items, axis=1)
