"""Refusing what is no return, before it can do harm."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from returns_support import (
    HEADINGS,
    ROW,
    people,
    raw_codes,
    read,
    write_csv,
    write_xlsx,
)

from lighttouch.core.errors import InputError
from lighttouch.core.returns import guarding
from lighttouch.core.returns.findings import Findings
from lighttouch.core.returns.guarding import column_letter, detect_kind, inspect_workbook
from lighttouch.core.returns.reading import read_sheets

BAD_FILES: list[tuple[str, bytes, str]] = [
    ("a.xlsx", b"", "empty"),
    ("a.csv", b"", "empty"),
    ("a.xlsx", b"staff id,team,role\n", "holds plain text"),
    ("a.doc", b"staff id,team,role\n", "holds plain text"),
    ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "password"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "password"),
    ("a.csv", b"%PDF-1.7", "not a spreadsheet"),
    ("a.csv", b"<html><body>", "not a spreadsheet"),
    ("a.csv", b"a,b\0,c", "not a spreadsheet"),
    ("a.csv", bytes(range(1, 32)) * 4, "not a spreadsheet"),
    ("a.xlsx", b"PK\x03\x04" + b"junk" * 20, "damaged"),
    ("a.csv", b"hello\n", "no row of headings"),
]


@pytest.mark.parametrize(("name", "content", "words"), BAD_FILES)
def test_file_that_is_not_a_return_says_what_it_is(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path / name)
    assert caught.value.faults[0].remedy


def test_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.csv")


def test_workbook_named_csv_is_refused(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [HEADINGS]).rename(tmp_path / "a.csv")
    with pytest.raises(InputError, match="holds an Excel workbook"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
def test_truncated_workbook_is_refused(tmp_path: Path, keep: float) -> None:
    whole = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, ROW] * 50).read_bytes()
    (tmp_path / "b.xlsx").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(InputError, match="damaged"):
        read(tmp_path / "b.xlsx")


def rewrite(path: Path, changes: dict[str, bytes | None]) -> Path:
    """Return a copy of a package with some members replaced (or left out)."""
    out = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            data = changes.get(name, old.read(name) if name in old.namelist() else b"")
            if data is not None:
                new.writestr(name, data)
    return out


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "changes",
    [
        {SHEET: b"<worksheet><sheetData><row><c"},
        {SHEET: None},
        {"xl/workbook.xml": b"<workbook><sheets>"},
        {"xl/workbook.xml": b"<!DOCTYPE x><workbook/>"},
        {"xl/workbook.xml": b"<workbook><sheets><sheet name='x'/></sheets></workbook>"},
        {"xl/_rels/workbook.xml.rels": None},
    ],
)
def test_workbook_with_a_broken_part_is_refused(
    tmp_path: Path, changes: dict[str, bytes | None]
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, ROW])
    with pytest.raises(InputError):
        read(rewrite(path, changes))


def test_sheet_that_was_altered_inside_its_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    whole = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, ROW])
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    path.write_bytes(path.read_bytes().replace(b"<sheetData>", b"<sheetDatb>"))
    with pytest.raises(InputError, match="damaged"):
        read(path)


def test_package_that_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "x")
    with pytest.raises(InputError, match="not a spreadsheet we can read"):
        read(path)


def ods(path: Path, content: str, manifest: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr("content.xml", ODS.format(content))
    return path


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="Return">{}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def ods_row(*cells: str, repeat: int = 1) -> str:
    text = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
        for c in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeat}">{text}</table:table-row>'


FORMULA = (
    '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
    '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2">'
    "<text:p>2</text:p></table:table-cell>"
    '<table:table-cell table:formula="of:=1+1"/></table:table-row>'
)


def test_open_document_sheet_is_read_and_its_formulas_found(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", ods_row("Staff ID", "Team ID", "Building", "Role") + FORMULA)
    raw = read(path)
    assert raw.frame["building"].to_list() == ["2"]
    assert [(f.code, f.row, f.column) for f in raw.findings] == [
        ("formula", 2, "C"),
        ("formula_without_value", 2, "D"),
    ]


def test_protected_open_document_sheet_is_refused(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", "", manifest="<manifest:encryption-data/>")
    with pytest.raises(InputError, match="password"):
        read(path)


def test_open_document_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", ods_row(*["x"] * 100, repeat=1_000_000))
    with pytest.raises(InputError, match="far larger than a return"):
        read(path)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_vast_sheet_is_refused_before_it_unfolds(tmp_path: Path, quote: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, ROW])
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"<row><c r={quote}A1{quote}><v>1</v></c></row>"
        f"<row><c r={quote}XFD1048576{quote}><v>1</v></c></row></sheetData></worksheet>"
    )
    with pytest.raises(InputError, match="far larger than a return"):
        read(rewrite(path, {SHEET: xml.encode()}))


@pytest.mark.parametrize("chunk", [7, 33, 50, 64])
def test_scan_misses_nothing_where_pieces_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(guarding, "_CHUNK", chunk)
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Return")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_formula("I2", "=10+10", None, 20)
    assert raw_codes(read(path)) == ["formula"]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Return")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write("BZ900000", 1)
    with pytest.raises(InputError, match="far larger"):
        read(path)


def test_wide_sheet_with_few_rows_is_read(tmp_path: Path) -> None:
    rows: list[list[object]] = [[*HEADINGS, *[""] * 60, "x"], ROW]
    raw = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert raw.frame.height == 1
    assert "other:BU" in raw.frame.columns


def test_package_that_unpacks_to_far_more_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADINGS, ROW])
    bomb = rewrite(path, {"xl/zeros.xml": b"0" * (guarding.RATIO_MATTERS_FROM + 1)})
    with pytest.raises(InputError, match="unpacks to far more"):
        read(bomb)
    monkeypatch.setattr(guarding, "MOST_MEMBERS", 3)
    with pytest.raises(InputError, match="unpacks to far more"):
        read(path)


def test_file_beyond_the_largest_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "a.csv", people())
    monkeypatch.setattr(guarding, "LARGEST_FILE", 10)
    with pytest.raises(InputError, match="larger than"):
        detect_kind(path)


def test_every_cell_can_be_read_back_for_the_sender(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [[], ["", "x"]])
    assert read_sheets(path) == {"Return": [(None, None), (None, "x")]}
    broken = rewrite(path, {SHEET: b"<worksheet><sheetData><row><c"})
    with pytest.raises(InputError):
        read_sheets(broken)


@pytest.mark.parametrize("position", [0, 25, 26, 701, 702, 16_383])
def test_column_letters_agree_with_the_spreadsheet(position: int) -> None:
    assert column_letter(position) == openpyxl.utils.get_column_letter(position + 1)


def test_inspection_lists_the_sheets_in_order(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("Zeta", "Alpha"):
            book.add_worksheet(name)
    assert list(inspect_workbook(tmp_path / "a.xlsx", "xlsx")) == ["Zeta", "Alpha"]


def test_findings_outside_known_columns_use_the_letter_given() -> None:
    findings = Findings("Sheet")
    findings.add("x", fault="y", remedy="z", blocks=False, column="Q", row=3)
    assert findings.found[0].place == "Sheet, row 3, column Q"
    assert io.StringIO(str(findings.found[0])).readline().endswith("[please look; x]")
