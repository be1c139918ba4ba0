"""Unadjusted description of an outcome: arms, Welch's t-test and effect sizes."""

import numpy as np
import polars as pl
from scipy.special import gammaln

from lighttouch.core.datasets.model import AnalysisSet, outcome_column
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.fitting import compute_critical, compute_p_values
from lighttouch.core.estimation.model import ArmSummary, EffectSize, Estimate, WelchTest
from lighttouch.core.estimation.regression import FloatArray, IntArray
from lighttouch.core.estimation.terms import find_outcome


def summarise_arms(data: AnalysisSet, outcome_id: str) -> tuple[ArmSummary, ...]:
    """Summarise an outcome in every arm, unweighted and unadjusted.

    Parameters
    ----------
    data
        The analysis set; participants without the outcome count in ``randomised`` only.
    outcome_id
        The outcome.

    Returns
    -------
    One summary per arm in file order; numbers are ``None`` where too few people have the outcome.
    Quartiles interpolate linearly between ordered values.

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> [(arm.arm, arm.n, arm.mean) for arm in summarise_arms(example_set(), "days")]
    [('control', 4, 18.5), ('letter', 4, 21.5)]
    """
    find_outcome(data, outcome_id)
    return tuple(_summarise(data, outcome_id, arm.id) for arm in data.trial.arms)


def _summarise(data: AnalysisSet, outcome_id: str, arm: str) -> ArmSummary:
    randomised = int((data.frame["arm"] == arm).sum())
    y = _values(data, outcome_id, arm)
    n = len(y)
    if not n:
        return ArmSummary(arm, randomised, 0, None, None, None, None, None, None)
    sd = float(np.std(y, ddof=1)) if n > 1 else None
    low, middle, high = (float(q) for q in np.quantile(y, [0.25, 0.5, 0.75]))
    return ArmSummary(
        arm=arm,
        randomised=randomised,
        n=n,
        mean=float(np.mean(y)),
        sd=sd,
        standard_error=None if sd is None else sd / float(np.sqrt(n)),
        minimum=float(np.min(y)),
        quartiles=(low, middle, high),
        maximum=float(np.max(y)),
    )


def _values(data: AnalysisSet, outcome_id: str, arm: str) -> FloatArray:
    column = data.frame.filter(pl.col("arm") == arm)[outcome_column(outcome_id)]
    return column.drop_nulls().to_numpy()


def estimate_welch(data: AnalysisSet, outcome_id: str, arm: str) -> WelchTest:
    """Compare an arm's mean with the reference arm's by Welch's t-test.

    It knows nothing of clusters, strata or covariates, and is a description where clusters were
    allocated.

    Parameters
    ----------
    data
        The analysis set; participants without the outcome are left out.
    outcome_id, arm
        The outcome and the treated arm.

    Raises
    ------
    EstimationError
        If an arm has fewer than two values, or neither arm varies.

    Source
    ------
    Welch (1947).

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> welch = estimate_welch(example_set(), "days", "letter")
    >>> round(welch.difference, 9), round(welch.degrees_of_freedom, 9)
    (3.0, 6.0)
    """
    find_outcome(data, outcome_id)
    treated = _values(data, outcome_id, arm)
    reference = _values(data, outcome_id, data.trial.reference_arm.id)
    if min(len(treated), len(reference)) < 2 or np.ptp(treated) + np.ptp(reference) == 0:
        raise EstimationError(
            "Welch's test needs two values in each arm, and some variation",
            where=f"outcome {outcome_id}",
            remedy="Report the values by arm",
        )
    parts = [float(np.var(y, ddof=1)) / len(y) for y in (treated, reference)]
    error = float(np.sqrt(sum(parts)))
    degrees = sum(parts) ** 2 / (
        parts[0] ** 2 / (len(treated) - 1) + parts[1] ** 2 / (len(reference) - 1)
    )
    difference = float(np.mean(treated) - np.mean(reference))
    reach = compute_critical(degrees, data.trial.analysis.confidence_level) * error
    statistic = difference / error
    return WelchTest(
        outcome=outcome_id,
        arm=arm,
        difference=difference,
        standard_error=error,
        statistic=statistic,
        degrees_of_freedom=degrees,
        p_value=float(compute_p_values(np.array(statistic), np.array(degrees))),
        interval=(difference - reach, difference + reach),
    )


def estimate_effect_size(
    data: AnalysisSet, outcome_id: str, arm: str, estimate: Estimate
) -> EffectSize:
    """Turn an estimate into Hedges' g and a percentage of the reference arm's mean.

    g divides the estimate by the unadjusted standard deviation within the two arms. Where clusters
    were allocated the standard deviation is corrected for the clustering it cannot fully see, and
    the degrees of freedom behind it are fewer (Hedges 2007, for unequal cluster sizes). The
    interval carries the estimate's own (cluster-robust) error and that of the standard deviation.
    The percentage is withheld where the reference mean is not positive or the outcome is an index
    without a natural zero.

    Parameters
    ----------
    data
        The analysis set.
    outcome_id, arm
        The outcome and the treated arm.
    estimate
        The effect, usually the registered one.

    Source
    ------
    Hedges (1981) for the small-sample factor; Hedges (2007) for clusters.

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> from lighttouch.core.estimation.effects import estimate_outcome
    >>> data = example_set()
    >>> size = estimate_effect_size(data, "days", "letter", estimate_outcome(data, "days")[0])
    >>> round(size.hedges_g, 3), round(size.percentage, 1)
    (2.019, 16.2)
    """
    outcome = find_outcome(data, outcome_id)
    reference = data.trial.reference_arm
    parts = [
        data.frame.filter(pl.col("arm") == name, pl.col(outcome_column(outcome_id)).is_not_null())
        for name in (arm, reference.id)
    ]
    values = [part[outcome_column(outcome_id)].to_numpy() for part in parts]
    units = [part["unit"].rank("dense").to_numpy().astype(np.int64) for part in parts]
    scale, degrees = _standardiser(values, units, clustered=data.trial.clustered)
    base = float(np.mean(values[1])) if len(values[1]) else None
    percentage = None
    if base is not None and base > 0 and outcome.derive.source != "composite":
        percentage = 100 * estimate.estimate / base
    g, error, interval = _hedges(estimate, scale, degrees)
    return EffectSize(
        outcome=outcome_id,
        arm=arm,
        hedges_g=g,
        g_standard_error=error,
        g_interval=interval,
        percentage=percentage,
        percentage_base=f"unadjusted mean of the arm {reference.label}",
        percentage_base_value=base,
    )


def _hedges(
    estimate: Estimate, scale: float, degrees: float
) -> tuple[float | None, float | None, tuple[float, float] | None]:
    if not scale > 0 or degrees < 2:
        return None, None, None
    factor = _small_sample_factor(degrees) / scale
    g = factor * estimate.estimate
    error = float(np.sqrt((factor * estimate.standard_error) ** 2 + g**2 / (2 * degrees)))
    reach = compute_critical(estimate.degrees_of_freedom, estimate.confidence_level) * error
    return g, error, (g - reach, g + reach)


def _small_sample_factor(degrees: float) -> float:
    """Hedges' exact correction for the bias of a standardised difference."""
    half = degrees / 2
    return float(np.exp(gammaln(half) - gammaln(half - 0.5)) / np.sqrt(half))


def _standardiser(
    values: list[FloatArray],
    units: list[IntArray],
    *,
    clustered: bool,
) -> tuple[float, float]:
    """Total standard deviation within arms, and the degrees of freedom it is worth."""
    n = sum(len(y) for y in values)
    if min(len(y) for y in values) < 1 or n <= 2:
        return 0.0, 0.0
    within = sum(float(np.sum((y - np.mean(y)) ** 2)) for y in values)
    total = within / (n - 2)
    if not clustered:
        return float(np.sqrt(total)), float(n - 2)
    sizes = [np.unique(unit, return_counts=True)[1].astype(np.float64) for unit in units]
    icc = _intraclass(values, units, within)
    typical = sum(float(np.sum(size**2) / np.sum(size)) for size in sizes)
    corrected = total / (1 - icc * (typical - 2) / (n - 2))
    return float(np.sqrt(corrected)), _total_degrees(sizes, icc)


def _intraclass(
    values: list[FloatArray],
    units: list[IntArray],
    total: float,
) -> float:
    """Analysis-of-variance intraclass correlation within arms, not below zero."""
    inside, clusters, n, spread = 0.0, 0, 0, 0.0
    for y, unit in zip(values, units, strict=True):
        codes, sizes = np.unique(unit, return_inverse=True, return_counts=True)[1:]
        means = np.bincount(codes, y) / sizes
        inside += float(np.sum((y - means[codes]) ** 2))
        clusters += len(sizes)
        n += len(y)
        spread += float(len(y) - np.sum(sizes**2) / len(y))
    if n == clusters or clusters <= len(values):
        return 0.0
    mean_within = inside / (n - clusters)
    mean_between = (total - inside) / (clusters - len(values))
    between = max(0.0, (mean_between - mean_within) * (clusters - len(values)) / spread)
    return between / (between + mean_within) if between else 0.0


def _total_degrees(sizes: list[FloatArray], icc: float) -> float:
    """Satterthwaite degrees of freedom of the total variance within arms, given the correlation."""
    own, mixed, square = 0.0, 0.0, 0.0
    for size in sizes:
        people = float(np.sum(size))
        second, third = float(np.sum(size**2)), float(np.sum(size**3))
        own += people - 1
        mixed += people - second / people
        square += second - 2 * third / people + (second / people) ** 2
    mean = (1 - icc) * own + icc * mixed
    spread = (1 - icc) ** 2 * own + 2 * icc * (1 - icc) * mixed + icc**2 * square
    return mean**2 / spread
