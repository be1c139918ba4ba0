"""Arm summaries, Welch's test and effect sizes, worked by hand."""

from math import gamma, sqrt
from typing import Any

import numpy as np
import pytest
from estimation_cases import make_set, make_trial, outcome

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation import describing
from lighttouch.core.estimation.describing import (
    estimate_effect_size,
    estimate_welch,
    summarise_arms,
)
from lighttouch.core.estimation.effects import estimate_outcome
from lighttouch.core.estimation.model import EffectSize

EXACT = 1e-12
"""Hand-worked numbers: only rounding differs."""
FOUR = ["control", "control", "letter", "letter"]


def effect_size(data: AnalysisSet) -> EffectSize:
    return estimate_effect_size(data, "days", "letter", estimate_outcome(data, "days")[0])


def clustered(means: list[float], noise: list[float], treated: list[int]) -> AnalysisSet:
    clusters = np.repeat(np.arange(len(means)), len(noise))
    y = np.array(means)[clusters] + np.tile(noise, len(means))
    return make_set(
        np.where(np.isin(clusters, treated), "letter", "control"),
        {"outcome:days": y},
        trial=make_trial(allocation={"unit": "team"}),
        unit=[f"t{c}" for c in clusters],
    )


def test_summary_of_an_arm_worked_by_hand() -> None:
    arms = ["control"] * 5 + ["letter"] * 3
    data = make_set(arms, {"outcome:days": [1.0, 2, 3, 6, None, 4, None, None]})
    control, letter = summarise_arms(data, "days")
    assert (control.randomised, control.n) == (5, 4)
    assert control.mean == 3
    assert control.sd == pytest.approx(sqrt(14 / 3), abs=EXACT)
    assert control.standard_error == pytest.approx(sqrt(14 / 12), abs=EXACT)
    assert (control.minimum, control.quartiles, control.maximum) == (1, (1.75, 2.5, 3.75), 6)
    assert (letter.n, letter.mean, letter.sd, letter.standard_error) == (1, 4, None, None)


def test_summary_of_an_arm_without_data_is_empty_not_zero() -> None:
    letter = summarise_arms(make_set(FOUR, {"outcome:days": [1.0, 2, None, None]}), "days")[1]
    assert (letter.randomised, letter.n) == (2, 0)
    assert (letter.mean, letter.sd, letter.minimum, letter.quartiles) == (None,) * 4


def test_welch_worked_by_hand() -> None:
    # Variances 2 and 8 over 2 and 2: error sqrt(1 + 4); degrees 25 / (1 + 16).
    found = estimate_welch(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 8]}), "days", "letter")
    assert found.difference == pytest.approx(4, abs=EXACT)
    assert found.standard_error == pytest.approx(sqrt(5), abs=EXACT)
    assert found.degrees_of_freedom == pytest.approx(25 / 17, abs=EXACT)
    assert found.statistic == pytest.approx(4 / sqrt(5), abs=EXACT)
    assert sum(found.interval) / 2 == pytest.approx(4, abs=1e-9)


@pytest.mark.parametrize("values", [[1.0, None, 4, 8], [2.0, 2, 3, 3]])
def test_welch_without_variation_is_refused(values: list[float]) -> None:
    with pytest.raises(EstimationError, match="two values in each arm"):
        estimate_welch(make_set(FOUR, {"outcome:days": values}), "days", "letter")


def test_hedges_g_of_people_worked_by_hand() -> None:
    # Difference 3, pooled variance 2, 2 degrees of freedom: J = gamma(1) / (sqrt(1) gamma(1/2)).
    found = effect_size(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}))
    small = gamma(1) / gamma(0.5)
    g = small * 3 / sqrt(2)
    error = sqrt((small * sqrt(2) / sqrt(2)) ** 2 + g**2 / 4)
    assert found.hedges_g == pytest.approx(g, abs=EXACT)
    assert found.g_standard_error == pytest.approx(error, abs=EXACT)
    assert found.g_interval == pytest.approx((g - 4.302653 * error, g + 4.302653 * error), abs=1e-5)
    assert found.percentage == pytest.approx(150)
    assert found.percentage_base == "unadjusted mean of the arm Control"
    assert found.percentage_base_value == 2


def test_hedges_g_of_clusters_worked_by_hand() -> None:
    # Four clusters of 3 (noise -1, 0, 1 about means 0, 2, 5, 7). Within clusters 8 squares over 8
    # degrees: variance 1. Between: squares 3 x 4 = 12 over 2 degrees: 6. So the cluster variance
    # is (6 - 1)/3 and the correlation 5/8. Total variance 20/10 = 2, seen too small by
    # 1 - 2 (3 - 1) (5/8) / 10 = 3/4.
    found = effect_size(clustered([0, 2, 5, 7], [-1, 0, 1], [2, 3]))
    scale, icc, n, size = sqrt(2 / 0.75), 5 / 8, 12, 3
    # Hedges (2007) for equal clusters.
    degrees = ((n - 2) - 2 * (size - 1) * icc) ** 2 / (
        (n - 2) * (1 - icc) ** 2
        + size * (n - 2 * size) * icc**2
        + 2 * (n - 2 * size) * icc * (1 - icc)
    )
    small = gamma(degrees / 2) / (sqrt(degrees / 2) * gamma((degrees - 1) / 2))
    assert found.hedges_g == pytest.approx(small * 5 / scale, abs=1e-10)


def test_unequal_clusters_correct_the_standard_deviation_and_its_degrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # At a known correlation the corrected total variance is 1 on average, with the spread that its
    # degrees of freedom say, however far apart the clusters' sizes are.
    icc, draws = 0.4, 4000
    monkeypatch.setattr(describing, "_intraclass", lambda *_: icc)
    rng = np.random.default_rng(6)
    units = [np.repeat(np.arange(3), sizes) for sizes in ([2, 20, 6], [12, 3, 9])]
    squares = []
    for _ in range(draws):
        values = [
            sqrt(icc) * rng.normal(size=3)[unit] + sqrt(1 - icc) * rng.normal(size=len(unit))
            for unit in units
        ]
        scale, degrees = describing._standardiser(values, units, clustered=True)
        squares.append(scale**2)
    error = sqrt(2 / degrees / draws)
    assert np.mean(squares) == pytest.approx(1, abs=4 * error)
    # A variance estimated from 4,000 draws of a skewed square is known to about 5 %.
    assert np.var(squares) == pytest.approx(2 / degrees, rel=0.15)


@pytest.mark.parametrize(
    ("means", "noise"),
    [([0.0, 2, 5, 7], [0.0]), ([0.0, 0, 1, 1], [-1.0, 0, 1]), ([0.0, 2, 5, 7], [-9.0, 0, 9])],
)
def test_no_correlation_can_be_seen_or_there_is_none(
    means: list[float], noise: list[float]
) -> None:
    # Singletons cannot show a correlation, and clusters more alike than chance have none: then g
    # is that of people.
    data = clustered(means, noise, [2, 3])
    alone = AnalysisSet(make_trial(), data.frame)
    estimate = estimate_outcome(alone, "days")[0]
    one = estimate_effect_size(data, "days", "letter", estimate)
    other = estimate_effect_size(alone, "days", "letter", estimate)
    assert one.hedges_g == pytest.approx(other.hedges_g, abs=EXACT)


def test_two_clusters_cannot_show_a_correlation() -> None:
    data = clustered([0.0, 1], [-1.0, 0, 1], [1])
    estimate = estimate_outcome(AnalysisSet(make_trial(), data.frame), "days")[0]
    found = estimate_effect_size(data, "days", "letter", estimate)
    assert found.hedges_g == pytest.approx(gamma(2) / (sqrt(2) * gamma(1.5)), abs=EXACT)


@pytest.mark.parametrize("values", [[1.0, 3, None, None], [1.0, None, 4, None], [1.0, 1, 4, 4]])
def test_an_effect_size_without_spread_is_not_given(values: list[Any]) -> None:
    estimate = estimate_outcome(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}), "days")[0]
    found = estimate_effect_size(
        make_set(FOUR, {"outcome:days": values}), "days", "letter", estimate
    )
    assert (found.hedges_g, found.g_standard_error, found.g_interval) == (None, None, None)


def test_a_percentage_needs_a_positive_base() -> None:
    estimate = estimate_outcome(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}), "days")[0]
    for values, base in (([-1.0, 1, 4, 6], 0.0), ([None, None, 4.0, 6], None)):
        data = make_set(FOUR, {"outcome:days": values})
        found = estimate_effect_size(data, "days", "letter", estimate)
        assert found.percentage is None
        assert found.percentage_base_value == base


def test_a_percentage_of_an_index_is_not_given() -> None:
    index = {"from": "composite", "composite": "wellbeing"}
    trial = make_trial(outcomes=[outcome(derive=index)])
    found = effect_size(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}, trial=trial))
    assert found.percentage is None
    assert found.percentage_base_value == 2
