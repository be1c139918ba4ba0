"""Variances that honour the design: HC2 and HC3 for people, CR2 and CR3 for clusters.

The cluster-robust kernels never form an n x n matrix: a cluster's adjustment matrix differs from
the identity only within the span of its own rows of the design, so clusters of one size are
handled together with eigenvalue problems no larger than twice the number of terms.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.regression import FloatArray, IntArray, LeastSquares

VarianceKind = Literal["classical", "HC2", "HC3", "CR2", "CR3"]

SINGULAR = 1e-10
"""Eigenvalues of a cluster's share of the residual maker below this are zero: the cluster (or
person) is fitted exactly and has nothing to say. True zeros come out near 1e-15."""


@dataclass(frozen=True, slots=True)
class Variance:
    """Covariance (p, p) of the wanted coefficients and their degrees of freedom (p,).

    Degrees of freedom are ``nan`` for a coefficient whose variance cannot be measured: it is zero
    by construction, or (``HC2`` and ``HC3``) the coefficient rests on someone fitted exactly.
    """

    covariance: FloatArray
    degrees_of_freedom: FloatArray


@dataclass(frozen=True, slots=True)
class _Parts:
    """Per cluster: scores (J, p), squared influences (J, p), and their images (J, u, p)."""

    scores: FloatArray
    squares: FloatArray
    images: FloatArray


def estimate_variance(
    fit: LeastSquares,
    kind: VarianceKind,
    *,
    clusters: IntArray | None = None,
    wanted: IntArray | None = None,
) -> Variance:
    """Estimate the covariance of coefficients and the degrees of freedom for their t reference.

    ``classical``, ``HC2`` and ``HC3`` have n - k degrees of freedom; ``CR2`` and ``CR3`` have
    those of Satterthwaite under independent, equally variable errors, one value per coefficient.
    Where the adjustment matrix of a cluster is singular its pseudo-inverse is used.

    Parameters
    ----------
    fit
        The fit.
    kind
        Which variance.
    clusters
        Cluster of each observation, shape (n,); needed for ``CR2`` and ``CR3``.
    wanted
        Positions of the coefficients wanted; all when left out.

    Raises
    ------
    EstimationError
        If a cluster-robust variance is asked for without clusters.

    Source
    ------
    MacKinnon and White (1985) for HC2 and HC3; Bell and McCaffrey (2002) and Pustejovsky and
    Tipton (2018) for CR2, its degrees of freedom and the pseudo-inverse.

    Examples
    --------
    >>> from lighttouch.core.estimation.regression import fit_least_squares
    >>> x = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0]])
    >>> fit = fit_least_squares(np.array([1.0, 3.0, 4.0, 6.0]), x)
    >>> float(estimate_variance(fit, "HC2").covariance[1, 1].round(9))
    2.0
    """
    wanted = np.arange(len(fit.coefficients)) if wanted is None else wanted
    loadings = fit.inverse_root[wanted].T
    if kind in ("CR2", "CR3"):
        if clusters is None:
            raise EstimationError("a cluster-robust variance needs the cluster of each observation")
        return _cluster_robust(fit, loadings, clusters, -0.5 if kind == "CR2" else -1.0)
    return _by_observation(fit, loadings, kind)


def _by_observation(fit: LeastSquares, loadings: FloatArray, kind: VarianceKind) -> Variance:
    """Return the variance for independent observations, equally variable or not."""
    n, k = fit.basis.shape
    degrees = np.full(loadings.shape[1], float(n - k))
    weighted_residuals = fit.root_weights * fit.residuals
    if kind == "classical":
        spread = float(weighted_residuals @ weighted_residuals) / (n - k)
        return Variance(spread * loadings.T @ loadings, degrees)
    slack = 1.0 - fit.leverage
    free = slack > SINGULAR
    power = -0.5 if kind == "HC2" else -1.0
    stretch = np.where(free, np.where(free, slack, 1.0) ** power, 0.0)
    influence = fit.basis @ loadings
    unseen = np.sum(influence[~free] ** 2, axis=0) > SINGULAR * np.sum(influence**2, axis=0)
    degrees[unseen] = np.nan
    scores = influence * (weighted_residuals * stretch)[:, None]
    return Variance(scores.T @ scores, degrees)


@dataclass(frozen=True, slots=True)
class _Maker:
    """The residual maker by its pieces: (I - H)(I - H)' = I - ab' - ba' + aSa', where H = ab'.

    ``left`` (a) and ``right`` (b) have shape (n, k), or (g, m, k) for clusters of one size;
    ``cross`` (S) is b'b. Where a is b, the columns of both are needed once only.
    """

    left: FloatArray
    right: FloatArray
    cross: FloatArray
    symmetric: bool

    def at(self, rows: IntArray) -> "_Maker":
        """The rows of some clusters."""
        return _Maker(self.left[rows], self.right[rows], self.cross, self.symmetric)

    @property
    def span(self) -> FloatArray:
        """Columns outside whose span a cluster's block is the identity."""
        return self.left if self.symmetric else np.concatenate([self.left, self.right], axis=-1)


def _cluster_robust(
    fit: LeastSquares, loadings: FloatArray, clusters: IntArray, power: float
) -> Variance:
    """CR2 (power -1/2) or CR3 (power -1) with Satterthwaite degrees of freedom.

    CR2 makes the variance unbiased under independent, equally variable errors, and so works with
    the residual maker in the outcome's own scale. CR3 leaves out each cluster in turn, and so works
    in the scale of the weighted fit.
    """
    maker = _residual_maker(fit)
    whole = np.sum((maker.right @ loadings) ** 2, axis=0)
    if power == -1.0:
        scaled = _Maker(fit.basis, fit.basis, np.eye(fit.basis.shape[1]), symmetric=True)
        parts = _adjusted_parts(fit, loadings, clusters, maker, scaled, fit.root_weights, power)
    else:
        same = np.ones(len(fit.residuals))
        parts = _adjusted_parts(fit, loadings, clusters, maker, maker, same, power)
    core = _image_product(maker)
    degrees = [
        _satterthwaite(parts.squares[:, c], parts.images[:, :, c], core, float(whole[c]))
        for c in range(loadings.shape[1])
    ]
    return Variance(parts.scores.T @ parts.scores, np.array(degrees))


def _residual_maker(fit: LeastSquares) -> _Maker:
    if not fit.weighted:
        return _Maker(fit.basis, fit.basis, np.eye(fit.basis.shape[1]), symmetric=True)
    right = fit.basis * fit.root_weights[:, None]
    return _Maker(fit.basis / fit.root_weights[:, None], right, right.T @ right, symmetric=False)


def _adjusted_parts(
    fit: LeastSquares,
    loadings: FloatArray,
    clusters: IntArray,
    maker: _Maker,
    working: _Maker,
    scale: FloatArray,
    power: float,
) -> _Parts:
    """Adjust every cluster's influence, all clusters of one size together.

    ``working`` is the residual maker that decides the adjustment, and ``scale`` brings what was
    adjusted back to the outcome's own scale.
    """
    order = np.argsort(clusters, kind="stable")
    sizes = np.unique(clusters, return_counts=True)[1]
    starts = np.cumsum(sizes) - sizes
    count, p = len(sizes), loadings.shape[1]
    scores, squares = np.zeros((count, p)), np.zeros((count, p))
    images = np.zeros((count, maker.span.shape[1], p))
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        rows = order[starts[which][:, None] + np.arange(size)]
        local = working.at(rows)
        adjusted = _adjust(local, local.right @ loadings, power) * scale[rows][:, :, None]
        scores[which] = np.einsum("gmp,gm->gp", adjusted, fit.residuals[rows])
        squares[which] = np.einsum("gmp,gmp->gp", adjusted, adjusted)
        images[which] = maker.at(rows).span.transpose(0, 2, 1) @ adjusted
    return _Parts(scores, squares, images)


def _adjust(maker: _Maker, influence: FloatArray, power: float) -> FloatArray:
    """Multiply influences (g, m, p) by the power of each cluster's block of the residual maker."""
    span = maker.span
    if span.shape[1] <= span.shape[2]:
        return _matrix_power(_block(maker.left, maker.right, maker.cross), power) @ influence
    frame = np.linalg.qr(span)[0]
    turned = frame.transpose(0, 2, 1)
    block = _block(turned @ maker.left, turned @ maker.right, maker.cross)
    inner = _matrix_power(block, power)
    within = turned @ influence
    return influence + frame @ (inner @ within - within)


def _block(a: FloatArray, b: FloatArray, cross: FloatArray) -> FloatArray:
    """I - ab' - ba' + aSa' for each cluster of a batch."""
    product = a @ b.transpose(0, 2, 1)
    outer = a @ cross @ a.transpose(0, 2, 1)
    return np.eye(a.shape[1]) - product - product.transpose(0, 2, 1) + outer


def _matrix_power(blocks: FloatArray, power: float) -> FloatArray:
    """Power of symmetric matrices on the span of their positive eigenvalues."""
    values, vectors = np.linalg.eigh(blocks)
    free = values > SINGULAR
    scaled = np.where(free, np.where(free, values, 1.0) ** power, 0.0)
    return np.asarray((vectors * scaled[:, None, :]) @ vectors.transpose(0, 2, 1))


def _image_product(maker: _Maker) -> FloatArray:
    """The matrix C for which two clusters' influences overlap by u'Cv in the residual maker."""
    k = len(maker.cross)
    if maker.symmetric:
        return -np.eye(k)
    return np.block([[maker.cross, -np.eye(k)], [-np.eye(k), np.zeros((k, k))]])


def _satterthwaite(
    squares: FloatArray, images: FloatArray, core: FloatArray, whole: float
) -> float:
    """Degrees of freedom (trace P)^2 / trace P^2, where P = diag(squares) + images C images'.

    P holds the inner products of the clusters' contributions to the variance under independent
    errors. Its squared norm needs only k x k products, however many clusters there are. Where
    adjustment left next to nothing of the ``whole`` unadjusted influence there is no variance.
    """
    own = np.sum((images @ core) * images, axis=1)
    trace = float(np.sum(squares + own))
    if np.sum(squares) <= SINGULAR * whole:
        return float("nan")
    overlap = (images.T @ images) @ core
    norm = np.sum(squares**2) + 2 * np.sum(squares * own) + np.sum(overlap * overlap.T)
    return float(trace**2 / norm)
