"""Adjusted p-values, worked by hand and against other software."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from estimation_cases import THREE_ARMS, make_set, make_trial, observed_design, outcome
from statsmodels.stats.multitest import multipletests

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.estimation.effects import estimate_outcome
from lighttouch.core.estimation.model import AdjustedP, Estimate, RandomisationTest
from lighttouch.core.estimation.multiplicity import (
    adjust_families,
    adjust_holm,
    sharpen_q,
    step_down,
)
from lighttouch.core.estimation.randomisation import compute_randomisation_test

EXACT = 1e-12
"""Hand-worked numbers: only rounding differs."""
P_VALUES = np.array([0.001, 0.2, 0.013, 0.04, 0.013, 0.7, 0.03, 0.9])


def test_holm_worked_by_hand() -> None:
    # 0.01 x 3, then 0.02 x 2, then the larger of 0.03 and what came before.
    found = adjust_holm(np.array([0.03, 0.01, 0.02]))
    np.testing.assert_allclose(found, [0.04, 0.03, 0.04], atol=EXACT)


def test_holm_equals_statsmodels() -> None:
    np.testing.assert_allclose(adjust_holm(P_VALUES), multipletests(P_VALUES, method="holm")[1])


def test_sharpened_q_worked_by_hand() -> None:
    # With p = 0.01, 0.02, 0.9 the first stage at q' = 0.03 rejects two; one true null is left to
    # allow for, so 0.9 is rejected at q' = 0.9 x 1 / 3. Then q = q' / (1 - q').
    found = sharpen_q(np.array([0.9, 0.01, 0.02]))
    np.testing.assert_allclose(found, [0.3 / 0.7, 0.03 / 0.97, 0.03 / 0.97], atol=EXACT)


def test_sharpened_q_rejects_what_the_two_stage_method_rejects_at_every_level() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        p_values = np.concatenate([rng.uniform(size=5), rng.beta(0.3, 4, size=5)])
        q_values = sharpen_q(p_values)
        for level in np.arange(0.005, 0.9, 0.0173):
            rejected = multipletests(p_values, alpha=level, method="fdr_tsbky")[0]
            np.testing.assert_array_equal(q_values <= level, rejected)


def test_a_hopeless_family_has_q_of_one() -> None:
    assert sharpen_q(np.array([0.9, 0.95])).tolist() == [1, 1]


def test_step_down_worked_by_hand() -> None:
    # Four equally likely allocations, the first observed. Outcome 1: 9 is alone at the top, p 1/4.
    # Outcome 2: 4 is second, p 2/4. The smallest p of either under each allocation is 1/4, 1/4,
    # 3/4, 2/4: outcome 1 is adjusted to 2/4, and outcome 2, alone after it, keeps 2/4.
    squares = np.array([[9.0, 1, 2, 5], [4.0, 7, 2, 1]])
    found = step_down(squares, np.full(4, 0.25), 0)
    assert found.p_values.tolist() == [0.25, 0.5]
    assert found.adjusted.tolist() == [0.5, 0.5]


def test_step_down_of_identical_outcomes_costs_nothing() -> None:
    squares = np.tile([9.0, 1, 2, 5, 3], (4, 1))
    found = step_down(squares, np.full(5, 0.2), 3)
    np.testing.assert_allclose(found.adjusted, found.p_values, atol=EXACT)


def test_step_down_equals_its_definition() -> None:
    rng = np.random.default_rng(2)
    squares = rng.normal(size=(4, 60)) ** 2
    p = np.array([[np.mean(row >= value) for value in row] for row in squares])
    order = np.argsort(p[:, 0])
    expected, previous = np.empty(4), 0.0
    for rank, index in enumerate(order):
        least = p[order[rank:]].min(axis=0)
        previous = max(previous, float(np.mean(least <= p[index, 0] + EXACT)))
        expected[index] = previous
    found = step_down(squares, np.full(60, 1 / 60), 0)
    np.testing.assert_allclose(found.adjusted, expected, atol=1e-9)


def test_unequal_chances_weigh_in_the_step_down() -> None:
    found = step_down(np.array([[4.0, 9, 1]]), np.array([0.5, 0.2, 0.3]), 0)
    assert found.adjusted[0] == pytest.approx(0.7, abs=EXACT)


def family(method: str, **changes: Any) -> dict[str, Any]:
    return {"id": "main", "roles": ["primary"], "method": method} | changes


def trial_set(
    families: list[dict[str, Any]], arms: list[dict[str, Any]] | None = None
) -> tuple[AnalysisSet, tuple[Estimate, ...]]:
    rng = np.random.default_rng(7)
    allocated = ["control", "letter"] * 5 if arms is None else ["control", "letter", "coffee"] * 5
    names = ["days", "sleep", "mood"]
    n = len(allocated)
    values = {f"outcome:{name}": rng.normal(size=n) for name in names}
    values["outcome:mood"] += 2 * np.array([a == "letter" for a in allocated])
    trial = make_trial(
        outcomes=[outcome("days"), outcome("sleep"), outcome("mood", role="secondary")],
        analysis={"families": families},
        **({} if arms is None else {"arms": arms}),
    )
    data = make_set(allocated, values, trial=trial)
    return data, tuple(e for name in names for e in estimate_outcome(data, name))


def adjusted(families: list[dict[str, Any]], *, declared: bool = True) -> list[AdjustedP]:
    data, estimates = trial_set(families)
    design = observed_design(data) if declared else None
    return list(adjust_families(data, estimates, design=design, rng=np.random.default_rng(1)))


def test_families_are_taken_by_role_and_by_name() -> None:
    found = adjusted(
        [family("holm"), family("sharpened_q", id="all", roles=["secondary"], outcomes=["days"])]
    )
    assert [(row.family, row.outcome, row.method) for row in found] == [
        ("main", "days", "holm"),
        ("main", "sleep", "holm"),
        ("all", "days", "sharpened_q"),
        ("all", "mood", "sharpened_q"),
    ]
    assert all(row.adjusted >= row.p_value for row in found[:2])


def test_no_adjustment_keeps_the_p_values() -> None:
    found = adjusted([family("none", roles=["primary", "secondary"])])
    assert [row.adjusted for row in found] == [row.p_value for row in found]
    assert len(found) == 3


def test_a_family_without_estimates_is_empty() -> None:
    assert adjusted([family("holm", roles=["exploratory"])]) == []


def test_westfall_young_needs_a_declared_design_and_falls_back_on_holm() -> None:
    (first, _) = adjusted([family("westfall_young")], declared=False)
    assert first.method == "holm"


def test_westfall_young_agrees_with_the_randomisation_tests() -> None:
    data, estimates = trial_set([family("westfall_young", roles=["primary", "secondary"])])
    design = observed_design(data)
    found = adjust_families(data, estimates, design=design, rng=np.random.default_rng(1))
    for row in found:
        test = compute_randomisation_test(
            data, row.outcome, "letter", design=design, rng=np.random.default_rng(1), draws=2000
        )
        assert row.p_value == pytest.approx(test.p_value, abs=EXACT)
    holm = adjust_holm(np.array([row.p_value for row in found]))
    assert all(row.p_value <= row.adjusted <= h for row, h in zip(found, holm, strict=True))


def test_holm_adjusts_the_p_values_of_record() -> None:
    data, estimates = trial_set([family("holm")])
    days, sleep = (
        replace(e, redraw_of_record=e.outcome == "days")
        for e in estimates
        if e.specification == "registered" and e.outcome != "mood"
    )
    tests = [
        RandomisationTest(name, "letter", p, 99, None, False, 0.01, "t")
        for name, p in (("days", 0.011), ("sleep", 0.012))
    ]

    def p_values(tests: list[RandomisationTest]) -> list[float]:
        rng = np.random.default_rng(1)
        rows = adjust_families(data, (days, sleep), design=None, rng=rng, tests=tests)
        return [row.p_value for row in rows]

    assert p_values(tests) == [0.011, sleep.p_value]
    undeclared = replace(tests[0], p_value=None)
    assert p_values([undeclared, tests[1]]) == [days.p_value, sleep.p_value]


def test_two_westfall_young_families_share_their_draws() -> None:
    families = [family("westfall_young"), family("westfall_young", id="again")]
    found = adjusted(families)
    assert [row.adjusted for row in found[:2]] == [row.adjusted for row in found[2:]]


def test_families_of_a_three_arm_trial_hold_every_arm() -> None:
    data, estimates = trial_set([family("westfall_young", outcomes=["days"], roles=[])], THREE_ARMS)
    found = adjust_families(
        data, estimates, design=observed_design(data), rng=np.random.default_rng(1)
    )
    assert [row.arm for row in found] == ["letter", "coffee"]
    assert all(0 < row.p_value <= row.adjusted <= 1 for row in found)


def test_order_of_hypotheses_does_not_matter() -> None:
    p_values = np.array([0.01, 0.04, 0.03, 0.2])
    for order in permutations(range(4)):
        chosen = list(order)
        for adjust in (adjust_holm, sharpen_q):
            np.testing.assert_allclose(adjust(p_values[chosen]), adjust(p_values)[chosen])
