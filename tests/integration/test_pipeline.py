"""From a simulated study to a report: whole, repeatable, and honest about what changed."""

import hashlib
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lighttouch.core.archive.reading import read_archive
from lighttouch.core.errors import ArchiveError
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.registering import amend_trial
from lighttouch.core.reporting.pipeline import check_results, rebuild_report, run_trial
from lighttouch.core.reporting.results import Results
from lighttouch.core.simulation.study import simulate_study

AMENDED_AT = datetime(2019, 12, 1, 9, 0, tzinfo=UTC)


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipeline") / "study"
    simulate_study(library_text("coffee"), seed=3, folder=folder)
    return folder


@pytest.fixture(scope="module")
def archive(study: Path) -> Path:
    out = study.parent / "archive"
    run_trial(library_text("coffee"), data=study, out=out, progress=silent)
    return out


def decisions(results: Results) -> dict[tuple[str, str], str]:
    return {(d.scope, d.decision): d.reason for d in results.deviations}


def test_a_report_made_again_has_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    before = hashes(archive)
    rebuild_report(archive, progress=silent)
    assert hashes(archive) == before
    rebuild_report(archive, out=tmp_path / "elsewhere", progress=silent)
    elsewhere = hashes(tmp_path / "elsewhere")
    assert elsewhere.pop("results.json") == before["results.json"]
    assert elsewhere == {
        name.removeprefix("report/"): digest
        for name, digest in before.items()
        if name.startswith("report/")
    }


def test_another_process_makes_the_same_report(archive: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "lighttouch", "report", archive, "--out", tmp_path / "again"]
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
    again = hashes(tmp_path / "again")
    assert again["results.json"] == hashes(archive)["results.json"]
    assert again["report.pdf"] == hashes(archive)["report/report.pdf"]
    assert again["report.html"] == hashes(archive)["report/report.html"]


def test_the_draw_is_confirmed_in_the_data_note(archive: Path, tmp_path: Path) -> None:
    results = rebuild_report(archive, out=tmp_path / "report", progress=silent)
    assert results.data_note.allocation_verified is True
    assert results.data_note.secret_commitment != ""


def test_thirteen_buildings_are_analysed_as_thirteen(archive: Path, tmp_path: Path) -> None:
    results = rebuild_report(archive, out=tmp_path / "report", progress=silent)
    interim = next(o for o in results.outcomes if o.id == "attendance_interim")
    honest, house = (
        next(e for e in interim.estimates if e.specification == kind)
        for kind in ("registered", "house")
    )
    assert honest.clusters == 13
    assert honest.degrees_of_freedom < 12
    assert honest.redraw_of_record
    assert house.degrees_of_freedom > 300
    assert any("too small" in warning for warning in house.warnings)
    assert interim.randomisation[0].enumerated


def test_an_archive_that_was_altered_gives_no_report(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "archive"
    run_trial(library_text("coffee"), data=study, out=out, progress=silent)
    roster = out / "roster.csv"
    roster.write_text(roster.read_text("utf-8").replace("female", "male", 1), encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"roster\.csv"):
        rebuild_report(out, out=tmp_path / "report", progress=silent)
    assert not (tmp_path / "report").exists()


def test_verify_finds_results_that_the_data_do_not_give(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "archive"
    run_trial(library_text("coffee"), data=study, out=out, progress=silent)
    assert check_results(out, progress=silent)[1] is True
    results = out / "results.json"
    altered = re.sub(r'"screened": [0-9]+', '"screened": 999', results.read_text("utf-8"))
    results.write_text(altered, "utf-8")
    assert check_results(out, progress=silent)[1] is False
    ended = subprocess.run(
        [sys.executable, "-m", "lighttouch", "verify", str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "results.json is not what the data give" in ended.stdout
    results.unlink()
    assert check_results(out, progress=silent)[1] is None


def test_running_into_an_archive_that_is_there_needs_replace(study: Path, archive: Path) -> None:
    before = hashes(archive)
    with pytest.raises(ArchiveError, match="already"):
        run_trial(library_text("coffee"), data=study, out=archive, progress=silent)
    assert hashes(archive) == before
    run_trial(library_text("coffee"), data=study, out=archive, progress=silent, replace=True)
    assert hashes(archive) == before


def test_amendments_and_a_changed_trial_file_are_deviations(tmp_path: Path) -> None:
    text = library_text("nine_day")
    study = tmp_path / "study"
    simulate_study(text, seed=1, folder=study)
    later = text.replace('title = "', 'title = "Amended: ', 1)
    amend_trial(later, folder=study, now=AMENDED_AT, reason="A clearer title.")
    run = later.replace("Amended: ", "Run: ", 1)
    results = run_trial(run, data=study, out=tmp_path / "out", progress=silent)
    changed = {decision for _scope, decision in decisions(results)}
    assert "changed plan 1: title" in changed
    assert "changed plan 2: title" in changed
    assert results.trial.amendments == 1
    assert read_archive(tmp_path / "out").trial.title.startswith("Run: ")


def test_a_single_arm_pilot_has_a_report_without_a_comparison(tmp_path: Path) -> None:
    study = tmp_path / "study"
    simulate_study(library_text("nine_day"), seed=1, folder=study)
    results = run_trial(library_text("nine_day"), data=study, out=tmp_path / "out", progress=silent)
    assert all(not outcome.estimates for outcome in results.outcomes)
    assert any("no comparison" in warning for warning in results.warnings)
    assert (tmp_path / "out" / "report" / "report.pdf").stat().st_size > 10_000


def test_allocating_says_how_many_were_left_out_and_by_which_rule(tmp_path: Path) -> None:
    study = tmp_path / "study"
    made = simulate_study(library_text("letters"), seed=2, folder=study)
    for name in ("roster.csv", "allocation.csv", "allocation.toml"):
        (study / name).unlink()
    ended = subprocess.run(
        [sys.executable, "-m", "lighttouch", "allocate", str(study), "--by", "trial manager"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    left_out = re.search(r"Left out before the draw: (.*)\.", ended.stdout)
    assert left_out is not None
    counts = {rule: int(number) for number, rule in re.findall(r"([0-9]+) by (\w+)", left_out[1])}
    assert set(counts) == {"left_before_start", "no_manager_feedback"}
    assert sum(counts.values()) == made.people - made.randomised
