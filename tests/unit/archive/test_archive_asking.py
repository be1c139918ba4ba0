"""Answers by the second, and answers that only some arms were asked for."""

from pathlib import Path

import polars as pl
import pytest
from archive_cases import TRIAL_TEXT
from test_archive_assembling import assemble, complete, faults
from tests.own_questions import letters_asking

from lighttouch.core.archive.asking import check_asked
from lighttouch.core.protocol.reading import parse_trial

TRIAL = parse_trial(letters_asking())
ROSTER = pl.DataFrame(
    {"participant": ["a/1", "a/2", "b/9"], "partner": ["a", "a", "b"], "team": ["t", "t", "u"]}
)
ALLOCATION = pl.DataFrame({"unit": ["a/1", "a/2"], "arm": ["letter", "waitlist"]})


def answers(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["participant", "wave", "item"], orient="row")


def write(folder: Path, *rows: str) -> Path:
    study = complete(folder)
    lines = ["participant,wave,item,value,seconds", *rows]
    (study / "responses.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return study


def test_seconds_go_into_the_archive_and_may_be_missing(tmp_path: Path) -> None:
    study = write(tmp_path, "west/S021,endline,burnout_2,5,", "west/S020,endline,burnout_1,4,12")
    archive = assemble(study, tmp_path / "out")
    assert archive.responses is not None
    assert archive.responses["seconds"].to_list() == ["12", None]
    assert (
        (tmp_path / "out" / "responses.csv").read_text().splitlines()[0].endswith("value,seconds")
    )


def test_a_table_without_seconds_is_kept_as_it_was(tmp_path: Path) -> None:
    assemble(complete(tmp_path), tmp_path / "out")
    head = (tmp_path / "out" / "responses.csv").read_text().splitlines()[0]
    assert head == "participant,wave,item,value"


@pytest.mark.parametrize("wrong", ["-1", "1.5", "soon", "86401", "09:30"])
def test_seconds_are_whole_numbers_within_a_day(tmp_path: Path, wrong: str) -> None:
    study = write(
        tmp_path, "west/S021,endline,burnout_2,5,3", f"west/S020,endline,burnout_1,4,{wrong}"
    )
    assert faults(study, tmp_path / "out") == [
        "responses.csv, row 3: seconds is not a whole number from 0 to 86,400. Give the seconds in "
        "digits, or leave the cell empty."
    ]


def test_an_answer_of_an_arm_that_was_not_asked_is_found_without_saying_whose() -> None:
    responses = answers(
        ("a/1", "endline", "letter_read_1"),
        ("a/2", "endline", "life_happiness_1"),
        ("a/2", "endline", "letter_read_1"),
        ("b/9", "endline", "letter_read_1"),
    )
    found = [
        str(fault)
        for fault in check_asked(TRIAL, responses=responses, roster=ROSTER, allocation=ALLOCATION)
    ]
    assert [line.split(":")[0] for line in found] == [
        "responses.csv, row 4, item letter_read_1",
        "responses.csv, row 5, item letter_read_1",
    ]
    assert not any("a/2" in line or "waitlist" in line for line in found)


def test_where_teams_are_allocated_the_team_says_who_was_asked() -> None:
    trial = TRIAL.model_copy(
        update={"allocation": TRIAL.allocation.model_copy(update={"unit": "team"})}
    )
    allocation = pl.DataFrame({"unit": ["a/t", "b/u"], "arm": ["letter", "waitlist"]})
    responses = answers(("a/2", "endline", "letter_read_1"), ("b/9", "endline", "letter_read_1"))
    found = check_asked(trial, responses=responses, roster=ROSTER, allocation=allocation)
    assert [fault.where for fault in found] == ["responses.csv, row 3, item letter_read_1"]
    without = ROSTER.drop("team")
    assert not list(check_asked(trial, responses=responses, roster=without, allocation=allocation))


def test_a_trial_that_asks_everybody_the_same_has_nothing_to_check() -> None:
    responses = answers(("a/2", "endline", "burnout_1"))
    trial = parse_trial(TRIAL_TEXT)
    assert not list(check_asked(trial, responses=responses, roster=ROSTER, allocation=ALLOCATION))


def test_assembling_looks_at_who_was_asked(tmp_path: Path) -> None:
    survey = (
        '[waves.survey]\nquestionnaire = "ours"\nopens = "1 week"\ncloses = "2 weeks"\n\n'
        '[[questionnaires]]\nid = "ours"\ntitle = "T"\n'
        'entries = [{ instrument = "burnout", arms = ["letter"] }]\n\n[[interventions]]'
    )
    text = TRIAL_TEXT.replace("[[interventions]]", survey, 1)
    found = faults(complete(tmp_path), tmp_path / "out", text)
    assert found
    assert all("the question was not asked of this participant" in line for line in found)
