"""Least squares: one fit from which every variance is computed afterwards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from lighttouch.core.errors import EstimationError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COLLINEAR = 1e-9
"""A column is dropped when less than this share of its length is new. Rounding leaves about 1e-15,
and two columns a person would call different never come nearer than 1e-6."""


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """A weighted least-squares fit of n observations on k independent columns.

    Parameters
    ----------
    coefficients
        Shape (k,).
    residuals
        Outcome less fitted value, unweighted; shape (n,).
    basis
        Orthonormal basis of the weighted columns; shape (n, k).
    inverse_root
        The matrix turning coordinates in ``basis`` into coefficients; shape (k, k). Times its
        transpose it is the inverse of the weighted cross-product of the columns.
    root_weights
        Square roots of the weights; shape (n,).
    weighted
        Whether the weights differ from one another.
    """

    coefficients: FloatArray
    residuals: FloatArray
    basis: FloatArray
    inverse_root: FloatArray
    root_weights: FloatArray
    weighted: bool

    @property
    def leverage(self) -> FloatArray:
        """Diagonal of the hat matrix, without ever forming it; shape (n,)."""
        return np.asarray(np.einsum("ij,ij->i", self.basis, self.basis))


def select_independent(matrix: FloatArray) -> IntArray:
    """Return the columns that are not linear combinations of columns to their left.

    Columns are taken in the order given, so the same data always drop the same columns.

    Parameters
    ----------
    matrix
        Shape (n, k), no missing values.

    Returns
    -------
    Positions of the columns kept, in order.

    Examples
    --------
    >>> select_independent(np.array([[1.0, 1, 0], [1.0, 1, 0], [1.0, 0, 1]])).tolist()
    [0, 1]
    """
    length = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    scaled = matrix / np.where(length > 0, length, 1.0)
    triangle: FloatArray = np.asarray(np.linalg.qr(scaled, mode="r"), dtype=np.float64)
    if triangle.shape[0] == triangle.shape[1] and np.all(np.abs(np.diag(triangle)) > COLLINEAR):
        return np.arange(matrix.shape[1])
    found = np.zeros((0, triangle.shape[0]))
    kept: list[int] = []
    for position in range(triangle.shape[1]):
        rest = triangle[:, position]
        for _ in range(2):  # the second pass removes the rounding error of the first
            rest = rest - found.T @ (found @ rest)
        size = float(np.linalg.norm(rest))
        if size > COLLINEAR:
            kept.append(position)
            found = np.vstack([found, rest / size])
    return np.array(kept, dtype=np.int64)


def fit_least_squares(
    y: FloatArray, matrix: FloatArray, weights: FloatArray | None = None
) -> LeastSquares:
    """Fit a linear model by (weighted) least squares through a QR decomposition.

    Parameters
    ----------
    y
        Outcome, shape (n,), no missing values.
    matrix
        Linearly independent columns, shape (n, k); see :func:`select_independent`.
    weights
        Positive weights, shape (n,); equal weights when left out. Only their ratios matter.

    Raises
    ------
    EstimationError
        If there are no more observations than columns.

    Examples
    --------
    >>> x = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0]])
    >>> fit_least_squares(np.array([1.0, 3.0, 4.0, 6.0]), x).coefficients.round(9).tolist()
    [2.0, 3.0]
    """
    if matrix.shape[0] <= matrix.shape[1]:
        raise EstimationError(
            f"{matrix.shape[0]} observations cannot carry {matrix.shape[1]} terms",
            remedy="Declare fewer covariates or coarser strata",
        )
    root = np.ones(len(y)) if weights is None else np.sqrt(weights / weights.mean())
    basis, triangle = np.linalg.qr(matrix * root[:, None])
    inverse_root = solve_triangular(triangle, np.eye(matrix.shape[1]))
    coefficients = inverse_root @ (basis.T @ (root * y))
    return LeastSquares(
        coefficients=coefficients,
        residuals=y - matrix @ coefficients,
        basis=basis,
        inverse_root=inverse_root,
        root_weights=root,
        weighted=bool(np.ptp(root) > 0),
    )
