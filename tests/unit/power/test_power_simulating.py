"""Simulated power: seeded, reproducible, and true to the design and the analysis."""

from typing import Any

import joblib
import numpy as np
import pytest
from power_cases import COUNCILS, PEOPLE, make_trial, people

from lighttouch.core.estimation.fitting import EffectFit, fit_effect
from lighttouch.core.power import simulating
from lighttouch.core.power.example import example_trial
from lighttouch.core.power.parallel import run_jobs
from lighttouch.core.power.planning import declare_plan
from lighttouch.core.power.simulating import (
    NullDraws,
    SimulationJob,
    simulate_job,
    simulate_power,
    summarise_draws,
)
from lighttouch.core.power.workforce import (
    FloatArray,
    Setting,
    declare_setting,
    declare_units,
    simulate_workforce,
)
from lighttouch.core.protocol.trial import Trial

COUNCIL_STAFF = {"description": "Staff", "setting": "Councils", "partners": COUNCILS}


def _setting(trial: Trial) -> Setting:
    return declare_setting(trial, trial.power[0], declare_plan(trial, trial.power[0]))


def _draws(trial: Trial, draws: int = 30, seed: int = 3, workers: int = 1) -> NullDraws:
    return simulate_power(
        _setting(trial), draws=draws, seed=np.random.SeedSequence(seed), workers=workers
    )


SMALL = make_trial({"clusters": 10, "mean_cluster_size": 6.0})


def test_power_simulation_repeats_with_its_seed_and_differs_with_another() -> None:
    first, again, other = _draws(SMALL), _draws(SMALL), _draws(SMALL, seed=4)
    assert np.array_equal(first.estimates, again.estimates)
    assert not np.array_equal(first.estimates, other.estimates)


@pytest.mark.slow
def test_power_simulation_does_not_depend_on_the_number_of_cores() -> None:
    alone, shared = _draws(SMALL, draws=60), _draws(SMALL, draws=60, workers=2)
    assert np.array_equal(alone.estimates, shared.estimates)
    assert np.array_equal(alone.standard_errors, shared.standard_errors)


def test_power_simulation_gives_every_job_its_own_seed() -> None:
    drawn = _draws(SMALL, draws=2 * simulating.DRAWS_PER_JOB)
    assert len(np.unique(drawn.estimates)) == 2 * simulating.DRAWS_PER_JOB


def test_power_jobs_come_back_in_order_and_are_counted() -> None:
    told: list[tuple[int, int]] = []
    found = run_jobs(
        abs, [-3, 1, -2], workers=1, progress=lambda _, done, of: told.append((done, of))
    )
    assert found == (3, 1, 2)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_power_of_an_added_effect_is_that_of_simulating_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Shifting null estimates equals adding the effect to every treated person's outcome."""
    effect = 0.4
    shifted = _draws(SMALL).reject_at(effect, 0.05)

    def with_effect(y: FloatArray, treatment: FloatArray, *parts: Any, **named: Any) -> EffectFit:
        return fit_effect(y + effect * treatment[:, 0], treatment, *parts, **named)

    monkeypatch.setattr(simulating, "fit_effect", with_effect)
    assert np.array_equal(_draws(SMALL).reject_at(0.0, 0.05), shifted)


def test_power_simulated_people_have_the_assumed_correlations() -> None:
    trial = make_trial(
        {"clusters": 400, "mean_cluster_size": 20.0, "baseline_correlation": 0.5, "icc": 0.2}
        | {"covariate_r2": 0.4, "sd": 3.0}
    )
    people_drawn = simulate_workforce(_setting(trial), np.random.default_rng(8))
    means = people_drawn.outcome.reshape(400, 20).mean(axis=1)
    assert np.corrcoef(people_drawn.baseline, people_drawn.outcome)[0, 1] == pytest.approx(
        0.5, abs=0.05
    )
    assert people_drawn.outcome.std() == pytest.approx(3, rel=0.05)
    # variance of means of 20 with ICC 0.2: 9 * (0.2 + 0.8 / 20) = 2.16
    assert means.var(ddof=1) == pytest.approx(2.16, rel=0.2)
    explained = np.corrcoef(people_drawn.covariate, people_drawn.outcome)[0, 1] ** 2
    assert explained == pytest.approx(0.4 * 0.75, abs=0.05)


def test_power_units_are_spread_over_partners_and_strata_of_size() -> None:
    trial = make_trial(
        {"cluster_sizes": list(range(5, 29))},
        allocation={
            "unit": "team",
            "strata": [{"by": "quantile", "of": "cluster_size", "groups": 2}],
        },
        population=COUNCIL_STAFF,
    )
    setting = _setting(trial)
    units = declare_units(setting, simulate_workforce(setting, np.random.default_rng(1)))
    assert units.group_by("block", "stratum").len()["len"].to_list() == [4] * 6
    assert not setting.strata_follow_baseline


def test_power_strata_of_a_baseline_mean_follow_each_simulated_workforce() -> None:
    trial = make_trial(
        {"clusters": 12, "mean_cluster_size": 5.0},
        allocation={
            "unit": "team",
            "blocks": [],
            "strata": [
                {
                    "by": "quantile",
                    "of": "cluster_mean",
                    "column": "x",
                    "groups": 3,
                    "within": "trial",
                }
            ],
        },
    )
    setting = _setting(trial)
    drawn = simulate_workforce(setting, np.random.default_rng(1))
    units = declare_units(setting, drawn)
    assert setting.strata_follow_baseline
    assert units["block"].unique().to_list() == [""]
    lowest = np.argsort(drawn.stratifier)[:4]
    assert {units["stratum"][int(unit)] for unit in lowest} == {"x: 1 of 3"}
    assert np.isfinite(_draws(trial, draws=5).estimates).all()


def test_power_strata_of_clusters_of_one_size_are_cut_as_the_allocation_cuts_them() -> None:
    trial = make_trial(
        {"clusters": 12, "mean_cluster_size": 5.0},
        allocation={
            "unit": "team",
            "blocks": ["partner", "shift"],
            "strata": [
                {"by": "quantile", "of": "cluster_size", "groups": 4},
                {"by": "value", "column": "town"},
            ],
        },
    )
    setting = _setting(trial)
    units = declare_units(setting, simulate_workforce(setting, np.random.default_rng(1)))
    assert units.group_by("stratum").len()["len"].to_list() == [3] * 4
    assert np.isfinite(_draws(trial, draws=5).estimates).all()


def test_power_people_are_stratified_by_their_own_simulated_baseline() -> None:
    strata = [{"by": "quantile", "of": "value", "column": "x", "groups": 2, "within": "trial"}]
    trial = make_trial(people(40), allocation=PEOPLE | {"strata": strata})
    setting = _setting(trial)
    drawn = simulate_workforce(setting, np.random.default_rng(1))
    units = declare_units(setting, drawn)
    upper = [int(unit.rpartition("/")[2]) for unit in units.filter(stratum="x: 2 of 2")["unit"]]
    assert drawn.baseline[upper].min() >= np.median(drawn.baseline)


def test_power_simulation_runs_the_whole_registered_analysis() -> None:
    trial = make_trial(
        people(120, baseline_correlation=0.6, covariate_r2=0.3, response=0.8),
        allocation=PEOPLE,
        analysis={"covariates": ["tenure"], "variance": "HC3"},
        outcome={"baseline": {"wave": "baseline"}},
        population=COUNCIL_STAFF,
    )
    setting = _setting(trial)
    assert (setting.baseline, setting.covariates, setting.variance) == (True, True, "HC3")
    drawn = _draws(trial, draws=20)
    # n - intercept, arm, baseline, covariate, two partners (blocks repeat them)
    assert drawn.degrees_of_freedom.mean() == pytest.approx(0.8 * 120 - 6, abs=3)
    plain = _draws(make_trial(people(120, response=0.8), allocation=PEOPLE), draws=20)
    assert drawn.standard_errors.mean() < plain.standard_errors.mean()


def test_power_simulation_of_a_cluster_average_weighs_clusters_alike() -> None:
    sizes = {"cluster_sizes": [4, 4, 4, 4, 4, 60, 60, 4]}
    average = _draws(make_trial(sizes, analysis={"estimand": "cluster_average"}), draws=10)
    people_average = _draws(make_trial(sizes), draws=10)
    assert (average.degrees_of_freedom.mean()) > people_average.degrees_of_freedom.mean()


def test_power_simulation_covers_every_treated_arm() -> None:
    trial = make_trial(
        arms=[
            {"id": "usual", "label": "As usual", "reference": True},
            {"id": "text", "label": "Text"},
            {"id": "letter", "label": "Letter"},
        ]
    )
    drawn = _draws(trial, draws=10)
    assert drawn.estimates.shape == (10, 2)
    assert [found.arm for found in summarise_draws(_setting(trial), drawn)] == ["text", "letter"]


def test_power_trials_that_cannot_be_analysed_count_against_the_power() -> None:
    setting = _setting(make_trial({"clusters": 4, "mean_cluster_size": 1.0, "response": 0.4}))
    drawn = simulate_job(SimulationJob(setting, np.random.SeedSequence(5), 40))
    (found,) = summarise_draws(setting, drawn)
    assert found.failed > 0
    assert found.failed == int(np.isnan(drawn.estimates).sum())
    assert found.power <= 1 - found.failed / 40


def test_power_summary_by_hand() -> None:
    setting = _setting(make_trial({"clusters": 20, "mean_cluster_size": 15.0, "effect": 2.5}))
    estimates = np.array([[-1.0], [0.0], [1.0], [3.0]])
    drawn = NullDraws(estimates, np.ones((4, 1)), np.full((4, 1), 1e9))
    (found,) = summarise_draws(setting, drawn)
    assert found.type_one_error == 0.25
    assert found.power == 0.75
    assert found.power_error == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    # 80% of four draws is four: the hardest to detect is the one at -1
    assert found.minimum_detectable_effect == pytest.approx(1.96 + 1, abs=1e-3)
    assert found.sd_of_estimates == pytest.approx(estimates.std(ddof=1))


def test_power_detectable_effect_is_left_out_when_too_many_trials_fail() -> None:
    setting = _setting(SMALL)
    lost = np.full((4, 1), np.nan)
    (found,) = summarise_draws(setting, NullDraws(lost, lost, lost))
    assert found.minimum_detectable_effect is None
    assert found.power == 0
    assert np.isnan(found.sd_of_estimates)
    part = np.vstack([np.zeros((9, 1)), [[np.nan]]])
    (half,) = summarise_draws(setting, NullDraws(part, part + 1, part + 1e9))
    assert half.minimum_detectable_effect is not None
    assert half.minimum_detectable_interval is None


@pytest.mark.slow
def test_power_simulation_on_a_named_scheduler_gives_the_same_numbers() -> None:
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        dashboard_address=None,
        protocol="tcp",
        host="127.0.0.1",
    )
    here = _draws(SMALL, draws=50)
    with cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        there = _draws(SMALL, draws=50, workers=-1)
    assert np.array_equal(here.estimates, there.estimates)
    assert np.array_equal(here.degrees_of_freedom, there.degrees_of_freedom)


def test_power_of_one_cluster_an_arm_fails_every_trial() -> None:
    (found,) = summarise_draws(
        _setting(make_trial({"clusters": 2, "mean_cluster_size": 5.0})),
        _draws(make_trial({"clusters": 2, "mean_cluster_size": 5.0}), draws=10),
    )
    assert found.failed == 10


def test_power_simulation_without_any_effects_of_place_has_only_the_arm() -> None:
    analysis = {"partner_effects": False, "stratum_effects": False}
    trial = make_trial(people(50), allocation=PEOPLE, analysis=analysis, population=COUNCIL_STAFF)
    assert set(_draws(trial, draws=5).degrees_of_freedom.ravel()) == {48.0}


def test_power_example_trial_is_the_one_the_documentation_describes() -> None:
    setting = _setting(example_trial())
    assert setting.sizes == (15,) * 20
