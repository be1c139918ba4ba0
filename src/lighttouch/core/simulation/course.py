"""The course of events if everyone were in one arm: absence, leaving and answers.

Simulating it once per arm with the same luck gives each person's potential outcomes. What is
observed is the course of the arm allocated; the mean difference between courses is the truth.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lighttouch.core.instruments.model import Instrument, ScaleResponse
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.people import Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.periods import Period, list_bank_holidays, period_of
from lighttouch.core.simulation.absence import (
    AbsenceRecord,
    draw_absence_luck,
    simulate_absence,
    simulate_leaving,
)
from lighttouch.core.simulation.answers import draw_answer_luck, simulate_scale
from lighttouch.core.simulation.profile import Effect, Profile
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.workforce import Floats, Ints, Workforce

Dates = NDArray[np.datetime64]
Flags = NDArray[np.bool_]
NEVER = np.datetime64("2999-12-31", "D")
"""Stands for a date of leaving beyond any trial."""
DAYS_PER_MONTH = 30.4375
NOTICE_DAYS = 25
"""Those gone before launch left within so many days of the end of the baseline period."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to everyone in one arm.

    Parameters
    ----------
    reached
        Whether an intervention reaches the person, shape (people,).
    left
        Last day of employment, shape (people,); ``NEVER`` for those who stay.
    absence
        Absence in each wave's look-back period, by wave.
    answers
        Answers as given, shape (people, items), by wave and instrument.
    """

    reached: Flags
    left: Dates
    absence: dict[str, AbsenceRecord]
    answers: dict[tuple[str, str], Floats]


def simulate_course(
    trial: Trial, profile: Profile, workforce: Workforce, streams: Streams, arm_id: str
) -> Course:
    """Simulate the trial with every person in one arm.

    Parameters
    ----------
    trial, profile
        What is collected when, and what people and interventions are like.
    workforce
        Everyone at baseline.
    streams
        Random streams; the same streams give the same luck in every arm.
    arm_id
        The arm everyone is put in.

    Returns
    -------
    Course
        Arrays in the order of ``workforce``.
    """
    reached = _draw_reached(trial, profile, workforce, streams, arm_id)
    treated = trial.treated_arms
    reference = arm_id == trial.reference_arm.id and bool(treated)
    effect = profile.effect(treated[0].id if reference else arm_id)
    parts = [
        _simulate_partner(trial, profile, workforce.take(rows), streams, effect, reached[rows])
        for rows in _rows_by_partner(workforce)
    ]
    waves = [wave.id for wave in trial.waves if wave.collect is not None]
    return Course(
        reached,
        np.concatenate([part[0] for part in parts]),
        {wave: _join([part[1][wave] for part in parts]) for wave in waves},
        _simulate_answers(trial, profile, workforce, streams, effect, reached),
    )


def _rows_by_partner(workforce: Workforce) -> list[Ints]:
    """Return each partner's rows, in the order partners come."""
    partner = workforce.frame["partner"].to_numpy()
    names = workforce.frame["partner"].unique(maintain_order=True)
    return [np.flatnonzero(partner == name) for name in names]


def _draw_reached(
    trial: Trial, profile: Profile, workforce: Workforce, streams: Streams, arm_id: str
) -> Flags:
    reference = arm_id == trial.reference_arm.id and bool(trial.treated_arms)
    reach = profile.reaching(arm_id, reference=reference)
    names = (workforce.frame["partner"] + "/" + workforce.frame["cluster"]).to_numpy()
    cluster = np.unique(names, return_inverse=True)[1]
    rng = streams.open("reach")
    passed_on = rng.random(int(cluster.max()) + 1)[cluster] < reach.clusters
    return np.asarray(passed_on & (rng.random(len(cluster)) < reach.people))


def _simulate_partner(
    trial: Trial,
    profile: Profile,
    people: Workforce,
    streams: Streams,
    effect: Effect,
    reached: Flags,
) -> tuple[Dates, dict[str, AbsenceRecord]]:
    partner = trial.partner(str(people.frame["partner"][0]))
    assert partner.launch is not None
    left = _simulate_left(trial, profile, partner, people, streams, effect, reached)
    tenure = people.frame["tenure_months"].fill_null(np.inf).to_numpy()
    service = np.minimum(np.floor(tenure * DAYS_PER_MONTH), 99_999).astype("timedelta64[D]")
    hired = np.datetime64(partner.launch, "D") - service
    records: dict[Period, AbsenceRecord] = {}
    for stretch in find_stretches(trial, partner.launch):
        days = count_days_due(stretch, hired, left, partner)
        days = days * people.frame["days_per_week"].fill_null(5.0).to_numpy() / 5
        after = stretch.start >= partner.launch
        ratio = np.where(reached & after, effect.illness_ratio, 1.0)
        rng = streams.open("absence", partner.id, str(stretch.start))
        luck = draw_absence_luck(rng, profile.absence, len(days))
        records[stretch] = simulate_absence(luck, spells=people.spells * ratio, days=days)
    periods = {
        wave.id: period_of(wave, partner.launch) for wave in trial.waves if wave.collect is not None
    }
    return left, {wave: _add(records, period) for wave, period in periods.items()}


def find_stretches(trial: Trial, launch: date) -> tuple[Period, ...]:
    """Cut time at the launch and wherever a look-back period starts or ends.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> trial = parse_trial(library_text("coffee"))
    >>> [str(one.start) for one in find_stretches(trial, date(2019, 10, 1))]
    ['2018-09-01', '2019-09-01', '2019-10-01', '2020-01-01']
    """
    periods = [period_of(wave, launch) for wave in trial.waves if wave.collect is not None]
    cuts = sorted({launch, *(one.start for one in periods), *(one.end for one in periods)})
    return tuple(Period(start, end) for start, end in pairwise(cuts))


def count_days_due(stretch: Period, hired: Dates, left: Dates, partner: Partner) -> Floats:
    """Count full-time working days each person was employed within a stretch of time.

    Parameters
    ----------
    hired, left
        First and last day of employment, shape (people,).
    """
    free = np.array(
        list_bank_holidays(stretch.start, stretch.end, partner.nation), dtype="datetime64[D]"
    )
    one = np.timedelta64(1, "D")
    first = np.maximum(np.datetime64(stretch.start, "D"), hired)
    stop = np.minimum(np.datetime64(stretch.end, "D"), left + one)
    return np.maximum(np.busday_count(first, np.maximum(first, stop), holidays=free), 0).astype(
        float
    )


def _add(records: dict[Period, AbsenceRecord], period: Period) -> AbsenceRecord:
    inside = [
        record
        for stretch, record in records.items()
        if period.start <= stretch.start and stretch.end <= period.end
    ]
    total = inside[0]
    for record in inside[1:]:
        total = total + record
    return total


def _join(records: list[AbsenceRecord]) -> AbsenceRecord:
    return AbsenceRecord(
        np.concatenate([one.illness_days for one in records]),
        np.concatenate([one.illness_spells for one in records]),
        np.concatenate([one.absence_days for one in records]),
    )


def _simulate_left(
    trial: Trial,
    profile: Profile,
    partner: Partner,
    people: Workforce,
    streams: Streams,
    effect: Effect,
    reached: Flags,
) -> Dates:
    """Return each person's last day: before launch for a few, after it for some."""
    assert partner.launch is not None
    rng = streams.open("leaving", partner.id)
    number = people.frame.height
    early = rng.random(number) < profile.leaving.before_launch
    known = next(
        (period_of(w, partner.launch).end for w in trial.waves if w.collect), partner.launch
    )
    end = np.datetime64(min(known, partner.launch), "D")
    before = end - rng.integers(1, NOTICE_DAYS, number).astype("timedelta64[D]")
    ratio = np.where(reached, effect.leaving_ratio, 1.0)
    days = simulate_leaving(
        rng.random(number), profile.leaving, ratio=ratio, wellbeing=people.wellbeing
    )
    beyond = days > 3650
    after = np.datetime64(partner.launch, "D") + np.where(beyond, 0, days).astype("timedelta64[D]")
    return np.where(early, before, np.where(beyond, NEVER, after))


def list_scales(trial: Trial, wave: Wave) -> tuple[Instrument, ...]:
    """Return the instruments answered on a scale that a wave's questionnaire asks."""
    if wave.survey is None:
        return ()
    asked = library_of(trial).asked(wave.survey.questionnaire, wave.id)
    return tuple(one for one in asked if isinstance(one.response, ScaleResponse))


def _simulate_answers(
    trial: Trial,
    profile: Profile,
    workforce: Workforce,
    streams: Streams,
    effect: Effect,
    reached: Flags,
) -> dict[tuple[str, str], Floats]:
    answers = {}
    for wave in trial.waves:
        for instrument in list_scales(trial, wave):
            assert wave.survey is not None
            after = wave.survey.opens.approximate_days >= 0
            size = effect.instruments.get(instrument.id, 0.0) if after else 0.0
            luck = draw_answer_luck(
                instrument, wave.id, streams, workforce.wellbeing, profile.wellbeing.steadiness
            )
            answers[wave.id, instrument.id] = simulate_scale(
                instrument, luck, shift=np.where(reached, size, 0.0)
            )
    return answers


def observe_courses(courses: list[Course], arm: Ints) -> Course:
    """Return what is observed when each person is in one of the arms.

    Parameters
    ----------
    courses
        One course per arm.
    arm
        Number of each person's arm, shape (people,).
    """
    row = np.arange(len(arm))
    first = courses[0]
    return Course(
        np.stack([one.reached for one in courses])[arm, row],
        np.stack([one.left for one in courses])[arm, row],
        {wave: _pick([one.absence[wave] for one in courses], arm) for wave in first.absence},
        {key: np.stack([one.answers[key] for one in courses])[arm, row] for key in first.answers},
    )


def _pick(records: list[AbsenceRecord], arm: Ints) -> AbsenceRecord:
    row = np.arange(len(arm))
    return AbsenceRecord(
        np.stack([one.illness_days for one in records])[arm, row],
        np.stack([one.illness_spells for one in records])[arm, row],
        np.stack([one.absence_days for one in records])[arm, row],
    )
