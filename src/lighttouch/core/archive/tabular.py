"""Tables as plain comma-separated text, the same bytes every time."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from lighttouch.core.errors import ArchiveError, Fault

FIRST_ROW = 2
"""Row of a file's first record, as a spreadsheet shows it: the header is row 1."""


def table_bytes(frame: pl.DataFrame) -> bytes:
    r"""Return a table as bytes: UTF-8, line feeds, numbers in full, dates ISO, null as nothing.

    Examples
    --------
    >>> table_bytes(pl.DataFrame({"a": [1.5, None], "b": ["x", "y"]}))
    b'a,b\n1.5,x\n,y\n'
    """
    plain = frame.with_columns(pl.col(pl.String).replace("", None))
    return plain.write_csv(line_terminator="\n").encode()


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a table; see :func:`table_bytes`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(table_bytes(frame))


def parse_table(content: bytes, *, where: str) -> pl.DataFrame:
    r"""Read a table as text throughout; an empty cell is null.

    Raises
    ------
    ArchiveError
        If the bytes are not a rectangular UTF-8 table with distinct headings.

    Examples
    --------
    >>> parse_table(b"a,b\n1,\n", where="x.csv").rows()
    [('1', None)]
    """
    try:
        names = next(csv.reader(io.StringIO(content.decode("utf-8-sig"))), [])
        frame = pl.read_csv(io.BytesIO(content), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise ArchiveError(
            "the file is not a table",
            where=where,
            remedy="Save it as comma-separated UTF-8 text with one heading per column",
        ) from error
    if len(set(names)) < len(names):
        raise ArchiveError("two columns have the same heading", where=where, remedy="Rename one")
    return frame.with_columns(pl.all().replace("", None))


def read_table(path: Path) -> pl.DataFrame:
    """Read a table from a file; see :func:`parse_table`.

    Raises
    ------
    ArchiveError
        If the file is not there or not a table.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError("the file cannot be read", where=path.name) from error
    return parse_table(content, where=path.name)


def type_columns(frame: pl.DataFrame, kinds: Mapping[str, str], *, where: str) -> pl.DataFrame:
    """Give columns of text the types of their kinds; columns of no known kind stay text.

    Parameters
    ----------
    frame
        A table of text.
    kinds
        ``number``, ``count``, ``date``, ``yes_no``, ``text`` or ``choice`` by column.
    where
        The file, for faults.

    Raises
    ------
    ArchiveError
        If a cell is not of its column's kind.
    """
    parsed = frame.with_columns(
        _parse(name, kinds[name]) for name in frame.columns if name in kinds
    )
    faults = []
    for name in frame.columns:
        lost = (parsed[name].is_null() & frame[name].is_not_null()).arg_true().to_list()
        faults += [
            Fault(f"the cell is no {kinds[name]}", f"{where}, row {row + FIRST_ROW}, column {name}")
            for row in lost
        ]
    if faults:
        raise ArchiveError(faults)
    return parsed


def _parse(name: str, kind: str) -> pl.Expr:
    cell = pl.col(name)
    if kind == "number":
        return cell.cast(pl.Float64, strict=False)
    if kind == "count":
        return cell.cast(pl.Int64, strict=False)
    if kind == "date":
        return cell.str.to_date("%Y-%m-%d", strict=False)
    if kind == "yes_no":
        return cell.replace_strict({"true": True, "false": False}, default=None)
    return cell
