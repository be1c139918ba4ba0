"""Everything found about each outcome."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import polars as pl

from lighttouch.core.allocation.declaring import (
    Design,
    declare_bernoulli_design,
    declare_design,
    declare_observed_design,
)
from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.model import AnalysisSet, outcome_column
from lighttouch.core.datasets.summaries import reliability_of
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.describing import (
    estimate_effect_size,
    estimate_welch,
    summarise_arms,
)
from lighttouch.core.estimation.effects import estimate_outcome
from lighttouch.core.estimation.model import AdjustedP, Estimate, RandomisationTest, WelchTest
from lighttouch.core.estimation.multiplicity import adjust_families
from lighttouch.core.estimation.randomisation import compute_randomisation_test
from lighttouch.core.progress import Progress
from lighttouch.core.protocol.measures import Outcome
from lighttouch.core.reporting.compute.wording import say_derivation
from lighttouch.core.reporting.results import OutcomeResult

MOST_POINTS_PER_ARM = 400
"""A figure of the data needs no more; larger arms are thinned to evenly spaced ranks."""
FEWEST_POINTS_PER_ARM = 10
"""Below this an arm's values are withheld: they would single people out."""
POINT_DIGITS = 3
REDRAWING = "randomisation inference"
"""The stream of all redrawn allocations: every outcome and family is compared with the same ones,
so an adjusted p-value cannot fall below its own by the luck of other draws."""


def declare_archived_design(archive: Archive) -> Design | None:
    """Return the design the allocation came from; ``None`` if there is none or it is undeclared."""
    trial, table = archive.trial, archive.allocation
    if table is None or trial.allocation.method == "none":
        return None
    if trial.allocation.method == "drawn":
        return declare_design(table, trial.arms)
    if trial.allocation.design == "undeclared":
        return None
    declare = {"blocked": declare_observed_design, "bernoulli": declare_bernoulli_design}
    return declare[trial.allocation.design](table, trial.arms)


def derive_stream(archive: Archive, purpose: str) -> np.random.Generator:
    """Return the random stream for one purpose, fixed by the trial file and the allocation.

    Re-running a report must give the same p-values, so the stream depends on nothing else.
    """
    record = archive.record
    parts = (purpose, archive.trial_text, record.allocation_sha256 if record else "")
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return np.random.Generator(np.random.PCG64DXSM(int.from_bytes(digest)))


def compute_outcomes(
    archive: Archive, data: AnalysisSet, progress: Progress
) -> tuple[OutcomeResult, ...]:
    """Estimate every outcome as registered, with the alternatives the plan prints beside it."""
    design = declare_archived_design(archive)
    estimates, reasons = _estimate_all(data)
    tests: dict[str, tuple[RandomisationTest, ...]] = {}
    for done, outcome in enumerate(data.trial.outcomes):
        progress(f"estimating {outcome.label}", done, len(data.trial.outcomes))
        found = estimates[outcome.id]
        tests[outcome.id] = _randomisation_tests(archive, data, outcome, design, found)
    adjusted = _adjust(archive, data, design, estimates, tests)
    return tuple(
        _outcome_result(
            archive,
            data,
            outcome,
            estimates[outcome.id],
            tests[outcome.id],
            adjusted,
            reasons[outcome.id],
        )
        for outcome in data.trial.outcomes
    )


def _adjust(
    archive: Archive,
    data: AnalysisSet,
    design: Design | None,
    estimates: dict[str, tuple[Estimate, ...]],
    tests: dict[str, tuple[RandomisationTest, ...]],
) -> tuple[AdjustedP, ...]:
    """Adjust families on the draws the randomisation tests used, so that p-values agree."""
    everything = tuple(e for found in estimates.values() for e in found)
    if not everything:
        return ()
    return adjust_families(
        data,
        everything,
        design=design,
        rng=derive_stream(archive, REDRAWING),
        tests=[test for found in tests.values() for test in found],
    )


def _estimate_all(
    data: AnalysisSet,
) -> tuple[dict[str, tuple[Estimate, ...]], dict[str, str]]:
    estimates: dict[str, tuple[Estimate, ...]] = {}
    reasons: dict[str, str] = {}
    for outcome in data.trial.outcomes:
        estimates[outcome.id], reasons[outcome.id] = _estimate_one(data, outcome)
    return estimates, reasons


def _estimate_one(data: AnalysisSet, outcome: Outcome) -> tuple[tuple[Estimate, ...], str]:
    if not data.trial.treated_arms:
        return (), "The trial has one arm, so no effect can be estimated."
    if data.frame[outcome_column(outcome.id)].drop_nulls().is_empty():
        return (), f"No data were collected for this outcome at the wave {outcome.wave}."
    try:
        return estimate_outcome(data, outcome.id), ""
    except EstimationError as error:
        return (), " ".join(str(fault) for fault in error.faults)


def _randomisation_tests(
    archive: Archive,
    data: AnalysisSet,
    outcome: Outcome,
    design: Design | None,
    found: tuple[Estimate, ...],
) -> tuple[RandomisationTest, ...]:
    plan = data.trial.analysis.randomisation_inference
    if not plan.use or not found:
        return ()
    return tuple(
        compute_randomisation_test(
            data,
            outcome.id,
            arm.id,
            design=design,
            rng=derive_stream(archive, REDRAWING),
            draws=plan.draws,
        )
        for arm in data.trial.treated_arms
    )


def _outcome_result(
    archive: Archive,
    data: AnalysisSet,
    outcome: Outcome,
    found: tuple[Estimate, ...],
    tests: tuple[RandomisationTest, ...],
    adjusted: tuple[AdjustedP, ...],
    reason: str,
) -> OutcomeResult:
    registered = [e for e in found if e.specification == "registered"]
    return OutcomeResult(
        id=outcome.id,
        label=outcome.label,
        role=outcome.role,
        wave=outcome.wave,
        wave_label=data.trial.wave(outcome.wave).label,
        kind=outcome.kind,
        unit=outcome.unit,
        better=outcome.better,
        derivation=say_derivation(outcome.derive, data.trial),
        note=outcome.note,
        smallest_effect_of_interest=outcome.smallest_effect_of_interest,
        summaries=summarise_arms(data, outcome.id),
        estimates=found,
        welch=tuple(_list_welch(data, registered)),
        randomisation=tests,
        effect_sizes=tuple(estimate_effect_size(data, outcome.id, e.arm, e) for e in registered),
        adjusted=tuple(p for p in adjusted if p.outcome == outcome.id),
        reliability=reliability_of(archive, outcome),
        points=_points(data, outcome),
        not_estimated=reason,
    )


def _list_welch(data: AnalysisSet, registered: list[Estimate]) -> Iterator[WelchTest]:
    """Yield the Welch tests that can be had: an arm may hold one person, or nobody may vary."""
    for estimate in registered:
        with suppress(EstimationError):
            yield estimate_welch(data, estimate.outcome, estimate.arm)


def _points(data: AnalysisSet, outcome: Outcome) -> tuple[tuple[str, float], ...]:
    """Return rounded values by arm in order of size, thinned; none where they single people out."""
    if outcome.kind == "binary":
        return ()
    points: list[tuple[str, float]] = []
    for arm in data.trial.arms:
        values = data.frame.filter(pl.col("arm") == arm.id)[outcome_column(outcome.id)]
        ordered = np.sort(values.drop_nulls().to_numpy())
        if 0 < ordered.size < FEWEST_POINTS_PER_ARM:
            return ()
        points.extend((arm.id, value) for value in _thin(ordered))
    return tuple(points)


def _thin(ordered: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    if ordered.size > MOST_POINTS_PER_ARM:
        ranks = np.linspace(0, ordered.size - 1, MOST_POINTS_PER_ARM).round().astype(int)
        ordered = ordered[ranks]
    return [float(f"{value:.{POINT_DIGITS}g}") for value in ordered]
