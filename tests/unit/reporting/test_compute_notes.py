"""The warnings a reader must not miss."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from compute_cases import TRIAL_TEXT, small_archive, small_data, small_trial

from lighttouch.core.archive.model import Archive
from lighttouch.core.archive.reading import read_archive
from lighttouch.core.archive.verification import write_manifest
from lighttouch.core.estimation.effects import estimate_outcome
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.registering import RegistrationRecord
from lighttouch.core.reporting.compute.flow import compute_collection
from lighttouch.core.reporting.compute.notes import compute_warnings, describe_data, list_quotes
from lighttouch.core.reporting.compute.outcomes import compute_outcomes
from lighttouch.core.reporting.compute.results import read_versions
from lighttouch.core.reporting.results import Quote
from lighttouch.core.simulation.study import simulate_archive


def warnings(archive: Archive) -> str:
    return "\n".join(compute_warnings(archive, (), compute_collection(archive, small_data())))


def test_an_unregistered_trial_and_a_pilot_are_named(tmp_path: Path) -> None:
    said = warnings(small_archive(tmp_path))
    assert "not registered" in said
    assert "pilot" in said


@pytest.mark.parametrize(
    ("at", "late"), [("2019-09-02T09:00:00+00:00", False), ("2019-09-03T09:00:00+00:00", True)]
)
def test_a_plan_registered_after_the_first_launch_is_named_with_both_dates(
    at: str, late: bool, tmp_path: Path
) -> None:
    record = RegistrationRecord("small", "a" * 64, "c" * 64, at)
    said = warnings(replace(small_archive(tmp_path), registration=record))
    sentence = "registered on 2019-09-03, after its first launch on 2019-09-02"
    assert (sentence in said) is late
    assert "not registered" not in said


def test_an_allocation_that_does_not_replay_is_named(tmp_path: Path) -> None:
    study = tmp_path / "letters"
    simulate_archive(library_text("letters"), seed=1, out=study)
    archive = read_archive(study)
    assert "does not replay" not in "\n".join(compute_warnings(archive, (), ()))
    table = study / "allocation.csv"
    table.write_text(table.read_text().replace(",letter,", ",waitlist,", 1))
    write_manifest(study)
    altered = read_archive(study)
    assert "The recorded allocation does not replay" in "\n".join(compute_warnings(altered, (), ()))


def test_a_full_trial_is_not_called_a_pilot(tmp_path: Path) -> None:
    text = TRIAL_TEXT.replace('status = "pilot"\n', "")
    assert "pilot" not in warnings(small_archive(tmp_path, trial_text=text))


def test_response_below_what_the_size_rests_on_is_named_with_both_shares(tmp_path: Path) -> None:
    assert "was 17%, below the 50%" in warnings(small_archive(tmp_path))


def test_response_as_planned_and_waves_without_a_survey_give_no_warning(tmp_path: Path) -> None:
    text = TRIAL_TEXT.replace("response = 0.5", "response = 0.1")
    assert "response" not in warnings(small_archive(tmp_path, trial_text=text))
    text = TRIAL_TEXT.replace('outcome = "burnout"', 'outcome = "attendance"').replace(
        'survey = { questionnaire = "letters", opens = "3 months", closes = "15 weeks" }\n', ""
    )
    without = (
        text.replace(text[text.index('[[outcomes]]\nid = "burnout"') :], "")
        + (text[text.index("[analysis]") :])
    )
    assert "response" not in warnings(small_archive(tmp_path, trial_text=without))


def test_one_arm_and_an_allocation_from_elsewhere_are_named(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    alone = small_trial().model_copy(update={"arms": small_trial().arms[:1]})
    assert "no comparison" in warnings(replace(archive, trial=alone))
    given = archive.trial.allocation.model_copy(update={"method": "given"})
    elsewhere = archive.trial.model_copy(update={"allocation": given})
    assert "made elsewhere" in warnings(replace(archive, trial=elsewhere))


def test_warnings_of_the_registered_estimates_are_repeated_once(tmp_path: Path) -> None:
    archive, data = small_archive(tmp_path), small_data()
    outcomes = compute_outcomes(archive, data, lambda *_: None)
    estimated = estimate_outcome(data, "left")
    said = compute_warnings(archive, outcomes, ())
    assert set(estimated[0].warnings) <= set(said)
    assert len(said) == len(set(said))


def test_the_data_note_counts_findings_and_says_when_nothing_was_drawn_here(
    tmp_path: Path,
) -> None:
    note = describe_data(small_archive(tmp_path))
    assert (note.findings_blocking, note.findings_advisory) == (0, 3)
    assert (note.allocation_verified, note.allocation_algorithm) == (None, "")
    assert note.retention == "12 months after end of analysis"


def test_an_unregistered_trial_has_one_version_the_file_that_was_run(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    assert read_versions(archive) == (archive.trial,)


@pytest.mark.parametrize("wave", ["baseline", "endline"])
def test_collection_has_a_cell_for_each_partner_at_each_wave(wave: str, tmp_path: Path) -> None:
    cells = compute_collection(small_archive(tmp_path), small_data())
    assert [cell.partner for cell in cells if cell.wave == wave] == ["east", "west"]


def test_quotes_are_listed_by_theme_and_none_where_none_were_cleared(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    assert list_quotes(archive) == ()
    quotes = pl.DataFrame(
        {
            "theme": ["Warmth", "Cost"],
            "role": [None, "manager"],
            "quote": ["We felt seen.", "It was cheap."],
            "cleared_by": ["editor", "editor"],
        }
    )
    assert list_quotes(replace(archive, quotes=quotes)) == (
        Quote("Cost", "manager", "It was cheap.", "editor"),
        Quote("Warmth", "", "We felt seen.", "editor"),
    )
