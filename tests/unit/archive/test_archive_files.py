"""Folders appear whole or not at all; tables and records are read back or refused by place."""

import json
from pathlib import Path

import polars as pl
import pytest
from archive_cases import snapshot

from lighttouch.core.archive.model import AllocationRecord, DeviationReason
from lighttouch.core.archive.records import read_deviations, read_record, render_record
from lighttouch.core.archive.tabular import parse_table, read_table, table_bytes, type_columns
from lighttouch.core.archive.writing import whole_or_nothing
from lighttouch.core.errors import ArchiveError


def fill(path: Path, *, replace: bool = False, text: str = "new") -> None:
    with whole_or_nothing(path, replace=replace) as folder:
        (folder / "MANIFEST.toml").write_text(text)


def test_a_new_folder_takes_its_name_at_the_end(tmp_path: Path) -> None:
    with whole_or_nothing(tmp_path / "deep" / "out") as folder:
        (folder / "a.txt").write_text("x")
        assert not (tmp_path / "deep" / "out").exists()
    assert snapshot(tmp_path) == {"deep/out/a.txt": b"x"}


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_or_nothing(tmp_path / "out") as folder:
            (folder / "a.txt").write_text("x")
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    fill(tmp_path / "out")
    assert snapshot(tmp_path) == {"out/MANIFEST.toml": b"new"}


def test_an_archive_is_replaced_only_when_asked(tmp_path: Path) -> None:
    fill(tmp_path / "out", text="old")
    with pytest.raises(ArchiveError, match="already"):
        fill(tmp_path / "out")
    assert snapshot(tmp_path) == {"out/MANIFEST.toml": b"old"}
    fill(tmp_path / "out", replace=True)
    assert snapshot(tmp_path) == {"out/MANIFEST.toml": b"new"}


def test_a_report_of_ours_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.html").write_text("old")
    fill(tmp_path / "report", replace=True)
    assert snapshot(tmp_path) == {"report/MANIFEST.toml": b"new"}


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").write_text("x")
    with pytest.raises(ArchiveError, match="not empty"):
        fill(tmp_path / "out", replace=True)
    assert snapshot(tmp_path) == {"out/thesis.doc": b"x"}


def test_a_file_of_the_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(ArchiveError, match="a file of this name"):
        fill(tmp_path / "out", replace=True)


def test_a_failed_replacement_leaves_the_old_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "out", text="old")
    rename = Path.rename
    calls = []

    def fail_second(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_second)
    with pytest.raises(OSError, match="disk full"):
        fill(tmp_path / "out", replace=True)
    assert snapshot(tmp_path) == {"out/MANIFEST.toml": b"old"}


def test_something_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    def fill_behind_our_back() -> None:
        with whole_or_nothing(tmp_path / "out"):
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "b.txt").write_text("x")

    with pytest.raises(ArchiveError, match="not empty"):
        fill_behind_our_back()
    assert snapshot(tmp_path) == {"out/b.txt": b"x"}


def test_tables_come_back_as_they_went(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": ["x,y", None, 'q"', "é"], "b": [0.1, None, 1e-7, 3.0]})
    (tmp_path / "t.csv").write_bytes(table_bytes(frame))
    again = type_columns(read_table(tmp_path / "t.csv"), {"b": "number"}, where="t.csv")
    assert again.equals(frame)


def test_kinds_give_columns_their_types() -> None:
    raw = pl.DataFrame(
        {"n": ["1.5"], "c": ["2"], "d": ["2019-05-03"], "y": ["true"], "t": ["a"], "free": ["b"]}
    )
    kinds = {"n": "number", "c": "count", "d": "date", "y": "yes_no", "t": "text", "gone": "text"}
    typed = type_columns(raw, kinds, where="t.csv")
    assert typed.dtypes == [pl.Float64, pl.Int64, pl.Date, pl.Boolean, pl.String, pl.String]


def test_cells_of_another_kind_are_named_by_row_and_column() -> None:
    raw = pl.DataFrame({"n": ["1", "x", None], "y": ["true", None, "maybe"]})
    with pytest.raises(ArchiveError) as caught:
        type_columns(raw, {"n": "number", "y": "yes_no"}, where="t.csv")
    assert [fault.where for fault in caught.value.faults] == [
        "t.csv, row 3, column n",
        "t.csv, row 4, column y",
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\n1,2,3\n4\n", b""])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(ArchiveError, match="not a table"):
        parse_table(content, where="t.csv")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"t.csv: the file cannot be read"):
        read_table(tmp_path / "t.csv")


RECORD = AllocationRecord(
    algorithm="a",
    generator="g",
    secret="00",
    commitment="c",
    roster_sha256="r",
    protocol_sha256="p",
    allocation_sha256="s",
    by='the "manager"',
    at="2019-09-01",
    counts={"letter": 2, "wait": 3},
    design_sha256="d",
)


def test_a_record_comes_back_as_it_went(tmp_path: Path) -> None:
    path = tmp_path / "allocation.toml"
    path.write_text(render_record(RECORD), encoding="utf-8")
    assert read_record(path) == RECORD


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('by = "', 'who = "'),
        lambda text: text.replace('at = "2019-09-01"', "at = 3"),
        lambda text: text.replace("letter = 2", 'letter = "2"'),
        lambda text: text.split("[counts]")[0] + "counts = 3\n",
        lambda text: text + "= broken",
    ],
)
def test_an_incomplete_record_is_refused(tmp_path: Path, change: object) -> None:
    path = tmp_path / "allocation.toml"
    assert callable(change)
    path.write_text(change(render_record(RECORD)), encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"allocation.toml"):
        read_record(path)


def test_reasons_for_deviations_are_read(tmp_path: Path) -> None:
    entry = DeviationReason("west", "no return", "Lockdown.", "collected", "not collected")
    keys = ("scope", "decision", "reason", "planned", "done")
    lines = [f"{key} = {json.dumps(getattr(entry, key))}" for key in keys]
    path = tmp_path / "deviations.toml"
    path.write_text("[[deviation]]\n" + "\n".join(lines))
    assert read_deviations(path) == (entry,)


def test_an_empty_file_of_deviations_has_none(tmp_path: Path) -> None:
    path = tmp_path / "deviations.toml"
    path.write_text("")
    assert read_deviations(path) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[deviations]]\n", "the key deviations is unknown"),
        ("deviation = 3\n", "this is no entry"),
        ('[[deviation]]\nscope="a"\ndecision="b"\nreason=" "\n', "reason is missing or empty"),
        ('[[deviation]]\nscope="a"\ndecision="b"\nreason="c"\nwhy="d"\n', "the key why is unknown"),
        ('[[deviation]]\nscope="a"\ndecision="b"\nreason=3\n', "reason is not text"),
        ("[[deviation]\n", "cannot be read as TOML"),
    ],
)
def test_wrong_entries_of_deviations_are_named(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "deviations.toml"
    path.write_text(text)
    with pytest.raises(ArchiveError, match=expected):
        read_deviations(path)


def test_a_place_that_cannot_be_written_is_named_as_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_keys: object) -> str:
        raise PermissionError(13, "Permission denied", "/somewhere/.out-x1y2")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(PermissionError) as caught, whole_or_nothing(tmp_path / "out"):
        pass
    assert caught.value.filename == str(tmp_path / "out")
