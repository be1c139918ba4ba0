"""The effect kernel on plain arrays: :func:`fit_effect`.

Everything in this stage that regresses an outcome on arms goes through it, and so does the power
simulation, which calls it thousands of times.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.regression import (
    FloatArray,
    IntArray,
    fit_least_squares,
    select_independent,
)
from lighttouch.core.estimation.variance import VarianceKind, estimate_variance


@dataclass(frozen=True, slots=True)
class EffectFit:
    """Effects of the treated arms against the reference; every array has shape (arms,).

    ``degrees_of_freedom`` and ``p_values`` (two-sided t) are ``nan`` where the variance is zero.
    """

    estimates: FloatArray
    standard_errors: FloatArray
    degrees_of_freedom: FloatArray
    p_values: FloatArray


def compute_p_values(statistics: FloatArray, degrees: FloatArray) -> FloatArray:
    """Return two-sided p-values of t statistics.

    Examples
    --------
    >>> compute_p_values(np.array([0.0]), np.array([5.0])).tolist()
    [1.0]
    """
    return np.asarray(2.0 * stdtr(degrees, -np.abs(statistics)), dtype=np.float64)


def compute_critical(degrees: float, level: float) -> float:
    """Return how many standard errors a two-sided t interval reaches on either side.

    Examples
    --------
    >>> round(compute_critical(10.0, 0.95), 4)
    2.2281
    """
    return float(stdtrit(degrees, 0.5 + level / 2))


def fit_effect(
    y: FloatArray,
    treatment: FloatArray,
    controls: FloatArray | None = None,
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    variance: VarianceKind = "HC2",
) -> EffectFit:
    """Fit the effect of treated arms by least squares with an intercept.

    Parameters
    ----------
    y
        Outcome, shape (n,), no missing values.
    treatment
        Indicator of the treated arm, shape (n,), or of several, shape (n, arms).
    controls
        Other columns without an intercept, shape (n, c); collinear ones are dropped from the
        right.
    clusters
        Cluster of each observation, shape (n,); needed for ``CR2`` and ``CR3``.
    weights
        Positive weights, shape (n,).
    variance
        Which variance.

    Raises
    ------
    EstimationError
        If an arm cannot be told apart from the controls, or there are too few observations.

    Examples
    --------
    >>> fit = fit_effect(np.array([1.0, 3.0, 4.0, 6.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    >>> fit.estimates.round(9).tolist(), fit.standard_errors.round(6).tolist()
    ([3.0], [1.414214])
    """
    arms = treatment.reshape(len(y), -1)
    parts = (
        [np.ones((len(y), 1)), arms] if controls is None else [np.ones((len(y), 1)), controls, arms]
    )
    matrix = np.hstack(parts)
    kept = select_independent(matrix)
    first_arm = matrix.shape[1] - arms.shape[1]
    wanted = np.flatnonzero(kept >= first_arm)
    if len(wanted) < arms.shape[1]:
        raise EstimationError(
            "the effect of an arm cannot be told apart from the other terms",
            remedy="Check that every arm has data and that no covariate or stratum repeats it",
        )
    fit = fit_least_squares(y, matrix[:, kept], weights)
    uncertainty = estimate_variance(fit, variance, clusters=clusters, wanted=wanted)
    errors = np.sqrt(np.diag(uncertainty.covariance))
    estimates = fit.coefficients[wanted]
    with np.errstate(divide="ignore", invalid="ignore"):
        p_values = compute_p_values(estimates / errors, uncertainty.degrees_of_freedom)
    return EffectFit(estimates, errors, uncertainty.degrees_of_freedom, p_values)
