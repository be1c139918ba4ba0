"""Clusters that count equally, and people who stand alone."""

import numpy as np
import pytest
from estimation_cases import COVARIATES, make_set, make_trial

from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.effects import estimate_outcome

EXACT = 1e-12
"""Hand-worked numbers: only rounding differs."""
FOUR = ["control", "control", "letter", "letter"]


def test_cluster_average_is_the_difference_of_cluster_means() -> None:
    clusters = np.repeat(np.arange(6), [1, 2, 3, 4, 5, 6])
    rng = np.random.default_rng(3)
    y = rng.normal(size=21)
    treated = np.isin(clusters, [1, 3, 4])
    trial = make_trial(allocation={"unit": "team"}, analysis={"estimand": "cluster_average"})
    data = make_set(
        np.where(treated, "letter", "control"),
        {"outcome:days": y},
        trial=trial,
        unit=[f"t{c}" for c in clusters],
    )
    found = estimate_outcome(data, "days")
    means = np.bincount(clusters, y) / np.bincount(clusters)
    expected = means[[1, 3, 4]].mean() - means[[0, 2, 5]].mean()
    assert found[0].estimate == pytest.approx(expected, abs=EXACT)
    assert found[0].estimand == "cluster-average intention-to-treat effect"
    assert found[1].method == "Weighted difference in means"
    assert found[3].estimand == "participant-average intention-to-treat effect"


def test_cluster_average_keeps_the_weight_of_a_clusters_chance() -> None:
    # Teams 0-5 had a half of the letter, teams 6-11 a sixth: each stands for 1/p teams of its arm.
    clusters = np.repeat(np.arange(12), np.arange(1, 13))
    treated = np.isin(np.arange(12), [0, 2, 4, 9])
    chance = np.where(np.arange(12) < 6, 1 / 2, np.where(treated, 1 / 6, 5 / 6))
    y = np.random.default_rng(3).normal(size=len(clusters)) + 3 * (clusters >= 6)
    trial = make_trial(
        allocation={"unit": "team"},
        analysis={
            "estimand": "cluster_average",
            "partner_effects": False,
            "stratum_effects": False,
        },
    )
    data = make_set(
        np.where(treated[clusters], "letter", "control"),
        {"outcome:days": y},
        trial=trial,
        unit=[f"t{c:02}" for c in clusters],
        probability=chance[clusters],
        weight=1 / chance[clusters],
    )
    means = np.bincount(clusters, y) / np.bincount(clusters)
    arms = [np.average(means[arm], weights=1 / chance[arm]) for arm in (treated, ~treated)]
    assert estimate_outcome(data, "days")[0].estimate == pytest.approx(arms[0] - arms[1], abs=EXACT)


def test_a_category_of_one_person_has_a_coefficient_without_uncertainty() -> None:
    role = ["worker"] * 11 + ["manager"]
    trial = make_trial(
        covariates=[COVARIATES[2]],
        analysis={"covariates": ["role"], "house": {"covariates": ["role"]}},
    )
    y = np.random.default_rng(5).normal(size=12)
    data = make_set(
        ["control", "letter"] * 6, {"outcome:days": y, "covariate:role": role}, trial=trial
    )
    found = {e.specification: e for e in estimate_outcome(data, "days")}
    alone = {
        name: next(c for c in e.coefficients if c.term == "covariate:role:manager")
        for name, e in found.items()
        if e.coefficients
    }
    assert alone["registered"].estimate is not None
    assert alone["registered"].p_value is None
    assert alone["house"].p_value is not None  # one variance for all is known


def test_one_person_against_many_is_refused() -> None:
    data = make_set(["letter"] + ["control"] * 9, {"outcome:days": np.arange(10.0) ** 2})
    with pytest.raises(EstimationError, match="nothing to measure its uncertainty by"):
        estimate_outcome(data, "days")


def test_cluster_average_without_clusters_is_refused() -> None:
    trial = make_trial(analysis={"estimand": "cluster_average"})
    with pytest.raises(EstimationError, match="needs a trial that allocated clusters"):
        estimate_outcome(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}, trial=trial), "days")
