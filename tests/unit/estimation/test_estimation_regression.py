"""Least squares and variances, worked by hand and against their textbook definitions."""

import numpy as np
import pytest
import statsmodels.api as sm

from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.fitting import compute_critical, compute_p_values, fit_effect
from lighttouch.core.estimation.regression import fit_least_squares, select_independent
from lighttouch.core.estimation.variance import estimate_variance

EXACT = 1e-12
"""Hand-worked numbers: only rounding differs."""
CLOSE = 1e-9
"""The same algebra by another route loses a few digits."""


def definition_of_cr(
    x: np.ndarray, e: np.ndarray, clusters: np.ndarray, w: np.ndarray, power: float
) -> tuple[np.ndarray, np.ndarray]:
    """CR variance and Satterthwaite degrees of freedom written out with n x n matrices.

    CR3 divides by a cluster's own block of I - H, which is leaving the cluster out.
    """
    n = len(e)
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    maker = np.eye(n) - x @ bread @ (x * w[:, None]).T
    gap = maker @ maker.T
    member = [np.flatnonzero(clusters == c) for c in np.unique(clusters)]
    meat = np.zeros((x.shape[1], x.shape[1]))
    images = []
    for rows in member:
        if power == -1.0:
            scale = np.sqrt(w[rows, None])
            hat = (scale * x[rows]) @ bread @ (scale * x[rows]).T
            inverse = np.linalg.pinv(np.eye(len(rows)) - hat, rcond=1e-10)
            root = scale * inverse / scale.T
        else:
            values, vectors = np.linalg.eigh(gap[np.ix_(rows, rows)])
            free = values > 1e-10
            root = vectors[:, free] * values[free] ** power @ vectors[:, free].T
        half = root @ (w[rows, None] * x[rows]) @ bread
        meat += half.T @ np.outer(e[rows], e[rows]) @ half
        images.append(maker[rows].T @ half)
    degrees = []
    for c in range(x.shape[1]):
        p = np.array([image[:, c] for image in images])
        inner = p @ p.T
        degrees.append(np.trace(inner) ** 2 / np.sum(inner**2))
    return meat, np.array(degrees)


def example(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(9), [1, 2, 9, 4, 2, 30, 7, 1, 6])
    n = len(clusters)
    x = np.column_stack(
        [np.ones(n), rng.normal(size=n), (clusters % 2).astype(float), clusters == 5]
    ).astype(np.float64)
    y = x @ np.array([1.0, 0.5, 0.2, 0.1]) + rng.normal(size=9)[clusters] + rng.normal(size=n)
    return y, x, clusters, rng.uniform(0.5, 3, n)


def test_difference_of_two_pairs_worked_by_hand() -> None:
    # Arms (1, 3) and (4, 6): means 2 and 5, each mean has variance 2/2 = 1, so the error is
    # sqrt(2); with 2 degrees of freedom p = 1 - t / sqrt(t^2 + 2).
    fit = fit_effect(np.array([1.0, 3.0, 4.0, 6.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    t = 3 / np.sqrt(2)
    assert fit.estimates[0] == pytest.approx(3, abs=EXACT)
    assert fit.standard_errors[0] == pytest.approx(np.sqrt(2), abs=EXACT)
    assert fit.degrees_of_freedom[0] == 2
    assert fit.p_values[0] == pytest.approx(1 - t / np.sqrt(t**2 + 2), abs=EXACT)


def test_cr2_of_equal_clusters_is_the_test_of_their_means_worked_by_hand() -> None:
    # Cluster means 1, 3 against 4, 6: the same error sqrt(2) with 2 degrees of freedom, however
    # many people stand behind each mean.
    means = np.array([1.0, 3.0, 4.0, 6.0])
    noise = np.tile([-1.0, 0.0, 1.0], 4)
    clusters = np.repeat(np.arange(4), 3)
    y, z = means[clusters] + noise, (clusters >= 2).astype(float)
    fit = fit_effect(y, z, clusters=clusters, variance="CR2")
    assert fit.estimates[0] == pytest.approx(3, abs=EXACT)
    assert fit.standard_errors[0] == pytest.approx(np.sqrt(2), abs=EXACT)
    assert fit.degrees_of_freedom[0] == pytest.approx(2, abs=CLOSE)


def test_cr3_of_equal_clusters_stretches_by_their_number_worked_by_hand() -> None:
    # With two equal clusters per arm each arm's variance is stretched by 1/(1 - 1/2) once more.
    clusters = np.repeat(np.arange(4), 3)
    y = np.array([1.0, 3.0, 4.0, 6.0])[clusters] + np.tile([-1.0, 0.0, 1.0], 4)
    fit = fit_effect(y, (clusters >= 2).astype(float), clusters=clusters, variance="CR3")
    assert fit.standard_errors[0] == pytest.approx(2, abs=EXACT)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
@pytest.mark.parametrize("weighting", ["none", "varying", "by cluster"])
def test_cluster_robust_variance_equals_its_definition(kind: str, weighting: str) -> None:
    y, x, clusters, weights = example()
    if weighting == "by cluster":
        weights = 1 / np.bincount(clusters)[clusters]
    fit = fit_least_squares(y, x, None if weighting == "none" else weights)
    w = fit.root_weights**2
    expected, degrees = definition_of_cr(
        x, fit.residuals, clusters, w, -0.5 if kind == "CR2" else -1.0
    )
    found = estimate_variance(fit, kind, clusters=clusters)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.covariance, expected, rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(found.degrees_of_freedom, degrees, rtol=1e-7)


def test_cr3_is_the_spread_of_estimates_that_leave_one_cluster_out() -> None:
    y, x, clusters, weights = example()
    x = x[:, :3]  # without the term that one cluster alone decides
    fit = fit_least_squares(y, x, weights)
    found = estimate_variance(fit, "CR3", clusters=clusters).covariance
    spread = np.zeros((3, 3))
    for cluster in np.unique(clusters):
        rest = clusters != cluster
        without = fit_least_squares(y[rest], x[rest], weights[rest]).coefficients
        spread += np.outer(without - fit.coefficients, without - fit.coefficients)
    np.testing.assert_allclose(found, spread, rtol=CLOSE)


@pytest.mark.parametrize("kind", ["HC2", "HC3"])
@pytest.mark.parametrize("weighted", [False, True])
def test_heteroskedasticity_robust_variance_equals_statsmodels(kind: str, weighted: bool) -> None:
    y, x, _, weights = example()
    weights = weights if weighted else np.ones(len(y))
    fit = fit_least_squares(y, x, weights)
    root = np.sqrt(weights)
    # Weighted least squares is ordinary least squares on rows times the root of their weight.
    expected = sm.OLS(y * root, x * root[:, None]).fit(cov_type=kind).cov_params()
    np.testing.assert_allclose(
        estimate_variance(fit, kind).covariance,  # type: ignore[arg-type]
        expected,
        rtol=CLOSE,
    )


def test_classical_variance_equals_statsmodels() -> None:
    y, x, _, _ = example()
    found = estimate_variance(fit_least_squares(y, x), "classical")
    fitted = sm.OLS(y, x).fit()
    np.testing.assert_allclose(found.covariance, fitted.cov_params(), rtol=CLOSE)
    assert found.degrees_of_freedom.tolist() == [fitted.df_resid] * 4


def test_a_cluster_of_one_gets_hc2_from_cr2() -> None:
    y, x, _, _ = example()
    fit = fit_least_squares(y, x)
    alone = estimate_variance(fit, "CR2", clusters=np.arange(len(y)))
    np.testing.assert_allclose(alone.covariance, estimate_variance(fit, "HC2").covariance)


@pytest.mark.parametrize("kind", ["HC2", "HC3", "CR2"])
def test_someone_fitted_exactly_adds_nothing_to_the_variance(kind: str) -> None:
    y = np.array([1.0, 3.0, 4.0, 6.0, 50.0])
    z = np.array([0.0, 0.0, 1.0, 1.0, 1.0])
    alone = (np.arange(5) == 4).astype(float)[:, None]
    four = fit_effect(y[:4], z[:4], clusters=np.arange(4), variance=kind)  # type: ignore[arg-type]
    five = fit_effect(y, z, alone, clusters=np.arange(5), variance=kind)  # type: ignore[arg-type]
    np.testing.assert_allclose(five.standard_errors, four.standard_errors, rtol=CLOSE)


@pytest.mark.parametrize(("kind", "known"), [("HC2", False), ("HC3", False), ("classical", True)])
def test_an_effect_that_rests_on_someone_fitted_exactly_has_no_degrees_of_freedom(
    kind: str, known: bool
) -> None:
    y = np.array([1.0, 3.0, 4.0, 6.0])
    found = fit_effect(y, np.array([0.0, 0.0, 0.0, 1.0]), variance=kind)  # type: ignore[arg-type]
    assert np.isfinite(found.p_values[0]) == known
    assert np.isfinite(found.degrees_of_freedom[0]) == known


def test_a_coefficient_without_variance_has_no_degrees_of_freedom() -> None:
    clusters = np.repeat([0, 1], 3)
    fit = fit_least_squares(
        np.arange(6.0), np.column_stack([np.ones(6), (clusters == 1).astype(float)])
    )
    assert np.isnan(estimate_variance(fit, "CR2", clusters=clusters).degrees_of_freedom).all()


def test_collinear_columns_are_dropped_from_the_right() -> None:
    a, b = np.arange(6.0), np.array([1.0, 0, 0, 1, 0, 1])
    matrix = np.column_stack([np.ones(6), a, 2 * a - 1, np.zeros(6), b, a + b])
    assert select_independent(matrix).tolist() == [0, 1, 4]


def test_more_columns_than_rows_keeps_as_many_as_the_rows_allow() -> None:
    assert select_independent(np.random.default_rng(0).normal(size=(3, 5))).tolist() == [0, 1, 2]


def test_units_of_a_column_do_not_decide_what_is_collinear() -> None:
    rng = np.random.default_rng(1)
    matrix = np.column_stack([np.ones(30), rng.normal(size=30) * 1e-7, rng.normal(size=30) * 1e9])
    assert select_independent(matrix).tolist() == [0, 1, 2]


def test_too_few_observations_are_refused() -> None:
    with pytest.raises(EstimationError, match="2 observations cannot carry 2 terms"):
        fit_effect(np.array([1.0, 2.0]), np.array([0.0, 1.0]))


def test_an_arm_that_repeats_a_control_is_refused() -> None:
    z = np.array([0.0, 0, 0, 1, 1, 1])
    with pytest.raises(EstimationError, match="cannot be told apart"):
        fit_effect(np.arange(6.0), z, z[:, None])


def test_cluster_robust_without_clusters_is_refused() -> None:
    with pytest.raises(EstimationError, match="needs the cluster"):
        fit_effect(np.arange(4.0), np.array([0.0, 1, 0, 1]), variance="CR2")


def test_p_values_and_critical_values_agree() -> None:
    critical = compute_critical(7.5, 0.9)
    assert compute_p_values(np.array([critical]), np.array([7.5]))[0] == pytest.approx(0.1)
