"""Randomisation inference from the allocations that the declared design could have produced."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lighttouch.core.allocation.declaring import Design, declare_observed_design
from lighttouch.core.allocation.drawing import draw_allocations
from lighttouch.core.allocation.enumerating import (
    ENUMERATION_LIMIT,
    count_allocations,
    enumerate_allocations,
)
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.model import RandomisationTest
from lighttouch.core.estimation.planning import registered_recipe
from lighttouch.core.estimation.redrawing import (
    FEW_UNITS,
    Draws,
    prepare_fixed,
    redraw_statistics,
)
from lighttouch.core.estimation.reference import Reference
from lighttouch.core.estimation.regression import FloatArray, IntArray
from lighttouch.core.estimation.terms import (
    Model,
    build_model,
    find_outcome,
    weights_are_inverse_chances,
)

NOT_DECLARED = "the design is not declared, so the allocations it could have produced are unknown"
BATCH = 20_000_000
"""Units times draws asked for at once, to bound memory."""


@dataclass(frozen=True, slots=True)
class Redraws:
    """Allocations to compare with: arm positions (trial-file order) of units, shape (R, units).

    ``allocations`` is how many the design can give, ``None`` when too many to count exactly.
    """

    units: tuple[str, ...]
    arms: NDArray[np.int8]
    chances: FloatArray
    observed: int
    enumerated: bool
    allocations: int | None


def compute_randomisation_test(
    data: AnalysisSet,
    outcome_id: str,
    arm: str,
    *,
    design: Design | None,
    rng: np.random.Generator,
    draws: int,
) -> RandomisationTest:
    """Test the sharp null of no effect of one arm by drawing the allocation again.

    The statistic is the registered regression's t for the arm (HC2 error for people, uncorrected
    cluster-robust error for clusters; the plain coefficient where an arm has two units or fewer).
    Allocations are drawn over the whole design, and those whose outcome is missing stay missing.
    Up to 100,000 allocations are enumerated. With more than two arms, units of the arms not
    compared keep their arm, and the two arms' numbers in every cell are held as they were.

    Parameters
    ----------
    data
        The analysis set.
    outcome_id, arm
        The outcome and the treated arm.
    design
        The declared design, or ``None`` where it is not known: then the test is not run.
    rng
        The only source of randomness.
    draws
        How many random draws where the design is not enumerated.

    Returns
    -------
    A p-value of (1 + #)/(1 + R), or the exact probability when enumerated, with the interval by
    inversion at the registered confidence level (``None`` where the design is too small to reject
    anything).

    Raises
    ------
    EstimationError
        If the outcome cannot be estimated, or the allocation in the data could not have come from
        the design.

    Source
    ------
    Fisher (1935); see ``docs/methods/randomisation-inference.md``.

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> data = example_set()
    >>> design = declare_observed_design(data.frame, data.trial.arms)
    >>> rng = np.random.default_rng(1)
    >>> test = compute_randomisation_test(data, "days", "letter", design=design, rng=rng, draws=500)
    >>> test.allocations, test.enumerated, round(test.p_value * 70)
    (70, True, 4)
    """
    model = build_model(
        data,
        find_outcome(data, outcome_id),
        registered_recipe(data.trial, data.trial.outcome(outcome_id)),
    )
    if design is None:
        return RandomisationTest(
            outcome_id, arm, None, 0, None, False, None, "", reason_not_run=NOT_DECLARED
        )
    redraws = redraw_arms(data, compare_design(data, design, arm), rng, draws)
    studentise = count_smallest(data, model, arm) > FEW_UNITS
    reference = compute_reference(data, model, arm, redraws, studentise=studentise)
    return RandomisationTest(
        outcome=outcome_id,
        arm=arm,
        p_value=reference.p_value(),
        draws=len(redraws.arms) - (not redraws.enumerated),
        allocations=redraws.allocations,
        enumerated=redraws.enumerated,
        smallest_p=_smallest(reference, redraws),
        statistic=_statistic_words(data, studentise=studentise),
        interval=reference.invert(data.trial.analysis.confidence_level),
    )


def compare_design(data: AnalysisSet, design: Design, arm: str) -> Design:
    """Return the design of one comparison: the whole one with two arms, else the pair's own.

    With more than two arms the sharp null is about two of them only. Given which units the other
    arms got and the numbers left in each cell, every division of the rest is equally likely.
    """
    trial = data.trial
    if len(trial.arms) == 2:
        return design
    observed = _observed_arms(data)
    pair = [chosen for chosen in trial.arms if chosen.id in (arm, trial.reference_arm.id)]
    names = {chosen.id for chosen in pair}
    rows = [
        (unit, block, stratum, observed[unit])
        for unit, block, stratum in zip(design.units, design.blocks, design.strata, strict=True)
        if observed.get(unit) in names
    ]
    units = pl.DataFrame(rows, schema=["unit", "block", "stratum", "arm"], orient="row")
    return declare_observed_design(units, pair)


def redraw_arms(data: AnalysisSet, design: Design, rng: np.random.Generator, draws: int) -> Redraws:
    """Enumerate the design's allocations, or draw from it with the observed one first.

    Raises
    ------
    EstimationError
        If the observed allocation is not one the design could have produced.
    """
    position = {arm.id: index for index, arm in enumerate(data.trial.arms)}
    translate = np.array([position[arm] for arm in design.arms], dtype=np.int8)
    by_unit = _observed_arms(data)
    known = np.array([unit in by_unit for unit in design.units])
    observed = np.array([position[by_unit[u]] if u in by_unit else -1 for u in design.units])
    count = count_allocations(design)
    if count <= ENUMERATION_LIMIT:
        listed = enumerate_allocations(design)
        arms = translate[listed.allocations]
        same = np.flatnonzero(np.all(arms[:, known] == observed[known], axis=1))
        if not len(same):
            raise EstimationError(
                "the allocation in the data is not one the declared design could have produced",
                where="column arm",
                remedy="Check the design's blocks, strata and shares against the allocation",
            )
        return Redraws(design.units, arms, listed.probabilities, int(same[0]), True, count)
    step = max(1, BATCH // len(design.units))
    batches = [
        translate[draw_allocations(design, rng, min(step, draws - first))]
        for first in range(0, draws, step)
    ]
    first = np.where(known, observed, batches[0][0]).astype(np.int8)
    arms = np.vstack([first, *batches])
    chances = np.full(len(arms), 1 / len(arms))
    exact = count if design.kind == "counts" else None
    return Redraws(design.units, arms, chances, 0, False, exact)


def compute_reference(
    data: AnalysisSet, model: Model, arm: str, redraws: Redraws, *, studentise: bool
) -> Reference:
    """Compute the registered statistic of one arm for every redrawn allocation.

    Participants whose unit is not redrawn keep their arm.
    """
    trial = data.trial
    ids = [chosen.id for chosen in trial.arms]
    own, base = ids.index(arm), ids.index(trial.reference_arm.id)
    others = tuple(index for index in range(len(ids)) if index not in (own, base))
    order = np.argsort(model.clusters, kind="stable")
    fixed = prepare_fixed(
        model.y[order],
        model.controls[order],
        (model.arms[order] == own).astype(np.float64),
        weights=_lasting_weights(data, model, order),
        starts=np.unique(model.clusters[order], return_index=True)[1] if trial.clustered else None,
        studentise=studentise,
    )
    column = {unit: index for index, unit in enumerate(redraws.units)}
    units = data.frame["unit"].to_numpy()[model.rows[order]]
    place = np.array([column.get(unit, -1) for unit in units])
    draws = Draws(redraws.arms, redraws.chances, redraws.observed, place, model.arms[order])
    return redraw_statistics(fixed, draws, arm=own, others=others)


def _lasting_weights(data: AnalysisSet, model: Model, order: IntArray) -> FloatArray | None:
    """Weights that a person keeps in every draw.

    A weight of 1/p(arm) belongs to the arm got; held fixed it would make the observed allocation
    unlike the others. Multiplying by the chance takes it out, and the test stays exact.
    """
    if model.weights is None:
        return None
    used = data.frame[model.rows[order]]
    chance = used["probability"].to_numpy() if weights_are_inverse_chances(used) else 1.0
    return np.asarray(model.weights[order] * chance)


def count_smallest(data: AnalysisSet, model: Model, arm: str) -> int:
    """Return the number of units with data in the smaller of the two arms compared."""
    ids = [chosen.id for chosen in data.trial.arms]
    first = np.unique(model.clusters, return_index=True)[1]
    counts = np.bincount(model.arms[first], minlength=len(ids))
    return int(min(counts[ids.index(arm)], counts[ids.index(data.trial.reference_arm.id)]))


def _observed_arms(data: AnalysisSet) -> dict[str, str]:
    pairs = data.frame.select("unit", "arm").unique()
    if pairs["unit"].n_unique() != pairs.height:
        raise EstimationError(
            "some units have people in more than one arm",
            where="column arm",
            remedy="Give everyone in a unit the unit's arm",
        )
    return dict(pairs.iter_rows())


def _smallest(reference: Reference, redraws: Redraws) -> float:
    """Enumerated: that of the most extreme allocation. Drawn: that of the observed draw alone."""
    return reference.smallest_p() if redraws.enumerated else float(redraws.chances[0])


def _statistic_words(data: AnalysisSet, *, studentise: bool) -> str:
    if not studentise:
        return "coefficient of the registered regression"
    error = "cluster-robust" if data.trial.clustered else "HC2"
    return f"t of the registered regression ({error} error)"
