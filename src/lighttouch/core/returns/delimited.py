"""Reading delimited text: whichever separator and encoding, fast when the file is clean.

A clean file is read once, numbers straight into numbers. Any stumble (a word among the numbers,
a stray byte, a row too long) falls back: first to text cells, then to Python's own reader, which
takes any file and keeps the row numbers.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.returns.columns import Column
from lighttouch.core.returns.headings import HeadingMatch, match_headings

_SEPARATORS = (",", ";", "\t", "|")
_LOOK_AHEAD = 64 * 1024
_ROWS_LOOKED_AT = 30
_LONGEST_CELL = 32_767  # what a spreadsheet cell can hold
_MOST_COLUMNS = 1_024

FindHeadings = Callable[[Sequence[Sequence[str | None]]], int | None]


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """The cells of a text file below its headings; ``ragged`` lists rows with too many cells."""

    above: list[list[str | None]]
    match: HeadingMatch
    cells: pl.DataFrame
    ragged: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Layout:
    separator: str
    header_index: int
    lines_above: int
    width: int


def read_delimited(
    path: Path, find_headings: FindHeadings, columns: Sequence[Column | ExtraColumn]
) -> DelimitedTable | None:
    """Read delimited text below the headings that ``find_headings`` finds; None without any.

    Raises
    ------
    InputError
        If a cell is longer than any spreadsheet cell, or the headings are too many.
    """
    with path.open("rb") as file:
        start = file.read(_LOOK_AHEAD)
    head = _decode(start)
    found = next(filter(None, (_find_layout(head, s, find_headings) for s in _SEPARATORS)), None)
    if found is None:
        return None
    layout, top = found
    if layout.width > _MOST_COLUMNS:
        raise InputError(
            "the file has too many columns", where=path.name, remedy="Use the template"
        )
    match = match_headings(top[-1], columns)
    numbers = {c.id for c in columns if c.kind in ("number", "count")}
    typed = {p for key, p in match.columns.items() if key in numbers}
    cells, ragged = _read_cells(path, start, layout, typed)
    return DelimitedTable(top[:-1], match, cells, ragged)


def read_rows(path: Path) -> list[list[str]]:
    """Return every cell of a text file as it stands, for showing it to its sender again."""
    text = _decode(path.read_bytes()).replace("\0", "")
    counts = {separator: text[:_LOOK_AHEAD].count(separator) for separator in _SEPARATORS}
    separator = max(_SEPARATORS, key=lambda s: counts[s])
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _find_layout(
    head: str, separator: str, find_headings: FindHeadings
) -> tuple[_Layout, list[list[str | None]]] | None:
    """Return the layout if this is the separator, and the rows down to the headings."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    rows: list[list[str | None]] = []
    lines = [0]
    for cells in islice(reader, _ROWS_LOOKED_AT):
        rows.append([cell.strip() or None for cell in cells])
        lines.append(reader.line_num)
    index = find_headings(rows)
    if index is None:
        return None
    return _Layout(separator, index, lines[index], len(rows[index])), rows[: index + 1]


def _decode(data: bytes) -> str:
    """Decode text that may be UTF-16, UTF-8 with or without a mark, Windows-1252, or a mixture."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(_decode_line(line) for line in data.splitlines(keepends=True))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _read_cells(
    path: Path, start: bytes, layout: _Layout, typed: set[int]
) -> tuple[pl.DataFrame, tuple[int, ...]]:
    fits = not start.startswith((b"\xff\xfe", b"\xfe\xff")) and _has_plain_lines(start)
    for numbers in (typed, set()) if fits else ():
        frame = _read_fast(path, layout, numbers)
        if frame is not None:
            return frame, ()
    return _read_slowly(path, layout)


def _has_plain_lines(start: bytes) -> bool:
    return b"\n" in start and b"\r" not in start.replace(b"\r\n", b"")


def _read_fast(path: Path, layout: _Layout, numbers: set[int]) -> pl.DataFrame | None:
    positions = range(layout.width)
    try:
        frame = pl.read_csv(
            path,
            separator=layout.separator,
            skip_lines=layout.lines_above,
            new_columns=[str(p) for p in positions],
            schema_overrides=[pl.Float64() if p in numbers else pl.String() for p in positions],
        )
    except (pl.exceptions.PolarsError, OSError):
        return None
    return frame.with_row_index("row", offset=layout.header_index + 2)


def _read_slowly(path: Path, layout: _Layout) -> tuple[pl.DataFrame, tuple[int, ...]]:
    text = _decode(path.read_bytes()).replace("\0", "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.separator)
    ragged: list[int] = []
    width = layout.width
    columns: list[list[str | None]] = [[] for _ in range(width)]
    for row, cells in _rows_below(reader, layout, path):
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            ragged.append(row)
        padded = (*cells[:width], *([None] * (width - len(cells))))
        for column, cell in zip(columns, padded, strict=True):
            column.append(cell or None)
    frame = pl.DataFrame({str(p): pl.Series(c, dtype=pl.String) for p, c in enumerate(columns)})
    return frame.with_row_index("row", offset=layout.header_index + 2), tuple(ragged)


def _rows_below(
    reader: Iterator[list[str]], layout: _Layout, path: Path
) -> Iterator[tuple[int, list[str]]]:
    try:
        for index, cells in enumerate(reader):
            if index > layout.header_index:
                yield index + 1, cells
    except csv.Error as error:
        raise InputError(
            f"a cell is longer than {_LONGEST_CELL:,} characters or a quotation mark is unclosed",
            where=path.name,
            remedy="Save the file again from the spreadsheet program, or send .xlsx",
        ) from error
