"""Estimates agree with R's sandwich, clubSandwich, estimatr, coin and stats.

``reference.R`` made ``reference.csv`` from the data of ``make_cases.py``; nothing here needs R.
"""

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lighttouch.core.allocation.declaring import declare_observed_design
from lighttouch.core.allocation.enumerating import enumerate_allocations
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.estimation.describing import estimate_welch
from lighttouch.core.estimation.fitted import fit_plan
from lighttouch.core.estimation.fitting import compute_p_values
from lighttouch.core.estimation.multiplicity import adjust_holm
from lighttouch.core.estimation.planning import Plan
from lighttouch.core.estimation.redrawing import Draws, prepare_fixed, redraw_statistics
from lighttouch.core.estimation.regression import LeastSquares, fit_least_squares
from lighttouch.core.estimation.terms import Recipe
from lighttouch.core.estimation.variance import VarianceKind, estimate_variance
from lighttouch.core.protocol.people import Arm
from lighttouch.core.protocol.trial import Trial

HERE = Path(__file__).parent
SAME = 1e-9
"""Both sides work in double precision; a few digits are lost on the way."""
DEGREES = 1e-7
"""Satterthwaite's ratio of sums loses more digits than an error does."""
RESAMPLES = 200_000
"""How often coin resampled within blocks."""

REFERENCE = pl.read_csv(
    HERE / "reference.csv",
    schema_overrides=dict.fromkeys(("estimate", "error", "df", "p"), pl.Float64),
)
PEOPLE = pl.read_csv(HERE / "people.csv")
CLUSTERS = pl.read_csv(HERE / "clusters.csv")


def expected(case: str, source: str) -> pl.DataFrame:
    rows = REFERENCE.filter(pl.col("case") == case, pl.col("source") == source)
    assert rows.height, f"no reference for {case} by {source}"
    return rows


def dummies(values: pl.Series) -> list[np.ndarray]:
    return [(values == level).to_numpy().astype(float) for level in sorted(set(values))[1:]]


def fit(frame: pl.DataFrame, columns: list[Any], weighting: str) -> LeastSquares:
    matrix = np.column_stack([np.ones(frame.height), *columns])
    weights = None if weighting == "none" else frame[weighting].to_numpy()
    return fit_least_squares(frame["y"].to_numpy(), matrix, weights)


def compare(
    found: LeastSquares, kind: VarianceKind, clusters: np.ndarray | None, rows: pl.DataFrame
) -> None:
    variance = estimate_variance(found, kind, clusters=clusters)
    errors = np.sqrt(np.diag(variance.covariance))
    np.testing.assert_allclose(found.coefficients, rows["estimate"], rtol=SAME)
    np.testing.assert_allclose(errors, rows["error"], rtol=SAME)
    np.testing.assert_allclose(variance.degrees_of_freedom, rows["df"], rtol=DEGREES)
    p_values = compute_p_values(found.coefficients / errors, variance.degrees_of_freedom)
    np.testing.assert_allclose(p_values, rows["p"], rtol=DEGREES)


@pytest.mark.parametrize("weighting", ["none", "weight"])
@pytest.mark.parametrize("kind", ["classical", "HC2", "HC3"])
def test_people_equal_estimatr(kind: VarianceKind, weighting: str) -> None:
    columns = [PEOPLE["x"], PEOPLE["z"], *dummies(PEOPLE["block"]), *dummies(PEOPLE["arm"])]
    rows = expected(f"people/{kind}/{weighting}", "estimatr")
    compare(fit(PEOPLE, columns, weighting), kind, None, rows)


@pytest.mark.parametrize("kind", ["HC2", "HC3"])
def test_people_equal_sandwich(kind: VarianceKind) -> None:
    columns = [PEOPLE["x"], PEOPLE["z"], *dummies(PEOPLE["block"]), *dummies(PEOPLE["arm"])]
    compare(fit(PEOPLE, columns, "none"), kind, None, expected(f"people/{kind}/none", "sandwich"))


@pytest.mark.parametrize("weighting", ["none", "weight", "inverse_size"])
@pytest.mark.parametrize("source", ["clubSandwich", "estimatr"])
def test_clusters_equal_both_packages_with_singular_adjustments(
    source: str, weighting: str
) -> None:
    # The last stratum holds one building, so that building's adjustment matrix has no inverse.
    columns = [CLUSTERS["x"], *dummies(CLUSTERS["stratum"]), CLUSTERS["treated"]]
    compare(
        fit(CLUSTERS, columns, weighting),
        "CR2",
        CLUSTERS["building"].to_numpy(),
        expected(f"clusters/CR2/{weighting}", source),
    )


@pytest.mark.parametrize("weighting", ["none", "weight", "inverse_size"])
def test_cr3_equals_clubsandwich(weighting: str) -> None:
    compare(
        fit(CLUSTERS, [CLUSTERS["x"], CLUSTERS["treated"]], weighting),
        "CR3",
        CLUSTERS["building"].to_numpy(),
        expected(f"plain/CR3/{weighting}", "clubSandwich"),
    )


def two_arms() -> AnalysisSet:
    """The people of the first two arms as an analysis set."""
    numeric = {"coding": "numeric", "label": "Covariate"}
    trial = Trial.model_validate(
        {
            "version": 1,
            "id": "reference",
            "title": "Reference",
            "summary": "The reference cases.",
            "population": {"description": "People", "setting": "Anywhere"},
            "arms": [
                {"id": "control", "label": "Control", "reference": True},
                {"id": "treated", "label": "Treated"},
            ],
            "allocation": {},
            "waves": [{"id": "endline", "label": "Endline"}],
            "covariates": [numeric | {"id": c, "column": c} for c in ("x", "z")],
            "outcomes": [
                {
                    "id": "y",
                    "label": "Outcome",
                    "role": "primary",
                    "wave": "endline",
                    "derive": {"from": "column", "column": "y"},
                    "unit": "points",
                }
            ],
            "retention": {"delete_after": "1 year", "key_holder": "Nobody"},
        }
    )
    people = PEOPLE.filter(pl.col("arm") != 2)
    frame = people.select(
        participant=pl.int_range(pl.len()).cast(pl.String).str.zfill(3),
        partner=pl.lit("all"),
        unit=pl.int_range(pl.len()).cast(pl.String).str.zfill(3),
        block=pl.lit(""),
        stratum=pl.lit(""),
        arm=pl.when(pl.col("arm") == 1).then(pl.lit("treated")).otherwise(pl.lit("control")),
        probability=pl.lit(0.5),
        weight=pl.lit(1.0),
    ).with_columns(
        people["y"].alias("outcome:y"),
        people["x"].alias("covariate:x"),
        people["z"].alias("covariate:z"),
    )
    return AnalysisSet(trial, frame)


def test_interacted_adjustment_equals_lm_lin() -> None:
    data = two_arms()
    recipe = Recipe(covariates=("x", "z"), interacted=True)
    fitted = fit_plan(data, data.trial.outcomes[0], Plan("sensitivity", recipe, "HC2"))
    rows = expected("two/lin", "estimatr").filter(pl.col("term") == "treated")
    assert fitted.fit.coefficients[-1] == pytest.approx(rows["estimate"][0], rel=SAME)
    error = np.sqrt(fitted.variance.covariance[-1, -1])
    assert error == pytest.approx(rows["error"][0], rel=SAME)
    assert fitted.variance.degrees_of_freedom[-1] == rows["df"][0]


def test_welch_equals_t_test() -> None:
    found = estimate_welch(two_arms(), "y", "treated")
    (row,) = expected("two/welch", "stats").iter_rows(named=True)
    assert found.difference == pytest.approx(row["estimate"], rel=SAME)
    assert found.standard_error == pytest.approx(row["error"], rel=SAME)
    assert found.degrees_of_freedom == pytest.approx(row["df"], rel=SAME)
    assert found.p_value == pytest.approx(row["p"], rel=SAME)


def permutation_p(blocks: list[str]) -> float:
    """The exact p-value of the unstudentised statistic over all allocations within blocks."""
    two = PEOPLE.filter(pl.col("arm") != 2)
    few = pl.concat([two[0:6], two[16:22]])
    units = pl.DataFrame(
        {
            "unit": [f"{i:02}" for i in range(12)],
            "block": blocks,
            "stratum": [""] * 12,
            "arm": ["treated" if arm == 1 else "control" for arm in few["arm"]],
        }
    )
    arms = [Arm(id="control", label="Control"), Arm(id="treated", label="Treated")]
    listed = enumerate_allocations(declare_observed_design(units, arms))
    treated = few["arm"].to_numpy()
    observed = int(np.flatnonzero((listed.allocations == treated).all(axis=1))[0])
    controls = np.array([[float(block == "b")] for block in blocks])
    fixed = prepare_fixed(
        few["y"].to_numpy(),
        controls,
        treated.astype(float),
        weights=None,
        starts=None,
        studentise=False,
    )
    draws = Draws(
        listed.allocations.astype(np.int8),
        listed.probabilities,
        observed,
        np.arange(12),
        treated,
    )
    return redraw_statistics(fixed, draws, arm=1, others=()).p_value()


def test_enumerated_permutation_test_equals_coin() -> None:
    (p_value,) = expected("few/exact", "coin")["p"]
    assert permutation_p([""] * 12) == pytest.approx(p_value, abs=1e-12)


def test_permutation_test_within_blocks_agrees_with_resampling_by_coin() -> None:
    (p_value,) = expected("few/resampled within blocks", "coin")["p"]
    error = sqrt(p_value * (1 - p_value) / RESAMPLES)
    assert permutation_p(["a"] * 6 + ["b"] * 6) == pytest.approx(p_value, abs=4 * error)


def test_holm_equals_p_adjust() -> None:
    found = adjust_holm(np.array([0.01, 0.04, 0.03, 0.005]))
    np.testing.assert_allclose(found, expected("holm", "stats")["p"], atol=1e-12)
