"""The findings workbook: the officer's own file with the cells marked and a list of what to do.

It holds nothing about a person that the officer did not send, and is for the officer alone.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.placing import place_new
from lighttouch.core.returns.delimited import read_rows
from lighttouch.core.returns.findings import CheckedReturn, Finding
from lighttouch.core.returns.guarding import check_workbook_name, detect_kind, inspect_workbook
from lighttouch.core.returns.reading import read_sheets

LIST = "Findings"
_AUTHOR = "Lighttouch"
_BLOCKS = PatternFill("solid", fgColor="FFF4B6B6")
_LOOK = PatternFill("solid", fgColor="FFFFE8A3")
_HEAD = PatternFill("solid", fgColor="FF1D3557")
_FACE = "Arial"
_WIDTHS = (14, 16, 7, 9, 34, 60, 60)


def write_findings_workbook(source: Path, checked: CheckedReturn, path: Path) -> None:
    """Write a copy of the return with its findings marked and listed.

    Parameters
    ----------
    source
        The file that was checked. An ``.xlsx`` keeps its looks, and formulas become their last
        results; from ``.ods`` and ``.csv`` the cells are copied into a new workbook.
    checked
        Its findings.
    path
        The ``.xlsx`` to write; it must not exist.

    Raises
    ------
    InputError
        If ``path`` is the source or does not end in ``.xlsx``, or the source can no longer be
        read.
    ProtocolError
        If there is a file at ``path``.
    """
    if path.exists() and path.samefile(source):
        raise InputError(
            "the findings would overwrite the return",
            where=path.name,
            remedy="Give the findings workbook another name",
        )
    check_workbook_name(path)
    book = _copy_of(source)
    for finding in checked.findings:
        _mark(book, finding)
    _write_list(book, checked.findings)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = BytesIO()
    book.save(whole)
    place_new(whole.getvalue(), path)


def _copy_of(source: Path) -> Workbook:
    kind = detect_kind(source)
    if kind == "xlsx":
        inspect_workbook(source, kind)
        try:
            # Values in place of formulas: whoever opens the copy runs nothing of the file's.
            return openpyxl.load_workbook(source, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl raises whatever a damaged part makes it stumble on
            raise InputError(
                "the workbook cannot be opened for marking",
                where=source.name,
                remedy="Save it again from the spreadsheet program",
            ) from error
    book = Workbook()
    book.remove(book.active)
    sheets = read_sheets(source) if kind == "ods" else {source.name: read_rows(source)}
    for name, rows in sheets.items():
        sheet = book.create_sheet(_title(name))
        for number, cells in enumerate(rows, start=1):
            _copy_row(sheet, number, cells)
    return book


def _title(name: str) -> str:
    return "".join("-" if c in "[]:*?/\\" else c for c in name)[:31] or "Return"


def _copy_row(sheet: Worksheet, number: int, cells: Sequence[str | None]) -> None:
    for position, text in enumerate(cells, start=1):
        if text:
            cell = sheet.cell(number, position)
            try:
                cell.value = text
            except IllegalCharacterError:
                cell.value = "".join(c for c in text if c >= " ")
            cell.data_type = "s"  # what looks like a formula stays text


def _mark(book: Workbook, finding: Finding) -> None:
    name = _title(finding.sheet) if finding.sheet not in book.sheetnames else finding.sheet
    if finding.row is None or name not in book.sheetnames:
        return
    sheet = book[name]
    column = column_index_from_string(finding.column) if finding.column else 1
    cell = sheet.cell(finding.row, column)
    if not isinstance(cell, Cell):  # the covered part of merged cells takes no mark
        return
    text = f"{finding.fault}. {finding.remedy}."
    before = f"{cell.comment.text}\n" if cell.comment is not None else ""
    cell.comment = Comment(f"{before}{text[:1].upper()}{text[1:]}", _AUTHOR, 160, 320)
    if finding.blocks or cell.fill != _BLOCKS:
        cell.fill = _BLOCKS if finding.blocks else _LOOK


def _write_list(book: Workbook, findings: Sequence[Finding]) -> None:
    if LIST in book.sheetnames:
        book.remove(book[LIST])
    sheet = book.create_sheet(LIST, 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    sheet.append(("What to do", "Sheet", "Row", "Column", "Heading", "What was found", "Remedy"))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(name=_FACE, size=10, bold=True, color="FFFFFFFF"), _HEAD
    for finding in findings:
        sheet.append(_line(finding))
    for row in sheet.iter_rows(min_row=2):
        row[0].fill = _BLOCKS if row[0].value == "Put right" else _LOOK
        lengths = [len(str(cell.value or "")) for cell in row]
        lines = max(
            -(-length * 5 // (6 * width)) for length, width in zip(lengths, _WIDTHS, strict=True)
        )
        sheet.row_dimensions[row[0].row].height = 4 + 13 * lines
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a sheet may be called =1+1
            cell.font = Font(name=_FACE, size=10)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for position, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[position]].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    sheet.print_title_rows = "1:1"
    sheet.auto_filter.ref = sheet.dimensions


def _line(finding: Finding) -> tuple[str | int | None, ...]:
    return (
        "Put right" if finding.blocks else "Please look",
        finding.sheet,
        finding.row,
        finding.column or None,
        finding.heading or None,
        finding.fault[:1].upper() + finding.fault[1:],
        finding.remedy,
    )
