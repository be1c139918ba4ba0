"""Trials randomised elsewhere."""

from pathlib import Path

import numpy as np
import polars as pl
from simulation_cases import library_trial

from lighttouch.core.protocol.measures import Baseline, Covariate, FromColumn, FromInstrument
from lighttouch.core.protocol.people import Condition, Exclusion, Partner, Population
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.given import (
    compute_given_truth,
    find_randomised,
    list_columns,
    simulate_given,
    write_tables,
)
from lighttouch.core.simulation.profile import Effect, GivenColumn
from lighttouch.core.simulation.profiles import read_profile
from lighttouch.core.simulation.streams import Streams

PROFILE = read_profile("diversity")


def _rewritten(population: Population) -> Trial:
    """A given trial with people allocated, a covariate of each coding and a baseline."""
    trial = library_trial("diversity")
    baseline = FromColumn.model_validate({"from": "column", "column": "score_before"})
    outcome = trial.outcomes[-1].model_copy(
        update={"baseline": Baseline(wave="shortlist", derive=baseline)}
    )
    codings: list[dict[str, object]] = [
        {"coding": "numeric"},
        {"coding": "indicator", "value": "yes"},
        {"coding": "categorical", "reference": "north"},
        {"coding": "indicator", "value": 1.0},
    ]
    covariates = tuple(
        Covariate.model_validate(
            {"id": f"c{i}", "label": "C", "column": f"col{i}", "wave": "shortlist", **one}
        )
        for i, one in enumerate(codings)
    )
    return trial.model_copy(
        update={"outcomes": (outcome,), "covariates": covariates, "population": population}
    )


def test_given_arms_are_whole_clusters_and_balanced_within_strata() -> None:
    trial = library_trial("diversity")
    given = simulate_given(trial, PROFILE, Streams(1))
    frame = pl.DataFrame(
        {"c": given.cluster, "arm": given.arms, "s": given.potential[0]["grade"].astype(str)}
    )
    clusters = frame.unique()
    assert clusters["c"].is_unique().all()
    counts = clusters.group_by("s").agg(pl.col("arm").sum(), n=pl.len())
    assert ((2 * counts["arm"] - counts["n"].cast(pl.Int64)).abs() <= 1).all()


def test_given_columns_hold_together() -> None:
    given = simulate_given(library_trial("diversity"), PROFILE, Streams(1))
    for columns in given.potential:
        ethnic, listed = columns["minority_ethnic"], columns["shortlisted"]
        both = columns["minority_shortlisted"]
        known = ~np.isnan(ethnic)
        assert (both[known] == (ethnic * listed)[known]).all()
        assert np.isnan(both[~known]).all()
        assert (columns["appointed"] <= listed).all()
        assert 0 <= columns["sift_score"].min() <= columns["sift_score"].max() <= 1
        assert (
            len(set(zip(given.cluster, columns["grade"], strict=True))) == given.cluster.max() + 1
        )


def test_given_truth_is_recovered_by_a_difference_in_means_on_average() -> None:
    trial = library_trial("diversity")
    errors = []
    for seed in range(40):
        given = simulate_given(trial, PROFILE, Streams(seed))
        everyone = np.ones(len(given.arms), dtype=bool)
        truth = {one.outcome: one.effect for one in compute_given_truth(trial, given, everyone)}
        names = [arm.id for arm in trial.arms]
        seen = np.stack([one["sift_score"] for one in given.potential])[
            given.arms, np.arange(len(given.arms))
        ]
        treated = given.arms == names.index("plain")
        errors.append(100 * (seen[treated].mean() - seen[~treated].mean()) - truth["sift_score"])
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(len(errors))


def test_given_truth_leaves_out_those_excluded() -> None:
    trial = library_trial("diversity")
    given = simulate_given(trial, PROFILE, Streams(1))
    randomised = find_randomised(trial, given)
    assert (randomised == (given.potential[0]["vacancy_withdrawn"] == "no")).all()
    truth = {one.outcome: one for one in compute_given_truth(trial, given, randomised)}
    assert truth["shortlisted"].participants == randomised.sum()
    assert truth["minority_applied"].participants < randomised.sum()
    assert truth["minority_applied"].effect > 0.02


def test_given_tables_hold_the_columns_the_trial_file_names(tmp_path: Path) -> None:
    trial = library_trial("diversity")
    given = simulate_given(trial, PROFILE, Streams(1))
    write_tables(trial, given, tmp_path)
    first = pl.read_csv(tmp_path / "tables/applications.csv", infer_schema=False)
    second = pl.read_csv(tmp_path / "tables/appointments.csv", infer_schema=False)
    assert set(first["version"]) == {"A", "B"}
    assert set(first["authority"]) == {"recruiting_council"}
    assert set(first["minority_ethnic"]) == {"0", "1", "prefer not to say"}
    assert second.columns == ["application_id", "appointed"]
    assert first["application_id"].equals(second["application_id"])


def test_given_people_of_several_partners_stay_with_their_cluster(tmp_path: Path) -> None:
    trial = library_trial("diversity")
    partners = tuple(Partner(id=one, name=one) for one in ("one", "two"))
    population = trial.population.model_copy(update={"partners": partners})
    trial = trial.model_copy(update={"population": population})
    write_tables(trial, simulate_given(trial, PROFILE, Streams(1)), tmp_path)
    table = pl.read_csv(tmp_path / "tables/applications.csv")
    assert set(table["authority"]) == {"one", "two"}
    assert table.select("vacancy_id", "authority").unique()["vacancy_id"].is_unique().all()


def test_given_trial_without_a_profile_of_its_own_has_plain_columns(
    tmp_path: Path,
) -> None:
    generic = read_profile("generic")
    population = library_trial("diversity").population
    rules = (
        Exclusion(id="a", reason="A", when=Condition(column="flag", equals=True)),
        Exclusion(id="b", reason="B", when=Condition(column="kind", one_of=("x", "y"))),
        Exclusion(id="c", reason="C", when=Condition(column="age_in_years", below=-99.0)),
        Exclusion(id="d", reason="D", cluster_smaller_than=2),
    )
    trial = _rewritten(population.model_copy(update={"exclusions": rules}))
    columns = {one.name: one.kind for one in list_columns(trial, generic)}
    assert columns == {
        "grade": "category",
        "flag": "number",
        "kind": "category",
        "age_in_years": "number",
        "sift_score": "number",
        "score_before": "number",
        "col0": "number",
        "col1": "category",
        "col2": "category",
        "col3": "category",
    }
    given = simulate_given(trial, generic, Streams(1))
    write_tables(trial, given, tmp_path)
    table = pl.read_csv(tmp_path / "tables/applications.csv", infer_schema=False)
    assert {"col0", "col1", "col2", "score_before", "kind"} <= set(table.columns)
    left_out = 1 - find_randomised(trial, given).mean()
    assert 0 < left_out < 0.15


def test_given_binary_without_a_profile_is_even_and_moves_with_its_effect() -> None:
    trial = library_trial("diversity")
    outcome = trial.outcome("shortlisted")
    allocation = trial.allocation.model_copy(update={"unit": "participant"})
    table = trial.waves[0].table
    assert table is not None
    plain = table.model_copy(update={"stratum": None, "cluster": None})
    wave = trial.waves[0].model_copy(update={"table": plain})
    trial = trial.model_copy(
        update={"outcomes": (outcome,), "allocation": allocation, "waves": (wave,)}
    )
    effects = {"treated": Effect(columns={"shortlisted": 0.2})}
    profile = read_profile("generic").model_copy(update={"effects": effects, "people": 4000})
    given = simulate_given(trial, profile, Streams(1))
    truth = compute_given_truth(trial, given, np.ones(4000, dtype=bool))
    assert abs(truth[0].reference_mean - 0.5) < 0.04
    assert abs(truth[0].effect - 0.2) < 0.03
    assert abs(given.arms.sum() - 2000) <= 1


def test_given_clusters_may_share_a_column_entirely() -> None:
    shared = GivenColumn(name="sift_score", kind="number", by_cluster=True)
    profile = PROFILE.model_copy(update={"columns": (*PROFILE.columns[:5], shared)})
    trial = library_trial("diversity")
    given = simulate_given(trial, profile, Streams(1))
    pairs = set(zip(given.cluster, given.potential[0]["sift_score"], strict=True))
    assert len(pairs) == given.cluster.max() + 1


def test_given_table_needs_no_column_for_an_outcome_from_elsewhere(tmp_path: Path) -> None:
    trial = library_trial("diversity")
    score = FromInstrument.model_validate({"from": "instrument", "instrument": "burnout"})
    outcome = trial.outcomes[0].model_copy(update={"derive": score})
    trial = trial.model_copy(update={"outcomes": (outcome,)})
    write_tables(trial, simulate_given(trial, PROFILE, Streams(1)), tmp_path)
    assert "shortlisted" not in pl.read_csv(tmp_path / "tables/applications.csv").columns


def test_given_table_skips_a_wave_without_one(tmp_path: Path) -> None:
    trial = library_trial("diversity")
    waves = (trial.waves[0], trial.waves[1].model_copy(update={"table": None}))
    trial = trial.model_copy(update={"waves": waves, "outcomes": trial.outcomes[:1]})
    write_tables(trial, simulate_given(trial, PROFILE, Streams(1)), tmp_path)
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["applications.csv"]
