"""P-values adjusted for families of outcomes; the unadjusted ones are always kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lighttouch.core.allocation.declaring import Design
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.estimation.model import AdjustedP, Estimate, RandomisationTest
from lighttouch.core.estimation.planning import registered_recipe
from lighttouch.core.estimation.randomisation import (
    Redraws,
    compute_reference,
    count_smallest,
    redraw_arms,
)
from lighttouch.core.estimation.redrawing import FEW_UNITS
from lighttouch.core.estimation.reference import TIE
from lighttouch.core.estimation.regression import FloatArray
from lighttouch.core.estimation.terms import build_model
from lighttouch.core.protocol.analysis import Family
from lighttouch.core.protocol.trial import Trial


def adjust_holm(p_values: FloatArray) -> FloatArray:
    """Adjust by Holm's step-down method, which holds whatever the dependence.

    Parameters
    ----------
    p_values
        Shape (m,).

    Source
    ------
    Holm (1979).

    Examples
    --------
    >>> adjust_holm(np.array([0.01, 0.04, 0.03])).round(9).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p_values[order] * factors))
    return adjusted


def sharpen_q(p_values: FloatArray) -> FloatArray:
    """Return sharpened two-stage q-values: the smallest false discovery rate that rejects each.

    At rate q, Benjamini and Hochberg's method is run at q' = q/(1 + q); if it rejects r of m, it is
    run again at q' m/(m - r). The smallest q is found exactly rather than on a grid.

    Parameters
    ----------
    p_values
        Shape (m,).

    Source
    ------
    Benjamini, Krieger and Yekutieli (2006), definition 6; Anderson (2008).

    Examples
    --------
    >>> sharpen_q(np.array([0.01, 0.02, 0.9])).round(6).tolist()
    [0.030928, 0.030928, 0.428571]
    """
    m = len(p_values)
    order = np.argsort(p_values, kind="stable")
    ratios = p_values[order] / np.arange(1, m + 1)
    best = np.minimum.accumulate(ratios[::-1])[::-1]  # smallest ratio at this rank or beyond
    needed = np.concatenate([[0.0], best * m])  # q' at which at least r are rejected at first
    rates = np.min(
        [np.maximum(needed[r], best * (m - r)) for r in range(m + 1)],
        axis=0,
    )
    q_values = np.empty(m)
    q_values[order] = np.where(rates < 0.5, rates / (1 - np.minimum(rates, 0.5)), 1.0)
    return q_values


ADJUSTMENTS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "holm": adjust_holm,
    "sharpened_q": sharpen_q,
    "none": np.copy,
}


@dataclass(frozen=True, slots=True)
class StepDown:
    """Unadjusted and adjusted p-values of m hypotheses, each of shape (m,)."""

    p_values: FloatArray
    adjusted: FloatArray


def step_down(squares: FloatArray, chances: FloatArray, observed: int) -> StepDown:
    """Westfall and Young's step-down minimum-p method on a reference set of allocations.

    Parameters
    ----------
    squares
        Squared statistics of m hypotheses under each of R allocations, shape (m, R).
    chances
        Probability of each allocation, shape (R,).
    observed
        Which allocation was observed.

    Source
    ------
    Westfall and Young (1993), algorithm 4.1.

    Examples
    --------
    >>> squares = np.array([[9.0, 1, 2, 5], [4.0, 7, 2, 1]])
    >>> step_down(squares, np.full(4, 0.25), observed=0).adjusted.tolist()
    [0.5, 0.5]
    """
    p_drawn = np.array([_tail_chances(row, chances) for row in squares])
    p_values = p_drawn[:, observed]
    order = np.argsort(p_values, kind="stable")
    smallest = np.minimum.accumulate(p_drawn[order][::-1], axis=0)[::-1]
    beaten = smallest <= p_values[order][:, None] * (1 + TIE)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(beaten @ chances))
    return StepDown(p_values, adjusted)


def _tail_chances(squares: FloatArray, chances: FloatArray) -> FloatArray:
    """For each allocation the probability of a statistic at least as extreme as its own."""
    order = np.argsort(squares, kind="stable")
    tail = np.cumsum(chances[order][::-1])[::-1]
    return np.minimum(1.0, tail[np.searchsorted(squares[order], squares * (1 - TIE))])


def adjust_families(
    data: AnalysisSet,
    estimates: tuple[Estimate, ...],
    *,
    design: Design | None,
    rng: np.random.Generator,
    tests: Sequence[RandomisationTest] = (),
) -> tuple[AdjustedP, ...]:
    """Adjust the registered estimates within each declared family.

    A family's hypotheses are its outcomes that could be estimated, once for every treated arm.
    What is adjusted is the p-value of record: that of randomisation inference where the estimate
    says so and ``tests`` holds it. ``westfall_young`` redraws the whole allocation, the same draws
    for every outcome, and its unadjusted p-values are those of randomisation inference; where the
    design is not declared the family is adjusted by Holm's method instead, and says so. Pass a
    generator in the state given to :func:`compute_randomisation_test` and, with two arms, the
    unadjusted p-values agree exactly.

    Parameters
    ----------
    data
        The analysis set.
    estimates
        Estimates of any outcomes; only ``registered`` ones are used.
    design
        The declared design, if known.
    rng
        The only source of randomness.
    tests
        Randomisation tests of the estimates, where they were run.

    Returns
    -------
    One row per hypothesis and family, in the order of families and estimates.

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> from lighttouch.core.allocation.declaring import declare_observed_design
    >>> from lighttouch.core.estimation.effects import estimate_outcome
    >>> data = example_set()
    >>> estimates = estimate_outcome(data, "days") + estimate_outcome(data, "spells")
    >>> design = declare_observed_design(data.frame, data.trial.arms)
    >>> rows = adjust_families(data, estimates, design=design, rng=np.random.default_rng(1))
    >>> [(row.outcome, round(row.p_value * 70), round(row.adjusted * 70)) for row in rows]
    [('days', 4, 6), ('spells', 20, 20)]
    """
    registered = [estimate for estimate in estimates if estimate.specification == "registered"]
    draws = data.trial.analysis.randomisation_inference.draws
    redraws: Redraws | None = None
    rows: list[AdjustedP] = []
    for family in data.trial.analysis.families:
        members = [e for e in registered if e.outcome in _outcomes(data.trial, family)]
        if members and family.method == "westfall_young" and design is not None:
            redraws = redraws or redraw_arms(data, design, rng, draws)
            rows += _rows(members, family, "westfall_young", _redraw(data, members, redraws))
        elif members:
            rows += _adjust_alone(members, family, tests)
    return tuple(rows)


def _adjust_alone(
    members: list[Estimate], family: Family, tests: Sequence[RandomisationTest]
) -> list[AdjustedP]:
    """Adjust a family by its p-values alone; by Holm's method where nothing can be redrawn."""
    method = "holm" if family.method == "westfall_young" else family.method
    p_values = np.array([_p_of_record(member, tests) for member in members])
    return _rows(members, family, method, StepDown(p_values, ADJUSTMENTS[method](p_values)))


def _p_of_record(member: Estimate, tests: Sequence[RandomisationTest]) -> float:
    for test in tests:
        own = (test.outcome, test.arm) == (member.outcome, member.arm)
        if own and member.redraw_of_record and test.p_value is not None:
            return test.p_value
    return member.p_value


def _outcomes(trial: Trial, family: Family) -> set[str]:
    by_role = {outcome.id for outcome in trial.outcomes if outcome.role in family.roles}
    return by_role | set(family.outcomes)


def _redraw(data: AnalysisSet, members: list[Estimate], redraws: Redraws) -> StepDown:
    squares = []
    for member in members:
        outcome = data.trial.outcome(member.outcome)
        model = build_model(data, outcome, registered_recipe(data.trial, outcome))
        studentise = count_smallest(data, model, member.arm) > FEW_UNITS
        reference = compute_reference(data, model, member.arm, redraws, studentise=studentise)
        squares.append(reference.squares())
    return step_down(np.array(squares), redraws.chances, redraws.observed)


def _rows(members: list[Estimate], family: Family, method: str, found: StepDown) -> list[AdjustedP]:
    return [
        AdjustedP(member.outcome, member.arm, family.id, method, float(p), float(q))
        for member, p, q in zip(members, found.p_values, found.adjusted, strict=True)
    ]
