"""Characteristics and uptake, counted by hand."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from compute_cases import TRIAL_TEXT, small_archive, small_data

from lighttouch.core.reporting.compute.sample import compute_characteristics
from lighttouch.core.reporting.compute.uptake import compute_uptake


def test_numeric_characteristics_give_mean_spread_range_and_missing_by_arm() -> None:
    rows = compute_characteristics(small_data())
    tenure = next(row for row in rows if row.variable == "tenure")
    assert tenure.label == "Length of service (months)"
    everyone = tenure.values["all"]
    assert (everyone.n, everyone.missing, everyone.mean) == (6, 6, 3.5)
    assert everyone.sd == pytest.approx(3.5**0.5)
    assert (everyone.minimum, everyone.maximum) == (1.0, 6.0)
    assert (tenure.values["tea"].n, tenure.values["tea"].mean) == (2, 1.5)


def test_categories_are_counted_with_their_share_of_the_known() -> None:
    rows = [row for row in compute_characteristics(small_data()) if row.variable == "female"]
    assert [row.category for row in rows] == ["female", "male"]
    cell = rows[0].values["tea"]
    assert (cell.n, cell.count, cell.share) == (6, 3, 0.5)


def test_a_characteristic_nobody_has_is_shown_as_missing() -> None:
    data = small_data()
    frame = data.frame.with_columns(
        pl.lit(None, dtype=pl.Float64).alias("covariate:tenure"),
        pl.when(pl.col("arm") == "tea").then(pl.lit("female")).alias("covariate:female"),
    )
    rows = compute_characteristics(replace(data, frame=frame))
    assert rows[0].values["all"].mean is None
    assert (rows[1].values["none"].count, rows[1].values["none"].share) == (0, None)


def test_one_value_has_a_mean_and_no_spread() -> None:
    data = small_data()
    frame = data.frame.with_columns(
        pl.when(pl.col("participant") == "east/s00").then(4.0).alias("covariate:tenure")
    )
    cell = compute_characteristics(replace(data, frame=frame))[0].values["all"]
    assert (cell.n, cell.mean, cell.sd) == (1, 4.0, None)


def test_uptake_counts_each_participant_once_and_shows_exposure_of_the_reference_arm(
    tmp_path: Path,
) -> None:
    rows = compute_uptake(small_archive(tmp_path), small_data())
    counts = {(row.measure, row.arm): (row.count, row.of) for row in rows}
    assert counts == {
        ("delivered:machine:install", "tea"): (1, 6),
        ("delivered:machine:install", "none"): (1, 6),
        ("uptake:cup_of_tea", "tea"): (1, 6),
        ("uptake:cup_of_tea", "none"): (1, 6),
    }
    assert rows[0].label == "Tea machine: install"


def test_uptake_is_empty_where_none_was_recorded(tmp_path: Path) -> None:
    archive = replace(small_archive(tmp_path), deliveries=None, uptake=None)
    assert compute_uptake(archive, small_data()) == ()


def test_a_declared_use_needs_as_many_events_as_the_trial_file_says(tmp_path: Path) -> None:
    declared = """
[[interventions.uptake]]
id = "regular"
label = "Drank tea at least twice"
event = "cup_of_tea"
at_least = 2
"""
    text = TRIAL_TEXT.replace("[[interventions.steps]]", declared + "\n[[interventions.steps]]", 1)
    rows = compute_uptake(small_archive(tmp_path, trial_text=text), small_data())
    counts = {(row.measure, row.arm): row.count for row in rows if "delivered" not in row.measure}
    assert counts == {("use:machine:regular", "tea"): 1, ("use:machine:regular", "none"): 0}
