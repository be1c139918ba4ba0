"""Balance of baseline variables between arms."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import polars as pl
from scipy import stats

from lighttouch.core.errors import AllocationError

CHI_SQUARED = "chi-squared"
T_TEST = "t"


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Balance of one baseline variable between an arm and the reference.

    ``standardised_difference`` divides by the root mean of the two arm variances. The test is the
    programme's own (chi-squared or t), shown because it was declared, not as evidence of balance.
    """

    variable: str
    label: str
    category: str
    arm: str
    arm_value: float | None
    reference_value: float | None
    standardised_difference: float | None
    n_arm: int
    n_reference: int
    test: str
    test_statistic: float | None
    test_degrees_of_freedom: float | None
    test_p_value: float | None


@dataclass(frozen=True, slots=True)
class BalanceVariable:
    """A baseline variable to compare.

    ``column`` is its column in the frame; ``numeric`` says whether means are compared, or shares
    of categories.
    """

    id: str
    label: str
    column: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class _Test:
    name: str
    statistic: float | None = None
    degrees_of_freedom: float | None = None
    p_value: float | None = None


def compute_balance(
    frame: pl.DataFrame,
    *,
    arms: Sequence[str],
    reference: str,
    variables: Sequence[BalanceVariable],
) -> tuple[BalanceRow, ...]:
    """Compare every arm with the reference on every variable.

    Parameters
    ----------
    frame
        One row per participant: ``arm`` and the variables' columns. Missing values are left out,
        variable by variable.
    arms, reference
        Identifiers of the arms compared, and of the arm they are compared with.
    variables
        What to compare.

    Returns
    -------
    tuple of BalanceRow
        By variable, arm and category (text order). A numeric variable has one row, with means,
        the n - 1 variances in the standardised difference, and the pooled t-test. A categorical
        one has a row per category seen in either arm, with shares, their binomial variances, and
        the Pearson chi-squared test (no continuity correction) repeated on each row. What cannot
        be computed is ``None``.

    Raises
    ------
    AllocationError
        If a column is not in the frame.

    Source
    ------
    Austin (2009, Statistics in Medicine 28, 3083-3107), for the standardised difference; the tests
    are those of the programme report (March 2021), Study 1, Randomisation.

    Examples
    --------
    >>> frame = pl.DataFrame({"arm": ["a", "a", "b", "b"], "age": [1.0, 3.0, 2.0, 4.0]})
    >>> age = BalanceVariable("age", "Age", "age", numeric=True)
    >>> row, = compute_balance(frame, arms=["a"], reference="b", variables=[age])
    >>> round(row.standardised_difference, 3)
    -0.707
    """
    missing = [v.column for v in variables if v.column not in frame.columns]
    if missing:
        raise AllocationError(f"there is no column to compare called {', '.join(missing)}")
    rows: list[BalanceRow] = []
    for variable in variables:
        for arm in arms:
            compare = _compare_numbers if variable.numeric else _compare_categories
            rows += compare(frame, variable, arm, reference)
    return tuple(rows)


def _values(frame: pl.DataFrame, column: str, arm: str) -> pl.Series:
    return frame.filter(pl.col("arm") == arm)[column].drop_nulls()


def _standardise(difference: float, variance: float, reference_variance: float) -> float | None:
    spread = sqrt((variance + reference_variance) / 2)
    if spread == 0:
        return 0.0 if difference == 0 else None
    return difference / spread


def _compare_numbers(
    frame: pl.DataFrame, variable: BalanceVariable, arm: str, reference: str
) -> list[BalanceRow]:
    one = _values(frame, variable.column, arm).cast(pl.Float64).to_numpy()
    two = _values(frame, variable.column, reference).cast(pl.Float64).to_numpy()
    means = [float(np.mean(values)) if len(values) else None for values in (one, two)]
    difference = None
    if len(one) > 1 and len(two) > 1:
        spread = float(np.var(one, ddof=1)), float(np.var(two, ddof=1))
        difference = _standardise(float(np.mean(one) - np.mean(two)), *spread)
    test = _compute_t(one, two)
    return [
        BalanceRow(
            variable.id, variable.label, "", arm, means[0], means[1], difference,
            len(one), len(two), test.name, test.statistic, test.degrees_of_freedom, test.p_value,
        )
    ]  # fmt: skip


def _compute_t(one: np.ndarray, two: np.ndarray) -> _Test:
    freedom = len(one) + len(two) - 2
    if min(len(one), len(two)) == 0 or freedom < 1:
        return _Test(T_TEST)
    squares = float(np.sum((one - one.mean()) ** 2) + np.sum((two - two.mean()) ** 2))
    if squares == 0:
        return _Test(T_TEST)
    error = sqrt(squares / freedom * (1 / len(one) + 1 / len(two)))
    statistic = float(one.mean() - two.mean()) / error
    return _Test(T_TEST, statistic, float(freedom), float(2 * stats.t.sf(abs(statistic), freedom)))


def _compare_categories(
    frame: pl.DataFrame, variable: BalanceVariable, arm: str, reference: str
) -> list[BalanceRow]:
    one = _values(frame, variable.column, arm).cast(pl.String).to_list()
    two = _values(frame, variable.column, reference).cast(pl.String).to_list()
    categories = sorted({*one, *two})
    counts = np.array([[values.count(c) for c in categories] for values in (one, two)])
    test = _compute_chi_squared(counts)
    rows = []
    for place, category in enumerate(categories):
        share = counts[0, place] / len(one) if one else None
        base = counts[1, place] / len(two) if two else None
        difference = None
        if share is not None and base is not None:
            difference = _standardise(share - base, share * (1 - share), base * (1 - base))
        rows.append(
            BalanceRow(
                variable.id,
                variable.label,
                category,
                arm,
                share,
                base,
                difference,
                len(one),
                len(two),
                test.name,
                test.statistic,
                test.degrees_of_freedom,
                test.p_value,
            )
        )
    return rows


def _compute_chi_squared(counts: np.ndarray) -> _Test:
    if counts.shape[1] < 2 or (counts.sum(axis=1) == 0).any():
        return _Test(CHI_SQUARED)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = counts.shape[1] - 1
    return _Test(CHI_SQUARED, statistic, float(freedom), float(stats.chi2.sf(statistic, freedom)))
