"""Bad input to every command: a clear error, exit code 1, and nothing half-written."""

import contextlib
import io
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlsxwriter

from lighttouch.cli.main import main
from lighttouch.core.protocol.library import library_text


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    said: str


def lighttouch(*words: str | Path) -> Outcome:
    """Run a command in this process, as the shell would."""
    said = io.StringIO()
    argv, sys.argv = sys.argv, ["lighttouch", *map(str, words)]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
    finally:
        sys.argv = argv
    return Outcome(code, said.getvalue())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


TrialCommand = Callable[[Path, Path], tuple[str | Path, ...]]
TRIAL_COMMANDS: dict[str, TrialCommand] = {
    "check": lambda trial, _out: ("check", trial),
    "power": lambda trial, out: ("power", trial, "--out", out),
    "register": lambda trial, out: ("register", trial, "--out", out),
    "compare": lambda trial, _out: ("compare", trial, trial),
    "template": lambda trial, out: (
        "template", trial, "--partner", "dudley", "--wave", "baseline", "--out", out,
    ),
    "check-return": lambda trial, _out: (
        "check-return", trial, trial, "--partner", "dudley", "--wave", "baseline",
    ),
    "run": lambda trial, out: ("run", trial, "--data", trial.parent, "--out", out),
    "simulate": lambda trial, out: ("simulate", trial, "--seed", "1", "--out", out),
}  # fmt: skip
BAD_TRIALS: dict[str, bytes | None] = {
    "unknown": None,
    "binary": bytes(range(256)) * 8,
    "empty": b"",
    "not_toml": b"this is not a trial file\n",
    "another_encoding": 'title = "café"\n'.encode("cp1252"),
    "another_schema": b"[tool.ruff]\nline-length = 100\n",
    "truncated": library_text("letters").encode()[:2000],
    "enormous": b"# " + b"x" * 2_000_000 + b"\n",
}


@pytest.mark.parametrize("fault", BAD_TRIALS)
@pytest.mark.parametrize("command", TRIAL_COMMANDS)
def test_a_bad_trial_file_is_named_and_nothing_is_written(
    command: str, fault: str, tmp_path: Path
) -> None:
    trial = tmp_path / "in" / "trial.toml"
    trial.parent.mkdir()
    if (content := BAD_TRIALS[fault]) is not None:
        trial.write_bytes(content)
    before = contents(tmp_path)
    ended = lighttouch(*TRIAL_COMMANDS[command](trial, tmp_path / "out"))
    assert ended.code == 1, ended.said
    assert "error: " in ended.said
    assert "Traceback" not in ended.said
    assert contents(tmp_path) == before
    assert not (tmp_path / "out").exists()


FOLDER_COMMANDS: dict[str, tuple[str, ...]] = {
    "allocate": ("allocate", "FOLDER", "--by", "A. Tester"),
    "allocate --verify": ("allocate", "FOLDER", "--verify"),
    "run": ("run", "letters", "--data", "FOLDER", "--out", "OUT"),
    "report": ("report", "FOLDER"),
    "report --out": ("report", "FOLDER", "--out", "OUT"),
    "verify": ("verify", "FOLDER"),
}


@pytest.mark.parametrize("state", ["missing", "empty", "a file", "another kind of folder"])
@pytest.mark.parametrize("command", FOLDER_COMMANDS)
def test_a_folder_that_is_no_study_or_archive_is_named(
    command: str, state: str, tmp_path: Path
) -> None:
    folder, out = tmp_path / "folder", tmp_path / "out"
    if state == "a file":
        folder.write_text("not a folder", encoding="utf-8")
    elif state != "missing":
        folder.mkdir()
    if state == "another kind of folder":
        (folder / "holiday.jpg").write_bytes(b"\xff\xd8\xff")
        (folder / "MANIFEST.toml").write_bytes(b"\xff\xfe")
    before = contents(tmp_path)
    words = [{"FOLDER": folder, "OUT": out}.get(w, w) for w in FOLDER_COMMANDS[command]]
    ended = lighttouch(*words)
    assert ended.code == 1, ended.said
    assert "error: " in ended.said
    assert contents(tmp_path) == before
    assert not out.exists()


def _truncated(path: Path) -> None:
    book = path.with_name("whole.xlsx")
    with xlsxwriter.Workbook(book) as workbook:
        workbook.add_worksheet("Return").write_column(0, 0, range(2000))
    path.write_bytes(book.read_bytes()[:-3000])
    book.unlink()


def _empty_sheet(path: Path) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("Return")


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)


def _million_rows(path: Path) -> None:
    row = b"a1,t1,0,0\n"
    path.write_bytes(b"Staff ID,Team ID,All absence,Illness absence\n" + row * 3_000_000)


def _formula(path: Path) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("Return")
        headings = ("Staff ID", "Team ID", "All absence (days)", "Illness absence (days)")
        sheet.write_row(0, 0, headings)
        sheet.write_row(1, 0, ("a1", "t1", 3))
        sheet.write_formula(1, 3, "=C2-1", None, "")


def _not_a_workbook(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 not really a zip file")


def _mixed_encodings(path: Path) -> None:
    text = (
        "Staff ID;Team ID;All absence (days);Illness absence (days);Date left;"
        "Manager feedback received;Comment\n"
    )
    rows = ("a1;t1;3;1;;yes;café\n".encode(), "a2;t1;3;1;;yes;caf\xe9\n".encode("cp1252"))
    path.write_bytes(text.encode() + b"".join(rows))


def _binary_csv(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


BAD_RETURNS: dict[str, tuple[str, Callable[[Path], None] | None]] = {
    "unknown": ("return.xlsx", None),
    "truncated workbook": ("return.xlsx", _truncated),
    "empty sheet": ("return.xlsx", _empty_sheet),
    "spreadsheet bomb": ("return.xlsx", _bomb),
    "too many rows": ("return.csv", _million_rows),
    "formula without a value": ("return.xlsx", _formula),
    "not a workbook": ("return.xlsx", _not_a_workbook),
    "binary as text": ("return.csv", _binary_csv),
    "another format": ("return.pdf", _binary_csv),
}


@pytest.mark.parametrize("fault", BAD_RETURNS)
def test_a_bad_return_is_named_and_no_workbook_is_written(fault: str, tmp_path: Path) -> None:
    name, write = BAD_RETURNS[fault]
    path = tmp_path / name
    if write is not None:
        write(path)
    size = path.stat().st_size if path.exists() else 0
    ended = lighttouch("check-return", "letters", path, "--partner", "dudley", "--wave", "baseline")
    assert ended.code == 1, ended.said
    assert len(ended.said) < 20_000
    assert "Traceback" not in ended.said
    assert [p.name for p in tmp_path.iterdir()] == ([name] if write else [])
    assert not write or path.stat().st_size == size


def test_a_return_in_mixed_encodings_is_read_and_its_people_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "return.csv"
    _mixed_encodings(path)
    ended = lighttouch("check-return", "letters", path, "--partner", "dudley", "--wave", "baseline")
    assert ended.code == 0, ended.said
    assert "2 people" in ended.said


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_a_bad_return_in_a_study_stops_the_run_and_leaves_nothing(
    extension: str, tmp_path: Path
) -> None:
    study, out = tmp_path / "study", tmp_path / "out"
    assert lighttouch("register", "letters", "--out", study).code == 0
    returned = study / "returns" / "dudley" / f"baseline.{extension}"
    returned.parent.mkdir(parents=True)
    returned.write_bytes(b"PK\x03\x04 not a workbook and not a table \x00\x01")
    before = contents(study)
    for words in (
        ("allocate", study, "--by", "A. Tester"),
        ("run", "letters", "--data", study, "--out", out),
    ):
        ended = lighttouch(*words)
        assert ended.code == 1, ended.said
        assert contents(study) == before
        assert not out.exists()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("no-such-command",),
        ("check",),
        ("simulate", "letters", "--seed", "minus one", "--out", "x"),
        ("run", "letters"),
    ],
)
def test_a_command_called_wrongly_exits_with_two_and_says_how_to_call_it(
    words: tuple[str, ...],
) -> None:
    ended = lighttouch(*words)
    assert ended.code == 2
    assert "Usage" in ended.said


def test_new_never_overwrites_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("precious", encoding="utf-8")
    ended = lighttouch("new", "letters", path)
    assert ended.code == 1
    assert path.read_text(encoding="utf-8") == "precious"


def test_new_names_the_library_when_the_name_is_unknown(tmp_path: Path) -> None:
    ended = lighttouch("new", "leters", tmp_path / "x.toml")
    assert ended.code == 1
    assert "letters" in ended.said
    assert not (tmp_path / "x.toml").exists()


def test_register_never_overwrites_a_registered_study(tmp_path: Path) -> None:
    study = tmp_path / "study"
    assert lighttouch("register", "letters", "--out", study).code == 0
    before = contents(study)
    assert lighttouch("register", "coffee", "--out", study).code == 1
    assert contents(study) == before


def test_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    ended = lighttouch("--version")
    assert ended.code == 0
    assert ended.said.strip().count(".") == 2
