"""The two commands about returns."""

from pathlib import Path

import openpyxl
import pytest
import typer
from returns_support import people, write_csv
from typer.testing import CliRunner

from lighttouch.cli import returns
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.reading import parse_trial

LIBRARY = "goal_setting"
runner = CliRunner()


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    app = typer.Typer()
    app.command("template")(returns.template)
    app.command("check-return")(returns.check_return)
    return app


def partners() -> tuple[str, str]:
    known = [p.id for p in parse_trial(library_text(LIBRARY)).population.partners if p.launch]
    return known[0], known[1]


def test_template_is_written_where_asked(app: typer.Typer, tmp_path: Path) -> None:
    out = tmp_path / "blank.xlsx"
    asked = ["template", LIBRARY, "--partner", partners()[0], "--out", str(out)]
    done = runner.invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "blank.xlsx" in done.output
    assert openpyxl.load_workbook(out).sheetnames[0] == "Return"


def test_template_is_named_after_partner_and_wave(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    partner = partners()[0]
    done = runner.invoke(app, ["template", LIBRARY, "--partner", partner, "--wave", "baseline"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / f"{partner}-baseline.xlsx").is_file()


def test_good_return_exits_with_nought(app: typer.Typer, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", people())
    done = runner.invoke(app, ["check-return", LIBRARY, str(path), "--partner", partners()[0]])
    assert done.exit_code == 0, done.output
    assert "12 people; nothing to put right, 2 to look at" in done.output
    assert "please look" in done.output


def test_faulty_return_exits_with_one_and_is_marked(app: typer.Typer, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", people(60, staff_id=["Jane Smith"] * 60))
    marked = tmp_path / "marked.xlsx"
    asked = ["check-return", LIBRARY, str(path), "--partner", partners()[0]]
    done = runner.invoke(app, [*asked, "--findings", str(marked)])
    assert done.exit_code == 1
    assert "PUT RIGHT" in done.output
    assert "Send it back" in done.output
    assert done.output.count("looks like the name of a person") == 1
    assert "; also rows 3, 4, 5, 6, 7, 8, 9, 10 and 51 more" in done.output
    assert "Jane" not in done.output
    assert marked.is_file()


def test_returns_already_in_the_study_are_compared(app: typer.Typer, tmp_path: Path) -> None:
    first, second = partners()
    for partner in (first, second):
        (tmp_path / "returns" / partner).mkdir(parents=True)
    path = write_csv(tmp_path / "returns" / first / "baseline.csv", people())
    write_csv(tmp_path / "returns" / second / "interim.csv", people())
    asked = ["check-return", LIBRARY, str(path), "--study", str(tmp_path)]
    done = runner.invoke(app, [*asked, "--partner", first, "--wave", "interim"])
    assert done.exit_code == 1
    assert "nearly every figure is the same" in done.output.lower()
    assert f"another partner ({second})" in done.output


def test_unknown_wave_is_an_error(app: typer.Typer, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", people())
    asked = ["check-return", LIBRARY, str(path), "--study", str(tmp_path)]
    done = runner.invoke(app, [*asked, "--partner", partners()[0], "--wave", "never"])
    assert done.exit_code == 1
    assert "no return for such a wave" in str(done.exception)


def test_a_clean_return_says_where_it_belongs(app: typer.Typer, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", people())
    partner = partners()[0]
    done = runner.invoke(app, ["check-return", LIBRARY, str(path), "--partner", partner])
    assert f"Keep it in the study folder as returns/{partner}/baseline.csv." in done.output


def test_a_study_folder_that_is_not_there_is_an_error(app: typer.Typer, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", people())
    asked = ["check-return", LIBRARY, str(path), "--partner", partners()[0]]
    done = runner.invoke(app, [*asked, "--study", str(tmp_path / "nowhere")])
    assert "there is no such folder" in str(done.exception)


def test_a_folder_in_place_of_a_return_is_named(app: typer.Typer) -> None:
    done = runner.invoke(app, ["check-return", LIBRARY, ".", "--partner", partners()[0]])
    assert str(done.exception) == ".: this is a folder, not a file. Check the path."
