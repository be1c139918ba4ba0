"""Spreadsheets as councils fill them in: right in substance, each untidy in its own way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import polars as pl
import xlsxwriter

from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.returns.columns import Column
from lighttouch.core.simulation.profile import Format

Cell = str | float | int | bool | date | None
FORMATS: tuple[Format, ...] = ("xlsx", "ods", "csv", "csv_semicolon", "csv_windows")
_MADE = datetime(2019, 1, 1, tzinfo=UTC)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "staff_id": ("Staff ID", "Unique Staff ID", "STAFF ID ", "Employee number"),
    "team": ("Team ID", "Team", "TEAM CODE"),
    "building": ("Building ID", "Site code", "Office"),
    "role": ("Role", "Job role", "ROLE"),
    "gender": ("Gender", "Sex", " gender"),
    "tenure_months": (
        "Length of employment (months)",
        "Length of employment at LA (months)",
        "Months of service",
    ),
    "contract": ("Contract", "Contract type", "CONTRACT"),
    "days_per_week": ("Contracted days per week", "Days per week", "days a week"),
    "absence_days": (
        "All absence, incl. holiday (days)",
        "Overall absence, incl. holiday (no. of days)",
        "TOTAL ABSENCE (days)",
    ),
    "illness_days": (
        "Illness absence (days)",
        "Illness related absence (no. of days)",
        "Sickness absence (days)",
    ),
    "illness_spells": (
        "Illness absence (spells)",
        "Number of illness related spells of absence",
        "Sickness episodes",
    ),
    "leaving_date": ("Date left (if left)", "Leaving date", "Date left"),
}
_NOTES = ("as agreed", "checked", "see e-mail of last week")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the table: the partner's name and the day the data were taken."""

    partner: str
    retrieved: date


def lay_out_sheet(
    record: pl.DataFrame,
    columns: Sequence[Column | ExtraColumn],
    heading: Heading,
    rng: np.random.Generator,
) -> list[list[Cell]]:
    """Lay a return out as a council would.

    Instructions are kept or lost, headings spelt in the council's own way, columns reordered,
    empty rows left, a column of notes added: nothing that changes what the return says.

    Parameters
    ----------
    record
        The rows to send, with the columns named.
    columns
        The columns to send, in the template's order.
    heading
        What to write above the table.
    rng
        Draws the council's habits.

    Returns
    -------
    list of list
        Rows of cells.
    """
    order = rng.permutation(len(columns)) if rng.random() < 0.5 else np.arange(len(columns))
    chosen = [columns[place] for place in order]
    body = [list(row) for row in record.select(one.id for one in chosen).iter_rows()]
    shouting = bool(rng.random() < 0.3)
    body = [[_spell(cell, shouting) for cell in row] for row in body]
    heads: list[Cell] = [_spell_heading(one, rng) for one in chosen]
    if rng.random() < 0.4:
        heads.append("Notes")
        body = [[*row, _note(rng)] for row in body]
    for place in sorted(rng.integers(1, len(body) + 1, size=int(rng.integers(0, 4))), reverse=True):
        body.insert(int(place), [None] * len(heads))
    above: list[list[Cell]] = [
        ["Please fill in one row for each member of staff and return by the due date."],
        ["Use codes only. Keep the key to the codes yourselves."],
    ]
    lines = above[: int(rng.integers(0, 3))]
    named: list[list[Cell]] = [
        ["Local Authority:", heading.partner],
        ["Date data retrieved:", heading.retrieved],
    ]
    gap: list[list[Cell]] = [[]] * int(rng.integers(0, 2))
    return [*lines, *named, *gap, heads, *body]


def _spell_heading(column: Column | ExtraColumn, rng: np.random.Generator) -> str:
    spellings = _SPELLINGS.get(column.id, (column.heading, column.heading.upper()))
    return str(rng.choice(np.array(spellings)))


def _spell(cell: Cell, shouting: bool) -> Cell:
    """Write a choice in words, as people do; leave codes, numbers and dates as they are."""
    if isinstance(cell, str) and cell.islower():
        words = cell.replace("_", " ")
        return words.upper() if shouting else words.capitalize()
    if isinstance(cell, bool):
        return ("Y" if cell else "N") if shouting else ("Yes" if cell else "No")
    return cell


def _note(rng: np.random.Generator) -> Cell:
    return str(rng.choice(np.array(_NOTES))) if rng.random() < 0.02 else None


def write_sheet(rows: Sequence[Sequence[Cell]], path: Path, file_format: Format) -> Path:
    """Write rows of cells in one of the formats councils send; the same rows give the same bytes.

    Parameters
    ----------
    rows
        Rows of cells.
    path
        Where to write, without the ending, which follows from the format.
    file_format
        ``csv_semicolon`` has a byte-order mark and semicolons, as continental settings give;
        ``csv_windows`` is in Windows-1252.

    Returns
    -------
    Path
        The file written.
    """
    target = path.with_suffix("." + file_format.partition("_")[0])
    if file_format == "xlsx":
        _write_xlsx(rows, target)
    elif file_format == "ods":
        _write_ods(rows, target)
    else:
        separator = ";" if file_format == "csv_semicolon" else ","
        text = "".join(separator.join(_quote(c, separator) for c in row) + "\r\n" for row in rows)
        encodings = {"csv_semicolon": "utf-8-sig", "csv_windows": "cp1252"}
        target.write_bytes(text.encode(encodings.get(file_format, "utf-8"), errors="replace"))
    return target


def _write_xlsx(rows: Sequence[Sequence[Cell]], path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": _MADE})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Return")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write_number(number, place, cell)


def _quote(cell: Cell, separator: str) -> str:
    text = _write_text(cell)
    return f'"{text}"' if separator in text else text


def _write_text(cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float):
        return f"{cell:g}"
    return "" if cell is None else str(cell)


_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.3"'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="Return">'
)
_ODS_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.3"'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def _write_ods(rows: Sequence[Sequence[Cell]], path: Path) -> None:
    lines = "".join(
        f"<table:table-row>{''.join(_ods_cell(cell) for cell in row) or _ods_cell(None)}"
        "</table:table-row>"
        for row in rows
    )
    with ZipFile(path, "w") as package:
        package.writestr(ZipInfo("mimetype", _ZIP_DATE), _ODS_TYPE, ZIP_STORED)
        content = ZipInfo("content.xml", _ZIP_DATE)
        package.writestr(content, _ODS_HEAD + lines + _ODS_TAIL, ZIP_DEFLATED)
        package.writestr(ZipInfo("META-INF/manifest.xml", _ZIP_DATE), _ODS_MANIFEST, ZIP_DEFLATED)


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, date):
        kind = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
    elif isinstance(cell, str):
        kind = 'office:value-type="string"'
    else:
        kind = f'office:value-type="float" office:value="{cell}"'
    return (
        f"<table:table-cell {kind}><text:p>{escape(_write_text(cell))}</text:p></table:table-cell>"
    )
