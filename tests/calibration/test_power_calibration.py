"""Formula and simulation agree where the formula is exact, and null trials reject as claimed.

The closed form is exact when clusters are equal, arms are equal and nothing is adjusted for: the
CR2 test is then the t-test on cluster means.
"""

from typing import Any

import numpy as np
import pytest

from lighttouch.core.power.formula import compute_formula_power, compute_power
from lighttouch.core.power.planning import declare_plan
from lighttouch.core.power.simulating import simulate_power, summarise_draws
from lighttouch.core.power.workforce import declare_setting
from lighttouch.core.protocol.trial import Trial

pytestmark = pytest.mark.calibration

DRAWS = 2500
ERRORS = 4.0
"""Monte-Carlo standard errors allowed; all bounds here together are crossed by chance less than
once in five hundred runs, and the seed is fixed."""


def _trial(power: dict[str, Any], **parts: Any) -> Trial:
    base: dict[str, Any] = {
        "version": 1,
        "id": "calibration",
        "title": "Calibration",
        "summary": "A made-up trial.",
        "population": {"description": "Staff", "setting": "Councils"},
        "arms": [
            {"id": "offer", "label": "Offered"},
            {"id": "usual", "label": "As usual", "reference": True},
        ],
        "waves": [{"id": "endline", "label": "After"}],
        "allocation": {"unit": "team"},
        "outcomes": [
            {
                "id": "days",
                "label": "Days",
                "role": "primary",
                "wave": "endline",
                "derive": {"from": "return", "measure": "days_attended"},
                "unit": "days",
            }
        ],
        "power": [{"outcome": "days", "effect": 0.5, "sd": 1.0} | power],
        "retention": {"delete_after": "12 months", "key_holder": "Nobody"},
    }
    return Trial.model_validate(base | parts)


EXACT = {
    "clusters": _trial({"clusters": 16, "mean_cluster_size": 10.0, "icc": 0.1, "effect": 0.7}),
    "people": _trial({"participants": 60, "effect": 0.7}, allocation={"unit": "participant"}),
    "twelve_clusters": _trial(
        {"clusters": 12, "mean_cluster_size": 25.0, "icc": 0.03, "effect": 0.45}
    ),
}


@pytest.mark.parametrize("name", sorted(EXACT))
def test_power_by_formula_is_that_of_the_simulated_design(name: str) -> None:
    trial = EXACT[name]
    plan = declare_plan(trial, trial.power[0])
    setting = declare_setting(trial, trial.power[0], plan)
    drawn = simulate_power(setting, draws=DRAWS, seed=np.random.SeedSequence(20190930))
    (simulated,) = summarise_draws(setting, drawn)
    (formula,) = compute_formula_power(plan)
    assert simulated.failed == 0
    assert abs(simulated.power - formula.power) < ERRORS * simulated.power_error
    alpha_error = np.sqrt(plan.significance * (1 - plan.significance) / DRAWS)
    assert abs(simulated.type_one_error - plan.significance) < ERRORS * alpha_error
    assert simulated.mean_degrees_of_freedom == pytest.approx(formula.degrees_of_freedom)
    spread_error = formula.standard_error / np.sqrt(2 * DRAWS)
    assert abs(simulated.sd_of_estimates - formula.standard_error) < ERRORS * spread_error
    assert simulated.minimum_detectable_interval is not None
    low, high = simulated.minimum_detectable_interval
    slack = high - low
    assert low - slack < formula.minimum_detectable_effect < high + slack


def test_power_formula_holds_along_the_whole_curve() -> None:
    trial = EXACT["clusters"]
    plan = declare_plan(trial, trial.power[0])
    setting = declare_setting(trial, trial.power[0], plan)
    drawn = simulate_power(setting, draws=DRAWS, seed=np.random.SeedSequence(7))
    (formula,) = compute_formula_power(plan)
    for effect in (0.2, 0.4, 0.6, 0.8, 1.0):
        exact = compute_power(
            effect=effect,
            standard_error=formula.standard_error,
            df=formula.degrees_of_freedom,
            significance=plan.significance,
        )
        error = np.sqrt(exact * (1 - exact) / DRAWS)
        assert abs(drawn.reject_at(effect, plan.significance)[0] - exact) < ERRORS * error


def test_power_design_effect_describes_unequal_clusters_with_losses() -> None:
    """The spread of estimates is the formula's to within the gamma sizes' own second moment."""
    trial = _trial(
        {
            "clusters": 60,
            "mean_cluster_size": 12.0,
            "cluster_size_cv": 0.6,
            "icc": 0.1,
            "response": 0.6,
        }
    )
    plan = declare_plan(trial, trial.power[0])
    setting = declare_setting(trial, trial.power[0], plan)
    drawn = simulate_power(setting, draws=DRAWS // 2, seed=np.random.SeedSequence(11))
    (simulated,) = summarise_draws(setting, drawn)
    (formula,) = compute_formula_power(plan)
    assert simulated.sd_of_estimates == pytest.approx(formula.standard_error, rel=0.05)
    alpha_error = np.sqrt(plan.significance * (1 - plan.significance) / (DRAWS // 2))
    assert abs(simulated.type_one_error - plan.significance) < ERRORS * alpha_error


def test_power_of_thirteen_buildings_keeps_its_error_rate_but_not_the_formulas_power() -> None:
    """The design of the coffee trial: size quartiles, 13 unequal buildings."""
    trial = _trial(
        {"clusters": 13, "mean_cluster_size": 29.0, "cluster_size_cv": 0.3, "icc": 0.03}
        | {"effect": 5.0, "sd": 20.0, "attrition": 0.12},
        allocation={
            "unit": "building",
            "strata": [{"by": "quantile", "of": "cluster_size", "groups": 4}],
        },
    )
    plan = declare_plan(trial, trial.power[0])
    setting = declare_setting(trial, trial.power[0], plan)
    drawn = simulate_power(setting, draws=DRAWS, seed=np.random.SeedSequence(13))
    (simulated,) = summarise_draws(setting, drawn)
    (formula,) = compute_formula_power(plan)
    assert simulated.type_one_error < 0.065
    assert simulated.mean_degrees_of_freedom < formula.degrees_of_freedom
    assert simulated.power < formula.power
