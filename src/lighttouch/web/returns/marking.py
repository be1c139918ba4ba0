"""What the coordinator gets back: the file with its findings marked, or their list as a table."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

import polars as pl
from django.db import transaction

from lighttouch.core.errors import ReturnError
from lighttouch.core.returns.findings import CheckedReturn, Finding
from lighttouch.core.returns.workbook import write_findings_workbook
from lighttouch.web.returns.convert import findings_of
from lighttouch.web.returns.models import Version
from lighttouch.web.returns.resting import empty_folder, resting
from lighttouch.web.storage.actions import keep
from lighttouch.web.storage.models import StoredFile
from lighttouch.web.storage.queries import read_bytes

QUICK = 256 * 1024
"""A file up to this size is marked while somebody waits; a larger one in the background."""

HEADINGS = ("What to do", "Sheet", "Row", "Column", "Heading", "What was found", "Remedy", "Rows")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def is_quick(version: Version) -> bool:
    """Say whether the marked copy can be had at once: it is there, or the file is small."""
    if version.marked_id is not None:
        return True
    if version.original_id is None:
        return False
    size = StoredFile.objects.filter(pk=version.original_id).values_list("size", flat=True).first()
    return size is not None and size <= QUICK


def mark(version: Version) -> bytes:
    """Return the file of a version with every finding marked, as ``.xlsx``.

    Raises
    ------
    ReturnError
        If nothing of the file was kept.
    """
    if version.original is None:
        raise ReturnError(
            "nothing of this file was kept, so it cannot be marked",
            where=f"version {version.number}",
            remedy="Use the list of findings",
        )
    checked = CheckedReturn(pl.DataFrame(), findings_of(version))
    content = read_bytes(version.original)
    with resting(content, version.filename_suffix) as path, empty_folder() as folder:
        write_findings_workbook(path, checked, folder / "marked.xlsx")
        return (folder / "marked.xlsx").read_bytes()


def keep_marked(*, version: Version, now: datetime) -> None:
    """Mark a version's file and keep the copy, for fetching later; doing it again is no harm."""
    content = mark(version)
    with transaction.atomic():
        fresh = Version.objects.select_for_update().get(pk=version.pk)
        if fresh.original_id is not None:
            fresh.marked = keep(content, now=now)
            fresh.save(update_fields=("marked",))


def write_list(findings: tuple[Finding, ...]) -> str:
    """Return findings as comma-separated text that no spreadsheet takes for formulas."""
    rows = [
        (
            "Put right" if one.blocks else "Please look",
            one.sheet,
            one.row,
            one.column,
            one.heading,
            one.fault[:1].upper() + one.fault[1:],
            one.remedy,
            one.count,
        )
        for one in findings
    ]
    return write_table(HEADINGS, rows)


def write_table(headings: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    """Return a table as comma-separated text, every cell guarded."""
    out = io.StringIO()
    out.write("\ufeff")  # so that spreadsheet programs read it as UTF-8
    table = csv.writer(out)
    for row in (headings, *rows):
        table.writerow([guard_cell(cell) for cell in row])
    return out.getvalue()


def guard_cell(cell: object) -> object:
    """Put an apostrophe before what a spreadsheet would run as a formula.

    Examples
    --------
    >>> guard_cell("=1+1"), guard_cell("Return"), guard_cell(7)
    ("'=1+1", 'Return', 7)
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_DANGEROUS):
        return f"'{cell}"
    return "" if cell is None else cell
