"""The truth: the mean difference between what would have happened in one arm and in the other.

The effect on an outcome is averaged over every randomised participant, responder or not, partner
that withheld its return or not. It is exact for the simulated people, not an expectation.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from lighttouch.core.instruments.composite import score_composite
from lighttouch.core.instruments.own import library_of
from lighttouch.core.instruments.scoring import score_instrument
from lighttouch.core.protocol.measures import (
    Component,
    FromComposite,
    FromInstrument,
    FromReturn,
    Outcome,
)
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.deriving import derive_measure
from lighttouch.core.returns.periods import period_of
from lighttouch.core.simulation.course import Course, Flags
from lighttouch.core.simulation.profile import Profile
from lighttouch.core.simulation.records import build_record
from lighttouch.core.simulation.workforce import Floats, Workforce


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """The true effect of an arm on an outcome, in the outcome's unit.

    Parameters
    ----------
    outcome, arm, reference
        Identifiers in the trial file.
    effect
        Mean over randomised participants of the difference between their two outcomes.
    mean, reference_mean
        Mean outcome had all been in the arm, and had all been in the reference arm.
    participants
        Participants averaged over: those with both outcomes defined.
    """

    outcome: str
    arm: str
    reference: str
    effect: float
    mean: float
    reference_mean: float
    participants: int


def compute_truth(
    trial: Trial,
    profile: Profile,
    people: Workforce,
    courses: dict[str, Course],
    randomised: Flags,
) -> tuple[TrueEffect, ...]:
    """Compute the true effect of each treated arm on each outcome.

    Parameters
    ----------
    courses
        What happens to everyone in each arm, by arm.
    randomised
        Whom to average over, shape (people,).
    """
    reference = trial.reference_arm.id
    truths = []
    for outcome in trial.outcomes:
        values = {
            arm: compute_potential(trial, profile, people, courses, randomised, outcome, arm)
            for arm in courses
        }
        truths += [
            average_effect(outcome.id, arm.id, reference, values[arm.id], values[reference])
            for arm in trial.treated_arms
        ]
    return tuple(truths)


def average_effect(
    outcome: str, arm: str, reference: str, treated: Floats, untreated: Floats
) -> TrueEffect:
    """Average the difference between two potential outcomes; NaN is undefined and left out."""
    both = ~np.isnan(treated) & ~np.isnan(untreated)
    mean, reference_mean = float(treated[both].mean()), float(untreated[both].mean())
    return TrueEffect(
        outcome, arm, reference, mean - reference_mean, mean, reference_mean, int(both.sum())
    )


def compute_potential(
    trial: Trial,
    profile: Profile,
    people: Workforce,
    courses: dict[str, Course],
    randomised: Flags,
    outcome: Outcome,
    arm: str,
) -> Floats:
    """Return each randomised participant's outcome had they been in this arm.

    A composite standardised by the reference arm, or by everyone, uses the potential outcomes of
    all randomised participants in the reference arm, or in every arm.

    Returns
    -------
    ndarray
        Shape (randomised,); NaN where the outcome is undefined.
    """
    derive = outcome.derive
    if isinstance(derive, FromReturn):
        return _measure_return(trial, profile, people, courses[arm], randomised, outcome, derive)
    if isinstance(derive, FromInstrument):
        return _score(trial, derive, outcome.wave, people, courses[arm])[randomised]
    assert isinstance(derive, FromComposite)
    composite = next(one for one in trial.composites if one.id == derive.composite)

    def components(wave: str, course: Course) -> Floats:
        scores = [
            _score(trial, one, wave, people, course)[randomised] for one in composite.components
        ]
        return np.stack(scores, axis=1)

    reference = courses[trial.reference_arm.id]
    if composite.standardise_by == "everyone":
        by = np.concatenate([components(outcome.wave, one) for one in courses.values()])
    elif outcome.baseline and composite.standardise_by == "reference_arm_at_baseline":
        by = components(outcome.baseline.wave, reference)
    else:
        by = components(outcome.wave, reference)
    return score_composite(
        components(outcome.wave, courses[arm]),
        reference=np.ones(int(randomised.sum()), dtype=bool),
        weights=np.array([one.weight for one in composite.components]),
        combine=composite.combine,
        missing_components=composite.missing_components,
        reference_components=by,
    )


def _score(
    trial: Trial,
    one: FromInstrument | Component,
    wave: str,
    people: Workforce,
    course: Course,
) -> Floats:
    instrument = library_of(trial).instrument(one.instrument)
    answers = course.answers[wave, instrument.id]
    columns = {item.id: answers[:, place] for place, item in enumerate(instrument.items)}
    wide = pl.DataFrame({"participant": people.frame["participant"], **columns})
    return score_instrument(instrument, wide, subscale=one.subscale)["score"].to_numpy()


def _measure_return(
    trial: Trial,
    profile: Profile,
    people: Workforce,
    course: Course,
    randomised: Flags,
    outcome: Outcome,
    derive: FromReturn,
) -> Floats:
    wave = trial.wave(outcome.wave)
    values = np.full(len(randomised), np.nan)
    partners = people.frame["partner"].to_numpy()
    for partner in trial.population.partners:
        rows = np.flatnonzero(partners == partner.id)
        if len(rows) == 0 or partner.launch is None:
            continue
        record = build_record(trial, profile, partner, wave, people, course)
        period = period_of(wave, partner.launch)
        derived = derive_measure(record, derive, period=period, nation=partner.nation)
        values[rows] = derived.to_numpy()
    return values[randomised]


def render_truth(effects: tuple[TrueEffect, ...], *, seed: int, profile: str) -> str:
    """Write the truth as TOML, to nine decimal places.

    Examples
    --------
    >>> print(render_truth((), seed=1, profile="letters"))
    # The true effects of a simulated trial: never given to the analysis or the report.
    synthetic = true
    seed = 1
    profile = "letters"
    <BLANKLINE>
    """
    head = (
        "# The true effects of a simulated trial: never given to the analysis or the report.\n"
        f'synthetic = true\nseed = {seed}\nprofile = "{profile}"\n'
    )
    return head + "".join(
        f'\n[[effect]]\noutcome = "{one.outcome}"\narm = "{one.arm}"\n'
        f'reference = "{one.reference}"\neffect = {one.effect:.9f}\nmean = {one.mean:.9f}\n'
        f"reference_mean = {one.reference_mean:.9f}\nparticipants = {one.participants}\n"
        for one in effects
    )
