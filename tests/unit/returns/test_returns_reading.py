"""Reading returns in every form they come in, and refusing what is not one."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from returns_support import HEADINGS_2019, TRIAL, people, write_csv, write_xlsx

from lighttouch.core.errors import InputError
from lighttouch.core.returns import guarding
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.findings import Findings
from lighttouch.core.returns.guarding import column_letter, detect_kind, inspect_workbook
from lighttouch.core.returns.headings import match_headings
from lighttouch.core.returns.preamble import parse_date
from lighttouch.core.returns.reading import RawReturn, read_return, read_sheets

HEADINGS: list[object] = [column.heading for column in STANDARD]
ROW: list[object] = [
    "S1",
    "T1",
    "B1",
    "Manager",
    "Female",
    12,
    "Agency",
    5,
    20,
    3,
    1,
    date(2019, 5, 3),
]


def read(path: Path) -> RawReturn:
    return read_return(path, TRIAL, "baseline")


def codes(raw: RawReturn) -> list[str]:
    return [finding.code for finding in raw.findings]


def test_workbook_is_read_with_the_rows_and_letters_the_officer_sees(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Note"], [], ["", *HEADINGS], [], ["", *ROW], ["", *ROW]]
    raw = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert raw.frame["row"].to_list() == [4, 5, 6]
    assert raw.frame["staff_id"].to_list() == [None, "S1", "S1"]
    assert raw.places["staff_id"].letter == "B"
    assert raw.places["leaving_date"].letter == "M"
    assert raw.frame["absence_days"][1] == "20"
    assert raw.frame["leaving_date"][1] == "2019-05-03 00:00:00"
    assert (raw.source, raw.sheet) == ("a.xlsx", "Return")


def test_headings_of_2019_are_understood(tmp_path: Path) -> None:
    raw = read(
        write_xlsx(tmp_path / "a.xlsx", [HEADINGS_2019, ["S1", "T1", "CSW", "F", 1, 2, 1, 1]])
    )
    assert [c for c in raw.frame.columns if c != "row"] == [
        "staff_id", "team", "role", "gender", "tenure_months", "absence_days", "illness_days",
        "illness_spells",
    ]  # fmt: skip
    assert raw.findings == ()


@pytest.mark.parametrize(
    ("spelling", "meaning"),
    [
        ("STAFF-ID", "staff_id"),
        ("Unique\nStaff   ID", "staff_id"),
        ("Lenght of employment (months)", "tenure_months"),
        ("Illness related absense (no. of days)", "illness_days"),
        ("illness_spells", "illness_spells"),
        ("Manager trained?", "manager_trained"),
    ],
)
def test_heading_spellings(spelling: str, meaning: str) -> None:
    from lighttouch.core.returns.headings import columns_of

    assert match_headings([spelling], columns_of(TRIAL, "baseline")).columns == {meaning: 0}


@pytest.mark.parametrize(
    "heading", ["absence", "Illness", "ID", "Staff", "Illness related", "Bld", "Stam number"]
)
def test_ambiguous_heading_means_nothing(heading: str) -> None:
    match = match_headings([heading], STANDARD)
    assert match.columns == {}
    assert match.unknown == (0,)


def test_two_near_misses_for_one_column_mean_nothing() -> None:
    match = match_headings(["Staff IDD", "Stafff ID"], STANDARD)
    assert match.columns == {}
    assert match.unknown == (0, 1)


def test_near_miss_does_not_displace_the_exact_heading() -> None:
    match = match_headings(["Team IDs", "Team ID"], STANDARD)
    assert match.columns == {"team": 1}
    assert match.unknown == (0,)


def test_near_miss_when_one_column_is_left_counts() -> None:
    assert match_headings(["Staf ID"], STANDARD[:1]).columns == {"staff_id": 0}


def test_repeated_personal_and_unknown_columns_are_found(tmp_path: Path) -> None:
    headings: list[object] = [*HEADINGS[:3], "Staff ID", "Surname", "Shoe size", ""]
    raw = read(write_xlsx(tmp_path / "a.xlsx", [headings, ["S1", "T1", "B1", "S1", "x", 9, "y"]]))
    found = {f.code: (f.column, f.blocks) for f in raw.findings}
    assert found == {
        "repeated_column": ("D", True),
        "personal_column": ("E", True),
        "unknown_column": ("F", False),
    }
    assert "Shoe" not in str(raw.findings)
    assert {"other:D", "other:E", "other:F", "other:G"} <= set(raw.frame.columns)


def test_sheet_called_return_is_preferred_and_others_are_searched(tmp_path: Path) -> None:
    for order in (["Guide", "Return"], ["Guide", "Mine"]):
        path = tmp_path / f"{order[1]}.xlsx"
        with xlsxwriter.Workbook(path) as book:
            for name in order:
                sheet = book.add_worksheet(name)
                if name != "Guide":
                    sheet.write_row(0, 0, HEADINGS)
            book.add_worksheet("Empty")
        assert read(path).sheet == order[1]


def test_headings_below_row_thirty_are_not_looked_for(tmp_path: Path) -> None:
    blank: list[Sequence[object]] = [["note"]] * 29
    assert read(write_xlsx(tmp_path / "a.xlsx", [*blank, HEADINGS])).sheet == "Return"
    path = write_xlsx(tmp_path / "b.xlsx", [*blank, ["note"], HEADINGS])
    with pytest.raises(InputError, match="no row of headings"):
        read(path)


def test_formulas_are_told_apart_by_whether_their_result_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Return")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW[:-1])
        sheet.write_formula("I2", "=10+10", None, 20)
        sheet.write_formula("J2", "=1+1", None, "")
        sheet.write_formula("Z9", "=1+1", None, 2)
    raw = read(path)
    assert [(f.code, f.row, f.column, f.blocks) for f in raw.findings] == [
        ("formula", 2, "I", False),
        ("formula_without_value", 2, "J", True),
    ]
    assert raw.frame["absence_days"][0] == "20"


def test_workbook_without_formulas_has_no_such_findings(tmp_path: Path) -> None:
    assert codes(read(write_xlsx(tmp_path / "a.xlsx", [HEADINGS, ROW[:-1]]))) == []


def test_formulas_above_the_data_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Return")
        sheet.write_formula("A1", "=1+1", None, 2)
        sheet.write_row(1, 0, HEADINGS)
    assert codes(read(path)) == []


def test_spreadsheet_errors_are_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    book.active.append(["S1", "T1", "B1", "Manager"])
    book.active["F2"] = "#N/A"
    assert book.active["F2"].data_type == "e"
    book.save(tmp_path / "a.xlsx")
    finding = read(tmp_path / "a.xlsx").findings[0]
    assert (finding.code, finding.row, finding.column, finding.blocks) == (
        "error_value",
        2,
        "F",
        True,
    )


def test_notes_above_the_headings_are_read_and_personal_ones_pointed_out(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Organisation", "", "Northtown"],
        ["Date data retrieved:", date(2019, 10, 2)],
        ["Period covered: 01/10/2018 to 30/09/2019"],
        ["Questions to Sarah Jones, sarah@example.org"],
        ["Collection:", ""],
        HEADINGS,
        ROW,
    ]
    raw = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert raw.declared.partner == "Northtown"
    assert raw.declared.retrieved == date(2019, 10, 2)
    assert (raw.declared.first_day, raw.declared.last_day) == (date(2018, 10, 1), date(2019, 9, 30))
    assert raw.declared.wave is None
    assert [(f.code, f.row, f.blocks) for f in raw.findings] == [("personal_note", 4, False)]
    assert "sarah" not in str(raw.findings).lower()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-05-03", date(2019, 5, 3)),
        ("2019-05-03 00:00:00", date(2019, 5, 3)),
        ("3.5.2019", date(2019, 5, 3)),
        ("03-05-2019", date(2019, 5, 3)),
        ("3 May, 2019", date(2019, 5, 3)),
        ("Sept 2019", None),
        ("05/23/2019", None),
    ],
)
def test_dates_as_written_in_britain(text: str, day: date | None) -> None:
    assert parse_date(text) == day


ENCODINGS: list[Callable[[str], bytes]] = [
    lambda text: text.encode(),
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.encode("cp1252"),
    lambda text: text.encode("utf-16"),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n", "\r").encode(),
    lambda text: text.encode() + "S9,T9,Café".encode("cp1252"),
]


@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_in_any_encoding_and_separator(
    tmp_path: Path, separator: str, encode: Callable[[str], bytes]
) -> None:
    text = "A note\n\nstaff id,team,building,role\nS1,T1,Café Noir,Manager\n\nS2,T1,B1,\n"
    path = tmp_path / "a.csv"
    path.write_bytes(encode(text.replace(",", separator)))
    raw = read(path)
    assert raw.frame["building"][0] == "Café Noir"
    assert raw.frame["row"].to_list()[:3] == [4, 5, 6]
    assert raw.frame["staff_id"].to_list()[:3] == ["S1", None, "S2"]
    assert raw.frame["role"][2] is None


def test_clean_numbers_are_read_as_numbers_and_words_among_them_as_text(tmp_path: Path) -> None:
    clean = read(write_csv(tmp_path / "a.csv", people()))
    assert clean.frame.schema["absence_days"] == pl.Float64
    wordy = read(write_csv(tmp_path / "b.csv", people(absence_days=["n/a", *range(11)])))
    assert wordy.frame.schema["absence_days"] == pl.String
    assert wordy.frame["absence_days"][0] == "n/a"
    assert wordy.frame.columns == clean.frame.columns


def test_row_with_too_many_cells_is_found_but_trailing_separators_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("staff id,team,building\nS1,T1,B1,,\nS2,T1,B1,x\n")
    finding = read(path).findings[0]
    assert (finding.code, finding.row, finding.blocks) == ("too_many_cells", 3, True)
    assert len(read(path).findings) == 1


def test_headings_with_line_breaks_in_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('x\n"Unique\nStaff ID",Team ID,Role\nS1,T1,Manager\n')
    raw = read(path)
    assert raw.frame["staff_id"].to_list() == ["S1"]
    assert raw.frame["row"].to_list() == [3]


def test_unclosed_quotation_mark_in_long_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('staff id,team,role\nS1,T1,"Manager\n' + "S2,T1,Manager\n" * 20_000)
    with pytest.raises(InputError, match="unclosed"):
        read(path)


def test_endless_first_cell_has_no_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x" * 200_000)
    with pytest.raises(InputError, match="no row of headings"):
        read(path)


def test_text_with_thousands_of_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("staff id,team,role" + "," * 2000)
    with pytest.raises(InputError, match="too many columns"):
        read(path)


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
    assert codes(read(path)) == ["formula"]
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
