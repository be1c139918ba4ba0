"""Estimates of an outcome: which terms, which variance, which words, which refusals."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.formula.api as smf
from estimation_cases import COVARIATES, THREE_ARMS, make_clustered, make_set, make_trial, outcome

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.effects import estimate_outcome
from lighttouch.core.estimation.example import example_set
from lighttouch.core.estimation.model import Estimate

EXACT = 1e-12
"""Hand-worked numbers: only rounding differs."""
CLOSE = 1e-8
"""The same regression by another library."""
FOUR = ["control", "control", "letter", "letter"]


def estimates(data: AnalysisSet, specification: str, outcome_id: str = "days") -> list[Estimate]:
    return [e for e in estimate_outcome(data, outcome_id) if e.specification == specification]


def people(n: int = 60, seed: int = 1, **changes: Any) -> AnalysisSet:
    """People in two partners, allocated one by one, with a baseline and covariates."""
    rng = np.random.default_rng(seed)
    arms = rng.permutation(["control", "letter"] * (n // 2))
    baseline = rng.normal(20, 3, n)
    y = 4 + 0.8 * baseline + (arms == "letter") + rng.normal(0, 1, n)
    values = {
        "outcome:days": y,
        "baseline:days": baseline,
        "covariate:tenure": rng.gamma(2, 20, n),
        "covariate:female": rng.choice(["female", "male"], n),
        "covariate:role": rng.choice(["assistant", "manager", "worker"], n),
    }
    trial = make_trial(
        **{
            "outcomes": [outcome(baseline={"wave": "baseline"})],
            "covariates": COVARIATES,
            "analysis": {"covariates": ["tenure", "female", "role"]},
        }
        | changes
    )
    partner = np.where(np.arange(n) < n // 3, "hull", "kent")
    return make_set(arms, values, trial=trial, partner=partner, block=partner)


def replace_column(data: AnalysisSet, **columns: Any) -> AnalysisSet:
    named = [pl.Series(name.replace("__", ":"), values) for name, values in columns.items()]
    return AnalysisSet(data.trial, data.frame.with_columns(named))


def to_pandas(data: AnalysisSet) -> pd.DataFrame:
    columns = data.frame.to_dict(as_series=False)
    return pd.DataFrame({name.replace(":", "_"): values for name, values in columns.items()})


def test_two_pairs_worked_by_hand() -> None:
    found = estimate_outcome(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}), "days")
    registered, plain, hc3 = found
    assert registered.specification == "registered"
    assert registered.estimate == pytest.approx(3, abs=EXACT)
    assert registered.standard_error == pytest.approx(np.sqrt(2), abs=EXACT)
    assert registered.statistic == pytest.approx(3 / np.sqrt(2), abs=EXACT)
    # t with 2 degrees of freedom has the quantile 4.30265 at 97.5 %.
    assert registered.interval == pytest.approx((3 - 6.084867, 3 + 6.084867), abs=1e-5)
    assert (registered.n, registered.n_by_arm) == (4, {"control": 2, "letter": 2})
    assert (registered.clusters, registered.clusters_by_arm) == (None, {})
    assert (registered.method, registered.variance) == ("OLS regression", "HC2")
    assert registered.estimand == "participant-average intention-to-treat effect"
    # Residuals are all 1 in size about means 2 and 5, and the overall mean is 3.5.
    assert registered.r_squared == pytest.approx(1 - 4 / 13, abs=EXACT)
    assert (plain.specification, plain.method) == ("difference_in_means", "Difference in means")
    assert plain.coefficients == ()
    assert (hc3.specification, hc3.variance) == ("sensitivity", "HC3")
    assert hc3.standard_error == pytest.approx(2, abs=EXACT)


def test_difference_within_strata_weighs_cells_by_their_information_worked_by_hand() -> None:
    # Stratum a: 1 control, 1 letter, difference 2. Stratum b: 1 control, 3 letter, difference 6.
    # A cell counts as n p (1 - p): 1/2 against 3/4, so (2 x 1/2 + 6 x 3/4) / (5/4) = 4.4.
    data = make_set(
        ["control", "letter", "control", "letter", "letter", "letter"],
        {"outcome:days": [0.0, 2, 1, 6, 7, 8]},
        stratum=["a", "a", "b", "b", "b", "b"],
    )
    (found,) = estimates(data, "difference_in_means")
    assert found.estimate == pytest.approx(4.4, abs=EXACT)
    assert found.method == "Difference in means within strata"


def test_registered_regression_equals_statsmodels_term_by_term() -> None:
    data = people()
    (found,) = estimates(data, "registered")
    frame = to_pandas(data)
    formula = (
        "outcome_days ~ (arm == 'letter') + baseline_days + covariate_tenure"
        " + (covariate_female == 'female') + (covariate_role == 'assistant')"
        " + (covariate_role == 'manager') + (partner == 'hull')"
    )
    expected = smf.ols(formula, frame).fit(cov_type="HC2", use_t=True)
    labels = [c.term for c in found.coefficients]
    assert labels == [
        "arm:letter",
        "baseline:days",
        "covariate:tenure",
        "covariate:female",
        "covariate:role:assistant",
        "covariate:role:manager",
        "partner:hull",
        "stratum:kent/",
        "intercept",
    ]
    order = [1, 6, 7, 2, 3, 4, 5]
    kept = [c for c in found.coefficients if c.estimate is not None][:-1]
    for name, theirs in (
        ("estimate", expected.params),
        ("standard_error", expected.bse),
        ("p_value", expected.pvalues),
    ):
        ours = np.array([getattr(c, name) for c in kept], dtype=np.float64)
        np.testing.assert_allclose(ours, theirs.iloc[order], rtol=CLOSE)
    assert found.r_squared == pytest.approx(expected.rsquared, rel=CLOSE)
    assert found.coefficients[0].estimate == found.estimate


def test_a_stratum_that_repeats_the_partner_stays_in_the_table_without_a_number() -> None:
    (found,) = estimates(people(), "registered")
    dropped = next(c for c in found.coefficients if c.term == "stratum:kent/")
    assert dropped.label == "Stratum kent"
    assert (dropped.estimate, dropped.standard_error, dropped.p_value) == (None, None, None)


def test_house_specification_drops_the_baseline_of_the_outcomes_it_names() -> None:
    house = {"baseline_outcome": True, "without_baseline": ["days"], "partner_effects": False}
    rng = np.random.default_rng(5)
    columns = {"outcome:days": rng.normal(size=30), "baseline:days": rng.normal(size=30)}
    terms = {
        name: {
            c.term
            for c in estimate_outcome(
                make_set(
                    ["control", "letter"] * 15, columns, trial=make_trial(analysis={"house": plan})
                ),
                "days",
            )[-2].coefficients
        }
        for name, plan in (("without", house), ("with", {**house, "without_baseline": []}))
    }
    assert terms["with"] - terms["without"] == {"baseline:days"}


def test_house_specification_equals_ordinary_least_squares_and_says_it_ignores_clusters() -> None:
    data = make_clustered()
    (found,) = estimates(data, "house")
    frame = to_pandas(data)
    for name in ("baseline_days", "covariate_tenure"):
        frame[f"{name}_missing"] = frame[name].isna().astype(float)
        frame[name] = frame[name].fillna(0.0)
    formula = (
        "outcome_days ~ (arm == 'letter') + baseline_days + baseline_days_missing"
        " + covariate_tenure + covariate_tenure_missing + (partner == 'hull')"
    )
    expected = smf.ols(formula, frame).fit()
    assert found.estimate == pytest.approx(expected.params.iloc[1], rel=CLOSE)
    assert found.standard_error == pytest.approx(expected.bse.iloc[1], rel=CLOSE)
    assert found.p_value == pytest.approx(expected.pvalues.iloc[1], rel=1e-6)
    assert found.variance == "classical, people treated as independent"
    assert found.warnings == (
        "Clusters were allocated, but this standard error treats people as independent: "
        "it is too small, and the p-value and interval are not to be relied on.",
    )


def test_thirteen_clusters_do_not_look_like_two_hundred_people() -> None:
    found = {e.specification: e for e in reversed(estimate_outcome(make_clustered(), "days"))}
    registered = found["registered"]
    assert registered.variance == "CR2, Satterthwaite"
    assert registered.clusters == 13
    assert registered.clusters_by_arm == {"control": 6, "letter": 7}
    assert registered.n == 230
    assert registered.degrees_of_freedom < 12
    assert registered.standard_error > 1.5 * found["house"].standard_error
    assert registered.warnings[0].startswith("Only 13 clusters were analysed, whatever the number")


def test_sensitivities_of_a_clustered_trial() -> None:
    found = estimates(make_clustered(), "sensitivity")
    assert [e.variance for e in found] == [
        "CR3, Satterthwaite",
        "CR2, Satterthwaite",
        "restricted wild cluster bootstrap, all 8,192 sign patterns",
    ]
    assert found[1].estimand == "cluster-average intention-to-treat effect"
    assert found[1].method == "Weighted least-squares regression"
    assert found[2].degrees_of_freedom == 12
    assert found[2].interval[0] < found[2].estimate < found[2].interval[1]


def test_missing_covariates_become_a_constant_and_an_indicator() -> None:
    data = make_clustered()
    (found,) = estimates(data, "registered")
    frame = to_pandas(data)
    for name in ("baseline_days", "covariate_tenure"):
        frame[f"{name}_missing"] = frame[name].isna().astype(float)
        frame[name] = frame[name].fillna(-1.0)  # the constant does not matter
    formula = (
        "outcome_days ~ (arm == 'letter') + baseline_days + baseline_days_missing"
        " + covariate_tenure + covariate_tenure_missing + (covariate_female == 'female')"
        " + C(covariate_role) + C(block + stratum)"
    )
    expected = smf.ols(formula, frame).fit()
    assert found.estimate == pytest.approx(expected.params["arm == 'letter'[T.True]"], rel=CLOSE)
    terms = [c.term for c in found.coefficients]
    assert terms.index("missing:baseline_days") == terms.index("baseline:days") + 1
    assert terms.index("missing:tenure") == terms.index("covariate:tenure") + 1
    assert "missing:role" not in terms


def test_covariates_missing_for_the_same_people_share_one_indicator() -> None:
    data = people()
    gaps = [i % 7 == 0 for i in range(60)]
    tenure = [
        None if gap else v for gap, v in zip(gaps, data.frame["covariate:tenure"], strict=True)
    ]
    role = [None if gap else v for gap, v in zip(gaps, data.frame["covariate:role"], strict=True)]
    (found,) = estimates(
        replace_column(data, covariate__tenure=tenure, covariate__role=role), "registered"
    )
    flags = [(c.term, c.label) for c in found.coefficients if c.term.startswith("missing")]
    assert flags == [("missing:tenure+role", "Tenure missing; Role missing")]


def test_a_covariate_missing_for_everyone_is_dropped_in_sight() -> None:
    data = people()
    (found,) = estimates(
        replace_column(data, covariate__tenure=pl.Series([None] * 60, dtype=pl.Float64)),
        "registered",
    )
    dropped = [c.term for c in found.coefficients if c.estimate is None]
    assert dropped == ["covariate:tenure", "missing:tenure", "stratum:kent/"]


def test_a_categorical_covariate_without_declared_reference_leaves_out_the_first() -> None:
    data = people(
        covariates=[{"id": "role", "label": "Role", "column": "role", "coding": "categorical"}],
        analysis={"covariates": ["role"]},
    )
    (found,) = estimates(data, "registered")
    terms = [c.term for c in found.coefficients if c.term.startswith("covariate")]
    assert terms == ["covariate:role:manager", "covariate:role:worker"]
    nothing = replace_column(data, covariate__role=pl.Series([None] * 60, dtype=pl.String))
    (found,) = estimates(nothing, "registered")
    assert [c.term for c in found.coefficients if "role" in c.term] == ["missing:role"]


def test_an_indicator_of_a_number_compares_numbers() -> None:
    band = {"id": "band", "label": "Band 3", "column": "band", "coding": "indicator", "value": 3.0}
    data = people(covariates=[band], analysis={"covariates": ["band"]})
    text = [("3", "3.0", "4", "n/a")[i % 4] for i in range(60)]
    (found,) = estimates(replace_column(data, covariate__band=text), "registered")
    as_number = [1.0 if value in ("3", "3.0") else 0.0 for value in text]
    number = people(
        covariates=[band | {"coding": "numeric", "value": None}], analysis={"covariates": ["band"]}
    )
    (expected,) = estimates(replace_column(number, covariate__band=as_number), "registered")
    assert found.estimate == pytest.approx(expected.estimate, rel=CLOSE)


@pytest.mark.parametrize(("rule", "n"), [("indicator", 60), ("complete_cases", 48)])
def test_complete_cases_are_used_only_when_declared(rule: str, n: int) -> None:
    data = people(
        analysis={
            "covariates": ["tenure"],
            "missing": {"covariates": rule, "baseline_outcome": rule},
        }
    )
    tenure = [None if i < 7 else v for i, v in enumerate(data.frame["covariate:tenure"])]
    baseline = [None if 5 <= i < 12 else v for i, v in enumerate(data.frame["baseline:days"])]
    (found,) = estimates(
        replace_column(data, covariate__tenure=tenure, baseline__days=baseline), "registered"
    )
    assert found.n == n


def test_an_outcome_may_have_its_own_covariates() -> None:
    own = outcome(baseline={"wave": "baseline"}, covariates=["female"])
    (found,) = estimates(people(outcomes=[own]), "registered")
    terms = [c.term for c in found.coefficients if c.term.startswith("covariate")]
    assert terms == ["covariate:female"]


def test_switches_of_the_registered_analysis_leave_terms_out() -> None:
    data = people(
        analysis={"partner_effects": False, "stratum_effects": False, "baseline_outcome": False}
    )
    (found,) = estimates(data, "registered")
    assert [c.term for c in found.coefficients] == ["arm:letter", "intercept"]


def test_a_registered_difference_in_means_is_not_given_twice() -> None:
    found = estimate_outcome(people(analysis={"estimator": "difference_in_means"}), "days")
    assert [e.specification for e in found] == ["registered", "sensitivity", "sensitivity"]
    assert {e.method for e in found[:2]} == {"Difference in means within strata"}
    assert found[0].coefficients == ()


def test_weights_give_what_repeated_people_give() -> None:
    data = make_set(
        ["control", "letter"] * 5, {"outcome:days": np.arange(10.0) ** 2}, weight=[1.0, 2.0] * 5
    )
    changed = replace_column(data, weight=[1.0, 1, 2, 2, 1, 1, 3, 3, 1, 1])
    (found,) = estimates(changed, "registered")
    y, w = np.arange(10.0) ** 2, np.array([1.0, 1, 2, 2, 1, 1, 3, 3, 1, 1])
    expected = np.average(y[1::2], weights=w[1::2]) - np.average(y[::2], weights=w[::2])
    assert found.estimate == pytest.approx(expected, rel=CLOSE)
    assert found.method == "Weighted least-squares regression"


@pytest.mark.parametrize("weight", [0.0, -1.0, None, float("inf")])
def test_a_weight_that_is_not_positive_is_refused(weight: float | None) -> None:
    data = make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}, weight=[1.0, 1.0, 1.0, weight])
    with pytest.raises(EstimationError, match="weight is missing, zero or negative"):
        estimate_outcome(data, "days")


def test_three_arms_come_from_one_regression() -> None:
    trial = make_trial(arms=THREE_ARMS)
    data = make_set(
        ["control", "control", "letter", "letter", "coffee", "coffee"],
        {"outcome:days": [1.0, 3, 4, 6, 10, 14]},
        trial=trial,
    )
    found = estimates(data, "registered")
    assert [(e.arm, round(e.estimate, 9)) for e in found] == [("letter", 3), ("coffee", 10)]
    assert {e.degrees_of_freedom for e in found} == {3}
    assert found[0].n_by_arm == {"control": 2, "letter": 2, "coffee": 2}
    assert [c.term for c in found[0].coefficients] == ["arm:letter", "arm:coffee", "intercept"]


def test_lin_adjustment_needs_twenty_people_per_arm_and_term() -> None:
    small, large = people(n=78), people(n=80)
    few = {"covariates": [], "stratum_effects": False}
    for data, expected in ((small, 0), (large, 1)):
        trial = data.trial.model_copy(
            update={"analysis": data.trial.analysis.model_copy(update=few)}
        )
        methods = [e.method for e in estimate_outcome(AnalysisSet(trial, data.frame), "days")]
        assert sum("interacted" in method for method in methods) == expected


def test_a_specification_that_cannot_be_had_is_named_beside_the_registered_one() -> None:
    data = people(
        n=80,
        analysis={
            "baseline_outcome": False,
            "partner_effects": False,
            "house": {"covariates": ["tenure"], "partner_effects": False},
            "missing": {"covariates": "complete_cases"},
        },
    )
    treated = (data.frame["arm"] == "letter").to_numpy()
    tenure = [None if t else 3.0 + i for i, t in enumerate(treated)]
    (found,) = estimates(replace_column(data, covariate__tenure=tenure), "registered")
    assert found.warnings[-1] == (
        "The house specification is not given: nobody in the arm Letter has this outcome."
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 2.0, None, None], "nobody in the arm Letter has this outcome"),
        ([None, None, None, None], "nobody has this outcome"),
        ([2.0, 2.0, 2.0, 2.0], "the same for everyone"),
        ([1.0, 1.0, 2.0, 2.0], "nothing to measure its uncertainty by"),
        ([1.0, None, 2.0, None], "cannot carry"),
    ],
)
def test_outcomes_without_information_are_refused(values: list[float], message: str) -> None:
    data = make_set(FOUR, {"outcome:days": pl.Series(values, dtype=pl.Float64)})
    with pytest.raises(EstimationError, match=message):
        estimate_outcome(data, "days")


def test_one_cluster_per_arm_is_refused() -> None:
    trial = make_trial(allocation={"unit": "team"})
    data = make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}, trial=trial, unit=["a", "a", "b", "b"])
    with pytest.raises(EstimationError, match="nothing to measure its uncertainty by"):
        estimate_outcome(data, "days")


def test_an_arm_that_is_a_stratum_is_refused() -> None:
    data = make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}, stratum=["a", "a", "b", "b"])
    with pytest.raises(EstimationError, match="effect of Letter cannot be told apart"):
        estimate_outcome(data, "days")


def test_a_single_arm_has_no_effect() -> None:
    trial = make_trial(arms=THREE_ARMS[:1], allocation={"method": "none"})
    data = make_set(["control"] * 3, {"outcome:days": [1.0, 2, 3]}, trial=trial)
    with pytest.raises(EstimationError, match="single arm"):
        estimate_outcome(data, "days")


def test_an_unknown_outcome_is_refused_with_the_known_ones() -> None:
    with pytest.raises(EstimationError, match="Name one of: days"):
        estimate_outcome(make_set(FOUR, {"outcome:days": [1.0, 3, 4, 6]}), "happiness")


@pytest.mark.parametrize(
    ("declared", "clustered", "words", "other"),
    [
        ("HC3", False, "HC3", "HC2"),
        ("CR3", True, "CR3, Satterthwaite", "CR2, Satterthwaite"),
        ("CR2", False, "CR2, Satterthwaite", "HC3"),
    ],
)
def test_a_declared_variance_is_followed(
    declared: str, clustered: bool, words: str, other: str
) -> None:
    analysis = {"variance": declared}
    data = make_clustered(analysis=analysis) if clustered else people(analysis=analysis)
    assert estimates(data, "registered")[0].variance == words
    assert estimates(data, "sensitivity")[0].variance == other


def test_partners_outside_the_trial_file_are_named_by_their_identifier() -> None:
    data = replace_column(people(), partner=["leeds", "kent", "york"] * 20, block=[""] * 60)
    (found,) = estimates(data, "registered")
    labels = [c.label for c in found.coefficients if c.term.startswith("partner")]
    assert labels == ["leeds", "york"]


def small_clusters(strata: list[str], **analysis: Any) -> AnalysisSet:
    clusters = np.repeat(np.arange(len(strata)), 4)
    rng = np.random.default_rng(2)
    return make_set(
        np.where(clusters % 2 == 1, "letter", "control"),
        {"outcome:days": rng.normal(size=len(clusters))},
        trial=make_trial(allocation={"unit": "team"}, analysis=analysis),
        unit=[f"t{c}" for c in clusters],
        stratum=[strata[c] for c in clusters],
    )


def test_a_term_fitted_by_one_cluster_alone_has_a_value_but_no_error() -> None:
    (found,) = estimates(small_clusters(["a", *["b"] * 7]), "registered")
    constant = found.coefficients[-1]
    assert constant.term == "intercept"
    assert constant.estimate is not None
    assert (constant.standard_error, constant.p_value) == (None, None)


def test_the_bootstrap_is_left_out_where_it_can_reject_nothing() -> None:
    six = ["a"] * 6
    for level, expected in ((0.95, 3), (0.99, 2)):
        found = estimates(small_clusters(six, confidence_level=level), "sensitivity")
        assert len(found) == expected
    assert len(estimates(small_clusters(["a"] * 5), "sensitivity")) == 2
    assert len(estimates(small_clusters(["a"] * 15), "sensitivity")) == 2


def test_the_example_of_the_documentation_worked_by_hand() -> None:
    # 18, 20, 19, 17 against 21, 23, 20, 22: means 18.5 and 21.5, variances 5/3 over 4 each.
    found = estimate_outcome(example_set(), "days")[0]
    assert found.estimate == pytest.approx(3, abs=EXACT)
    assert found.standard_error == pytest.approx(np.sqrt(5 / 6), abs=EXACT)
    assert found.n_by_arm == {"control": 4, "letter": 4}
