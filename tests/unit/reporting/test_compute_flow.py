"""Counts from screening to analysis, collection and timeline, by hand on twelve people."""

from dataclasses import replace
from pathlib import Path

import polars as pl
from compute_cases import PARTICIPANT_TEXT, rows, small_archive, small_data, small_trial

from lighttouch.core.archive.delivering import find_reached
from lighttouch.core.archive.layout import DELIVERY_COLUMNS
from lighttouch.core.estimation.model import Estimate
from lighttouch.core.reporting.compute.flow import (
    compute_collection,
    compute_flow,
    compute_timeline,
)
from lighttouch.core.reporting.compute.uptake import compute_uptake
from lighttouch.core.reporting.results import OutcomeResult


def result(outcome: str, *, n_by_arm: dict[str, int] | None = None) -> OutcomeResult:
    """Return an outcome with, or without, a registered estimate."""
    estimates: tuple[Estimate, ...] = ()
    if n_by_arm is not None:
        estimates = (
            Estimate(
                outcome, "tea", "none", "registered", "", "", "", 0.0, 1.0, 9.0, 0.0, 1.0,
                (-1.0, 1.0), 0.95, sum(n_by_arm.values()), n_by_arm,
            ),
        )  # fmt: skip
    return OutcomeResult(
        outcome, outcome, "primary", "endline", "Endline", "continuous", "days", "higher", "", "",
        None, (), estimates, (), (), (), (), None, (),
    )  # fmt: skip


def test_flow_counts_clusters_and_participants_from_screening_to_allocation(tmp_path: Path) -> None:
    flow = compute_flow(small_archive(tmp_path), small_data(), ())
    assert (flow.screened, flow.screened_clusters) == (13, 6)
    assert flow.excluded == {"Left before the start": 1}
    assert (flow.randomised, flow.randomised_clusters) == (12, 6)
    assert [(arm.arm, arm.allocated, arm.clusters) for arm in flow.arms] == [
        ("tea", 6, 3),
        ("none", 6, 3),
    ]
    assert flow.arms[0].cluster_sizes == (2, 2, 2.0)


def test_flow_counts_received_left_followed_up_and_analysed_by_arm(tmp_path: Path) -> None:
    outcomes = (result("attendance", n_by_arm={"tea": 5, "none": 6}), result("left"))
    tea, none = compute_flow(small_archive(tmp_path), small_data(), outcomes).arms
    assert (tea.received, none.received) == (1, 1)
    assert (tea.left, none.left) == (1, 1)
    assert (tea.followed_up, none.followed_up) == ({"endline": 6}, {"endline": 6})
    assert tea.analysed == {"attendance": 5, "left": 6}


def test_flow_says_unknown_where_deliveries_and_events_were_not_recorded(tmp_path: Path) -> None:
    archive = replace(small_archive(tmp_path), deliveries=None, events=None)
    tea, none = compute_flow(archive, small_data(), ()).arms
    assert (tea.received, tea.left) == (None, 0)
    assert none.left == 1


def test_flow_names_reasons_that_are_in_the_roster_but_not_in_the_trial_file(
    tmp_path: Path,
) -> None:
    archive = small_archive(tmp_path)
    roster = archive.roster.with_columns(excluded_because=pl.lit("other"))
    flow = compute_flow(replace(archive, roster=roster), small_data(), ())
    assert flow.excluded["Other reasons recorded in the roster"] == 13 - 12


def test_a_recorded_departure_counts_as_left_only_for_those_in_the_trial(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    tea, none = compute_flow(replace(archive, returns={}), small_data(), ()).arms
    assert (tea.left, none.left) == (1, 0)


def test_a_departure_after_the_last_wave_is_not_of_the_trial(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    later = (
        archive.events.with_columns(at=pl.lit("2021-06-01")) if archive.events is not None else None
    )
    tea, none = compute_flow(replace(archive, events=later), small_data(), ()).arms
    assert (tea.left, none.left) == (0, 1)


def test_flow_of_people_has_no_clusters(tmp_path: Path) -> None:
    archive = small_archive(tmp_path, trial_text=PARTICIPANT_TEXT)
    flow = compute_flow(archive, small_data(small_trial(PARTICIPANT_TEXT)), ())
    assert flow.screened_clusters is None
    assert flow.randomised_clusters is None
    assert flow.arms[0].clusters is None
    assert flow.arms[0].cluster_sizes is None


def test_flow_of_an_arm_nobody_is_in_has_no_cluster_sizes(tmp_path: Path) -> None:
    data = small_data()
    only = replace(data, frame=data.frame.filter(pl.col("arm") == "tea"))
    none = compute_flow(small_archive(tmp_path), only, ()).arms[1]
    assert (none.allocated, none.cluster_sizes) == (0, None)


def test_collection_tells_not_planned_from_not_collected(tmp_path: Path) -> None:
    cells = {
        (cell.partner, cell.wave): (cell.expected, cell.returned, cell.responded)
        for cell in compute_collection(small_archive(tmp_path), small_data())
    }
    assert cells == {
        ("east", "baseline"): (6, 6, None),
        ("east", "endline"): (6, 6, 2),
        ("west", "baseline"): (6, 6, None),
        ("west", "endline"): (6, 0, 0),
    }


def test_collection_without_any_response_counts_nobody(tmp_path: Path) -> None:
    archive = replace(small_archive(tmp_path), responses=None)
    assert {c.responded for c in compute_collection(archive, small_data())} == {None, 0}


def test_collection_counts_rows_of_a_given_table(tmp_path: Path) -> None:
    tables = {"endline": pl.DataFrame({"participant": ["west/s00"]})}
    archive = replace(small_archive(tmp_path), tables=tables)
    cells = compute_collection(archive, small_data())
    west = next(c for c in cells if (c.partner, c.wave) == ("west", "endline"))
    assert west.returned == 1


def test_timeline_counts_every_moment_from_each_launch_and_skips_cancelled_partners() -> None:
    entries = compute_timeline(small_trial())
    assert {entry.partner for entry in entries} == {"east", "west"}
    east = {(e.kind, e.label): (e.starts, e.ends) for e in entries if e.partner == "east"}
    assert east[("launch", "Launch")] == ("2019-09-02", "2019-09-02")
    assert east[("return", "Endline: return period")] == ("2019-09-02", "2019-12-02")
    assert east[("survey", "Endline: survey")] == ("2019-12-02", "2019-12-16")
    assert east[("step", "Tea machine: refill")] == ("2019-09-09", "2019-09-30")


def test_timeline_of_a_wave_without_a_return_shows_its_survey_alone() -> None:
    trial = small_trial()
    endline = trial.waves[1].model_copy(update={"collect": None})
    entries = compute_timeline(trial.model_copy(update={"waves": (endline,)}))
    assert {entry.label for entry in entries if entry.kind in ("return", "survey")} == {
        "Endline: survey"
    }


def test_a_message_of_a_survey_reaches_nobody_for_the_intervention(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    asked = rows(DELIVERY_COLUMNS, "east/s03,survey,endline-invitation,2020-01-06,sent,2020-01-06")
    assert archive.deliveries is not None
    both = replace(archive, deliveries=pl.concat([archive.deliveries, asked]))
    assert compute_flow(both, small_data(), ()) == compute_flow(archive, small_data(), ())
    alone = replace(archive, deliveries=asked)
    assert compute_flow(alone, small_data(), ()).arms[0].received is None
    assert compute_uptake(alone, small_data()) == compute_uptake(
        replace(archive, deliveries=None), small_data()
    )


def test_a_delivery_counts_by_the_last_state_it_came_to(tmp_path: Path) -> None:
    history = rows(
        DELIVERY_COLUMNS,
        "east/s00,machine,install,2019-09-02,sent,2019-09-02",
        "east/s00,machine,install,2019-09-02,returned,2019-09-05",
        "east/s01,machine,install,2019-09-02,failed,2019-09-02",
        "east/s01,machine,install,2019-09-02,delivered,2019-09-04",
    )
    archive = replace(small_archive(tmp_path), deliveries=history)
    flow = compute_flow(archive, small_data(), ())
    assert sum(arm.received or 0 for arm in flow.arms) == 1
    found = find_reached(history)
    assert found is not None
    assert found.to_dicts() == [history.row(3, named=True)]
