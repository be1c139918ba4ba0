"""Every warning appears when it should and not when it should not."""

from typing import Any

import numpy as np
import pytest
from estimation_cases import make_clustered, make_set, make_trial

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.estimation.effects import estimate_outcome


def clustered(
    sizes: list[int], treated: list[int], strata: list[str] | None = None, **values: Any
) -> AnalysisSet:
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    rng = np.random.default_rng(1)
    y = rng.normal(size=len(sizes))[cluster] + rng.normal(size=len(cluster))
    return make_set(
        np.where(np.isin(cluster, treated), "letter", "control"),
        {"outcome:days": values.get("outcome", y)},
        trial=make_trial(allocation={"unit": "team"}),
        unit=[f"t{c:02}" for c in cluster],
        stratum=[strata[c] for c in cluster] if strata else [""] * len(cluster),
    )


def warnings(data: AnalysisSet) -> str:
    return " | ".join(estimate_outcome(data, "days")[0].warnings)


def test_forty_even_clusters_and_full_response_need_no_warning() -> None:
    assert warnings(clustered([5] * 40, list(range(20)))) == ""


def test_the_redrawn_p_value_is_of_record_only_where_clusters_are_few_or_uneven() -> None:
    few, many = clustered([5] * 39, list(range(20))), clustered([5] * 40, list(range(20)))
    assert estimate_outcome(few, "days")[0].redraw_of_record
    assert not estimate_outcome(many, "days")[0].redraw_of_record
    people = make_set(["control", "letter"] * 9, {"outcome:days": list(range(18))})
    assert not estimate_outcome(people, "days")[0].redraw_of_record


@pytest.mark.parametrize(
    ("few", "many", "lopsided"), [(5, 10, True), (9, 18, True), (5, 9, False), (10, 60, False)]
)
def test_a_small_arm_against_a_large_one(few: int, many: int, lopsided: bool) -> None:
    y = np.random.default_rng(2).normal(size=few + many)
    for small, large in (("letter", "control"), ("control", "letter")):
        data = make_set([small] * few + [large] * many, {"outcome:days": y})
        found = estimate_outcome(data, "days")[0]
        text = (
            f"In the arm {small.capitalize()} only {few} people have this outcome, against {many}"
        )
        assert (text in " ".join(found.warnings)) == lopsided
        assert found.redraw_of_record == lopsided


def test_fewer_than_forty_clusters() -> None:
    assert "Only 39 clusters were analysed" in warnings(clustered([5] * 39, list(range(20))))


def test_few_degrees_of_freedom() -> None:
    text = "fewer than 4 degrees of freedom"
    assert text in warnings(clustered([3, 3, 3, 3], [0, 1]))
    assert text not in warnings(clustered([3] * 12, [0, 1, 2, 3, 4, 5]))


@pytest.mark.parametrize(
    ("treated", "text"), [([0], "has only one cluster"), ([0, 1], "has only two clusters")]
)
def test_one_or_two_treated_clusters(treated: list[int], text: str) -> None:
    found = warnings(clustered([4] * 10, treated))
    assert f"The arm Letter {text}: rely on the randomisation p-value alone." in found
    assert ("the standard error and interval are far too small" in found) == (len(treated) == 1)
    assert "Control has only" not in found


def test_very_uneven_clusters() -> None:
    # Mean 7.125, mean square 1643/8: the coefficient of variation is 1.745.
    found = warnings(clustered([40, 2, 3, 2, 3, 2, 3, 2], [0, 2, 4, 6]))
    assert "Cluster sizes are very uneven (coefficient of variation 1.7" in found
    assert "One cluster carries" not in found
    assert "uneven" not in warnings(clustered([6, 2, 3, 2, 3, 2, 3, 2], [0, 2, 4, 6]))


def test_a_cluster_that_carries_most_of_the_information() -> None:
    # Its 12 of 14 treated people: 12/14^2 of the total 1/14 + 1/100 is 75 %.
    found = warnings(clustered([12, 1, 1, 20, 20, 20, 20, 20], [0, 1, 2]))
    assert "One cluster carries 75% of what is known about this effect." in found
    # Four times the average among 101 clusters is 3 % or so, and not worth a word.
    assert "carries" not in warnings(clustered([20] + [5] * 100, list(range(50))))


def test_strata_of_two_clusters() -> None:
    text = "Some strata hold only two clusters"
    pairs = ["a", "a", "b", "b", "c", "c", "d", "d"]
    assert text in warnings(clustered([4] * 8, [0, 2, 4, 6], pairs))
    assert text in warnings(clustered([4] * 8, [0, 2, 4, 6], ["a"] * 2 + ["b"] * 6))
    assert text not in warnings(clustered([4] * 8, [0, 2, 4, 6], ["a"] * 4 + ["b"] * 4))


def test_low_and_uneven_response() -> None:
    arms = ["control", "letter"] * 20
    y = np.random.default_rng(1).normal(size=40)
    low = [v if i < 16 else None for i, v in enumerate(y)]
    uneven = [v if i % 2 or i > 3 else None for i, v in enumerate(y)]
    assert "known for 16 of 40 randomised participants" in warnings(
        make_set(arms, {"outcome:days": low})
    )
    assert "unequal shares of the arms (Control 90%, Letter 100%)" in warnings(
        make_set(arms, {"outcome:days": uneven})
    )
    assert warnings(make_set(arms, {"outcome:days": y})) == ""


def test_an_arm_without_variation() -> None:
    arms = ["control", "letter"] * 5
    y = [0.0, 0, 1, 0, 1, 0, 0, 0, 1, 0]
    assert "the same for everyone in the arm Letter" in warnings(
        make_set(arms, {"outcome:days": y})
    )


@pytest.mark.parametrize(("alone", "text"), [(1, "One participant decides"), (2, "2 participants")])
def test_people_who_decide_their_own_fit(alone: int, text: str) -> None:
    arms = ["control", "letter"] * 10
    stratum = [f"s{i}" if i < alone else "rest" for i in range(20)]
    y = np.random.default_rng(1).normal(size=20)
    assert text in warnings(make_set(arms, {"outcome:days": y}, stratum=stratum))


def test_unequal_chances_that_nothing_allows_for() -> None:
    text = "did not all have the same chance"
    arms = ["control", "letter"] * 10
    y = {"outcome:days": np.random.default_rng(1).normal(size=20)}
    chance = [0.5] * 10 + [0.25, 0.75] * 5
    cells = ["a"] * 10 + ["b"] * 10
    blind = make_trial(analysis={"stratum_effects": False})
    assert text in warnings(make_set(arms, y, trial=blind, probability=chance, stratum=cells))
    assert text not in warnings(make_set(arms, y, probability=chance, stratum=cells))
    weights = [1 / p for p in chance]
    assert text not in warnings(
        make_set(arms, y, trial=blind, probability=chance, weight=weights, stratum=cells)
    )


def test_an_unclustered_variance_declared_for_clusters_is_denounced() -> None:
    found = estimate_outcome(make_clustered(analysis={"variance": "HC2"}), "days")[0]
    assert found.variance == "HC2"
    assert found.warnings[0].startswith("Clusters were allocated, but this standard error treats")
