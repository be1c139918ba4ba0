"""Reading returns in every form they come in."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from returns_support import (
    HEADINGS,
    HEADINGS_2019,
    ROW,
    TRIAL,
    people,
    raw_codes,
    read,
    write_csv,
    write_xlsx,
)

from lighttouch.core.errors import InputError
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.headings import match_headings
from lighttouch.core.returns.preamble import parse_date


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
    assert raw_codes(read(write_xlsx(tmp_path / "a.xlsx", [HEADINGS, ROW[:-1]]))) == []


def test_formulas_above_the_data_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Return")
        sheet.write_formula("A1", "=1+1", None, 2)
        sheet.write_row(1, 0, HEADINGS)
    assert raw_codes(read(path)) == []


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
