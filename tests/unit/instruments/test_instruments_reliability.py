"""Alpha and omega: worked by hand, against R, and what moves them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from lighttouch.core.errors import InstrumentError
from lighttouch.core.instruments import reliability
from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import Instrument
from lighttouch.core.instruments.reliability import (
    compute_alpha,
    compute_omega,
    fit_one_factor,
    measure_reliability,
)

Floats = npt.NDArray[np.float64]
REFERENCE = Path(__file__).parents[2] / "reference" / "instruments"
EXACT = 1e-10
"""A closed formula: only floating-point rounding parts us from R."""
SEARCHED = 1e-6
"""Both find the likelihood's maximum by a search; R's two routes part from each other by 3e-7."""

RNG = np.random.default_rng(7)
ITEMS = (RNG.normal(size=(80, 1)) + RNG.normal(size=(80, 5))).round(1)


def reference_items(scale: str) -> Floats:
    long = pl.read_csv(REFERENCE / "items.csv", schema_overrides={"value": pl.Float64})
    wide = long.filter(pl.col("scale") == scale).pivot(on="item", index="row", values="value")
    return wide.drop("row").to_numpy()


@pytest.mark.parametrize("scale", ["eight", "three", "weak", "mixed_spread"])
def test_alpha_and_omega_agree_with_r(scale: str) -> None:
    frozen = pl.read_csv(REFERENCE / "reliability.csv").filter(pl.col("scale") == scale)
    items = reference_items(scale)
    assert compute_alpha(items) == pytest.approx(frozen["alpha_psych"].item(), abs=EXACT)
    for column in ("omega_psych", "omega_factanal"):
        assert compute_omega(items) == pytest.approx(frozen[column].item(), abs=SEARCHED)


def test_alpha_by_hand() -> None:
    # Variances 1 and 3, covariance 1.5: 2 * (1 - 4 / 7) = 6 / 7.
    items = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]])
    assert compute_alpha(items) == pytest.approx(6 / 7)


def test_three_items_have_the_loadings_their_correlations_determine() -> None:
    # With loadings .8, .6, .5 the correlations are .48, .40 and .30, and nothing else is possible.
    correlation = np.array([[1, 0.48, 0.40], [0.48, 1, 0.30], [0.40, 0.30, 1]])
    loadings, uniquenesses = fit_one_factor(correlation)
    assert loadings == pytest.approx([0.8, 0.6, 0.5], abs=SEARCHED)
    assert uniquenesses == pytest.approx([0.36, 0.64, 0.75], abs=SEARCHED)


def test_unrelated_items_share_nothing() -> None:
    loadings, _ = fit_one_factor(np.eye(4))
    shared = np.outer(loadings, loadings)
    assert shared - np.diag(np.diag(shared)) == pytest.approx(np.zeros((4, 4)), abs=SEARCHED)


def test_an_item_that_is_the_factor_stops_at_the_lowest_uniqueness() -> None:
    correlation = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    _, uniquenesses = fit_one_factor(correlation)
    assert uniquenesses[0] == pytest.approx(reliability.LOWEST_UNIQUENESS)


@pytest.mark.parametrize("compute", [compute_alpha, compute_omega])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda x: x[::-1], id="participants in another order"),
        pytest.param(lambda x: x[:, ::-1], id="items in another order"),
        pytest.param(lambda x: x + 100, id="a constant added"),
        pytest.param(lambda x: x * 0.001, id="another unit"),
        pytest.param(lambda x: np.vstack([x, np.full(x.shape[1], np.nan)]), id="an empty row"),
    ],
)
def test_reliability_does_not_change_with(
    compute: Callable[[Floats], float], change: Callable[[Floats], Floats]
) -> None:
    assert compute(change(ITEMS)) == pytest.approx(compute(ITEMS), abs=SEARCHED)


def test_turning_one_item_round_lowers_alpha() -> None:
    turned = ITEMS.copy()
    turned[:, 0] *= -1
    assert compute_alpha(turned) < compute_alpha(ITEMS)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (np.ones((5, 1)), "at least 2 items"),
        (np.array([[1.0, 2.0], [np.nan, 1.0]]), "two participants"),
        (np.array([[1.0, 2.0], [2.0, 1.0]]), "sum that differs"),
    ],
)
def test_alpha_is_refused_without(items: Floats, message: str) -> None:
    with pytest.raises(InstrumentError, match=message):
        compute_alpha(items)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (ITEMS[:, :2], "at least 3 items"),
        (np.full((4, 3), np.nan), "two participants"),
        (np.column_stack([ITEMS, np.ones(80)]), "items that differ between"),
        (np.column_stack([ITEMS, ITEMS[:, 0]]), "differ from each other"),
        (ITEMS[:4], "more participants"),
    ],
)
def test_omega_is_refused_without(items: Floats, message: str) -> None:
    with pytest.raises(InstrumentError, match=message):
        compute_omega(items)


def test_a_search_cut_short_is_not_passed_off_as_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reliability, "MOST_STEPS", 1)
    with pytest.raises(InstrumentError, match="did not converge"):
        compute_omega(reference_items("eight"))


def answers_of(instrument: Instrument, items: Floats) -> pl.DataFrame:
    return pl.DataFrame({item.id: items[:, i] for i, item in enumerate(instrument.items)})


def test_a_balance_turns_its_negative_half_round() -> None:
    affect = read_library().instrument("affect_six")
    items = np.clip(np.round(3 + ITEMS[:, [0, 1, 2, 3, 4, 0]]), 1, 5)
    items[:, 5] = 6 - items[::-1, 5]
    keyed = items.copy()
    keyed[:, 1::2] = 6 - keyed[:, 1::2]
    found = measure_reliability(affect, answers_of(affect, items))
    assert found == pytest.approx((compute_alpha(keyed), compute_omega(keyed)))


def test_a_reversed_item_is_turned_round() -> None:
    support = read_library().instrument("perceived_org_support")
    items = np.clip(np.round(4 + ITEMS[:, [0, 1, 2, 3, 4, 0, 1, 2]]), 1, 7)
    items[:, 5:] = np.roll(items[:, 5:], 1, axis=0)
    keyed = items.copy()
    keyed[:, [2, 7]] = 8 - keyed[:, [2, 7]]
    found = measure_reliability(support, answers_of(support, items))
    assert found is not None
    assert found.alpha == pytest.approx(compute_alpha(keyed))


def test_what_the_answers_do_not_determine_is_none() -> None:
    satisfaction = read_library().instrument("job_satisfaction")
    two = answers_of(satisfaction, np.array([[1.0, 2.0], [4.0, 3.0], [6.0, 7.0]]))
    found = measure_reliability(satisfaction, two)
    assert found is not None
    assert found.alpha == pytest.approx(18 / 19)
    assert found.omega is None
    assert measure_reliability(satisfaction, two[:1]) == (None, None)
    assert measure_reliability(satisfaction, two[:0]) is None


def test_a_single_item_and_a_count_have_no_reliability() -> None:
    ladder = read_library().instrument("cantril_ladder")
    ties = read_library().instrument("social_ties")
    items = np.array([[1.0, 2.0], [4.0, 3.0]])
    assert measure_reliability(ladder, answers_of(ladder, items)) is None
    assert measure_reliability(ties, answers_of(ties, items), subscale="weak") is None
