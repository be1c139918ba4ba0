"""How far the items of a scale measure one thing: Cronbach's alpha and McDonald's omega."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import optimize

from lighttouch.core.errors import InstrumentError
from lighttouch.core.instruments.model import Instrument, ScaleResponse
from lighttouch.core.instruments.scoring import key_items, reverse_answers, scored_items

Floats = npt.NDArray[np.float64]

LOWEST_UNIQUENESS = 0.005
"""Share of an item's variance that is at least its own; the bound R's ``factanal`` uses."""

SINGULAR = 1e-8
"""A correlation matrix with a smaller eigenvalue has items that repeat each other."""

MOST_STEPS = 1000
"""Steps of the likelihood search before it is given up."""

LARGEST_GRADIENT = 1e-5
"""A fit has converged when no uniqueness would move further than this down the slope. The search
itself often ends by complaining that it can go no lower, which is no failure.
"""


class Reliability(NamedTuple):
    """Alpha and omega of a scale; ``None`` where one cannot be computed."""

    alpha: float | None
    omega: float | None


def measure_reliability(
    instrument: Instrument, answers: pl.DataFrame, *, subscale: str | None = None
) -> Reliability | None:
    """Return the reliability of a score; items that take from a balance are turned round.

    Parameters
    ----------
    instrument, answers, subscale
        As for :func:`~lighttouch.core.instruments.scoring.score_instrument`.

    Returns
    -------
    Reliability or None
        ``None`` when the score has one item, is not a scale, or has no answers; either
        coefficient is ``None`` where the answers do not determine it.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> satisfaction = read_library().instrument("job_satisfaction")
    >>> answers = pl.DataFrame(
    ...     {"job_satisfaction_1": [1.0, 4.0, 6.0], "job_satisfaction_2": [2.0, 3.0, 7.0]}
    ... )
    >>> found = measure_reliability(satisfaction, answers)
    >>> round(found.alpha, 3), found.omega
    (0.947, None)
    """
    plus, minus = scored_items(instrument, subscale)
    response = instrument.response
    if len(plus) + len(minus) < 2 or answers.is_empty() or not isinstance(response, ScaleResponse):
        return None
    items = key_items(instrument, answers, plus)
    if minus:
        turned = reverse_answers(
            key_items(instrument, answers, minus), low=response.min, high=response.max
        )
        items = np.column_stack([items, turned])
    return Reliability(_or_none(compute_alpha, items), _or_none(compute_omega, items))


def _or_none(compute: Callable[[Floats], float], items: Floats) -> float | None:
    try:
        return compute(items)
    except InstrumentError:
        return None


def compute_alpha(items: Floats) -> float:
    """Return Cronbach's alpha of the sum of some items.

    ``k / (k - 1) * (1 - sum of item variances / variance of the sum)``.

    Parameters
    ----------
    items
        (participants, k) answers with reversed items turned round; NaN is missing. Only
        participants who answered every item count.

    Returns
    -------
    float
        At most 1; negative when items disagree.

    Raises
    ------
    InstrumentError
        With fewer than two items, fewer than two complete participants, or a constant sum.

    Source: Cronbach (1951), Psychometrika 16(3), 297-334.

    Examples
    --------
    >>> round(compute_alpha(np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]])), 4)
    0.8571
    """
    complete = _complete_rows(items, least_items=2)
    covariance = np.cov(complete, rowvar=False)
    total = float(covariance.sum())
    if np.ptp(complete.sum(axis=1)) == 0:
        raise InstrumentError("alpha needs a sum that differs between participants")
    k = complete.shape[1]
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def compute_omega(items: Floats) -> float:
    """Return McDonald's omega (total) of the sum of some items, from one common factor.

    With loadings ``l`` and unique variances ``u`` of the items in their own units,
    ``(sum l)^2 / ((sum l)^2 + sum u)``. The factor is fitted to the correlations by maximum
    likelihood, uniquenesses at least ``LOWEST_UNIQUENESS``, and put back into the items' units.

    Parameters
    ----------
    items
        (participants, k) answers with reversed items turned round; NaN is missing. Only
        participants who answered every item count.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    InstrumentError
        With fewer than three items (one factor is then not determined), fewer than two complete
        participants, an item everyone answered alike, or items that repeat each other exactly.

    Source: McDonald (1999), Test Theory: A Unified Treatment; the likelihood is Jöreskog's (1967),
    Psychometrika 32(4), 443-482.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> factor = rng.normal(size=(400, 1))
    >>> round(compute_omega(factor + rng.normal(size=(400, 4))), 2)
    0.78
    """
    complete = _complete_rows(items, least_items=3)
    if np.any(np.ptp(complete, axis=0) == 0):
        raise InstrumentError("omega needs items that differ between participants")
    spread = complete.std(axis=0, ddof=1)
    correlation: Floats = np.atleast_2d(np.corrcoef(complete, rowvar=False))
    if np.linalg.eigvalsh(correlation)[0] < SINGULAR:
        raise InstrumentError("omega needs more participants, or items that differ from each other")
    loadings, uniquenesses = fit_one_factor(correlation)
    common = float((spread * loadings).sum() ** 2)
    return common / (common + float((spread**2 * uniquenesses).sum()))


def fit_one_factor(correlation: Floats) -> tuple[Floats, Floats]:
    """Return the loadings and uniquenesses of one common factor, by maximum likelihood.

    Parameters
    ----------
    correlation
        (k, k), positive definite.

    Returns
    -------
    tuple
        Loadings (k,), signed so that their sum is not negative, and uniquenesses (k,).

    Raises
    ------
    InstrumentError
        If the fit does not converge.

    Examples
    --------
    >>> loadings, _ = fit_one_factor(np.array([[1, 0.48, 0.4], [0.48, 1, 0.3], [0.4, 0.3, 1]]))
    >>> loadings.round(3)
    array([0.8, 0.6, 0.5])
    """
    start = np.clip(0.5 / np.diag(np.linalg.inv(correlation)), LOWEST_UNIQUENESS, 1.0)
    fit = optimize.minimize(
        _discrepancy,
        start,
        args=(correlation,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWEST_UNIQUENESS, 1.0)] * len(correlation),
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": MOST_STEPS},
    )
    uniquenesses: Floats = fit.x
    _, gradient = _discrepancy(uniquenesses, correlation)
    step = np.clip(uniquenesses - gradient, LOWEST_UNIQUENESS, 1.0) - uniquenesses
    if np.abs(step).max() > LARGEST_GRADIENT:
        raise InstrumentError("the one-factor model behind omega did not converge")
    return _loadings(uniquenesses, correlation), uniquenesses


def _loadings(uniquenesses: Floats, correlation: Floats) -> Floats:
    root = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    loadings: Floats = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    return loadings if loadings.sum() >= 0 else -loadings


def _discrepancy(uniquenesses: Floats, correlation: Floats) -> tuple[float, Floats]:
    """Return the likelihood discrepancy, concentrated over loadings, and its gradient."""
    root = np.sqrt(uniquenesses)
    values = np.linalg.eigvalsh(correlation / np.outer(root, root))[:-1]
    discrepancy = float(np.sum(values - np.log(values) - 1))
    loadings = _loadings(uniquenesses, correlation)
    residual = np.diag(np.outer(loadings, loadings) - correlation) + uniquenesses
    return discrepancy, residual / uniquenesses**2


def _complete_rows(items: Floats, *, least_items: int) -> Floats:
    complete = items[np.isfinite(items).all(axis=1)]
    if complete.shape[1] < least_items:
        raise InstrumentError(f"this coefficient needs at least {least_items} items")
    if len(complete) < 2:
        raise InstrumentError("a reliability needs at least two participants with every answer")
    return complete
