"""The pack as a spreadsheet."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lighttouch.core.errors import InputError
from lighttouch.web.returns.marking import guard_cell, write_table

HEADINGS = ("staff_id", "subject", "link", "text", "opt_out")
WIDTHS = (16, 40, 60, 100, 60)
ALWAYS = datetime(2000, 1, 1)  # noqa: DTZ001 - a spreadsheet's dates have no zone
"""The date inside every pack, so that the same rows make the same file."""


@dataclass(frozen=True, slots=True)
class Row:
    """What goes to one person, known by code.

    The text holds the link and ``opt_out``, the address that stops messages, already; both stand
    by themselves too, for words of the partner's own.
    """

    staff_id: str
    subject: str
    link: str = field(repr=False)
    text: str = field(repr=False)
    opt_out: str = field(repr=False)


def write_csv(rows: Sequence[Row]) -> bytes:
    """Return the pack as comma-separated text that spreadsheet programs read as UTF-8.

    Raises
    ------
    InputError
        If two rows are for the same person.
    """
    _check(rows)
    return write_table(HEADINGS, [tuple(_cells(row)) for row in rows]).encode()


def write_xlsx(rows: Sequence[Row]) -> bytes:
    """Return the pack as an Excel file in which every cell is text.

    Raises
    ------
    InputError
        If two rows are for the same person.
    """
    _check(rows)
    import xlsxwriter  # only where a pack is made

    out = io.BytesIO()
    safely = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, safely) as book:
        book.set_properties({"created": ALWAYS})
        sheet = book.add_worksheet("Pack")
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, book.add_format({"bold": True}))
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(_cells(row)):
                sheet.write_string(at, column, cell)
    return out.getvalue()


def _cells(row: Row) -> list[str]:
    cells = (row.staff_id, row.subject, row.link, row.text, row.opt_out)
    return [str(guard_cell(cell)) for cell in cells]


def _check(rows: Sequence[Row]) -> None:
    if len({row.staff_id for row in rows}) != len(rows):
        raise InputError("somebody is in the pack twice")
