"""Warnings: each said when it applies, and only then."""

from typing import Any

import pytest
from power_cases import COUNCILS, PEOPLE, make_trial, people

from lighttouch.core.power.checking import check_power
from lighttouch.core.power.planning import declare_plan
from lighttouch.core.protocol.trial import Trial


def _warnings(trial: Trial) -> str:
    return "\n".join(check_power(trial, trial.power[0], declare_plan(trial, trial.power[0])))


def _clusters(count: int, **more: object) -> dict[str, Any]:
    return {"clusters": count, "mean_cluster_size": 15.0, **more}


def test_power_of_a_large_sound_trial_needs_no_warning() -> None:
    assert _warnings(make_trial(_clusters(60))) == ""


@pytest.mark.parametrize(
    ("trial", "word"),
    [
        (make_trial(_clusters(60), status="pilot"), "PILOT"),
        (make_trial(_clusters(60, effect=0.1)), "LOW POWER"),
        (make_trial(_clusters(20)), "FEW CLUSTERS: 20 clusters are allocated; below 30"),
        (make_trial(_clusters(36)), "FEW CLUSTERS: 36 clusters are allocated; below 40"),
        (make_trial(_clusters(60, cluster_size_cv=0.9)), "UNEVEN CLUSTERS"),
        (make_trial(_clusters(60, icc=0.0)), "NO CLUSTERING ASSUMED"),
        (make_trial(_clusters(4)), "ONE OR TWO CLUSTERS: offer is compared 2 against 2"),
        (make_trial(_clusters(6)), "NO SIGNIFICANCE POSSIBLE: with 3 against 3"),
        (make_trial(_clusters(60, response=0.3)), "LOW RESPONSE: only 30%"),
        (make_trial(people(30), allocation=PEOPLE), "FEW PEOPLE: an arm is expected to have 15"),
        (make_trial(people(500, icc=0.1), allocation=PEOPLE), "People are allocated"),
        (
            make_trial(people(500), allocation=PEOPLE, outcome={"kind": "binary"}),
            "not continuous",
        ),
        (make_trial(_clusters(60, baseline_correlation=0.5)), "BASELINE NOT COUNTED"),
        (make_trial(_clusters(60, covariate_r2=0.5)), "COVARIATES NOT COUNTED"),
        (
            make_trial(_clusters(60), analysis={"estimand": "cluster_average"}),
            "for the participant average",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_power_warns(trial: Trial, word: str) -> None:
    assert word in _warnings(trial)


def test_power_warns_when_strata_use_up_the_clusters() -> None:
    trial = make_trial(
        _clusters(12),
        allocation={
            "unit": "team",
            "strata": [{"by": "quantile", "of": "cluster_size", "groups": 4}],
        },
        population={"description": "Staff", "setting": "Councils", "partners": COUNCILS},
    )
    assert "NO DEGREES OF FREEDOM: 12 blocks and strata use up 12 clusters" in _warnings(trial)
