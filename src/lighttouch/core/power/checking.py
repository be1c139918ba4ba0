"""What a reader of a power calculation must not miss."""

from math import comb

from lighttouch.core.power.formula import compute_formula_power
from lighttouch.core.power.model import FormulaPower, PowerPlan
from lighttouch.core.power.planning import adjusting_covariates, adjusts_baseline
from lighttouch.core.protocol.analysis import PowerAssumptions
from lighttouch.core.protocol.trial import Trial

_FEW_CLUSTERS = 40
_VERY_FEW_CLUSTERS = 30
_UNEVEN_SIZES = 0.6
_LOW_RESPONSE = 0.5
_FEW_PEOPLE = 20


def check_power(trial: Trial, assumptions: PowerAssumptions, plan: PowerPlan) -> tuple[str, ...]:
    """Return warnings in plain sentences, the gravest first.

    Parameters
    ----------
    trial, assumptions, plan
        The trial file, one entry of its ``power``, and the plan made of them.

    Returns
    -------
    tuple of str
        Empty when nothing needs saying.

    Examples
    --------
    >>> from lighttouch.core.power.example import example_trial
    >>> from lighttouch.core.power.planning import declare_plan
    >>> trial = example_trial()
    >>> plan = declare_plan(trial, trial.power[0])
    >>> check_power(trial, trial.power[0], plan)[0]
    'FEW CLUSTERS: 20 clusters are allocated; below 30 the formula is not enough: simulate.'
    """
    found = compute_formula_power(plan)
    sentences = [
        *_about_power(trial, plan, found),
        *_about_clusters(plan, found),
        *_about_people(trial, assumptions, found),
        *_about_adjustment(trial, assumptions),
    ]
    return tuple(sentences)


def say_amount(value: float, unit: str) -> str:
    """Return a number with its unit, in brackets where the unit is more than a word.

    Examples
    --------
    >>> say_amount(5, "days"), say_amount(0.6, "sum of z-scores")
    ('5 days', '0.6 (sum of z-scores)')
    """
    return f"{value:.3g} ({unit})" if " " in unit else f"{value:.3g} {unit}"


def _about_power(trial: Trial, plan: PowerPlan, found: tuple[FormulaPower, ...]) -> list[str]:
    said: list[str] = []
    if trial.status == "pilot":
        said.append("PILOT: the trial is declared a pilot; its estimates can only be indicative.")
    said += [
        f"LOW POWER: the assumed effect of {say_amount(plan.effect, plan.unit)} would be found "
        f"with {one.power:.0%} power for {one.arm}, below the target of {plan.power:.0%}; the "
        "smallest effect found with the target power is "
        f"{say_amount(one.minimum_detectable_effect, plan.unit)}."
        for one in found
        if one.power < plan.power
    ]
    if trial.analysis.estimand == "cluster_average" and plan.clustered:
        said.append(
            "The formula is for the participant average, and the analysis is declared for the "
            "cluster average: simulate."
        )
    return said


def _about_clusters(plan: PowerPlan, found: tuple[FormulaPower, ...]) -> list[str]:
    if not plan.clustered:
        return []
    said: list[str] = []
    if plan.units < _VERY_FEW_CLUSTERS:
        said.append(
            f"FEW CLUSTERS: {plan.units} clusters are allocated; below {_VERY_FEW_CLUSTERS} the "
            "formula is not enough: simulate."
        )
    elif plan.units < _FEW_CLUSTERS:
        said.append(
            f"FEW CLUSTERS: {plan.units} clusters are allocated; below {_FEW_CLUSTERS} the p-value "
            "of record comes from randomisation inference."
        )
    said += _about_arms(plan, found)
    if plan.size_cv > _UNEVEN_SIZES:
        said.append(
            f"UNEVEN CLUSTERS: sizes vary with a coefficient of {plan.size_cv:.2f}; large clusters "
            "weigh heavily and the degrees of freedom will be fewer than the formula's."
        )
    if plan.icc == 0:
        said.append(
            "NO CLUSTERING ASSUMED: clusters are allocated with an intra-cluster correlation of "
            "0, which is seldom true and flatters the power."
        )
    return said


def _about_arms(plan: PowerPlan, found: tuple[FormulaPower, ...]) -> list[str]:
    said: list[str] = []
    for one in found:
        arm, reference = one.clusters_arm or 0, one.clusters_reference or 0
        if min(arm, reference) <= 2:
            said.append(
                f"ONE OR TWO CLUSTERS: {one.arm} is compared {arm} against {reference}; no "
                "standard error is reliable and only randomisation inference can be used."
            )
        attainable = min(1.0, 2 / comb(arm + reference, arm))
        if attainable > plan.significance:
            said.append(
                f"NO SIGNIFICANCE POSSIBLE: with {arm} against {reference} clusters the smallest "
                f"two-sided randomisation p-value is {attainable:.2f} for {one.arm}."
            )
    if plan.cells > 1 and any(one.degrees_of_freedom <= 2 for one in found):
        said.append(
            f"NO DEGREES OF FREEDOM: {plan.cells} blocks and strata use up {plan.units} clusters; "
            "declare fewer strata."
        )
    return said


def _about_people(
    trial: Trial, assumptions: PowerAssumptions, found: tuple[FormulaPower, ...]
) -> list[str]:
    said: list[str] = []
    if assumptions.response < _LOW_RESPONSE:
        said.append(
            f"LOW RESPONSE: only {assumptions.response:.0%} are expected to respond; those who do "
            "may differ between arms, and no sample size mends that."
        )
    fewest = min(min(one.analysed_arm, one.analysed_reference) for one in found)
    if fewest < _FEW_PEOPLE:
        said.append(f"FEW PEOPLE: an arm is expected to have {fewest:.0f} people analysed.")
    if assumptions.icc > 0 and not trial.clustered:
        said.append("People are allocated, so the intra-cluster correlation does not enter.")
    if trial.outcome(assumptions.outcome).kind != "continuous":
        said.append(
            "The outcome is not continuous; the calculation takes its mean to be about normal."
        )
    return said


def _about_adjustment(trial: Trial, assumptions: PowerAssumptions) -> list[str]:
    said: list[str] = []
    if assumptions.baseline_correlation > 0 and not adjusts_baseline(trial, assumptions.outcome):
        said.append(
            "BASELINE NOT COUNTED: a baseline correlation is assumed, but the registered analysis "
            "does not adjust for a baseline of this outcome."
        )
    if assumptions.covariate_r2 > 0 and not adjusting_covariates(trial, assumptions.outcome):
        said.append(
            "COVARIATES NOT COUNTED: covariates are assumed to explain variance, but the "
            "registered analysis has none."
        )
    return said
