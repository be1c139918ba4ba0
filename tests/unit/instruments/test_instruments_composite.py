"""Standardised composites: worked by hand, against R, and what moves them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from lighttouch.core.errors import InstrumentError
from lighttouch.core.instruments.composite import Combine, score_composite

Floats = npt.NDArray[np.float64]
REFERENCE = Path(__file__).parents[2] / "reference" / "instruments"
EXACT = 1e-10
"""Closed formulas: only floating-point rounding parts us from R."""

RNG = np.random.default_rng(3)
SCORES = RNG.normal(size=(40, 3)) @ np.array([[1, 0.5, 0.2], [0, 1, 0.3], [0, 0, 1.0]])
IN_REFERENCE = np.arange(40) < 25
WEIGHTS = np.array([1.0, 1.0, -1.0])
COMBINES: tuple[Combine, ...] = ("sum", "mean", "inverse_covariance")


def index(scores: Floats = SCORES, **changes: Any) -> Floats:
    given = {"reference": IN_REFERENCE, "weights": WEIGHTS, **changes}
    return score_composite(scores, **given)


@pytest.mark.parametrize("combine", COMBINES)
def test_composite_agrees_with_r(combine: Combine) -> None:
    long = pl.read_csv(REFERENCE / "items.csv", schema_overrides={"value": pl.Float64})
    wide = long.filter(scale="eight").pivot(on="item", index="row", values="value")
    scores = wide.select("1", "2", "3").to_numpy()
    frozen = pl.read_csv(REFERENCE / "composite.csv", schema_overrides=[pl.Float64] * 3)
    reference = np.arange(len(scores)) < 50
    made = score_composite(scores, reference=reference, weights=WEIGHTS, combine=combine)
    assert made == pytest.approx(frozen[combine].to_numpy(), abs=EXACT)


def test_sum_and_mean_by_hand() -> None:
    # Reference: means 2 and 20, standard deviations 1 and 10. Fourth person: z of 2 and -1.
    scores = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 10.0]])
    reference, weights = np.array([True, True, True, False]), np.array([1.0, -2.0])
    total = score_composite(scores, reference=reference, weights=weights)
    assert total == pytest.approx([1.0, 0.0, -1.0, 4.0])
    mean = score_composite(scores, reference=reference, weights=weights, combine="mean")
    assert mean == pytest.approx([1 / 3, 0.0, -1 / 3, 4 / 3])


def test_inverse_covariance_by_hand() -> None:
    # Reference z-scores with covariance [[1, r], [r, 1]]: equal weights whatever r is.
    scores = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0], [5.0, 3.0]])
    reference = np.array([True, True, True, False])
    made = score_composite(
        scores, reference=reference, weights=np.ones(2), combine="inverse_covariance"
    )
    assert made == pytest.approx([-1.0, 0.5, 0.5, 3.0])


@pytest.mark.parametrize("combine", COMBINES)
def test_the_reference_group_has_mean_zero(combine: Combine) -> None:
    assert index(combine=combine)[IN_REFERENCE].mean() == pytest.approx(0.0, abs=EXACT)


@pytest.mark.parametrize("combine", COMBINES)
def test_a_missing_component_makes_a_complete_index_missing(combine: Combine) -> None:
    scores = SCORES.copy()
    scores[30, 1] = np.nan
    assert np.flatnonzero(np.isnan(index(scores, combine=combine))).tolist() == [30]


@pytest.mark.parametrize("combine", COMBINES)
def test_an_available_index_is_missing_only_with_no_component(combine: Combine) -> None:
    scores = SCORES.copy()
    scores[30, 1] = scores[2, 0] = np.nan
    scores[31] = np.nan
    made = index(scores, combine=combine, missing_components="available")
    assert np.flatnonzero(np.isnan(made)).tolist() == [31]


@pytest.mark.parametrize(("combine", "expected"), [("sum", 4.0), ("mean", 2.0)])
def test_an_available_index_is_on_the_scale_of_the_whole(combine: Combine, expected: float) -> None:
    # The one component present has a z of 2; a complete sum of two like it would be 4.
    scores = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, np.nan]])
    made = score_composite(
        scores,
        reference=np.array([True, True, True, False]),
        weights=np.ones(2),
        combine=combine,
        missing_components="available",
    )
    assert made[3] == pytest.approx(expected)


def test_available_inverse_covariance_with_one_component_is_its_z_score() -> None:
    scores = SCORES.copy()
    scores[30, :2] = np.nan
    made = index(scores, combine="inverse_covariance", missing_components="available")
    third = SCORES[IN_REFERENCE, 2]
    assert made[30] == pytest.approx(-(SCORES[30, 2] - third.mean()) / third.std(ddof=1))


def test_a_reference_measured_elsewhere_replaces_the_mask() -> None:
    elsewhere = np.array([[0.0, 0.0, 5.0], [2.0, 4.0, 7.0]])
    made = index(SCORES, reference_components=elsewhere)
    z = (SCORES - [1, 2, 6]) / (np.array([2, 4, 2]) / np.sqrt(2))
    assert made == pytest.approx(z @ WEIGHTS)


def test_treated_scores_do_not_move_the_reference_scale() -> None:
    scores = SCORES.copy()
    scores[~IN_REFERENCE] += 100
    for combine in COMBINES:
        there, here = index(combine=combine), index(scores, combine=combine)
        assert here[IN_REFERENCE] == pytest.approx(there[IN_REFERENCE])


@pytest.mark.parametrize("combine", COMBINES)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda x: x + np.array([3, -5, 100]), id="a constant added"),
        pytest.param(lambda x: x * [1000, 0.001, 2], id="another unit"),
    ],
)
def test_a_composite_does_not_change_with(
    combine: Combine, change: Callable[[Floats], Floats]
) -> None:
    assert index(change(SCORES), combine=combine) == pytest.approx(index(combine=combine))


@pytest.mark.parametrize("combine", COMBINES)
def test_order_of_components_and_participants_does_not_matter(combine: Combine) -> None:
    expected = index(combine=combine)
    assert index(SCORES[:, ::-1], weights=WEIGHTS[::-1], combine=combine) == pytest.approx(expected)
    back = index(SCORES[::-1], reference=IN_REFERENCE[::-1], combine=combine)
    assert back[::-1] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": np.array([1.0, 0.0, 1.0])}, "weight of 0"),
        ({"weights": np.array([1.0, 2.0, 1.0]), "combine": "inverse_covariance"}, "1 and -1"),
        ({"reference": np.arange(40) == 3}, "fewer than two values"),
        ({"scores": SCORES * [1, 0, 1]}, "does not vary"),
        ({"reference": np.arange(40) < 3, "combine": "inverse_covariance"}, "too few"),
        ({"scores": SCORES[:, [0, 1, 1]], "combine": "inverse_covariance"}, "repeat each other"),
    ],
)
def test_a_composite_that_cannot_be_made_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InstrumentError, match=message):
        index(**changes)
