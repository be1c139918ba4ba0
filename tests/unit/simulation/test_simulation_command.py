"""The command that simulates a trial."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lighttouch.cli.simulate import simulate
from lighttouch.core.errors import InputError
from lighttouch.core.simulation.profiles import profile_text


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command()(simulate)
    return made


def test_simulate_command_makes_an_archive_and_keeps_the_study(
    app: typer.Typer, tmp_path: Path
) -> None:
    out, study = tmp_path / "archive", tmp_path / "study"
    words = ["nine_day", "--seed", "2", "--out", str(out), "--study", str(study), "--quiet"]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 0, ended.output
    assert "Simulated: 110 people" in ended.output
    assert "truth.toml" in ended.output
    assert (out / "MANIFEST.toml").is_file()
    assert (study / "truth.toml").is_file()


def test_an_archive_already_there_is_replaced_only_when_asked(
    app: typer.Typer, tmp_path: Path
) -> None:
    words = ["nine_day", "--out", str(tmp_path / "archive"), "--quiet"]
    assert CliRunner().invoke(app, words).exit_code == 0
    first = (tmp_path / "archive" / "roster.csv").read_bytes()
    again = CliRunner().invoke(app, [*words, "--seed", "7"])
    assert "--replace" in str(again.exception)
    assert (tmp_path / "archive" / "roster.csv").read_bytes() == first
    assert CliRunner().invoke(app, [*words, "--seed", "7", "--replace"]).exit_code == 0
    assert (tmp_path / "archive" / "roster.csv").read_bytes() != first
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_simulate_command_takes_a_profile_of_ones_own(app: typer.Typer, tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    text = profile_text("nine_day").replace("people = 110", "people = 60")
    profile.write_text(text, encoding="utf-8")
    words = ["nine_day", "--out", str(tmp_path / "archive"), "--profile", str(profile)]
    ended = CliRunner().invoke(app, words)
    assert "Simulated: 60 people" in ended.output


def test_simulate_command_says_when_a_profile_is_unknown(app: typer.Typer, tmp_path: Path) -> None:
    words = ["nine_day", "--out", str(tmp_path / "archive"), "--profile", "tea"]
    ended = CliRunner().invoke(app, words)
    assert isinstance(ended.exception, InputError)
    assert not (tmp_path / "archive").exists()


def test_the_archive_and_the_study_cannot_be_one_folder(app: typer.Typer, tmp_path: Path) -> None:
    words = ["nine_day", "--out", str(tmp_path / "one"), "--study", str(tmp_path / "one")]
    ended = CliRunner().invoke(app, words)
    assert "cannot be one folder" in str(ended.exception)
    assert list(tmp_path.iterdir()) == []
