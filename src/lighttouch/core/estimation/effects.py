"""Effects of every treated arm on an outcome, under the registered plan and beside it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.bootstrap import FEWEST, MOST, enumerate_bootstrap
from lighttouch.core.estimation.cautions import list_cautions
from lighttouch.core.estimation.fitted import Fitted, fit_plan
from lighttouch.core.estimation.fitting import compute_critical, compute_p_values
from lighttouch.core.estimation.model import Coefficient, Estimate
from lighttouch.core.estimation.planning import Plan, list_plans
from lighttouch.core.estimation.redrawing import FEW_UNITS
from lighttouch.core.estimation.regression import IntArray
from lighttouch.core.estimation.terms import Term, find_outcome
from lighttouch.core.estimation.variance import VarianceKind
from lighttouch.core.protocol.measures import Outcome
from lighttouch.core.protocol.trial import Trial

VARIANCE_WORDS: dict[VarianceKind, str] = {
    "classical": "classical, people treated as independent",
    "HC2": "HC2",
    "HC3": "HC3",
    "CR2": "CR2, Satterthwaite",
    "CR3": "CR3, Satterthwaite",
}
PEOPLE_PER_TERM = 20
"""People needed in the smallest arm for each term before slopes may differ by arm."""
PLAN_WORDS = {
    "difference_in_means": "The difference in means",
    "house": "The house specification",
    "sensitivity": "A sensitivity analysis",
}
TERM_ORDER = {
    "arm": 0,
    "baseline": 1,
    "covariate": 1,
    "missing": 1,
    "partner": 2,
    "stratum": 3,
    "interaction": 4,
}
"""Order of kinds of term in a regression table; the constant comes last."""


def estimate_outcome(data: AnalysisSet, outcome_id: str) -> tuple[Estimate, ...]:
    """Estimate the intention-to-treat effect of every treated arm on one outcome.

    The registered analysis comes first, then the difference in means (within strata where they
    are declared), the house specification if there is one, and sensitivities. Where people were
    allocated these are HC3 and, with at least 20 people per arm for each term, Lin's interacted
    adjustment; where clusters were, CR3, the other estimand and, with 6 to 14 clusters, the wild
    bootstrap. With several treated arms each specification is one regression and gives one
    estimate per arm, in file order.

    Parameters
    ----------
    data
        The analysis set; participants without the outcome are left out, missing covariates are
        treated as the trial declares.
    outcome_id
        Identifier of the outcome.

    Returns
    -------
    Estimates in the outcome's unit.

    Raises
    ------
    EstimationError
        If there is no such outcome, an arm has no data, the outcome does not vary, an arm cannot
        be told apart from other terms, or the fit leaves nothing to measure uncertainty by.

    Source
    ------
    See ``docs/methods/regression.md``, ``hc2.md`` and ``cr2.md``.

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> registered = estimate_outcome(example_set(), "days")[0]
    >>> registered.variance, round(registered.estimate, 9), round(registered.p_value, 4)
    ('HC2', 3.0, 0.0167)
    """
    outcome = find_outcome(data, outcome_id)
    registered, *others = list_plans(data.trial, outcome)
    first = fit_plan(data, outcome, registered)
    if _affords_interaction(first):
        recipe = replace(registered.recipe, interacted=True)
        others.append(Plan("sensitivity", recipe, registered.variance))
    tried = [_try_plan(data, outcome, plan) for plan in others]
    notes = tuple(note for note in tried if isinstance(note, str))
    estimates = [
        replace(estimate, warnings=estimate.warnings + notes)
        for estimate in _describe_estimates(first)
    ]
    beside = [_describe_estimates(fitted) for fitted in tried if isinstance(fitted, Fitted)]
    return (*estimates, *chain.from_iterable(beside), *_bootstrap(first, estimates))


def _try_plan(data: AnalysisSet, outcome: Outcome, plan: Plan) -> Fitted | str:
    """Fit a regression that stands beside the registered one, or say why it cannot be had."""
    try:
        return fit_plan(data, outcome, plan)
    except EstimationError as error:
        return f"{PLAN_WORDS[plan.specification]} is not given: {error.faults[0].what}."


def _affords_interaction(fitted: Fitted) -> bool:
    """Whether people were allocated, and every arm has enough of them for each adjusted term."""
    terms = fitted.first_arm - 1
    smallest = min(_count_by_arm(fitted.data.trial, fitted.model.arms).values())
    return not fitted.data.trial.clustered and 0 < PEOPLE_PER_TERM * terms <= smallest


def _bootstrap(fitted: Fitted, estimates: list[Estimate]) -> Iterator[Estimate]:
    """The registered estimates with the wild bootstrap's p-value and interval."""
    model = fitted.model
    clusters = len(np.unique(model.clusters))
    fewest = min(_count_clusters(fitted).values())
    if not fitted.data.trial.clustered or not FEWEST <= clusters <= MOST or fewest <= FEW_UNITS:
        return
    for position, estimate in enumerate(estimates, start=fitted.first_arm):
        reference = enumerate_bootstrap(
            model.y,
            np.delete(fitted.matrix, position, axis=1),
            fitted.matrix[:, position],
            model.clusters,
            model.weights,
        )
        error = float(np.sqrt(reference.own[0]))
        interval = reference.invert(estimate.confidence_level)
        if interval is not None:
            yield replace(
                estimate,
                specification="sensitivity",
                variance=f"restricted wild cluster bootstrap, all {2**clusters:,} sign patterns",
                standard_error=error,
                degrees_of_freedom=float(clusters - 1),
                statistic=estimate.estimate / error,
                p_value=reference.p_value(),
                interval=interval,
                coefficients=(),
                warnings=(),
            )


def _describe_estimates(fitted: Fitted) -> list[Estimate]:
    coefficients = () if _is_plain(fitted) else _list_coefficients(fitted)
    return [
        _describe_estimate(fitted, position, coefficients)
        for position in range(fitted.first_arm, len(fitted.kept))
    ]


def _describe_estimate(
    fitted: Fitted, position: int, coefficients: tuple[Coefficient, ...]
) -> Estimate:
    trial, plan, model = fitted.data.trial, fitted.plan, fitted.model
    level = trial.analysis.confidence_level
    value = float(fitted.fit.coefficients[position])
    error = float(np.sqrt(fitted.variance.covariance[position, position]))
    degrees = float(fitted.variance.degrees_of_freedom[position])
    reach = compute_critical(degrees, level) * error
    cautions = list_cautions(fitted, position)
    return Estimate(
        outcome=fitted.outcome.id,
        arm=trial.treated_arms[position - fitted.first_arm].id,
        reference=trial.reference_arm.id,
        specification=plan.specification,
        estimand=_estimand_words(fitted),
        method=_method_words(fitted),
        variance=VARIANCE_WORDS[plan.variance],
        estimate=value,
        standard_error=error,
        degrees_of_freedom=degrees,
        statistic=value / error,
        p_value=float(compute_p_values(np.array(value / error), np.array(degrees))),
        interval=(value - reach, value + reach),
        confidence_level=level,
        n=len(model.y),
        n_by_arm=_count_by_arm(trial, model.arms),
        clusters=len(np.unique(model.clusters)) if trial.clustered else None,
        clusters_by_arm=_count_clusters(fitted) if trial.clustered else {},
        r_squared=_r_squared(fitted),
        coefficients=coefficients,
        warnings=tuple(caution.sentence for caution in cautions),
        redraw_of_record=any(caution.redraw for caution in cautions),
    )


def _list_coefficients(fitted: Fitted) -> tuple[Coefficient, ...]:
    """Every term in table order; those dropped have no number."""
    errors = np.sqrt(np.diag(fitted.variance.covariance))
    found = {
        fitted.terms[column].id: _coefficient(
            fitted.terms[column],
            float(fitted.fit.coefficients[i]),
            float(errors[i]),
            float(fitted.variance.degrees_of_freedom[i]),
        )
        for i, column in enumerate(fitted.kept)
    }
    last = len(TERM_ORDER)
    ordered = sorted(fitted.terms, key=lambda term: TERM_ORDER.get(term.id.split(":")[0], last))
    return tuple(
        found.get(term.id, Coefficient(term.id, term.label, None, None, None, None, None))
        for term in ordered
    )


def _coefficient(term: Term, value: float, error: float, degrees: float) -> Coefficient:
    """One term; without uncertainty where its variance is zero by construction."""
    if np.isnan(degrees) or error == 0:
        return Coefficient(term.id, term.label, value, None, None, None, None)
    statistic = value / error
    p_value = float(compute_p_values(np.array(statistic), np.array(degrees)))
    return Coefficient(term.id, term.label, value, error, statistic, degrees, p_value)


def _is_plain(fitted: Fitted) -> bool:
    """Whether this is a difference in means, registered or beside a regression."""
    chosen = fitted.data.trial.analysis.estimator == "difference_in_means"
    return fitted.plan.specification == "difference_in_means" or (
        chosen and fitted.plan.specification != "house"
    )


def _estimand_words(fitted: Fitted) -> str:
    average = "cluster" if fitted.plan.recipe.cluster_average else "participant"
    return f"{average}-average intention-to-treat effect"


def _method_words(fitted: Fitted) -> str:
    weighted = fitted.model.weights is not None
    if _is_plain(fitted):
        within = " within strata" if fitted.model.terms else ""
        return f"{'Weighted difference' if weighted else 'Difference'} in means{within}"
    if fitted.plan.recipe.interacted:
        return "Lin's regression, every term interacted with the arm"
    if fitted.plan.specification == "house":
        return "OLS regression, the programme's own specification"
    return "Weighted least-squares regression" if weighted else "OLS regression"


def _count_by_arm(trial: Trial, arms: IntArray) -> dict[str, int]:
    counts = np.bincount(arms, minlength=len(trial.arms))
    return {arm.id: int(count) for arm, count in zip(trial.arms, counts, strict=True)}


def _count_clusters(fitted: Fitted) -> dict[str, int]:
    first = np.unique(fitted.model.clusters, return_index=True)[1]
    return _count_by_arm(fitted.data.trial, fitted.model.arms[first])


def _r_squared(fitted: Fitted) -> float:
    y, weights = fitted.model.y, fitted.fit.root_weights**2
    centred = y - np.average(y, weights=weights)
    return float(1 - np.sum(weights * fitted.fit.residuals**2) / np.sum(weights * centred**2))
