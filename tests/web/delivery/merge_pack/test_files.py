"""The merge pack as a spreadsheet: whole, by code, and nothing in it runs."""

import csv
import io
import re
from typing import Any

import openpyxl
import pytest

from lighttouch.core.errors import InputError
from lighttouch.web.delivery.transports.merge_pack import Row, write_csv, write_page, write_xlsx

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1")
TEXT = 'Dear colleague,\n\n"Llŷr", please answer; it takes 5 minutes.\nhttps://example.org/s/x/'


def rows(*codes: str) -> list[Row]:
    return [
        Row(code, "Your survey", f"https://example.org/s/{code}/", TEXT, f"https://e.org/o/{code}/")
        for code in codes
    ]


def cells_of_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cells_of_xlsx(content: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_both_files_say_the_same() -> None:
    pack = rows("A1", "B2")
    expected = [
        ["staff_id", "subject", "link", "text", "opt_out"],
        *([row.staff_id, row.subject, row.link, row.text, row.opt_out] for row in pack),
    ]
    assert cells_of_csv(write_csv(pack)) == expected
    assert cells_of_xlsx(write_xlsx(pack)) == expected
    assert write_xlsx(pack) == write_xlsx(pack)


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_runs_as_a_formula(formula: str) -> None:
    pack = [Row(*[formula] * 5)]
    read = cells_of_csv(write_csv(pack))[1], cells_of_xlsx(write_xlsx(pack))[1]
    for cells in read:
        assert [cell[0] for cell in cells] == ["'"] * 5


def test_nobody_is_in_a_pack_twice() -> None:
    for write in (write_csv, write_xlsx):
        with pytest.raises(InputError, match="twice") as caught:
            write(rows("A1", "A1"))
        assert "A1" not in str(caught.value)


def test_a_row_does_not_show_its_link_in_a_log() -> None:
    assert "https" not in repr(rows("A1"))


def test_the_page_is_one_file_that_asks_for_nothing() -> None:
    page = write_page().decode()
    assert not re.search(r"\[\[[a-z]+\]\]", page)
    assert not re.search(r'(?:src|href|action)="', page)
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp|WebSocket|sendBeacon", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]
