"""Every table of the report in one workbook, with real numbers and print settings."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

import xlsxwriter

from lighttouch.core.reporting.document import Break, Document, Number, Row, Runs, Table, Words
from lighttouch.core.reporting.numerals import SMALLEST_P, compute_number
from lighttouch.core.reporting.resolving import Resolver

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The date written into every workbook, so that its bytes depend on its contents only."""
WIDEST, LINE = 44, 15.0
"""Widest column in characters, and the height of a line in points."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a sheet: a number with its format, or text."""

    value: float | str
    form: str = ""
    printed: str = ""


def render_workbook(document: Document, resolver: Resolver) -> bytes:
    """Write the tables of a document as a workbook, one sheet a table.

    Parameters
    ----------
    document
        The report as a document.
    resolver
        Looks up runs in the results.

    Returns
    -------
    bytes
        An .xlsx file. Numbers are numbers at the precision of ``results.json``, shown as the report
        prints them; marks and parentheses are part of the number format. A column whose cells
        hold several numbers becomes several columns.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": resolver.text(document.title), "created": EPOCH})
    formats = _Formats(book)
    for table in document.tables:
        _write_sheet(book, table, resolver, formats)
    if not document.tables:
        book.add_worksheet("No tables")
    book.close()
    return stream.getvalue()


class _Formats:
    """Formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 - untyped library
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def get(self, **settings: object) -> Any:  # noqa: ANN401 - untyped library
        key = tuple(sorted(settings.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **settings})
        return self._made[key]


def _write_sheet(book: Any, table: Table, resolver: Resolver, formats: _Formats) -> None:  # noqa: ANN401
    label = resolver.labels[table.id]
    sheet = book.add_worksheet(label)
    caption = f"{label}. {resolver.text(table.caption)}"
    counts = [_count_numbers(table, place) for place in range(len(table.columns))]
    aligns = [
        _align(column.align)
        for column, count in zip(table.columns, counts, strict=True)
        for _ in range(count)
    ]
    widths = _write_heads(sheet, table, counts, resolver, formats)
    line = 3
    for row in table.rows:
        line = _write_row(sheet, row, line, counts, resolver, formats, widths, aligns)
    widths = [min(width, WIDEST) + 1.5 for width in widths]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    _write_across(sheet, 0, caption, widths, formats.get(bold=True, font_size=12, text_wrap=True))
    for offset, note in enumerate(table.notes, start=1):
        style = formats.get(italic=True, text_wrap=True)
        _write_across(sheet, line + offset, resolver.text(note), widths, style)
    _set_up_print(sheet, caption, len(widths))


def _write_across(sheet: Any, line: int, text: str, widths: list[float], style: Any) -> None:  # noqa: ANN401
    """Write a text over the whole width of the table, on as many lines as it needs."""
    sheet.merge_range(line, 0, line, len(widths) - 1, text, style)
    sheet.set_row(line, LINE * ceil(1.15 * len(text) / sum(widths)))


def _set_up_print(sheet: Any, caption: str, columns: int) -> None:  # noqa: ANN401
    sheet.freeze_panes(3, 1)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.hide_gridlines(2)
    if columns > 6:
        sheet.set_landscape()
    sheet.set_header("&L" + caption.replace("&", "&&")[:200])
    sheet.set_footer("&CPage &P of &N")


def _count_numbers(table: Table, place: int) -> int:
    """Return how many columns a column needs: the most numbers in one line of its cells."""
    cells = [row.cells[place] for row in table.rows if place < len(row.cells)]
    lines = [line for cell in cells for line in _split(cell)]
    return max([1, *(sum(_is_number(run) for run in line) for line in lines)])


def _is_number(run: object) -> bool:
    return isinstance(run, Number) and run.form != "date"


def _split(runs: Runs) -> list[Runs]:
    lines: list[list[Any]] = [[]]
    for run in runs:
        if isinstance(run, Break):
            lines.append([])
        else:
            lines[-1].append(run)
    return [tuple(line) for line in lines]


def _write_heads(
    sheet: Any,  # noqa: ANN401
    table: Table,
    counts: list[int],
    resolver: Resolver,
    formats: _Formats,
) -> list[float]:
    widths: list[float] = []
    for column, count in zip(table.columns, counts, strict=True):
        head = resolver.text(column.head)
        parts = column.parts or ("",) * count
        for part in parts[:count] if count > 1 else [""]:
            text = f"{head}: {part}" if part else head
            style = formats.get(
                bold=True, bottom=1, top=2, text_wrap=True, align=_align(column.align)
            )
            sheet.write_string(2, len(widths), text, style)
            widths.append(min(len(text), 18))
    sheet.set_row(2, LINE * 3)
    return widths


def _align(align: str) -> str:
    return "right" if align == "right" else "left"


def _write_row(
    sheet: Any,  # noqa: ANN401
    row: Row,
    line: int,
    counts: list[int],
    resolver: Resolver,
    formats: _Formats,
    widths: list[float],
    aligns: list[str],
) -> int:
    cells = [[_line_cells(part, resolver) for part in _split(cell)] for cell in row.cells]
    height = max(len(cell) for cell in cells)
    style: dict[str, object] = {"bold": True} if row.kind != "body" else {}
    column = 0
    for cell, count in zip(cells, counts, strict=False):
        for offset, parts in enumerate(cell):
            for step, part in enumerate(parts):
                place = column + step
                _write_cell(
                    sheet, line + offset, place, part, formats, {**style, "align": aligns[place]}
                )
                if row.kind != "section":
                    widths[place] = max(widths[place], len(part.printed))
        column += count
    longest = max(len(part.printed) for cell in cells for parts in cell for part in parts)
    if longest > WIDEST:
        sheet.set_row(line, LINE * ceil(1.1 * longest / WIDEST))
    return line + height


def _write_cell(
    sheet: Any,  # noqa: ANN401
    line: int,
    column: int,
    cell: Cell,
    formats: _Formats,
    style: dict[str, object],
) -> None:
    if isinstance(cell.value, str):
        wrap = {"text_wrap": True} if len(cell.value) > WIDEST else {}
        sheet.write_string(line, column, cell.value, formats.get(**style, **wrap))
    else:
        sheet.write_number(line, column, cell.value, formats.get(**style, num_format=cell.form))


def _line_cells(runs: Runs, resolver: Resolver) -> list[Cell]:
    """Turn a line into cells: one per number with the words around it, or one of text."""
    places = [place for place, run in enumerate(runs) if _is_number(run)]
    if not places:
        text = resolver.text(runs)
        return [Cell(text, printed=text)]
    if len(places) == 1:
        number = runs[places[0]]
        before, after = resolver.text(runs[: places[0]]), resolver.text(runs[places[0] + 1 :])
        return [_number_cell(number, before, after, resolver)]  # type: ignore[arg-type]
    return [_number_cell(runs[place], "", "", resolver) for place in places]  # type: ignore[arg-type]


def _number_cell(number: Number, before: str, after: str, resolver: Resolver) -> Cell:
    value = compute_number(number, resolver.tree)
    printed = resolver.text((Words(before), number, Words(after)))
    value *= 100 if number.form == "points" else 1
    pattern = _pattern(number, printed)
    quoted = [f'"{text}"' if text else "" for text in (before, after)]
    return Cell(value, f"{quoted[0]}{pattern}{quoted[1]}", printed)


def _pattern(number: Number, printed: str) -> str:
    """Return the spreadsheet format that shows a number as it is printed."""
    if number.form in ("p", "p_cell"):
        return f'[<{SMALLEST_P}]"<{SMALLEST_P}";0.000'
    digits = printed.partition(".")[2]
    decimals = len(digits) - len(digits.lstrip("0123456789"))
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    sign = {"percent": "%", "percentage": '"%"'}.get(number.form, "")
    return pattern + sign
