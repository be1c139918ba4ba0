"""Reading a return from ``.xlsx``, ``.ods`` or ``.csv``: tolerant of form, strict about meaning.

Headings may be spelled and ordered as they please and stand in any of the first 30 rows; blank
rows and notes are passed over. Nothing is converted here beyond what the file's format says, so
that every check can still name the cell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.columns import Column
from lighttouch.core.returns.delimited import read_delimited
from lighttouch.core.returns.findings import Finding, Findings, Place
from lighttouch.core.returns.guarding import (
    NOTHING,
    FileKind,
    Look,
    SheetCells,
    column_letter,
    detect_kind,
    inspect_workbook,
)
from lighttouch.core.returns.headings import HeadingMatch, columns_of, match_headings
from lighttouch.core.returns.preamble import Declared, read_preamble

Columns = Sequence[Column | ExtraColumn]
Letter = Callable[[int], str]

HEADER_ROWS = 30
FEWEST_HEADINGS = 3
OTHER = "other:"


@dataclass(frozen=True, slots=True)
class RawReturn:
    """A return as it stands in the file.

    Parameters
    ----------
    source, sheet
        Name of the file and of its sheet (the file's name again for ``.csv``).
    frame
        ``row`` (UInt32, the row number the officer sees), one column per recognised heading (by
        identifier; String, or Float64 where the file's own numbers were read as such), and one
        String column ``other:<letter>`` per column nobody asked for.
    places
        Letter and heading of each column of the frame.
    declared
        What the rows above the headings say about partner, wave, period and date.
    findings
        What was noticed while reading.
    """

    source: str
    sheet: str
    frame: pl.DataFrame
    places: Mapping[str, Place]
    declared: Declared
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """The cells below the headings, and what stood above them."""

    sheet: str
    above: Sequence[Sequence[str | None]]
    match: HeadingMatch
    first_column: int
    cells: pl.DataFrame  # "row", then one column per position, named by its position
    note: SheetCells = NOTHING
    ragged: tuple[int, ...] = ()


def read_return(path: Path, trial: Trial, wave_id: str) -> RawReturn:
    """Read a partner's return.

    Parameters
    ----------
    path
        An ``.xlsx``, ``.ods`` or ``.csv`` file (comma, semicolon or tab; UTF-8, UTF-16 or
        Windows-1252, even mixed).
    trial, wave_id
        Whose columns are looked for.

    Raises
    ------
    InputError
        If the file is not a readable spreadsheet or has no row of headings.
    """
    kind = detect_kind(path)
    columns = columns_of(trial, wave_id)
    table = _read_text(path, columns) if kind == "csv" else _read_workbook(path, kind, columns)
    return _describe(path, table, {column.id: column.heading for column in columns})


def find_headings(rows: Sequence[Sequence[str | None]], columns: Columns) -> int | None:
    """Return the index of the row that holds the most known headings, or None.

    A row counts only if it has at least three of them, or all the columns there are.
    """
    best, most = None, FEWEST_HEADINGS - 1
    for index, cells in enumerate(rows[:HEADER_ROWS]):
        if sum(cell is not None for cell in cells) <= most:
            continue
        known = len(match_headings(cells, columns).columns)
        if known > most:
            best, most = index, known
    return best


def _no_headings(path: Path) -> InputError:
    return InputError(
        f"no row of headings was found in the first {HEADER_ROWS} rows",
        where=path.name,
        remedy="Use the template: keep its row of headings above the data",
    )


def _read_text(path: Path, columns: Columns) -> _Table:
    read = read_delimited(path, lambda rows: find_headings(rows, columns), columns)
    if read is None:
        raise _no_headings(path)
    return _Table(path.name, read.above, read.match, 0, read.cells, ragged=read.ragged)


def _read_workbook(path: Path, kind: FileKind, columns: Columns) -> _Table:
    looks = inspect_workbook(path, kind)
    try:
        book = fastexcel.read_excel(path)
        names = sorted(book.sheet_names, key=lambda name: name.strip().lower() != "return")
        for name in names:
            table = _read_sheet(book, name, columns, looks.get(name, SheetCells))
            if table is not None:
                return table
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise _damaged(path) from error
    raise _no_headings(path)


def read_sheets(path: Path) -> dict[str, list[tuple[str | None, ...]]]:
    """Return every cell of a workbook as text, by sheet, for showing it to its sender again."""
    inspect_workbook(path, detect_kind(path))
    try:
        book = fastexcel.read_excel(path)
        frames = {name: _load_cells(book, name) for name in book.sheet_names}
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise _damaged(path) from error
    return {
        name: [(None,) * first + row for row in frame.rows()]
        for name, (frame, first) in frames.items()
    }


def _damaged(path: Path) -> InputError:
    return InputError(
        "the file is damaged or cut short",
        where=path.name,
        remedy="Open the file in the spreadsheet program, save it again and send the new copy",
    )


def _load_cells(book: fastexcel.ExcelReader, name: str) -> tuple[pl.DataFrame, int]:
    """Return a sheet's cells as text from row 1 on, and the position of their first column."""
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    frame = sheet.to_polars()
    if frame.height == 0 or frame.width == 0:
        return pl.DataFrame(), 0
    first = sheet.available_columns()[0].absolute_index
    return frame.rename({old: str(i) for i, old in enumerate(frame.columns)}), first or 0


def _read_sheet(
    book: fastexcel.ExcelReader, name: str, columns: Columns, look: Look
) -> _Table | None:
    frame, first = _load_cells(book, name)
    head = [list(row) for row in frame.head(HEADER_ROWS).rows()]
    index = find_headings(head, columns)
    if index is None:
        return None
    cells = frame.slice(index + 1).with_row_index("row", offset=index + 2)
    return _Table(name, head[:index], match_headings(head[index], columns), first, cells, look())


def _describe(path: Path, table: _Table, headings: Mapping[str, str]) -> RawReturn:
    def letter(position: int) -> str:
        return column_letter(position + table.first_column)

    match = table.match
    places = {key: Place(letter(p), headings[key]) for key, p in match.columns.items()}
    others = [p for p in range(table.cells.width - 1) if p not in match.columns.values()]
    places |= {f"{OTHER}{letter(p)}": Place(letter(p), "") for p in others}
    frame = table.cells.select(
        "row",
        *(pl.col(str(p)).alias(key) for key, p in match.columns.items()),
        *(pl.col(str(p)).cast(pl.String).alias(f"{OTHER}{letter(p)}") for p in others),
    )
    findings = Findings(table.sheet, places)
    _note_columns(findings, match, letter)
    _note_cells(findings, table)
    declared = read_preamble(table.above, findings)
    return RawReturn(path.name, table.sheet, frame, places, declared, tuple(findings.found))


def _note_columns(findings: Findings, match: HeadingMatch, letter: Letter) -> None:
    for position, key in match.repeated.items():
        findings.add(
            "repeated_column",
            fault=f"this column has the same meaning as column {findings.places[key].letter}",
            remedy="Keep one of the two and delete the other",
            blocks=True,
            column=letter(position),
        )
    for position in match.personal:
        findings.add(
            "personal_column",
            fault="the heading asks for a personal detail, which must not leave the organisation",
            remedy="Delete the whole column",
            blocks=True,
            column=letter(position),
        )
    for position in match.unknown:
        findings.add(
            "unknown_column",
            fault="the trial does not ask for this column, so it is not kept",
            remedy="Delete it, or correct the heading if it is meant to be one of the template's",
            blocks=False,
            column=letter(position),
        )


def _note_cells(findings: Findings, table: _Table) -> None:
    first = len(table.above) + 2
    notes = (
        ("formula", table.note.formulas, False, "the cell holds a formula; its last result is used",
         "Paste the values over the formulas"),
        ("formula_without_value", table.note.unreadable, True,
         "the cell holds a formula whose result was not saved",
         "Open the file in the spreadsheet program, paste the values over the formulas and save"),
        ("error_value", table.note.errors, True, "the cell holds a spreadsheet error",
         "Correct the formula or type the value"),
    )  # fmt: skip
    by_letter = {
        place.letter: key for key, place in findings.places.items() if not key.startswith(OTHER)
    }
    for code, cells, blocks, fault, remedy in notes:
        columns: dict[str, list[int]] = {}
        for row, letter in cells:
            if row >= first and letter in by_letter:
                columns.setdefault(letter, []).append(row)
        for letter, rows in columns.items():
            findings.add_rows(
                code, rows, fault=fault, remedy=remedy, blocks=blocks, column=by_letter[letter]
            )
    findings.add_rows(
        "too_many_cells",
        table.ragged,
        fault="the row has more cells than there are headings, so its values may have slipped",
        remedy="Put text that contains the separator in quotation marks, or send .xlsx",
        blocks=True,
    )
