"""Files that must not be taken, or not as they are."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
from openpyxl.comments import Comment

from tests.web.returns.cases import PLANTED, find_cell, good_file


def with_parts(parts: Mapping[str, bytes], content: bytes | None = None) -> bytes:
    """A workbook with more parts in its package, or others in place of its own."""
    old = zipfile.ZipFile(io.BytesIO(content or good_file()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


def book(edit: Callable[[Any], None]) -> bytes:
    """Dudley's workbook, edited as a whole."""
    opened = openpyxl.load_workbook(io.BytesIO(good_file()))
    edit(opened)
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def with_macros() -> bytes:
    """A workbook named .xlsx that carries macros."""
    return with_parts({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 code"})


def bomb() -> bytes:
    """A workbook whose sheet unpacks to far more than it should."""
    return with_parts({"xl/worksheets/sheet1.xml": b" " * (48 * 2**20)})


def name_in_cell(opened: Any) -> None:
    find_cell(opened["Return"], "unique staff id", below=3).value = PLANTED


def name_above_headings(opened: Any) -> None:
    opened["Return"]["C1"] = f"Mrs {PLANTED}"


def name_in_another_sheet(opened: Any) -> None:
    sheet = opened.create_sheet("Key")
    sheet.append(("Staff ID", "Surname"))
    sheet.append(("CTV553", PLANTED))


def name_of_a_sheet(opened: Any) -> None:
    opened["Return"].title = f"Mrs {PLANTED}"


def name_in_a_comment(opened: Any) -> None:
    cell = find_cell(opened["Return"], "unique staff id", below=2)
    cell.comment = Comment("please check", PLANTED)


def name_in_a_column_of_its_own(opened: Any) -> None:
    sheet = opened["Return"]
    column = sheet.max_column + 1
    row = find_cell(sheet, "unique staff id", below=0).row
    sheet.cell(row, column).value = "Full name"
    sheet.cell(row + 1, column).value = PLANTED


NAMES: tuple[Callable[[Any], None], ...] = (
    name_in_cell,
    name_above_headings,
    name_in_another_sheet,
    name_of_a_sheet,
    name_in_a_comment,
    name_in_a_column_of_its_own,
)

HIDDEN = (
    "xl/pivotCache/pivotCacheRecords1.xml",
    "xl/externalLinks/externalLink1.xml",
    "xl/embeddings/oleObject1.bin",
    "xl/revisions/revisionLog1.xml",
    "xl/threadedComments/../persons/person.xml",
)
