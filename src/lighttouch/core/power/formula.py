"""Power and minimum detectable effect in closed form."""

from dataclasses import replace
from math import sqrt

import numpy as np
from scipy import optimize, special, stats

from lighttouch.core.errors import EstimationError
from lighttouch.core.power.model import EffectPoint, FormulaPower, PowerPlan, SizePoint
from lighttouch.core.power.planning import share_units

_CURVE_POINTS = 41
_FEWEST_DEGREES = 2


def compute_power(*, effect: float, standard_error: float, df: float, significance: float) -> float:
    """Return the power of a two-sided t-test.

    Parameters
    ----------
    effect, standard_error
        In the same unit; the standard error is that of the true sampling distribution.
    df
        Degrees of freedom of the variance estimate.
    significance
        Two-sided level, between 0 and 1.

    Returns
    -------
    float
        Chance that |t| exceeds its critical value, both tails counted: equal to ``significance``
        at no effect.

    Notes
    -----
    t is non-central with ``df`` degrees of freedom and non-centrality effect / standard error.

    Examples
    --------
    >>> round(compute_power(effect=0.5, standard_error=0.5 / 2.8, df=62, significance=0.05), 3)
    0.787
    """
    critical = float(stats.t.isf(significance / 2, df))
    shift = abs(effect) / standard_error
    if shift == 0:
        return significance
    upper = 1 - float(special.nctdtr(df, shift, critical))
    lower = float(special.nctdtr(df, shift, -critical))
    return upper + (0.0 if np.isnan(lower) else lower)


def compute_detectable_effect(
    *, standard_error: float, df: float, significance: float, power: float
) -> float:
    """Return the smallest effect a two-sided t-test finds with the wanted power.

    Parameters
    ----------
    standard_error, df, significance
        As for :func:`compute_power`.
    power
        Wanted power, above ``significance`` and below 1.

    Returns
    -------
    float
        Positive, in the unit of ``standard_error``.

    Raises
    ------
    EstimationError
        If the wanted power is not above the significance level.

    Examples
    --------
    >>> round(compute_detectable_effect(standard_error=1, df=1e6, significance=0.05, power=0.8), 3)
    2.802
    """
    if power <= significance:
        raise EstimationError(
            "the wanted power is not above the significance level", where="power", remedy="Raise it"
        )

    def shortfall(shift: float) -> float:
        found = compute_power(effect=shift, standard_error=1, df=df, significance=significance)
        return found - power

    highest = float(stats.t.isf(significance / 2, df) + stats.t.ppf(power, df)) + 1
    while shortfall(highest) < 0:
        highest *= 2
    return standard_error * optimize.brentq(shortfall, 0, highest, xtol=1e-10)


def compute_formula_power(plan: PowerPlan) -> tuple[FormulaPower, ...]:
    """Return power and minimum detectable effect of every arm against the reference.

    The estimand is the participant-average difference between the arm and the reference.

    Parameters
    ----------
    plan
        The sample; see :func:`lighttouch.core.power.planning.declare_plan`.

    Returns
    -------
    tuple of FormulaPower
        One per treated arm, in file order.

    Raises
    ------
    EstimationError
        If an arm would get fewer than one cluster, or two participants.

    Notes
    -----
    The variance is sd² · residual share · design effect · (1/n₁ + 1/n₀), n counting participants
    analysed. Degrees of freedom are n − arms − (cells − 1) − terms when people are allocated;
    when clusters are, Welch and Satterthwaite's for the clusters of the two arms, less the
    cells − 1 stratum effects. Source: Eldridge, Ashby and Kerry (2006) for the design effect.

    Examples
    --------
    >>> from lighttouch.core.power.example import example_trial
    >>> from lighttouch.core.power.planning import declare_plan
    >>> trial = example_trial()
    >>> found, = compute_formula_power(declare_plan(trial, trial.power[0]))
    >>> round(found.standard_error, 3), found.degrees_of_freedom
    (0.151, 18.0)
    """
    counts = share_units(plan.units, plan.shares, plan.arms.index(plan.reference))
    by_arm = dict(zip(plan.arms, counts, strict=True))
    if min(counts) < (1 if plan.clustered else 2):
        raise EstimationError("the sample is too small for its arms", where="power")
    return tuple(
        _compare(plan, arm, by_arm[arm], by_arm[plan.reference])
        for arm in plan.arms
        if arm != plan.reference
    )


def compute_effect_curve(plan: PowerPlan) -> tuple[EffectPoint, ...]:
    """Return power against effect, from none to past the effect found almost always."""
    points: list[EffectPoint] = []
    for found in compute_formula_power(plan):
        highest = 1.6 * max(plan.effect, found.minimum_detectable_effect)
        for effect in np.linspace(0, highest, _CURVE_POINTS):
            power = compute_power(
                effect=float(effect),
                standard_error=found.standard_error,
                df=found.degrees_of_freedom,
                significance=plan.significance,
            )
            points.append(EffectPoint(found.arm, float(effect), power))
    return tuple(points)


def compute_size_curve(plan: PowerPlan) -> tuple[SizePoint, ...]:
    """Return the minimum detectable effect against the number of clusters (or participants).

    Cluster sizes keep their mean and spread. Sizes that leave an arm empty, or fewer than two
    degrees of freedom, are left out.
    """
    points: list[SizePoint] = []
    for units in _sizes_to_try(plan):
        for found in compute_formula_power(replace(plan, units=units)):
            if found.degrees_of_freedom >= _FEWEST_DEGREES:
                points.append(SizePoint(found.arm, units, found.minimum_detectable_effect))
    return tuple(sorted(points, key=lambda point: (plan.arms.index(point.arm), point.units)))


def _sizes_to_try(plan: PowerPlan) -> list[int]:
    smallest = int(np.ceil((2 if plan.clustered else 4) / min(plan.shares)))
    ratios = (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3)
    sizes = {round(plan.units * ratio) for ratio in ratios} | {plan.units}
    return sorted(size for size in sizes if size >= smallest)


def _compare(plan: PowerPlan, arm: str, units: int, reference_units: int) -> FormulaPower:
    people = plan.mean_size * plan.analysed_share
    analysed = (units * people, reference_units * people)
    variance = plan.sd**2 * plan.residual_share * plan.design_effect
    error = sqrt(variance * (1 / analysed[0] + 1 / analysed[1]))
    df = _degrees_of_freedom(plan, units, reference_units)
    power = compute_power(
        effect=plan.effect, standard_error=error, df=df, significance=plan.significance
    )
    detectable = compute_detectable_effect(
        standard_error=error, df=df, significance=plan.significance, power=plan.power
    )
    return FormulaPower(
        outcome=plan.outcome,
        arm=arm,
        reference=plan.reference,
        analysed_arm=analysed[0],
        analysed_reference=analysed[1],
        clusters_arm=units if plan.clustered else None,
        clusters_reference=reference_units if plan.clustered else None,
        design_effect=plan.design_effect,
        standard_error=error,
        degrees_of_freedom=df,
        effect=plan.effect,
        power=power,
        minimum_detectable_effect=detectable,
        minimum_detectable_standardised=detectable / plan.sd,
    )


def _degrees_of_freedom(plan: PowerPlan, units: int, reference_units: int) -> float:
    """Degrees of freedom, at least 1: a design that leaves none is warned about, not refused."""
    if not plan.clustered:
        used = len(plan.arms) + plan.cells - 1 + plan.terms
        return max(1.0, plan.units * plan.analysed_share - used)
    shares = np.array([1 / units, 1 / reference_units])
    spare = np.maximum(np.array([units, reference_units]) - 1, 1)
    welch = float(shares.sum() ** 2 / (shares**2 / spare).sum())
    return max(1.0, welch - (plan.cells - 1))
