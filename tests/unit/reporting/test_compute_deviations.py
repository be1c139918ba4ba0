"""Deviations follow from the registered plan and the data; reasons are matched to them."""

from dataclasses import replace
from pathlib import Path

import polars as pl
from compute_cases import PARTICIPANT_TEXT, TRIAL_TEXT, small_archive, small_data, small_trial

from lighttouch.core.archive.model import DeviationReason
from lighttouch.core.protocol.registering import Amendment, RegistrationRecord
from lighttouch.core.reporting.compute.deviations import NO_REASON, compute_deviations
from lighttouch.core.reporting.compute.flow import compute_collection
from lighttouch.core.reporting.results import Deviation, OutcomeResult


def deviations(
    root: Path, *reasons: DeviationReason, registered: str = TRIAL_TEXT
) -> dict[tuple[str, str], Deviation]:
    archive, data = small_archive(root, reasons=reasons), small_data()
    found = compute_deviations(
        archive,
        data,
        (),
        compute_collection(archive, data),
        (small_trial(registered), archive.trial),
    )
    return {(deviation.scope, deviation.decision): deviation for deviation in found}


def test_a_wave_that_never_came_is_a_deviation_of_that_partner(tmp_path: Path) -> None:
    found = deviations(tmp_path)
    assert found[("West", "no return at endline")].reason == NO_REASON
    assert ("West", "no survey at endline") in found
    assert ("East", "no return at endline") not in found


def test_a_cancelled_partner_is_a_deviation_with_the_note_as_its_reason(tmp_path: Path) -> None:
    assert deviations(tmp_path)[("South", "cancelled")].reason == "Withdrew before launch."


def test_a_changed_trial_file_is_a_deviation_for_each_difference(tmp_path: Path) -> None:
    registered = TRIAL_TEXT.replace("draws = 100", "draws = 500")
    found = deviations(tmp_path, registered=registered)
    changed = [d for (scope, name), d in found.items() if name.startswith("changed plan 1")]
    assert len(changed) == 1
    assert "500" in changed[0].planned
    assert "100" in changed[0].done


def test_an_unchanged_trial_file_gives_no_deviation_of_plan(tmp_path: Path) -> None:
    assert not any(name.startswith("changed plan") for _, name in deviations(tmp_path))


def test_an_amendment_gives_its_date_and_reason_and_the_run_file_none(tmp_path: Path) -> None:
    amendments = (Amendment(1, "b" * 64, "2019-10-01T09:00:00+00:00", "Time was short."),)
    record = RegistrationRecord("small", "a" * 64, "c" * 64, "2019-08-01T09:00:00Z", amendments)
    archive, data = replace(small_archive(tmp_path), registration=record), small_data()
    versions = [
        small_trial(TRIAL_TEXT.replace("draws = 100", f"draws = {draws}")) for draws in (500, 300)
    ]
    found = compute_deviations(archive, data, (), (), (*versions, archive.trial))
    changed = [(d.decision, d.reason) for d in found if d.decision.startswith("changed plan")]
    assert [reason for _, reason in changed] == [
        "Amendment 1, 2019-10-01: Time was short.",
        NO_REASON,
    ]
    assert [decision[:14] for decision, _ in changed] == ["changed plan 1", "changed plan 2"]


def test_fewer_participants_than_the_power_calculation_assumed_is_a_deviation(
    tmp_path: Path,
) -> None:
    found = deviations(tmp_path)[("trial", "fewer participants than planned for burnout")]
    assert (found.planned, found.done) == ("30 participants", "12 randomised")


def test_enough_participants_is_no_deviation(tmp_path: Path) -> None:
    archive = small_archive(tmp_path, trial_text=PARTICIPANT_TEXT)
    data = small_data(archive.trial)
    found = compute_deviations(archive, data, (), (), (archive.trial,))
    assert not any(d.decision.startswith("fewer") for d in found)


def test_a_covariate_a_partner_does_not_hold_is_a_deviation_of_that_partner(
    tmp_path: Path,
) -> None:
    found = deviations(tmp_path)
    assert ("West", "covariate not held: tenure") in found
    assert ("East", "covariate not held: tenure") not in found


def test_a_reason_is_given_to_the_computed_deviation_it_belongs_to(tmp_path: Path) -> None:
    reason = DeviationReason("west", "No return  at endline", "The office was closed.")
    found = deviations(tmp_path, reason)[("West", "no return at endline")]
    assert (found.reason, found.computed) == ("The office was closed.", True)


def test_a_deviation_nobody_could_compute_is_printed_as_it_stands(tmp_path: Path) -> None:
    reason = DeviationReason("trial", "analyst", "Left the post.", "same analyst", "another")
    found = deviations(tmp_path, reason)[("trial", "analyst")]
    assert found == Deviation(
        "trial", "analyst", "same analyst", "another", "Left the post.", computed=False
    )


def test_an_outcome_without_an_estimate_is_a_deviation(tmp_path: Path) -> None:
    archive, data = small_archive(tmp_path), small_data()
    missing = OutcomeResult(
        "burnout", "Burnout", "exploratory", "endline", "Endline", "continuous", "points", "lower",
        "", "", None, (), (), (), (), (), (), None, (), "Nobody answered.",
    )  # fmt: skip
    estimated = replace(missing, id="attendance", not_estimated="")
    found = compute_deviations(archive, data, (missing, estimated), (), (archive.trial,))
    about = [d for d in found if d.decision.startswith("outcome not estimated")]
    assert [(d.decision, d.reason) for d in about] == [
        ("outcome not estimated: burnout", "Nobody answered.")
    ]


def test_a_trial_without_sizes_in_its_power_assumptions_is_not_judged_on_size(
    tmp_path: Path,
) -> None:
    data = small_data()
    trial = data.trial.model_copy(update={"power": ()})
    archive = replace(small_archive(tmp_path), trial=trial)
    found = compute_deviations(archive, replace(data, trial=trial), (), (), (trial,))
    assert not any(d.decision.startswith("fewer") for d in found)


def test_covariates_that_are_held_everywhere_are_no_deviation(tmp_path: Path) -> None:
    data = small_data()
    frame = data.frame.with_columns(pl.lit(1.0).alias("covariate:tenure"))
    archive = small_archive(tmp_path)
    found = compute_deviations(archive, replace(data, frame=frame), (), (), (archive.trial,))
    assert not any(d.decision.startswith("covariate") for d in found)


def test_an_analysis_planned_beyond_the_outcomes_is_a_deviation_while_it_is_not_reported(
    tmp_path: Path,
) -> None:
    text = TRIAL_TEXT + (
        '\n[[analysis.further]]\nid = "costs"\nkind = "cost_benefit"\nplan = "Cost per day."\n'
    )
    archive = small_archive(tmp_path, trial_text=text)
    found = compute_deviations(archive, small_data(), (), (), (archive.trial,))
    about = [d for d in found if d.decision == "further analysis not in this report: costs"]
    assert [d.planned for d in about] == ["Cost per day."]


def test_qualitative_work_is_no_deviation_once_its_extracts_are_in_the_archive(
    tmp_path: Path,
) -> None:
    text = TRIAL_TEXT + (
        '\n[[analysis.further]]\nid = "talks"\nkind = "qualitative"\nplan = "Interviews."\n'
    )
    archive = small_archive(tmp_path, trial_text=text)
    quoted = replace(archive, quotes=pl.DataFrame({"theme": ["Tea"], "quote": ["Kind."]}))
    for given, expected in ((archive, 1), (quoted, 0)):
        found = compute_deviations(given, small_data(), (), (), (archive.trial,))
        assert sum("further analysis" in d.decision for d in found) == expected
