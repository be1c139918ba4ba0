"""What goes back to the officer."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from returns_support import TRIAL, people, write_csv, write_xlsx

from lighttouch.core.errors import InputError, ProtocolError
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.findings import CheckedReturn, Finding
from lighttouch.core.returns.reading import read_return
from lighttouch.core.returns.workbook import write_findings_workbook

RED, YELLOW = "FFF4B6B6", "FFFFE8A3"


def rows_of(columns: dict[str, list[object]]) -> list[list[object]]:
    headings: list[object] = [c.heading for c in STANDARD]
    return [headings, *[list(row) for row in zip(*columns.values(), strict=True)]]


def checked_return(path: Path) -> CheckedReturn:
    raw = read_return(path, TRIAL, "baseline")
    return check_return(raw, trial=TRIAL, partner_id="northtown", wave_id="baseline")


def faulty() -> dict[str, list[object]]:
    ids: list[object] = ["S000", "S001", "Jane Smith", *[f"S{i:03d}" for i in range(3, 12)]]
    days: list[object] = [5.0, 2.5, *[5.0] * 10]
    return people(staff_id=ids, days_per_week=days, absence_days=[20.0, 150.0, *[30.0] * 10])


def findings_book(folder: Path, source: Path) -> openpyxl.Workbook:
    path = folder / "out" / "findings.xlsx"
    write_findings_workbook(source, checked_return(source), path)
    return openpyxl.load_workbook(path)


def test_cells_are_marked_where_they_stand_and_listed(tmp_path: Path) -> None:
    book = findings_book(tmp_path, write_xlsx(tmp_path / "a.xlsx", rows_of(faulty())))
    assert book.sheetnames == ["Findings", "Return"]
    page = book["Return"]
    assert page["A4"].fill.fgColor.rgb == RED
    assert "Looks like the name" not in page["A4"].comment.text
    assert "looks like the name of a person" in page["A4"].comment.text
    assert page["I3"].fill.fgColor.rgb == YELLOW
    assert page["A5"].comment is None
    lines = [[cell.value for cell in row] for row in book["Findings"].iter_rows(min_row=2)]
    assert lines[0][:4] == ["Put right", "Return", 4, "A"]
    assert {line[0] for line in lines} == {"Put right", "Please look"}


def test_list_never_repeats_the_personal_value(tmp_path: Path) -> None:
    book = findings_book(tmp_path, write_xlsx(tmp_path / "a.xlsx", rows_of(faulty())))
    listed = [str(cell.value) for row in book["Findings"] for cell in row]
    comments = [cell.comment.text for row in book["Return"] for cell in row if cell.comment]
    assert "Jane" not in " ".join(listed + comments)
    assert book["Return"]["A4"].value == "Jane Smith"  # as sent


def test_text_return_becomes_a_workbook_with_its_cells_in_place(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", faulty(), above="=1+1\x02,note\n\n")
    book = findings_book(tmp_path, source)
    page = book["a.csv"]
    assert page["A1"].value == "=1+1"
    assert page["A1"].data_type == "s"
    assert page["A3"].value == "staff_id"
    assert page["A6"].fill.fgColor.rgb == RED


def test_two_findings_on_one_cell_share_its_note_and_the_graver_colour(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", rows_of(people()))
    book = openpyxl.load_workbook(source)
    book["Return"]["B2"].comment = Comment("Theirs", "Officer")
    book.save(source)
    block = Finding("Return", 2, "B", "first thing", "do it", True, "x")
    look = Finding("Return", 2, "B", "second thing", "see", False, "y")
    write_findings_workbook(
        source, CheckedReturn(checked_return(source).frame, (block, look)), tmp_path / "f.xlsx"
    )
    cell = openpyxl.load_workbook(tmp_path / "f.xlsx")["Return"]["B2"]
    assert [line.split(" ")[0] for line in cell.comment.text.split("\n")] == [
        "Theirs", "First", "Second",
    ]  # fmt: skip
    assert cell.fill.fgColor.rgb == RED


def test_findings_without_a_cell_are_listed_only(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", [["x", *[c.heading for c in STANDARD]], *[[]] * 3])
    book = openpyxl.load_workbook(source)
    book["Return"].merge_cells("A3:B4")
    book.create_sheet("Findings")
    book.save(source)
    found = (
        Finding("Return", None, "", "whole return", "do", True, "x"),
        Finding("Elsewhere", 3, "A", "other sheet", "do", True, "x"),
        Finding("Return", 4, "B", "covered by a merge", "do", True, "x"),
        Finding("Return", 5, "", "whole row", "do", False, "x"),
    )
    write_findings_workbook(
        source, CheckedReturn(checked_return(source).frame, found), tmp_path / "f.xlsx"
    )
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    assert book.sheetnames == ["Findings", "Return"]
    assert book["Findings"].max_row == 5
    assert book["Return"]["A5"].comment is not None
    assert sum(cell.comment is not None for row in book["Return"] for cell in row) == 1


def test_findings_never_overwrite_the_return(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", rows_of(people()))
    with pytest.raises(InputError, match="overwrite"):
        write_findings_workbook(source, checked_return(source), source)


def test_workbook_that_cannot_be_marked_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", rows_of(people()))

    def stumble(_: Path) -> None:
        raise KeyError("a part openpyxl looks for")

    checked = checked_return(source)
    monkeypatch.setattr(openpyxl, "load_workbook", stumble)
    with pytest.raises(InputError, match="cannot be opened"):
        write_findings_workbook(source, checked, tmp_path / "f.xlsx")


def test_findings_never_overwrite_a_file_or_take_another_ending(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", rows_of(faulty()))
    other = tmp_path / "b.xlsx"
    other.write_bytes(b"somebody's work")
    with pytest.raises(ProtocolError, match="never overwritten"):
        write_findings_workbook(source, checked_return(source), other)
    assert other.read_bytes() == b"somebody's work"
    with pytest.raises(InputError, match=r"end in \.xlsx"):
        write_findings_workbook(source, checked_return(source), tmp_path / "trial.toml")


def test_list_prints_on_pages_as_wide_as_its_columns(tmp_path: Path) -> None:
    book = findings_book(tmp_path, write_xlsx(tmp_path / "a.xlsx", rows_of(faulty())))
    page = book["Findings"]
    assert page.page_setup.orientation == "landscape"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.row_dimensions[2].height >= 17


def test_marked_copy_holds_no_formula_whatever_the_file_held(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", rows_of(faulty()))
    book = openpyxl.load_workbook(source)
    book["Return"]["B2"] = "=HYPERLINK(1)"
    book["Return"]["B3"].value, book["Return"]["B3"].data_type = "@SUM(1)", "s"
    book["Return"].title = "=1+1"
    book.save(source)
    marked = findings_book(tmp_path, source)
    cells = [cell for sheet in marked for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert marked["Findings"]["B2"].value == "=1+1"
