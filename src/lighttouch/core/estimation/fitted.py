"""Fit one planned regression on one outcome."""

from dataclasses import dataclass

import numpy as np

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.planning import Plan
from lighttouch.core.estimation.regression import (
    FloatArray,
    IntArray,
    LeastSquares,
    fit_least_squares,
    select_independent,
)
from lighttouch.core.estimation.terms import Model, Term, arm_indicators, build_model
from lighttouch.core.estimation.variance import Variance, estimate_variance
from lighttouch.core.protocol.measures import Outcome
from lighttouch.core.protocol.trial import Trial

NO_SPREAD = 1e-9
"""A standard error below this share of the outcome's own spread is a perfect fit: rounding gives
about 1e-15, and no trial measures an effect to a billionth of a standard deviation."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A planned regression and its fit.

    Parameters
    ----------
    data, outcome, plan, model
        What was fitted.
    terms
        Every term the plan asked for, constant first, arms last.
    kept
        Positions in ``terms`` of the independent ones, aligned with the fit's coefficients.
    matrix
        Their columns, shape (n, len(kept)).
    fit, variance
        The fit and the variance of all its coefficients.
    """

    data: AnalysisSet
    outcome: Outcome
    plan: Plan
    model: Model
    terms: tuple[Term, ...]
    kept: IntArray
    matrix: FloatArray
    fit: LeastSquares
    variance: Variance

    @property
    def first_arm(self) -> int:
        """Position of the first treated arm among the fit's coefficients."""
        return len(self.kept) - len(self.data.trial.treated_arms)


def fit_plan(data: AnalysisSet, outcome: Outcome, plan: Plan) -> Fitted:
    """Fit a plan.

    Raises
    ------
    EstimationError
        If the data cannot carry it.
    """
    model = build_model(data, outcome, plan.recipe)
    treated = arm_indicators(data.trial, model.arms)
    matrix = np.column_stack([np.ones(len(model.y)), model.controls, treated])
    kept = select_independent(matrix)
    _check_identified(data.trial, outcome, kept, matrix.shape[1])
    matrix = matrix[:, kept]
    fit = fit_least_squares(model.y, matrix, model.weights)
    variance = estimate_variance(fit, plan.variance, clusters=model.clusters)
    arms = tuple(Term(f"arm:{arm.id}", arm.label) for arm in data.trial.treated_arms)
    terms = (Term("intercept", "Constant"), *model.terms, *arms)
    fitted = Fitted(data, outcome, plan, model, terms, kept, matrix, fit, variance)
    _check_spread(fitted)
    return fitted


def _check_identified(trial: Trial, outcome: Outcome, kept: IntArray, columns: int) -> None:
    treated = trial.treated_arms
    lost = set(range(columns - len(treated), columns)) - set(kept.tolist())
    if lost:
        names = ", ".join(treated[c - columns + len(treated)].label for c in sorted(lost))
        raise EstimationError(
            f"the effect of {names} cannot be told apart from covariates, partners or strata",
            where=f"outcome {outcome.id}",
            remedy="Check that some stratum holds data from both arms",
        )


def _check_spread(fitted: Fitted) -> None:
    first = fitted.first_arm
    errors = np.sqrt(np.diag(fitted.variance.covariance)[first:])
    degrees = fitted.variance.degrees_of_freedom[first:]
    if np.any(errors <= NO_SPREAD * np.std(fitted.model.y)) or np.any(np.isnan(degrees)):
        raise EstimationError(
            "the fit leaves nothing to measure its uncertainty by",
            where=f"outcome {fitted.outcome.id}",
            remedy="Give the numbers by arm; there are too few units for a test",
        )
