"""The closed form: by hand, and what must not change it."""

from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from power_cases import PEOPLE, make_trial, people
from statsmodels.stats.power import TTestIndPower

from lighttouch.core.errors import EstimationError
from lighttouch.core.power.formula import (
    compute_detectable_effect,
    compute_effect_curve,
    compute_formula_power,
    compute_power,
    compute_size_curve,
)
from lighttouch.core.power.model import FormulaPower, PowerPlan
from lighttouch.core.power.planning import declare_plan

ROUNDING = 1e-9
"""Sums of a few floating-point numbers."""
ROOT = 1e-6
"""The root finder stops within 1e-10 standard errors of the effect."""


def _plan(**changes: object) -> PowerPlan:
    trial = make_trial()
    return replace(declare_plan(trial, trial.power[0]), **changes)  # type: ignore[arg-type]


def _only(plan: PowerPlan) -> FormulaPower:
    (found,) = compute_formula_power(plan)
    return found


def test_power_by_hand_for_twenty_teams_of_fifteen() -> None:
    # design effect 1 + 14 * 0.05 = 1.7; variance 1.7 * (1/150 + 1/150) = 0.022667; 18 degrees
    found = _only(_plan())
    assert found.design_effect == pytest.approx(1.7, abs=ROUNDING)
    assert found.standard_error == pytest.approx(sqrt(1.7 * 2 / 150), abs=ROUNDING)
    assert found.degrees_of_freedom == pytest.approx(18, abs=ROUNDING)
    assert (found.clusters_arm, found.clusters_reference) == (10, 10)


def test_power_design_effect_by_hand_with_unequal_sizes_and_losses() -> None:
    # sizes 10, 20, 30: mean 20, CV² = (200/3)/400 = 1/6; all: 1 + (7/6 * 20 - 1) * 0.1 = 3.2333
    plan = _plan(mean_size=20.0, size_cv=sqrt(1 / 6), icc=0.1)
    assert plan.design_effect == pytest.approx(1 + (10**2 + 20**2 + 30**2 - 60) / 60 * 0.1)
    # half of the people lost at random: half the excess is lost with them
    assert replace(plan, analysed_share=0.5).design_effect == pytest.approx(1 + 2.2333333333 / 2)


def test_power_variance_by_hand_with_adjustment_and_losses() -> None:
    # 100 people a side, half analysed: 4 * 0.75 * (1/50 + 1/50) = 0.12; 100 - 2 - 1 degrees
    plan = _plan(
        clustered=False,
        units=200,
        mean_size=1.0,
        icc=0.0,
        sd=2.0,
        residual_share=0.75,
        analysed_share=0.5,
        terms=1,
    )
    found = _only(plan)
    assert found.standard_error == pytest.approx(sqrt(0.12), abs=ROUNDING)
    assert found.degrees_of_freedom == pytest.approx(97, abs=ROUNDING)
    assert found.clusters_arm is None


def test_power_degrees_of_freedom_lose_one_for_every_stratum_but_the_first() -> None:
    assert _only(_plan(cells=4)).degrees_of_freedom == pytest.approx(15)
    assert _only(_plan(units=4, cells=8)).degrees_of_freedom == 1


def test_power_degrees_of_freedom_follow_the_smaller_side_when_arms_are_unequal() -> None:
    # 4 against 16 clusters: (1/4 + 1/16)² / (1/16/3 + 1/256/15) = 4.63
    assert _only(_plan(shares=(0.2, 0.8))).degrees_of_freedom == pytest.approx(4.6296, abs=1e-4)


@pytest.mark.parametrize("size", [12, 64, 1000])
@pytest.mark.parametrize("effect", [0.05, 0.3, 0.9])
def test_power_agrees_with_statsmodels(size: int, effect: float) -> None:
    expected = TTestIndPower().power(effect, size, 0.05, ratio=2)
    found = compute_power(
        effect=effect,
        standard_error=sqrt(1 / size + 1 / (2 * size)),
        df=3 * size - 2,
        significance=0.05,
    )
    assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("df", [1, 3, 18, 1e6])
def test_power_at_no_effect_is_the_significance_level(df: float) -> None:
    assert compute_power(effect=0, standard_error=1, df=df, significance=0.05) == 0.05
    near = compute_power(effect=1e-9, standard_error=1, df=df, significance=0.05)
    assert near == pytest.approx(0.05, abs=1e-7)


@given(
    df=st.floats(1, 500),
    power=st.floats(0.2, 0.99),
    significance=st.floats(0.001, 0.15),
    error=st.floats(0.01, 100),
)
@settings(max_examples=60, deadline=None)
def test_power_at_the_detectable_effect_is_the_wanted_power(
    df: float, power: float, significance: float, error: float
) -> None:
    effect = compute_detectable_effect(
        standard_error=error, df=df, significance=significance, power=power
    )
    found = compute_power(effect=effect, standard_error=error, df=df, significance=significance)
    assert found == pytest.approx(power, abs=ROOT)


@given(scale=st.floats(1e-3, 1e3))
@settings(max_examples=30, deadline=None)
def test_power_does_not_depend_on_the_unit_of_the_outcome(scale: float) -> None:
    plan = _plan()
    scaled = replace(plan, sd=plan.sd * scale, effect=plan.effect * scale)
    assert _only(scaled).power == pytest.approx(_only(plan).power, abs=1e-9)
    assert _only(scaled).minimum_detectable_effect == pytest.approx(
        scale * _only(plan).minimum_detectable_effect, rel=ROOT
    )
    assert _only(scaled).minimum_detectable_standardised == pytest.approx(
        _only(plan).minimum_detectable_standardised, rel=ROOT
    )


def test_power_does_not_depend_on_the_names_or_order_of_arms() -> None:
    plan = _plan(shares=(0.3, 0.7))
    turned = replace(plan, arms=("usual", "x"), shares=(0.7, 0.3))
    assert _only(turned).power == pytest.approx(_only(plan).power, abs=ROUNDING)
    assert _only(turned).arm == "x"


def test_power_is_given_for_every_arm_against_the_reference() -> None:
    plan = _plan(arms=("a", "usual", "b"), shares=(0.25, 0.5, 0.25))
    first, second = compute_formula_power(plan)
    assert (first.arm, second.arm) == ("a", "b")
    assert first.power == pytest.approx(second.power)
    assert (first.clusters_arm, first.clusters_reference) == (5, 10)


def test_power_of_people_falls_when_clusters_are_allocated_instead() -> None:
    trial = make_trial(people(300), allocation=PEOPLE)
    individual = _only(declare_plan(trial, trial.power[0]))
    assert individual.power > _only(_plan()).power


def test_power_is_refused_when_an_arm_would_be_empty() -> None:
    with pytest.raises(EstimationError, match="too small"):
        compute_formula_power(_plan(units=2, shares=(0.1, 0.9)))


def test_power_not_above_the_significance_level_is_refused() -> None:
    with pytest.raises(EstimationError, match="not above"):
        compute_detectable_effect(standard_error=1, df=10, significance=0.05, power=0.05)


def test_power_curve_rises_from_the_significance_level() -> None:
    curve = compute_effect_curve(_plan())
    powers = [point.power for point in curve]
    assert curve[0].effect == 0
    assert powers[0] == 0.05
    assert powers == sorted(powers)
    assert powers[-1] > 0.95


def test_power_detectable_effect_falls_with_the_number_of_clusters() -> None:
    curve = compute_size_curve(_plan())
    effects = [point.minimum_detectable_effect for point in curve]
    assert [point.units for point in curve] == [5, 10, 15, 20, 25, 30, 40, 50, 60]
    assert effects == sorted(effects, reverse=True)


def test_power_size_curve_leaves_out_sizes_without_degrees_of_freedom() -> None:
    assert min(point.units for point in compute_size_curve(_plan(cells=4))) == 10
