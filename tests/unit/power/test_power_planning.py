"""From the trial file to a plan."""

from typing import Any

import numpy as np
import pytest
from power_cases import COUNCILS, PEOPLE, make_trial, people

from lighttouch.core.errors import ProtocolError
from lighttouch.core.power.model import PowerPlan
from lighttouch.core.power.planning import declare_plan, plan_cluster_sizes, share_units
from lighttouch.core.protocol.trial import Trial


def _plan(trial: Trial) -> PowerPlan:
    return declare_plan(trial, trial.power[0])


def test_power_sizes_come_from_the_list_when_there_is_one() -> None:
    trial = make_trial({"cluster_sizes": [10, 20, 30]})
    plan = _plan(trial)
    assert (plan.units, plan.mean_size) == (3, 20)
    assert plan.size_cv == pytest.approx(np.sqrt(1 / 6))
    assert plan_cluster_sizes(plan, trial.power[0].cluster_sizes) == (10, 20, 30)


def test_power_mean_size_follows_from_participants_and_clusters() -> None:
    assert _plan(make_trial({"clusters": 10, "participants": 125})).mean_size == 12.5


@pytest.mark.parametrize("sizes", [{}, {"clusters": 4}, {"mean_cluster_size": 4.0}])
def test_power_without_a_size_is_a_fault(sizes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="do not give a size"):
        _plan(make_trial(sizes))


@pytest.mark.parametrize(
    ("sizes", "participants"),
    [
        ({"participants": 70}, 70),
        ({"cluster_sizes": [3, 4]}, 7),
        ({"clusters": 3, "mean_cluster_size": 2.5}, 8),
    ],
)
def test_power_of_people_counts_participants(sizes: dict[str, Any], participants: int) -> None:
    plan = _plan(make_trial(sizes, allocation=PEOPLE))
    assert (plan.units, plan.mean_size, plan.icc) == (participants, 1, 0)


def test_power_of_people_without_a_size_is_a_fault() -> None:
    with pytest.raises(ProtocolError, match="Give participants"):
        _plan(make_trial({}, allocation=PEOPLE))


def test_power_of_a_single_arm_is_a_fault() -> None:
    with pytest.raises(ProtocolError, match="compares arms"):
        _plan(make_trial(arms=[{"id": "all", "label": "Everyone"}]))


def test_power_counts_a_baseline_only_if_the_analysis_adjusts_for_it() -> None:
    baseline = {"baseline": {"wave": "baseline"}}
    assumed = people(100, baseline_correlation=0.6)
    adjusted = _plan(make_trial(assumed, allocation=PEOPLE, outcome=baseline))
    assert adjusted.residual_share == pytest.approx(0.64)
    assert adjusted.terms == 1
    for trial in (
        make_trial(assumed, allocation=PEOPLE),
        make_trial(
            assumed,
            allocation=PEOPLE,
            outcome=baseline,
            analysis={"estimator": "difference_in_means"},
        ),
        make_trial(
            assumed, allocation=PEOPLE, outcome=baseline, analysis={"baseline_outcome": False}
        ),
    ):
        assert _plan(trial).residual_share == 1
        assert _plan(trial).terms == 0


def test_power_counts_covariates_only_if_the_analysis_has_them() -> None:
    assumed = people(100, covariate_r2=0.2)
    with_covariate = make_trial(assumed, allocation=PEOPLE, analysis={"covariates": ["tenure"]})
    assert _plan(with_covariate).residual_share == pytest.approx(0.8)
    without = make_trial(
        assumed,
        allocation=PEOPLE,
        analysis={"covariates": ["tenure"]},
        outcome={"covariates": []},
    )
    assert _plan(without).residual_share == 1


def test_power_analysed_share_is_response_of_those_who_stay() -> None:
    trial = make_trial(people(100, response=0.5, attrition=0.2), allocation=PEOPLE)
    assert _plan(trial).analysed_share == pytest.approx(0.4)


QUARTILES = {"by": "quantile", "of": "cluster_size", "groups": 4}


@pytest.mark.parametrize(
    ("allocation", "analysis", "cells"),
    [
        ({"strata": [QUARTILES]}, {}, 12),
        ({"strata": [QUARTILES]}, {"estimator": "difference_in_means"}, 12),
        ({"strata": [QUARTILES]}, {"stratum_effects": False}, 3),
        ({"strata": [QUARTILES], "blocks": []}, {"partner_effects": False}, 4),
        ({"strata": [QUARTILES]}, {"stratum_effects": False, "partner_effects": False}, 1),
        ({"strata": [{"by": "value", "column": "role"}]}, {}, 3),
    ],
)
def test_power_counts_the_cells_the_analysis_has_effects_for(
    allocation: dict[str, Any], analysis: dict[str, Any], cells: int
) -> None:
    trial = make_trial(
        allocation={"unit": "team"} | allocation,
        analysis=analysis,
        population={
            "description": "Staff",
            "setting": "Councils",
            "partners": [*COUNCILS, {"id": "gone", "name": "Gone", "status": "cancelled"}],
        },
    )
    assert _plan(trial).cells == cells


def test_power_made_up_sizes_keep_the_mean_and_the_spread() -> None:
    sizes = {"clusters": 40, "mean_cluster_size": 20.5, "cluster_size_cv": 0.5}
    made = np.array(plan_cluster_sizes(_plan(make_trial(sizes)), ()))
    assert made.sum() == 820
    assert made.std() / made.mean() == pytest.approx(0.5, abs=0.01)
    assert made.min() >= 1


def test_power_made_up_sizes_of_a_fractional_mean_keep_the_total() -> None:
    made = plan_cluster_sizes(_plan(make_trial({"clusters": 10, "mean_cluster_size": 4.5})), ())
    assert sum(made) == 45
    assert set(made) == {4, 5}


@pytest.mark.parametrize(
    ("units", "shares", "first", "expected"),
    [
        (13, (0.5, 0.5), 1, (6, 7)),
        (13, (0.5, 0.5), 0, (7, 6)),
        (10, (0.25, 0.25, 0.5), 2, (2, 3, 5)),
        (12, (1 / 3, 1 / 3, 1 / 3), 0, (4, 4, 4)),
    ],
)
def test_power_units_are_shared_whole_with_ties_to_the_reference(
    units: int, shares: tuple[float, ...], first: int, expected: tuple[int, ...]
) -> None:
    found = share_units(units, shares, first)
    assert sum(found) == units
    assert sorted(found) == sorted(expected)
    assert found[first] == expected[first]
