"""The restricted wild cluster bootstrap, by listing every pattern of signs.

With few clusters there are few patterns, so nothing is drawn: the answer is the same every time.
"""

import numpy as np

from lighttouch.core.estimation.reference import Reference
from lighttouch.core.estimation.regression import FloatArray, IntArray

FEWEST, MOST = 6, 14
"""Numbers of clusters for which it is done: with five or fewer no p-value can fall below 5 %, and
beyond 14 the patterns are too many to list while CR2 and randomisation inference do well."""


def enumerate_bootstrap(
    y: FloatArray,
    controls: FloatArray,
    treated: FloatArray,
    clusters: IntArray,
    weights: FloatArray | None = None,
) -> Reference:
    """List the bootstrap t statistics of one coefficient for every pattern of cluster signs.

    Residuals of the fit with the effect held at its hypothesised value are multiplied by +1 or -1
    cluster by cluster (Rademacher weights), refitted, and studentised by the uncorrected
    cluster-robust error; the observed statistic is the pattern of all +1. A pattern and its mirror
    give the same squared statistic, so one of the two is listed.

    Parameters
    ----------
    y, treated
        Outcome and the arm's indicator, shape (n,).
    controls
        Independent columns other than ``treated``, intercept included, shape (n, c).
    clusters
        Cluster of each, shape (n,), whole numbers.
    weights
        Positive weights.

    Source
    ------
    Cameron, Gelbach and Miller (2008).
    """
    root = np.ones(len(y)) if weights is None else np.sqrt(weights / weights.mean())
    basis = np.linalg.qr(controls * root[:, None])[0]
    outcome, arm = (c - basis @ (basis.T @ c) for c in (root * y, root * treated))
    size = float(arm @ arm)
    member = (clusters == np.unique(clusters)[:, None]).astype(np.float64)
    pull = member @ (basis * arm[:, None])
    mass = member @ arm**2 / size
    signs = _list_signs(len(member))
    effects, scores = [], []
    for target in (outcome, arm):
        own = member @ (arm * target)
        carried = np.diag(own) - pull @ (member @ (basis * target[:, None])).T - np.outer(mass, own)
        effects.append(signs @ own / size)
        scores.append(signs @ carried.T / size)
    own, joint, shift = (np.sum(scores[i] * scores[j], axis=1) for i, j in ((0, 0), (0, 1), (1, 1)))
    chances = np.full(len(signs), 1 / len(signs))
    return Reference(effects[0], effects[1], own, joint, shift, chances, observed=0)


def _list_signs(clusters: int) -> FloatArray:
    """Every pattern of signs with the first cluster's kept at +1; the first row is all +1."""
    patterns = np.arange(2 ** (clusters - 1))
    bits = (patterns[:, None] >> np.arange(clusters - 1)) & 1
    return np.column_stack([np.ones(len(patterns)), 1.0 - 2.0 * bits])
