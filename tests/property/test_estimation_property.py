"""What must hold of estimates whatever the data: order, units and names do not matter."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.estimation.bootstrap import enumerate_bootstrap
from lighttouch.core.estimation.fitting import EffectFit, fit_effect
from lighttouch.core.estimation.multiplicity import adjust_holm, sharpen_q, step_down
from lighttouch.core.estimation.redrawing import Draws, prepare_fixed, redraw_statistics
from lighttouch.core.estimation.reference import Reference
from lighttouch.core.estimation.regression import select_independent
from lighttouch.core.estimation.variance import VarianceKind

SAME = 1e-7
"""Rescaling and reordering change rounding only; errors near zero amplify it a little."""
KINDS: tuple[VarianceKind, ...] = ("classical", "HC2", "HC3", "CR2", "CR3")


@dataclass(frozen=True, slots=True)
class Case:
    y: np.ndarray
    treated: np.ndarray
    controls: np.ndarray
    clusters: np.ndarray
    weights: np.ndarray


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A clustered trial of 6 to 12 clusters with two covariates and weights."""
    sizes = draw(st.lists(st.integers(1, 9), min_size=6, max_size=12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    clusters = np.repeat(np.arange(len(sizes)), np.array(sizes) + 1)
    n = len(clusters)
    arm = rng.permutation(np.arange(len(sizes)) % 2)
    return Case(
        y=rng.normal(size=len(sizes))[clusters] + rng.normal(size=n),
        treated=arm[clusters].astype(float),
        controls=rng.normal(size=(n, 2)),
        clusters=clusters,
        weights=rng.uniform(0.5, 2.0, n),
    )


def fit(case: Case, kind: VarianceKind, **changes: np.ndarray) -> EffectFit:
    parts = {name: changes.get(name, getattr(case, name)) for name in Case.__slots__}
    return fit_effect(
        parts["y"],
        parts["treated"],
        parts["controls"],
        parts["clusters"],
        parts["weights"],
        kind,
    )


def assert_same(one: EffectFit, other: EffectFit, scale: float = 1.0) -> None:
    np.testing.assert_allclose(other.estimates, scale * one.estimates, rtol=SAME, atol=SAME)
    np.testing.assert_allclose(other.standard_errors, abs(scale) * one.standard_errors, rtol=SAME)
    np.testing.assert_allclose(other.degrees_of_freedom, one.degrees_of_freedom, rtol=SAME)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(case=cases(), seed=st.integers(0, 1000))
def test_order_of_rows_and_names_of_clusters_do_not_matter(
    kind: VarianceKind, case: Case, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(case.y))
    names = rng.permutation(100)[: case.clusters.max() + 1]
    shuffled = {name: getattr(case, name)[order] for name in Case.__slots__}
    shuffled["clusters"] = names[shuffled["clusters"]]
    assert_same(fit(case, kind), fit(case, kind, **shuffled))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(case=cases(), scale=st.sampled_from([1e-6, -3.0, 7.5, 1e6]), shift=st.floats(-10, 10))
def test_units_and_constants_of_the_outcome_scale_the_effect(
    kind: VarianceKind, case: Case, scale: float, shift: float
) -> None:
    one, other = fit(case, kind), fit(case, kind, y=scale * (case.y + shift))
    ratio = other.standard_errors / abs(scale)
    np.testing.assert_allclose(other.estimates / scale, one.estimates, rtol=SAME, atol=SAME)
    np.testing.assert_allclose(ratio, one.standard_errors, rtol=SAME)
    np.testing.assert_allclose(other.p_values, one.p_values, rtol=1e-5, atol=SAME)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(case=cases())
def test_exchanging_the_arms_turns_the_sign(kind: VarianceKind, case: Case) -> None:
    assert_same(fit(case, kind), fit(case, kind, treated=1 - case.treated), scale=-1.0)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None)
@given(case=cases(), scale=st.floats(0.01, 100))
def test_units_of_covariates_and_size_of_weights_do_not_matter(
    kind: VarianceKind, case: Case, scale: float
) -> None:
    changed = fit(case, kind, controls=scale * case.controls + 5.0, weights=scale * case.weights)
    assert_same(fit(case, kind), changed)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None)
@given(case=cases())
def test_a_repeated_covariate_changes_nothing(kind: VarianceKind, case: Case) -> None:
    doubled = np.column_stack([case.controls, case.controls.sum(axis=1), np.ones(len(case.y))])
    assert_same(fit(case, kind), fit(case, kind, controls=doubled))


def redraw(case: Case, seed: int, **changes: np.ndarray) -> Reference:
    """Studentised statistics of 60 allocations of the clusters, the observed one first."""
    parts = {name: changes.get(name, getattr(case, name)) for name in Case.__slots__}
    rng = np.random.default_rng(seed)
    starts = np.unique(parts["clusters"], return_index=True)[1]
    own = parts["treated"][starts].astype(np.int8)
    arms = np.array([own, *(rng.permutation(own) for _ in range(60))])
    fixed = prepare_fixed(
        parts["y"],
        parts["controls"],
        parts["treated"],
        weights=parts["weights"],
        starts=starts,
        studentise=True,
    )
    kept = parts["treated"].astype(np.int64)
    draws = Draws(arms, np.full(61, 1 / 61), 0, parts["clusters"], kept)
    return redraw_statistics(fixed, draws, arm=1, others=())


@settings(max_examples=20, deadline=None)
@given(case=cases(), seed=st.integers(0, 1000), scale=st.sampled_from([0.01, -2.0, 300.0]))
def test_randomisation_p_values_do_not_depend_on_units(case: Case, seed: int, scale: float) -> None:
    one, other = redraw(case, seed), redraw(case, seed, y=scale * case.y + 3)
    assert other.p_value(0.4 * scale) == pytest.approx(one.p_value(0.4))
    assert other.p_value() >= 1 / 61


@settings(max_examples=15, deadline=None)
@given(case=cases(), seed=st.integers(0, 1000))
def test_an_inverted_interval_ends_where_rejection_begins(case: Case, seed: int) -> None:
    reference = redraw(case, seed)
    interval = reference.invert(0.9)
    if interval is None:
        assert reference.p_value(1e12) > 0.1 or reference.p_value(-1e12) > 0.1
        return
    centre = float(reference.effects[0])
    for end in interval:
        beyond = end + 1e-6 * (end - centre)
        assert reference.p_value(end) > 0.1 - 1e-12
        assert reference.p_value(beyond) <= 0.1 + 1e-12


@settings(max_examples=15, deadline=None)
@given(case=cases())
def test_bootstrap_p_value_of_the_estimate_itself_is_one(case: Case) -> None:
    controls = np.column_stack([np.ones(len(case.y)), case.controls])
    reference = enumerate_bootstrap(case.y, controls, case.treated, case.clusters, case.weights)
    assert reference.p_value(float(reference.effects[0])) == pytest.approx(1.0)
    assert reference.p_value() >= 1 / len(reference.effects)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_are_never_smaller_and_keep_their_order(values: list[float]) -> None:
    p_values = np.array(values)
    for adjusted in (adjust_holm(p_values), sharpen_q(p_values)):
        order = np.argsort(p_values, kind="stable")
        assert (np.diff(adjusted[order]) >= -1e-12).all()
        assert ((adjusted >= 0) & (adjusted <= 1)).all()
    assert (adjust_holm(p_values) >= p_values).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(2, 80))
def test_step_down_lies_between_unadjusted_and_holm(seed: int, outcomes: int, draws: int) -> None:
    squares = np.random.default_rng(seed).normal(size=(outcomes, draws)) ** 2
    found = step_down(squares, np.full(draws, 1 / draws), 0)
    assert (found.adjusted >= found.p_values - 1e-12).all()
    assert (found.adjusted <= adjust_holm(found.p_values) + 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(0, 4))
def test_columns_kept_span_all_columns(seed: int, independent: int, repeated: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(20, independent))
    matrix = np.column_stack([base, base @ rng.normal(size=(independent, repeated))])
    matrix = matrix[:, rng.permutation(matrix.shape[1])]
    kept = select_independent(matrix)
    assert len(kept) == independent
    assert np.linalg.matrix_rank(matrix[:, kept]) == independent
