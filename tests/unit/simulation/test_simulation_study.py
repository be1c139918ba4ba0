"""Whole studies, through the front doors."""

import json
import tomllib
from pathlib import Path

import polars as pl
import pytest

from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.core.protocol.library import library_text
from lighttouch.core.simulation.profiles import read_profile
from lighttouch.core.simulation.study import STEPS, simulate_archive, simulate_study


def test_study_is_refused_where_something_lies_already(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ArchiveError, match="not empty"):
        simulate_study(library_text("letters"), seed=1, folder=tmp_path)
    with pytest.raises(ArchiveError, match="file of this name"):
        simulate_study(library_text("letters"), seed=1, folder=tmp_path / "old.txt")


def test_study_is_not_left_behind_when_the_archive_cannot_be_made(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "old.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ArchiveError, match="not empty"):
        simulate_archive(library_text("nine_day"), seed=1, out=out, study=tmp_path / "study")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_study_is_refused_with_a_profile_of_another_trial(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="recruited partner"):
        simulate_study(
            library_text("letters"),
            seed=1,
            folder=tmp_path / "study",
            profile=read_profile("coffee"),
        )
    assert not (tmp_path / "study").exists()


def test_study_needs_a_launch_for_every_partner(tmp_path: Path) -> None:
    text = RETURNS_ONLY.replace("launch = 2021-03-01\n", "")
    with pytest.raises(InputError, match=r"population\.partners\.council: the partner's launch"):
        simulate_study(text, seed=1, folder=tmp_path / "study")


def test_study_needs_a_partner_that_is_recruited(tmp_path: Path) -> None:
    text = RETURNS_ONLY.replace("launch = 2021-03-01", 'status = "cancelled"')
    with pytest.raises(InputError, match="no partner is recruited"):
        simulate_study(text, seed=1, folder=tmp_path / "study")


def test_study_says_each_step_in_order(tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    simulate_study(
        library_text("letters"),
        seed=1,
        folder=tmp_path / "study",
        progress=lambda what, done, total: said.append((what, done, total)),
    )
    assert said == [(step, number, len(STEPS)) for number, step in enumerate(STEPS)]


def test_study_keeps_the_truth_in_its_own_folder_only(tmp_path: Path) -> None:
    made = simulate_archive(
        library_text("coffee"), seed=3, out=tmp_path / "archive", study=tmp_path / "study"
    )
    truth = tomllib.loads((tmp_path / "study/truth.toml").read_text("utf-8"))
    assert len(truth["effect"]) == len(made.truth)
    assert not list((tmp_path / "archive").rglob("*truth*"))
    manifest = (tmp_path / "archive/MANIFEST.toml").read_text("utf-8")
    assert "truth" not in manifest
    assert made.randomised == 380


def test_study_folder_is_removed_unless_asked_for(tmp_path: Path) -> None:
    made = simulate_archive(library_text("nine_day"), seed=1, out=tmp_path / "archive")
    assert made.folder is None
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]
    assert made.truth == ()
    assert 90 < made.randomised < made.people == 110


def test_study_of_a_trial_randomised_elsewhere_is_its_tables(tmp_path: Path) -> None:
    made = simulate_archive(
        library_text("diversity"), seed=1, out=tmp_path / "archive", study=tmp_path / "study"
    )
    assert (tmp_path / "study/tables/applications.csv").is_file()
    assert not (tmp_path / "study/returns").exists()
    allocation = pl.read_csv(tmp_path / "archive/allocation.csv")
    assert set(allocation["arm"]) == {"plain", "usual"}
    assert made.randomised < made.people


def test_study_of_any_trial_works_with_the_generic_profile(tmp_path: Path) -> None:
    text = library_text("coffee").replace('id = "coffee"', 'id = "my_trial"', 1)
    made = simulate_archive(text, seed=1, out=tmp_path / "archive")
    assert made.profile.id == "generic"
    text = library_text("diversity").replace('id = "diversity"', 'id = "my_trial"', 1)
    made = simulate_archive(text, seed=1, out=tmp_path / "other")
    assert made.profile.id == "generic"


def test_study_quotes_are_marked_as_synthetic(tmp_path: Path) -> None:
    simulate_study(library_text("letters"), seed=1, folder=tmp_path / "study")
    quotes = pl.read_csv(tmp_path / "study/quotes.csv")
    assert set(quotes["cleared_by"]) == {"synthetic"}
    reasons = tomllib.loads((tmp_path / "study/deviations.toml").read_text("utf-8"))
    assert {one["scope"] for one in reasons["deviation"]} == {"southwark", "bradford", "trial"}
    assert json.dumps(reasons)


def test_study_has_the_funnel_of_its_profile_in_order(tmp_path: Path) -> None:
    simulate_study(library_text("letters"), seed=1, folder=tmp_path / "study")
    funnel = pl.read_csv(tmp_path / "study/funnel.csv")
    assert funnel.columns == ["stage", "partners", "note"]
    assert funnel["partners"].to_list() == [35, 15, 5, 3]
    assert funnel["note"].to_list()[:2] == [None, None]


RETURNS_ONLY = """
version = 1
id = "returns_only"
title = "A trial without a survey"
summary = "Does a note lower absence?"
[population]
description = "Staff"
setting = "One council"
[[population.partners]]
id = "council"
name = "Council"
launch = 2021-03-01
[[arms]]
id = "note"
label = "Note"
[[arms]]
id = "nothing"
label = "Nothing"
reference = true
[allocation]
method = "drawn"
[[waves]]
id = "baseline"
label = "Baseline"
return = { starts = "-12 months", ends = "0 days", due = "0 days" }
[[waves]]
id = "endline"
label = "Endline"
return = { starts = "0 days", ends = "3 months", due = "4 months" }
[[outcomes]]
id = "illness"
label = "Days of illness"
role = "primary"
wave = "endline"
derive = { from = "return", measure = "illness_days" }
better = "lower"
unit = "days"
[retention]
delete_after = "12 months"
key_holder = "The council"
"""


def test_study_without_surveys_or_use_has_returns_alone(tmp_path: Path) -> None:
    made = simulate_archive(RETURNS_ONLY, seed=1, out=tmp_path / "a", study=tmp_path / "study")
    assert made.profile.id == "generic"
    assert made.truth[0].effect < 0
    names = {path.name for path in (tmp_path / "study").iterdir()}
    assert not names & {"responses.csv", "uptake.csv", "deliveries.csv"}
    assert "events.csv" in names


def test_study_follows_up_by_survey_alone_where_the_trial_does(tmp_path: Path) -> None:
    simulate_study(library_text("swing"), seed=1, folder=tmp_path / "study")
    assert [path.stem for path in (tmp_path / "study/returns/frontline").iterdir()] == ["baseline"]
    waves = pl.read_csv(tmp_path / "study/responses.csv")["wave"]
    assert set(waves) == {"baseline", "endline"}


def test_study_without_words_writes_none(tmp_path: Path) -> None:
    silent = read_profile("letters").model_copy(
        update={"quotes": (), "deviations": (), "funnel": ()}
    )
    simulate_study(library_text("letters"), seed=1, folder=tmp_path / "study", profile=silent)
    assert not (tmp_path / "study/quotes.csv").exists()
    assert not (tmp_path / "study/deviations.toml").exists()
    assert not (tmp_path / "study/funnel.csv").exists()
