"""The archive's form of a return."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from returns_support import TRIAL, check, people

from lighttouch.core.errors import ReturnError
from lighttouch.core.returns.canonical import read_canonical, write_canonical


def good(folder: Path, wave: str = "baseline") -> pl.DataFrame:
    columns = people(leaving_date=["2019-05-03", *[None] * 11]) | {
        "manager_trained": ["yes", "no", *[None] * 10],
        "caseload": [1.5] * 12,
        "grade": ["G1", *[None] * 11],
        "remark": ['said "well, yes"', *[None] * 11],
    }
    return check(folder, columns, wave=wave).frame


@pytest.mark.parametrize("wave", ["baseline", "endline"])
def test_frame_comes_back_as_it_was_written(tmp_path: Path, wave: str) -> None:
    frame = good(tmp_path, wave)
    path = tmp_path / "returns" / "northtown" / f"{wave}.csv"
    write_canonical(frame, path)
    assert read_canonical(path, TRIAL).equals(frame)
    assert read_canonical(path, TRIAL).schema == frame.schema


def test_file_is_plain_text(tmp_path: Path) -> None:
    write_canonical(good(tmp_path), tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_bytes().decode().split("\n")
    assert lines[0].startswith("staff_id,team,building,role,gender,tenure_months")
    assert lines[1].endswith(',2019-05-03,true,1.5,G1,"said ""well, yes"""')
    assert lines[-1] == ""


def test_empty_frame_keeps_its_columns(tmp_path: Path) -> None:
    frame = good(tmp_path).clear()
    write_canonical(frame, tmp_path / "a.csv")
    assert read_canonical(tmp_path / "a.csv", TRIAL).schema == frame.schema


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("absence_days", "absence"),
        ("remark", "unheard_of"),
        (",1.5,", ",many,"),
        (",true,", ",perhaps,"),
        ("2019-05-03", "yesterday"),
    ],
)
def test_altered_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "a.csv"
    write_canonical(good(tmp_path), path)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ReturnError):
        read_canonical(path, TRIAL)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReturnError, match="cannot be read"):
        read_canonical(tmp_path / "none.csv", TRIAL)


def test_leaving_dates_are_dates(tmp_path: Path) -> None:
    assert good(tmp_path)["leaving_date"][0] == date(2019, 5, 3)
