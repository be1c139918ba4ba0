"""Which regressions a trial's registered analysis asks for, and what each is called."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lighttouch.core.estimation.model import Specification
from lighttouch.core.estimation.terms import Recipe
from lighttouch.core.estimation.variance import VarianceKind
from lighttouch.core.protocol.measures import Outcome
from lighttouch.core.protocol.trial import Trial


@dataclass(frozen=True, slots=True)
class Plan:
    """One regression: its place in the results, its terms and its variance."""

    specification: Specification
    recipe: Recipe
    variance: VarianceKind


def registered_recipe(trial: Trial, outcome: Outcome) -> Recipe:
    """Return the terms and weights of the registered analysis of an outcome."""
    analysis = trial.analysis
    average = analysis.estimand == "cluster_average"
    if analysis.estimator == "difference_in_means":
        return Recipe(stratum_effects=analysis.stratum_effects, cluster_average=average)
    covariates = analysis.covariates if outcome.covariates is None else outcome.covariates
    return Recipe(
        covariates=covariates,
        baseline_outcome=analysis.baseline_outcome,
        partner_effects=analysis.partner_effects,
        stratum_effects=analysis.stratum_effects,
        cluster_average=average,
    )


def registered_variance(trial: Trial) -> VarianceKind:
    """Return the registered variance; by default the one that follows the allocation."""
    if trial.analysis.variance != "design":
        return trial.analysis.variance
    return "CR2" if trial.clustered else "HC2"


def list_plans(trial: Trial, outcome: Outcome) -> Iterator[Plan]:
    """List the regressions of an outcome: registered first, sensitivities last."""
    recipe, variance = registered_recipe(trial, outcome), registered_variance(trial)
    yield Plan("registered", recipe, variance)
    if trial.analysis.estimator == "regression":
        plain = Recipe(
            stratum_effects=trial.analysis.stratum_effects, cluster_average=recipe.cluster_average
        )
        yield Plan("difference_in_means", plain, variance)
    if (house := trial.analysis.house) is not None:
        terms = Recipe(
            covariates=house.covariates,
            baseline_outcome=house.baseline_outcome and outcome.id not in house.without_baseline,
            partner_effects=house.partner_effects,
            weighted=False,
        )
        yield Plan("house", terms, "classical")
    if not trial.clustered:
        yield Plan("sensitivity", recipe, "HC3" if variance != "HC3" else "HC2")
        return
    yield Plan("sensitivity", recipe, "CR3" if variance != "CR3" else "CR2")
    yield Plan("sensitivity", replace(recipe, cluster_average=not recipe.cluster_average), variance)
