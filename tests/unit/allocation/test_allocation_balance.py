"""Balance rows agree with hand calculation and with scipy; what cannot be computed is left out."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from lighttouch.core.allocation.balance import (
    BalanceRow,
    BalanceVariable,
    compute_balance,
)
from lighttouch.core.errors import AllocationError

EXACT = 1e-12
"""The same sums in another order, in double precision."""

AGE = BalanceVariable("age", "Age", "age", numeric=True)
ROLE = BalanceVariable("role", "Role", "role", numeric=False)


def compare(frame: pl.DataFrame, *variables: BalanceVariable) -> tuple[BalanceRow, ...]:
    return compute_balance(frame, arms=["letter"], reference="wait", variables=variables)


def make_frame(arm: list[str], **columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"arm": arm, **columns}, strict=False)


def test_standardised_difference_of_means_worked_by_hand() -> None:
    frame = make_frame(["letter"] * 3 + ["wait"] * 3, age=[1.0, 2.0, 3.0, 2.0, 4.0, 6.0])
    (row,) = compare(frame, AGE)
    # Means 2 and 4, variances 1 and 4: -2 / sqrt(2.5). Pooled t: -2 / sqrt(2.5 * 2 / 3).
    assert row.standardised_difference == pytest.approx(-2 / 2.5**0.5, abs=EXACT)
    assert row.test_statistic == pytest.approx(-2 / (2.5 * 2 / 3) ** 0.5, abs=EXACT)
    assert (row.arm_value, row.reference_value, row.test_degrees_of_freedom) == (2.0, 4.0, 4.0)


def test_standardised_difference_of_shares_worked_by_hand() -> None:
    frame = make_frame(["letter"] * 4 + ["wait"] * 4, role=["a", "b", "b", "b", "a", "a", "b", "b"])
    first, second = compare(frame, ROLE)
    # Shares .25 and .5, variances .1875 and .25. Expected 1.5 and 2.5 in each arm.
    assert first.standardised_difference == pytest.approx(-0.25 / 0.21875**0.5, abs=EXACT)
    assert second.standardised_difference == pytest.approx(0.25 / 0.21875**0.5, abs=EXACT)
    assert first.test_statistic == pytest.approx(2 * 0.25 / 1.5 + 2 * 0.25 / 2.5, abs=EXACT)
    assert (first.category, second.category) == ("a", "b")


def test_tests_agree_with_scipy_on_uneven_arms_with_missing_values() -> None:
    rng = np.random.default_rng(3)
    arms = rng.choice(["letter", "wait", "other"], size=90).tolist()
    ages: list[object] = [float(x) if x > -1.5 else None for x in rng.normal(size=90)]
    roles: list[object] = rng.choice(["a", "b", "c"], size=90).tolist()
    frame = make_frame(arms, age=ages, role=roles)
    age, role, *_ = compare(frame, AGE, ROLE)
    split = [frame.filter(pl.col("arm") == arm) for arm in ("letter", "wait")]
    t = stats.ttest_ind(*(part["age"].drop_nulls().to_numpy() for part in split))
    table = [[part["role"].to_list().count(one) for one in "abc"] for part in split]
    chi = stats.chi2_contingency(table, correction=False)
    assert age.test_statistic == pytest.approx(float(t.statistic), abs=EXACT)
    assert age.test_p_value == pytest.approx(float(t.pvalue), abs=EXACT)
    assert role.test_statistic == pytest.approx(float(chi.statistic), abs=EXACT)
    assert role.test_p_value == pytest.approx(float(chi.pvalue), abs=EXACT)


def test_order_of_rows_and_unit_of_measurement_do_not_matter() -> None:
    frame = make_frame(["letter", "wait"] * 5, age=[float(x**2) for x in range(10)])
    (row,) = compare(frame, AGE)
    (again,) = compare(frame.reverse().with_columns(pl.col("age") * 12), AGE)
    assert again.standardised_difference == pytest.approx(row.standardised_difference)
    assert again.test_p_value == pytest.approx(row.test_p_value)


def test_exchanging_the_arms_turns_the_sign() -> None:
    frame = make_frame(["letter", "wait"] * 3, age=[1.0, 2.0, 5.0, 1.0, 3.0, 9.0])
    (row,) = compare(frame, AGE)
    (turned,) = compute_balance(frame, arms=["wait"], reference="letter", variables=[AGE])
    assert turned.standardised_difference == pytest.approx(-(row.standardised_difference or 0))


def test_every_arm_is_compared_with_the_reference() -> None:
    frame = make_frame(["a", "b", "wait"] * 2, age=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    rows = compute_balance(frame, arms=["a", "b"], reference="wait", variables=[AGE])
    assert [row.arm for row in rows] == ["a", "b"]


def test_constant_and_equal_means_balance_without_a_test() -> None:
    (row,) = compare(make_frame(["letter", "wait"] * 2, age=[3.0] * 4), AGE)
    assert (row.standardised_difference, row.test_statistic) == (0.0, None)


def test_constant_but_different_means_cannot_be_standardised() -> None:
    (row,) = compare(make_frame(["letter", "wait"] * 2, age=[3.0, 4.0] * 2), AGE)
    assert (row.standardised_difference, row.test_statistic) == (None, None)


def test_an_arm_of_one_has_a_mean_but_no_spread() -> None:
    (row,) = compare(make_frame(["letter", "wait", "wait"], age=[3.0, 4.0, 6.0]), AGE)
    assert row.standardised_difference is None
    assert row.test_statistic == pytest.approx(-2 / (2 * 1.5) ** 0.5, abs=EXACT)


def test_an_arm_without_values_has_nothing_to_compare() -> None:
    frame = make_frame(["letter", "wait", "wait"], age=[None, 4.0, 6.0], role=[None, "a", "b"])
    age, *roles = compare(frame, AGE, ROLE)
    assert (age.arm_value, age.test_statistic, age.n_arm) == (None, None, 0)
    assert [(r.arm_value, r.standardised_difference, r.test_statistic) for r in roles] == [
        (None, None, None)
    ] * 2


def test_a_single_pair_of_people_has_no_test() -> None:
    (row,) = compare(make_frame(["letter", "wait"], age=[1.0, 2.0]), AGE)
    assert row.test_statistic is None


def test_an_empty_reference_leaves_shares_uncompared() -> None:
    (row,) = compare(make_frame(["letter", "letter"], role=["a", "a"]), ROLE)
    assert (row.arm_value, row.reference_value, row.test_statistic) == (1.0, None, None)


def test_one_category_needs_no_test() -> None:
    (row,) = compare(make_frame(["letter", "wait"], role=["a", "a"]), ROLE)
    assert (row.standardised_difference, row.test_statistic) == (0.0, None)


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(AllocationError, match="called role"):
        compare(make_frame(["letter"], age=[1.0]), AGE, ROLE)
