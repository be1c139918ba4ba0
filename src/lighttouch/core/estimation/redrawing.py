"""Recompute the registered statistic for many allocations at once.

The outcome is residualised once on everything but the arms (Frisch, Waugh and Lovell); each drawn
allocation is then residualised by one matrix product, and its effect and robust error follow from
column sums.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighttouch.core.estimation.reference import Reference
from lighttouch.core.estimation.regression import FloatArray, IntArray, select_independent
from lighttouch.core.estimation.variance import SINGULAR

CHUNK = 2_000_000
"""Numbers held in one working array at a time: 16 MB, which stays near the processor."""
EMPTY = 1e-9
"""An allocation whose arm is this share (squared) explained by the controls shows no effect."""

FEW_UNITS = 2
"""With this many units or fewer in an arm a robust error is degenerate: effects are compared as
they are."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What does not change between draws, rows sorted by cluster.

    Parameters
    ----------
    basis
        Orthonormal basis of the weighted controls with intercept, shape (n, c).
    outcome
        Weighted outcome residualised on them, shape (n,).
    observed
        Observed indicator of the arm, weighted and residualised likewise, shape (n,).
    root_weights
        Shape (n,).
    starts
        First row of each cluster; ``None`` where people were allocated.
    studentise
        Whether effects are divided by their robust error.
    """

    basis: FloatArray
    outcome: FloatArray
    observed: FloatArray
    root_weights: FloatArray
    starts: IntArray | None
    studentise: bool


@dataclass(frozen=True, slots=True)
class Draws:
    """Allocations of units, and where each participant finds its own.

    Parameters
    ----------
    arms
        Arm position of each unit, shape (R, units).
    chances
        Probability of each allocation, shape (R,).
    observed
        Which of them was observed.
    place
        For each participant, its unit's column in ``arms``, or -1 where the unit keeps its arm.
    kept
        Each participant's observed arm, shape (n,).
    """

    arms: NDArray[np.int8]
    chances: FloatArray
    observed: int
    place: IntArray
    kept: IntArray

    def expand(self, first: int, last: int) -> NDArray[np.int8]:
        """Arm of each participant in some of the draws; shape (n, draws)."""
        arms = self.arms[first:last].T[self.place]
        arms[self.place < 0] = self.kept[self.place < 0, None]
        return arms


def prepare_fixed(
    y: FloatArray,
    controls: FloatArray,
    observed: FloatArray,
    *,
    weights: FloatArray | None,
    starts: IntArray | None,
    studentise: bool,
) -> Fixed:
    """Residualise outcome and observed arm on the controls.

    Parameters
    ----------
    y, observed
        Shape (n,), rows sorted by cluster.
    controls
        Shape (n, c), without an intercept; collinear columns are dropped.
    weights, starts, studentise
        As in :class:`Fixed`.
    """
    matrix = np.column_stack([np.ones(len(y)), controls])
    root = np.ones(len(y)) if weights is None else np.sqrt(weights / weights.mean())
    basis = np.linalg.qr(matrix[:, select_independent(matrix)] * root[:, None])[0]
    residuals = [column - basis @ (basis.T @ column) for column in (root * y, root * observed)]
    return Fixed(basis, residuals[0], residuals[1], root, starts, studentise)


def redraw_statistics(
    fixed: Fixed,
    draws: Draws,
    *,
    arm: int,
    others: tuple[int, ...],
) -> Reference:
    """Compute the statistic of one arm's effect for every drawn allocation.

    Parameters
    ----------
    fixed
        What does not change.
    draws
        The allocations.
    arm
        The treated arm.
    others
        The other treated arms, which stay in the regression.
    """
    step = max(1, CHUNK // len(draws.place))
    parts = [
        _statistics(fixed, draws.expand(first, first + step), arm, others)
        for first in range(0, len(draws.arms), step)
    ]
    effects, slopes, own, joint, shift = np.concatenate(parts, axis=1)
    return Reference(effects, slopes, own, joint, shift, draws.chances, draws.observed)


def _statistics(
    fixed: Fixed, draws: NDArray[np.int8], arm: int, others: tuple[int, ...]
) -> FloatArray:
    """Effects, slopes, own, joint and shift of a chunk of draws; shape (5, draws)."""
    treated = _residualise_arm(fixed, draws, arm)
    leverage = np.einsum("nc,nc->n", fixed.basis, fixed.basis)[:, None]
    targets = [fixed.outcome[:, None], fixed.observed[:, None]]
    rest = [_residualise_arm(fixed, draws, other) for other in others]
    while rest:
        other = rest.pop(0)
        size = _dot(other, other)
        size = np.where(size > EMPTY, size, np.inf)
        leverage = leverage + other**2 / size
        treated, *rest = (c - other * (_dot(other, c) / size) for c in (treated, *rest))
        targets = [t - other * (_dot(other, t) / size) for t in targets]
    size = _dot(treated, treated)
    lost = size <= EMPTY * np.maximum(1.0, (draws == arm).sum(axis=0))
    size = np.where(lost, 1.0, size)
    effects, slopes = (_dot(treated, target) / size for target in targets)
    if not fixed.studentise:
        flat = np.where(lost, 0.0, np.var(fixed.outcome))
        return np.array([effects, slopes, flat, 0 * flat, 0 * flat])
    leverage = leverage + treated**2 / size
    own, shift = (
        _scores(fixed, treated * (target - treated * value), leverage)
        for target, value in zip(targets, (effects, slopes), strict=True)
    )
    square = np.where(lost, np.inf, size) ** 2
    products = [_dot(a, b) / square for a, b in ((own, own), (own, shift), (shift, shift))]
    return np.array([effects, slopes, *products])


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Inner products of columns; one column stands for all."""
    if right.shape[1] == 1:
        return np.asarray(right[:, 0] @ left)
    return np.asarray(np.einsum("nr,nr->r", left, right))


def _residualise_arm(fixed: Fixed, draws: NDArray[np.int8], arm: int) -> FloatArray:
    column = (draws == arm) * fixed.root_weights[:, None]
    return np.asarray(column - fixed.basis @ (fixed.basis.T @ column))


def _scores(fixed: Fixed, contributions: FloatArray, leverage: FloatArray) -> FloatArray:
    """Sum contributions by cluster, or stretch each person's as HC2 does."""
    if fixed.starts is not None:
        return np.asarray(np.add.reduceat(contributions, fixed.starts, axis=0))
    slack = 1.0 - leverage
    return np.where(slack > SINGULAR, contributions / np.sqrt(np.maximum(slack, SINGULAR)), 0.0)
