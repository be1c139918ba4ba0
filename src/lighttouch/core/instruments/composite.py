"""Standardised composite indices of several scores."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from lighttouch.core.errors import InstrumentError

Floats = npt.NDArray[np.float64]
Combine = Literal["sum", "mean", "inverse_covariance"]
MissingComponents = Literal["complete", "available"]

SINGULAR = 1e-8
"""A correlation matrix with a smaller eigenvalue has components that repeat each other."""


def score_composite(
    components: Floats,
    *,
    reference: npt.NDArray[np.bool_],
    weights: Floats,
    combine: Combine = "sum",
    missing_components: MissingComponents = "complete",
    reference_components: Floats | None = None,
) -> Floats:
    """Combine scores into one index, each first made a z-score by a reference group.

    With ``z = (score - mean) / sd`` of the reference group (n - 1) and declared weights ``w``:
    ``sum`` is the sum of ``w z``; ``mean`` is that sum over the sum of ``|w|``;
    ``inverse_covariance`` is the generalised-least-squares mean ``1'S^-1 y / 1'S^-1 1`` of
    ``y = w z``, where ``S`` is their covariance in the reference group and ``w`` is 1 or -1.

    Parameters
    ----------
    components
        (participants, k) scores; NaN is missing.
    reference
        (participants,) who makes up the reference group.
    weights
        (k,) declared weights, none of them 0; -1 turns a harmful scale round.
    combine
        How z-scores are put together.
    missing_components
        ``complete``: the index is NaN if any component is. ``available``: the index of those
        present, on the scale of the whole (a sum is the mean of those present times the sum of
        ``|w|``); NaN only if all are missing.
    reference_components
        (m, k) scores of the reference group, when it is measured elsewhere (at baseline);
        ``reference`` is then not used.

    Returns
    -------
    numpy.ndarray
        (participants,) index; NaN is missing.

    Raises
    ------
    InstrumentError
        If a component has fewer than two values, or does not vary, in the reference group; if
        a weight is 0, or not 1 or -1 under ``inverse_covariance``; or if components repeat each
        other under ``inverse_covariance``.

    Source: Kling, Liebman & Katz (2007), Econometrica 75(1), 83-119 (z by the control group,
    equally weighted); Anderson (2008), Journal of the American Statistical Association 103(484),
    1481-1495 (inverse covariance).

    Examples
    --------
    >>> scores = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]])
    >>> score_composite(
    ...     scores, reference=np.array([True, True, False]), weights=np.array([1.0, 1.0])
    ... ).round(3)
    array([-1.414,  1.414,  2.121])
    """
    source = components[reference] if reference_components is None else reference_components
    check_weights(weights, combine)
    mean, spread = _describe_reference(source)
    turned = weights * (components - mean) / spread
    if combine == "inverse_covariance":
        index = _combine_by_covariance(turned, _covariance(weights * (source - mean) / spread))
    else:
        present = np.isfinite(turned)
        kept = (present * np.abs(weights)).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            index = np.nansum(turned, axis=1) / kept
        index = index * (np.abs(weights).sum() if combine == "sum" else 1.0)
    if missing_components == "complete":
        index = np.where(np.isfinite(turned).all(axis=1), index, np.nan)
    return index


def check_weights(weights: Floats, combine: Combine) -> None:
    """Refuse declared weights that a composite cannot use.

    Raises
    ------
    InstrumentError
        If a weight is 0, or not 1 or -1 under ``inverse_covariance``.

    Examples
    --------
    >>> check_weights(np.array([1.0, -2.0]), "sum")
    """
    if np.any(weights == 0):
        raise InstrumentError("a component has a weight of 0", remedy="Leave the component out")
    if combine == "inverse_covariance" and np.any(np.abs(weights) != 1):
        raise InstrumentError(
            "the inverse covariance decides the weights", remedy="Use weights of 1 and -1 only"
        )


def _describe_reference(source: Floats) -> tuple[Floats, Floats]:
    count = np.isfinite(source).sum(axis=0)
    if np.any(count < 2):
        raise InstrumentError("a component has fewer than two values in the reference group")
    if np.any(np.nanmax(source, axis=0) == np.nanmin(source, axis=0)):
        raise InstrumentError("a component does not vary in the reference group")
    return np.nanmean(source, axis=0), np.nanstd(source, axis=0, ddof=1)


def _covariance(turned_reference: Floats) -> Floats:
    complete = turned_reference[np.isfinite(turned_reference).all(axis=1)]
    k = complete.shape[1]
    if len(complete) <= k:
        raise InstrumentError(
            "too few in the reference group have every component for a covariance",
            remedy="Combine by sum or mean",
        )
    covariance = np.atleast_2d(np.cov(complete, rowvar=False))
    if np.linalg.eigvalsh(covariance)[0] < SINGULAR:
        raise InstrumentError("components repeat each other in the reference group")
    return covariance


def _combine_by_covariance(turned: Floats, covariance: Floats) -> Floats:
    """Take each pattern of present components in turn: its weights come from its own block."""
    index = np.full(len(turned), np.nan)
    patterns, pattern_of = np.unique(np.isfinite(turned), axis=0, return_inverse=True)
    for number, present in enumerate(patterns):
        if present.any():
            weights = np.linalg.solve(covariance[np.ix_(present, present)], np.ones(present.sum()))
            rows = pattern_of.ravel() == number
            index[rows] = turned[np.ix_(rows, present)] @ weights / weights.sum()
    return index
