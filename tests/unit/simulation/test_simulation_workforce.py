"""The people of a synthetic programme."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation_cases import library_trial, simulated

from lighttouch.core.protocol.people import Condition, ExtraColumn
from lighttouch.core.returns.personal import classify_personal
from lighttouch.core.simulation.profile import Clusters, Extra, Skewed
from lighttouch.core.simulation.profiles import read_profile
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.workforce import (
    draw_categories,
    draw_extra,
    draw_sizes,
    draw_skewed,
    draw_workforce,
)

FACT_TENURE_MEAN = (45.0, 65.0)
"""Months; the reported samples have 57.1 and 52.6."""
FACT_TENURE_SD = (55.0, 90.0)
"""Months; the reported samples have 84.5 and 75.6, a few hundred people give or take a fifth."""
FACT_FEMALE = (0.76, 0.90)
"""Share; the reported samples have 0.80 and 0.86."""


@given(
    st.integers(1, 400),
    st.floats(1, 40),
    st.floats(0, 2),
    st.integers(1, 30),
    st.integers(0, 2**32),
)
def test_workforce_sizes_add_up_and_keep_the_minimum(
    total: int, mean: float, cv: float, minimum: int, seed: int
) -> None:
    clusters = Clusters(mean_size=mean, cv=cv, minimum=minimum)
    sizes = draw_sizes(np.random.default_rng(seed), total, clusters)
    assert sum(sizes) == total
    assert min(sizes) >= min(minimum, total)


@pytest.mark.parametrize("name", ["letters", "goal_setting", "coffee"])
def test_workforce_looks_like_the_reported_samples(name: str) -> None:
    frame = simulated(name).people.frame
    tenure = frame["tenure_months"].drop_nulls().to_numpy()
    assert FACT_TENURE_MEAN[0] <= tenure.mean() <= FACT_TENURE_MEAN[1]
    assert FACT_TENURE_SD[0] <= tenure.std() <= FACT_TENURE_SD[1]
    assert np.median(tenure) < tenure.mean()
    assert tenure.max() <= 437
    female = (frame["gender"] == "female").fill_null(False).to_numpy().mean()
    assert FACT_FEMALE[0] <= female <= FACT_FEMALE[1]


def test_workforce_sizes_are_those_reported() -> None:
    letters, goals, coffee = (simulated(n) for n in ("letters", "goal_setting", "coffee"))
    assert letters.people.frame["partner"].value_counts(sort=True)["count"].sum() == 391
    assert goals.size == 1315
    teams = goals.people.frame.select("partner", "team").unique().height
    assert abs(teams - 290) <= 5
    buildings = coffee.people.frame["building"].value_counts()
    large = buildings.filter(pl.col("count") >= 25)
    assert (large.height, large["count"].sum()) == (13, 380)


def test_workforce_codes_are_unique_and_look_like_nobody() -> None:
    for name in ("letters", "goal_setting"):
        frame = simulated(name).people.frame
        assert frame["participant"].is_unique().all()
        assert classify_personal(frame["staff_id"], "person").null_count() == frame.height
        assert classify_personal(frame["team"], "place").null_count() == frame.height


def test_workforce_of_a_partner_does_not_depend_on_the_others() -> None:
    trial = library_trial("letters")
    alone = trial.model_copy(
        update={
            "population": trial.population.model_copy(
                update={"partners": trial.population.partners[1:]}
            )
        }
    )
    profile = read_profile("letters")
    few = draw_workforce(alone, profile, Streams(1)).frame
    all_ = simulated("letters").people.frame
    assert few.equals(all_.filter(pl.col("partner") != "bracknell_forest"))


def test_workforce_teams_lie_inside_buildings() -> None:
    for name in ("coffee", "goal_setting", "letters"):
        pairs = simulated(name).people.frame.select("partner", "team", "building").unique()
        assert pairs.select("partner", "team").is_unique().all()


def test_workforce_of_another_cluster_kind_has_its_column() -> None:
    trial = library_trial("coffee")
    site = ExtraColumn(id="site", heading="Site", kind="text")
    trial = trial.model_copy(
        update={
            "allocation": trial.allocation.model_copy(update={"unit": "site"}),
            "population": trial.population.model_copy(update={"extra_columns": (site,)}),
        }
    )
    frame = draw_workforce(trial, read_profile("generic"), Streams(2)).frame
    assert (frame["site"] == frame["cluster"]).all()
    assert frame["site"].n_unique() == 4


def test_workforce_has_the_declared_gaps() -> None:
    frame = simulated("goal_setting").people.frame
    share = frame["contract"].null_count() / frame.height
    assert 0.015 < share < 0.05
    assert frame["days_per_week"].null_count() == 0


def test_workforce_spell_rates_are_uneven_clustered_and_worse_when_less_well() -> None:
    people = simulated("goal_setting").people
    assert np.isclose(people.spells.mean(), 1.35, rtol=0.15)
    assert people.spells.std() > people.spells.mean()
    assert np.corrcoef(people.spells, people.wellbeing)[0, 1] < -0.1


def test_workforce_clusters_share_wellbeing() -> None:
    rng_people = simulated("goal_setting").people
    frame = rng_people.frame.with_columns(w=pl.Series(rng_people.wellbeing))
    means = frame.group_by("partner", "team").agg(m=pl.col("w").mean(), n=pl.len())
    expected_without = (1 / means["n"].to_numpy()).mean()
    assert means["m"].to_numpy().var() > expected_without
    assert abs(float(np.std(rng_people.wellbeing)) - 1) < 0.08


@settings(max_examples=30)
@given(st.floats(1, 100), st.floats(0.1, 2), st.integers(0, 2**32))
def test_workforce_skewed_amounts_have_their_mean(mean: float, cv: float, seed: int) -> None:
    skewed = Skewed(mean=mean, sd=cv * mean, maximum=1e9)
    drawn = draw_skewed(np.random.default_rng(seed), skewed, 4000)
    assert abs(drawn.mean() - mean) < 8 * cv * mean / np.sqrt(4000)
    assert drawn.min() > 0


def test_workforce_categories_follow_shares_of_any_total() -> None:
    drawn = draw_categories(np.random.default_rng(1), {"a": 3.0, "b": 1.0}, 4000)
    assert abs((drawn == "a").mean() - 0.75) < 0.03


def test_workforce_extra_columns_follow_the_profile_or_a_plain_default() -> None:
    cluster = np.repeat(np.arange(100), 10)
    profile = read_profile("generic").model_copy(
        update={
            "extras": (
                Extra(id="asked", yes=0.9, by_cluster=True),
                Extra(id="size", number=Skewed(mean=50, sd=5, maximum=70)),
                Extra(id="band", shares={"x": 1.0}),
            )
        }
    )

    def column(name: str, kind: str, **more: object) -> np.ndarray:
        extra = ExtraColumn.model_validate({"id": name, "heading": "H", "kind": kind, **more})
        return draw_extra(extra, profile, np.random.default_rng(5), cluster)

    asked = column("asked", "yes_no")
    assert 0.75 < asked.mean() < 1
    assert all(len(set(asked[cluster == one])) == 1 for one in range(100))
    assert 45 < column("size", "number").mean() < 55
    assert set(column("band", "choice", choices=("x", "y"))) == {"x"}
    assert abs(column("other", "yes_no").mean() - 0.5) < 0.06
    assert set(column("free", "choice", choices=("p", "q"))) == {"p", "q"}
    assert set(column("note", "text")) == {"A", "B", "C", "D"}
    assert column("day", "date").min() >= 0


@pytest.mark.parametrize(("leaves_out", "least", "most"), [(False, 0.9, 1.0), (True, 0.0, 0.1)])
def test_workforce_without_a_profile_mostly_stays_in_the_trial(
    leaves_out: bool, least: float, most: float
) -> None:
    trial = library_trial("letters")
    left, feedback = trial.population.exclusions
    condition = Condition(column="manager_feedback", equals=leaves_out)
    rules = (left, feedback.model_copy(update={"when": condition}))
    population = trial.population.model_copy(update={"exclusions": rules})
    trial = trial.model_copy(update={"population": population})
    frame = draw_workforce(trial, read_profile("generic"), Streams(1)).frame
    assert least < frame["manager_feedback"].to_numpy().mean() < most
