"""Reliability coefficients find the truth when the truth is known."""

import numpy as np
import numpy.typing as npt
import pytest

from lighttouch.core.instruments.reliability import compute_alpha, compute_omega

pytestmark = pytest.mark.calibration

Floats = npt.NDArray[np.float64]
DRAWS = 300
PEOPLE = 150
BIAS = 0.006
"""Largest distance of the mean estimate from the truth: over 300 draws of 150 people the mean has
a standard error below 0.002, and the coefficients themselves a small-sample bias near 0.002."""


def simulate_items(rng: np.random.Generator, loadings: Floats, uniquenesses: Floats) -> Floats:
    factor = rng.normal(size=(PEOPLE, 1))
    return factor * loadings + rng.normal(size=(PEOPLE, len(loadings))) * np.sqrt(uniquenesses)


def true_omega(loadings: Floats, uniquenesses: Floats) -> float:
    common = loadings.sum() ** 2
    return float(common / (common + uniquenesses.sum()))


@pytest.mark.parametrize(
    ("loadings", "uniquenesses"),
    [
        ([0.8, 0.7, 0.6, 0.7, 0.8, 0.6], [0.36, 0.51, 0.64, 0.51, 0.36, 0.64]),
        ([1.5, 0.5, 1.0], [1.0, 0.5, 1.0]),
    ],
)
def test_omega_is_right_on_average_whatever_the_loadings(
    loadings: list[float], uniquenesses: list[float]
) -> None:
    rng = np.random.default_rng(2026)
    truth = np.array(loadings), np.array(uniquenesses)
    found = [compute_omega(simulate_items(rng, *truth)) for _ in range(DRAWS)]
    assert np.mean(found) == pytest.approx(true_omega(*truth), abs=BIAS)


def test_alpha_is_right_on_average_when_items_measure_alike() -> None:
    rng = np.random.default_rng(2027)
    truth = np.full(5, 0.7), np.array([0.3, 0.5, 0.7, 0.5, 0.4])
    found = [compute_alpha(simulate_items(rng, *truth)) for _ in range(DRAWS)]
    assert np.mean(found) == pytest.approx(true_omega(*truth), abs=BIAS)


def test_alpha_falls_short_of_omega_when_items_do_not_measure_alike() -> None:
    rng = np.random.default_rng(2028)
    truth = np.array([1.5, 0.3, 0.9]), np.array([0.5, 0.5, 0.5])
    items = [simulate_items(rng, *truth) for _ in range(DRAWS)]
    alpha, omega = (
        np.mean([compute(x) for x in items]) for compute in (compute_alpha, compute_omega)
    )
    assert alpha < omega - BIAS
