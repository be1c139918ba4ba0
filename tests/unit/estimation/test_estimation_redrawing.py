"""Randomisation inference and the wild bootstrap against enumeration by hand and by refitting."""

from itertools import combinations, product

import numpy as np
import pytest
import statsmodels.api as sm
from estimation_cases import (
    THREE_ARMS,
    make_clustered,
    make_set,
    make_trial,
    observed_design,
    outcome,
)

from lighttouch.core.allocation.declaring import declare_design
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.bootstrap import enumerate_bootstrap
from lighttouch.core.estimation.fitting import fit_effect
from lighttouch.core.estimation.model import RandomisationTest
from lighttouch.core.estimation.planning import registered_recipe
from lighttouch.core.estimation.randomisation import (
    compare_design,
    compute_randomisation_test,
    compute_reference,
    redraw_arms,
)
from lighttouch.core.estimation.terms import build_model

CLOSE = 1e-8
"""The same statistic by refitting each allocation loses a few digits."""
ARMS = ["control"] * 2 + ["letter"] * 2


def run(
    data: AnalysisSet, arm: str = "letter", draws: int = 200, seed: int = 1
) -> RandomisationTest:
    return compute_randomisation_test(
        data,
        "days",
        "letter",
        design=observed_design(data),
        rng=np.random.default_rng(1),
        draws=draws,
    )


def test_four_people_worked_by_hand() -> None:
    # Of the 6 ways to treat two of 1, 2, 3, 4 only {3, 4} and {1, 2} are as extreme as {3, 4}.
    found = run(make_set(ARMS, {"outcome:days": [1.0, 2, 3, 4]}))
    assert found.p_value == pytest.approx(2 / 6)
    assert found.smallest_p == pytest.approx(2 / 6)
    assert (found.allocations, found.enumerated, found.draws) == (6, True, 6)
    assert found.statistic == "coefficient of the registered regression"
    assert found.interval is None  # nothing can be rejected at 5 %


def test_interval_by_inversion_worked_by_hand() -> None:
    # At 60 % confidence an effect is rejected once the observed difference is alone, with its
    # mirror, in being most extreme: p = 1/3 <= 0.4. Taking effect e off the treated leaves
    # 1, 2, 3 - e, 4 - e, where swapping 3 - e with 1 or 2 stays as extreme between e = 1 and 3.
    trial = make_trial(analysis={"confidence_level": 0.6})
    found = run(make_set(ARMS, {"outcome:days": [1.0, 2, 3, 4]}, trial=trial))
    assert found.interval == pytest.approx((1, 3), abs=1e-6)


def test_an_undeclared_design_is_not_tested_and_says_why() -> None:
    found = compute_randomisation_test(
        make_set(ARMS, {"outcome:days": [1.0, 2, 3, 4]}),
        "days",
        "letter",
        design=None,
        rng=np.random.default_rng(1),
        draws=100,
    )
    assert found.p_value is None
    assert "the design is not declared" in found.reason_not_run


def refitted_squares(data: AnalysisSet, effect: float = 0.0, arm: str = "letter") -> np.ndarray:
    """The squared HC2 t of every allocation, each by its own regression."""
    recipe = registered_recipe(data.trial, data.trial.outcomes[0])
    model = build_model(data, data.trial.outcomes[0], recipe)
    redraws = redraw_arms(
        data, compare_design(data, observed_design(data), arm), np.random.default_rng(1), 50
    )
    column = {unit: i for i, unit in enumerate(redraws.units)}
    units = [data.frame["unit"][int(row)] for row in model.rows]
    squares = []
    for drawn in redraws.arms:
        arms = np.array(
            [drawn[column[u]] if u in column else a for u, a in zip(units, model.arms, strict=True)]
        )
        y = model.y - effect * (model.arms == 1)
        # With three arms the one that is not compared stays as a control.
        controls = np.column_stack([model.controls, arms == 2]).astype(float)
        fit = fit_effect(y, (arms == 1).astype(float), controls, weights=model.weights)
        squares.append((fit.estimates[0] / fit.standard_errors[0]) ** 2)
    return np.array(squares)


def people(allocated: list[str], **changes: object) -> AnalysisSet:
    rng = np.random.default_rng(5)
    n = len(allocated)
    values = {
        "outcome:days": [None if i == 2 else v for i, v in enumerate(rng.normal(size=n))],
        "baseline:days": rng.normal(size=n),
    }
    trial = make_trial(**({"outcomes": [outcome(baseline={"wave": "baseline"})]} | changes))
    return make_set(
        allocated,
        values,
        trial=trial,
        stratum=["low", "high"] * (n // 2),
        weight=rng.uniform(1, 2, n),
    )


@pytest.mark.parametrize("effect", [0.0, 0.7])
@pytest.mark.parametrize("three", [False, True])
def test_statistics_of_people_equal_refitting_every_allocation(effect: float, three: bool) -> None:
    arms = ["control", "control", "letter", "letter"] * 3
    data = people(arms)
    if three:
        data = people([*arms, *["coffee"] * 4], arms=THREE_ARMS)
    model = build_model(
        data, data.trial.outcomes[0], registered_recipe(data.trial, data.trial.outcomes[0])
    )
    redraws = redraw_arms(
        data, compare_design(data, observed_design(data), "letter"), np.random.default_rng(1), 50
    )
    reference = compute_reference(data, model, "letter", redraws, studentise=True)
    np.testing.assert_allclose(
        reference.squares(effect), refitted_squares(data, effect), rtol=CLOSE
    )


def test_statistics_with_every_arm_redrawn_equal_refitting() -> None:
    data = people(["control", "letter", "coffee"] * 6, arms=THREE_ARMS)
    model = build_model(
        data, data.trial.outcomes[0], registered_recipe(data.trial, data.trial.outcomes[0])
    )
    redraws = redraw_arms(data, observed_design(data), np.random.default_rng(1), 40)
    for arm, index in (("letter", 1), ("coffee", 2)):
        reference = compute_reference(data, model, arm, redraws, studentise=True)
        column = {unit: i for i, unit in enumerate(redraws.units)}
        place = [column[data.frame["unit"][int(row)]] for row in model.rows]
        for square, drawn in zip(reference.squares(), redraws.arms[:, place], strict=True):
            both = np.column_stack([drawn == 1, drawn == 2]).astype(float)
            fit = fit_effect(model.y, both, model.controls, weights=model.weights)
            t = fit.estimates / fit.standard_errors
            assert square == pytest.approx(t[index - 1] ** 2, rel=CLOSE)


def cluster_t(y: np.ndarray, x: np.ndarray, clusters: np.ndarray) -> float:
    """The uncorrected cluster-robust t of the last column."""
    fitted = sm.OLS(y, x).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    return float(fitted.tvalues[-1])


def small_clusters() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    clusters = np.repeat(np.arange(6), [3, 5, 4, 2, 6, 4])
    treated = np.isin(clusters, [0, 2, 5]).astype(float)
    y = rng.normal(size=6)[clusters] + rng.normal(size=24)
    return y, treated, clusters, rng.normal(size=24)


def test_statistics_of_clusters_equal_refitting_every_allocation() -> None:
    y, treated, clusters, x = small_clusters()
    trial = make_trial(
        allocation={"unit": "building"},
        covariates=[{"id": "x", "label": "X", "column": "x", "coding": "numeric"}],
        analysis={"covariates": ["x"]},
    )
    data = make_set(
        np.where(treated == 1, "letter", "control"),
        {"outcome:days": y, "covariate:x": x},
        trial=trial,
        unit=[f"b{c}" for c in clusters],
    )
    found = run(data)
    t = {
        chosen: cluster_t(y, np.column_stack([np.ones(24), x, np.isin(clusters, chosen)]), clusters)
        for chosen in combinations(range(6), 3)
    }
    extreme = [abs(value) >= abs(t[0, 2, 5]) * (1 - 1e-9) for value in t.values()]
    assert found.p_value == pytest.approx(np.mean(extreme))
    assert found.allocations == 20
    assert found.statistic == "t of the registered regression (cluster-robust error)"


def test_wild_bootstrap_equals_refitting_every_sign_pattern() -> None:
    y, treated, clusters, x = small_clusters()
    controls = np.column_stack([np.ones(24), x])
    reference = enumerate_bootstrap(y, controls, treated, clusters)
    for effect in (0.0, 0.4):
        held = y - effect * treated
        restricted = sm.OLS(held, controls).fit()
        full = np.column_stack([controls, treated])
        squares = []
        for signs in product([1.0, -1.0], repeat=5):
            flipped = np.array([1.0, *signs])[clusters]
            drawn = restricted.fittedvalues + flipped * restricted.resid
            squares.append(cluster_t(drawn, full, clusters) ** 2)
        np.testing.assert_allclose(np.sort(reference.squares(effect)), np.sort(squares), rtol=CLOSE)
        observed = cluster_t(held, full, clusters) ** 2
        assert reference.squares(effect)[0] == pytest.approx(observed, rel=CLOSE)


def test_weighted_bootstrap_equals_the_bootstrap_of_repeated_people() -> None:
    y, treated, clusters, x = small_clusters()
    weights = np.tile([1.0, 2.0, 3.0], 8)
    times = weights.astype(int)
    weighted = enumerate_bootstrap(y, np.column_stack([np.ones(24), x]), treated, clusters, weights)
    again = enumerate_bootstrap(
        np.repeat(y, times),
        np.column_stack([np.ones(times.sum()), np.repeat(x, times)]),
        np.repeat(treated, times),
        np.repeat(clusters, times),
    )
    np.testing.assert_allclose(weighted.squares(), again.squares(), rtol=CLOSE)


def test_random_draws_count_the_observed_allocation_once() -> None:
    rng = np.random.default_rng(2)
    arms = ["control", "letter"] * 20
    y = rng.normal(size=40) + 100 * np.array([a == "letter" for a in arms])
    found = run(make_set(arms, {"outcome:days": y}), draws=199)
    assert found.p_value == pytest.approx(1 / 200)
    assert found.smallest_p == pytest.approx(1 / 200)
    assert (found.draws, found.enumerated) == (199, False)
    assert found.allocations is not None
    assert found.allocations > 10**11
    assert found.interval is not None
    assert found.interval[0] < 100 < found.interval[1]


def test_draws_asked_for_in_batches_follow_the_design(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_set(["control", "letter"] * 20, {"outcome:days": np.arange(40.0)})
    monkeypatch.setattr("lighttouch.core.estimation.randomisation.BATCH", 400)
    monkeypatch.setattr("lighttouch.core.estimation.redrawing.CHUNK", 400)
    redraws = redraw_arms(data, observed_design(data), np.random.default_rng(3), 25)
    assert redraws.arms.shape == (26, 40)
    assert (redraws.arms.sum(axis=1) == 20).all()
    assert run(data, draws=25).draws == 25


def test_a_share_design_too_large_to_count_gives_no_count() -> None:
    data = make_set(["control", "letter"] * 20, {"outcome:days": np.arange(40.0)})
    design = declare_design(data.frame.select("unit", "block", "stratum"), data.trial.arms)
    found = compute_randomisation_test(
        data, "days", "letter", design=design, rng=np.random.default_rng(1), draws=100
    )
    assert found.allocations is None


def test_units_absent_from_the_data_are_drawn_but_not_counted() -> None:
    data = make_set(ARMS, {"outcome:days": [1.0, 2, 3, 4]})
    without = AnalysisSet(data.trial, data.frame.head(3))
    found = compute_randomisation_test(
        without,
        "days",
        "letter",
        design=observed_design(data),
        rng=np.random.default_rng(1),
        draws=100,
    )
    # 3 against 1, 2 differs by 1.5; so do {1} and {2, 3}, {3} and {1, 2}, {2, 3} and {1}, with the
    # absent one in either arm, but not {2} and {1, 3} either way round.
    assert found.p_value == pytest.approx(4 / 6)


def test_an_absent_unit_takes_an_arm_from_the_first_draw() -> None:
    data = make_set(["control", "letter"] * 20, {"outcome:days": np.arange(40.0)})
    without = AnalysisSet(data.trial, data.frame.head(39))
    redraws = redraw_arms(without, observed_design(data), np.random.default_rng(3), 5)
    absent = redraws.units.index("p0039")
    assert redraws.arms[0, absent] == redraws.arms[1, absent]


def test_an_allocation_the_design_cannot_give_is_refused() -> None:
    data = make_set(ARMS, {"outcome:days": [1.0, 2, 3, 4]})
    units = data.frame.select("unit", "block", "stratum")
    mixed = make_set(["control", *ARMS[:1], "control", "letter"], {"outcome:days": [1.0, 2, 3, 4]})
    with pytest.raises(EstimationError, match="could have produced"):
        compute_randomisation_test(
            mixed,
            "days",
            "letter",
            design=declare_design(units, data.trial.arms),
            rng=np.random.default_rng(1),
            draws=100,
        )


def test_a_unit_in_two_arms_is_refused() -> None:
    data = make_set(ARMS, {"outcome:days": [1.0, 2, 3, 4]})
    torn = make_set(ARMS, {"outcome:days": [1.0, 2, 3, 4]}, unit=["a", "b", "b", "c"])
    with pytest.raises(EstimationError, match="more than one arm"):
        compute_randomisation_test(
            torn,
            "days",
            "letter",
            design=observed_design(data),
            rng=np.random.default_rng(1),
            draws=100,
        )


def test_draws_that_leave_an_arm_without_data_count_as_extreme() -> None:
    # Only two of the four treated and two of the four controls answered; in draws where all who
    # answered share an arm there is no statistic, and the test must not gain from that.
    values = [1.0, 2, None, None, 3, 4.5, None, None]
    data = make_set(["control"] * 4 + ["letter"] * 4, {"outcome:days": values})
    found = run(data)
    assert found.p_value is not None
    # The means differ by 2.25. Of 70 allocations 2 have nobody with data in one arm; {3, 4.5}
    # against {1, 2} and its mirror arise in C(4, 2) ways each; 4.5 alone against 1, 2, 3 (2.5)
    # and its mirror in C(4, 3) ways each.
    assert found.p_value == pytest.approx((2 + 2 * 6 + 2 * 4) / 70)


def test_inverse_probability_weights_are_taken_out_of_the_test() -> None:
    rng = np.random.default_rng(4)
    chance = np.array([0.25, 0.75] * 8)
    arms = np.array(["letter", "control"] * 4 + ["control", "letter"] * 4)
    got = np.where(arms == "letter", chance, 1 - chance)
    values = {"outcome:days": rng.normal(size=16)}
    plain = make_set(arms, values)
    weighted = make_set(arms, values, probability=got, weight=1 / got)
    assert run(weighted).p_value == run(plain).p_value


def test_clustered_test_is_the_same_in_any_row_order() -> None:
    data = make_clustered()
    shuffled = AnalysisSet(data.trial, data.frame.sample(fraction=1, shuffle=True, seed=2))
    one, other = run(data), run(shuffled)
    assert one.p_value == other.p_value
    assert one.interval == pytest.approx(other.interval, rel=1e-6)
