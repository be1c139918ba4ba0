"""Names where the core does not look: other sheets, comments, hidden copies, a file's properties.

The core checks every cell of the sheet it reads. The file itself is kept too, so whatever else is
in it is looked at here, and what spreadsheet programs write of their own accord (who made the
file, who saved it) is taken out before the file is kept.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import fastexcel
import polars as pl

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.findings import Finding
from lighttouch.core.returns.guarding import open_package
from lighttouch.core.returns.headings import columns_of, match_headings
from lighttouch.core.returns.personal import PERSONAL_WORDS, classify_personal

PERSONAL_CODES = frozenset(
    {
        "personal_column",
        "personal_note",
        "looks_like_name",
        "looks_like_email",
        "looks_like_phone",
        "looks_like_ni_number",
        "personal_elsewhere",
        "hidden_copy",
    }
)
"""Findings for which a file is deleted at once and not kept."""

_HEADING_ROWS = 30
_OURS = frozenset({"", "lighttouch"})
_HIDDEN = (
    (re.compile(r"xl/pivotcache/", re.IGNORECASE),
     "the workbook has a pivot table, which keeps a hidden copy of what it was made from"),
    (re.compile(r"xl/externallinks/", re.IGNORECASE),
     "the workbook refers to other workbooks and keeps hidden copies of their cells"),
    (re.compile(r"xl/embeddings/", re.IGNORECASE),
     "the workbook has other files inside it"),
    (re.compile(r"xl/revisions/", re.IGNORECASE),
     "the workbook keeps a record of who changed what, with what stood there before"),
)  # fmt: skip
_COPY_INTO_TEMPLATE = (
    "Copy the values of the return into the template (paste values only) and send that"
)
_COMMENTS = re.compile(r"xl/(comments|persons/|threadedcomments/).*\.xml$", re.IGNORECASE)
_AUTHOR = re.compile(rb"<(?:\w+:)?author(?:\s[^>]*)?>([^<]*)</", re.IGNORECASE)
_PERSON = re.compile(rb'displayName="([^"]+)"')
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</")
_DAMAGED = (
    fastexcel.FastExcelError,
    pl.exceptions.PolarsError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
_BLANKED = re.compile(r"^(docProps/.*\.xml|meta\.xml)$", re.IGNORECASE)
_BLANKS = {
    "docprops/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b"<cp:coreProperties xmlns:cp="
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docprops/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docprops/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b"<Properties xmlns="
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
    "meta.xml": b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta '
    b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"/>',
}


def find_personal(text: str) -> str:
    """Say what kind of personal detail a text written by somebody seems to hold; empty if none.

    Examples
    --------
    >>> find_personal("Ring me on 07700 900123"), find_personal("Two teams were merged in May")
    ('a telephone number', '')
    """
    pieces = [piece.strip() for piece in re.split(r"[.;:!?\n()]+", text) if piece.strip()]
    kinds = classify_personal(pl.Series([text.strip(), *pieces], dtype=pl.String), "text")
    found = next((kind for kind in kinds if kind is not None), None)
    return "" if found is None else PERSONAL_WORDS[found]


def look_elsewhere(path: Path, sheet: str, trial: Trial, wave_id: str) -> list[Finding]:
    """Look for names in the parts of a workbook that the return is not read from.

    Parameters
    ----------
    path
        An ``.xlsx`` or ``.ods`` file that was read already, so that it is no bomb.
    sheet
        Name of the sheet the return was read from.
    trial, wave_id
        Whose headings are known.
    """
    try:
        return [*_hidden_parts(path), *_comments(path), *_sheets(path, sheet, trial, wave_id)]
    except _DAMAGED as error:
        raise InputError(
            "a part of the workbook is damaged", where=path.name, remedy=_COPY_INTO_TEMPLATE
        ) from error


def without_properties(content: bytes) -> bytes:
    """Return a workbook without the names its program wrote into its properties.

    Every other part stays as it is, byte for byte. Plain text has no properties.
    """
    if not content.startswith(b"PK"):
        return content
    try:
        return _blank_properties(content)
    except _DAMAGED as error:
        raise InputError(
            "the workbook is damaged", where="the workbook", remedy=_COPY_INTO_TEMPLATE
        ) from error


def _blank_properties(content: bytes) -> bytes:
    package = BytesIO(content)
    with zipfile.ZipFile(package, "a") as book:
        for entry in [e for e in book.infolist() if _BLANKED.match(e.filename)]:
            _overwrite(package, entry)
            book.filelist.remove(entry)
            book.NameToInfo.pop(entry.filename, None)
            if blank := _BLANKS.get(entry.filename.lower()):
                book.writestr(zipfile.ZipInfo(entry.filename), blank)
    return package.getvalue()


def _overwrite(package: BytesIO, entry: zipfile.ZipInfo) -> None:
    """Fill a member with nothing where it stands: its place in the list of members goes later."""
    view = package.getbuffer()
    try:
        start = entry.header_offset
        name = int.from_bytes(view[start + 26 : start + 28], "little")
        extra = int.from_bytes(view[start + 28 : start + 30], "little")
        first = start + 30 + name + extra
        view[first : first + entry.compress_size] = bytes(entry.compress_size)
    finally:
        view.release()


def _hidden_parts(path: Path) -> Iterator[Finding]:
    with open_package(path) as package:
        names = package.namelist()
    for pattern, fault in _HIDDEN:
        if any(pattern.search(name) for name in names):
            yield _finding("the workbook", fault, _COPY_INTO_TEMPLATE, code="hidden_copy")


def _comments(path: Path) -> Iterator[Finding]:
    with open_package(path) as package:
        names = [n for n in package.namelist() if _COMMENTS.search(n) or n == "content.xml"]
        parts = [package.read(name) for name in names]
    if any(_is_personal_comment(xml) for xml in parts):
        yield _finding(
            "the workbook",
            "a comment, or a record of changes, holds a name: of whoever wrote it, or in its text",
            "Delete the comments, and stop recording changes",
        )


def _is_personal_comment(xml: bytes) -> bool:
    if b"office:document-content" in xml[:4000]:
        return b"<dc:creator>" in xml  # only comments and recorded changes have one here
    named = [*_AUTHOR.findall(xml), *_PERSON.findall(xml)]
    authors = {name.decode("utf-8", "replace").strip().lower() for name in named}
    words = " ".join(t.decode("utf-8", "replace") for t in _TEXT.findall(xml))
    return bool(authors - _OURS or find_personal(words))


def _sheets(path: Path, sheet: str, trial: Trial, wave_id: str) -> Iterator[Finding]:
    book = fastexcel.read_excel(path)
    for position, name in enumerate(book.sheet_names, start=1):
        shown = f"sheet {position}"
        if find_personal(name):
            yield _finding(
                shown,
                "the name of this sheet looks like it holds a personal detail",
                "Give the sheet another name",
            )
        if name != sheet:
            yield from _other_sheet(book, name, shown, trial, wave_id)


def _other_sheet(
    book: fastexcel.ExcelReader, name: str, shown: str, trial: Trial, wave_id: str
) -> Iterator[Finding]:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    frame = sheet.to_polars()
    if frame.is_empty():
        return
    columns = columns_of(trial, wave_id)
    head = frame.head(_HEADING_ROWS).rows()
    personal = any(match_headings(cells, columns).personal for cells in head if any(cells))
    texts = pl.concat([column.cast(pl.String) for column in frame.get_columns()])
    texts = texts.str.strip_chars().drop_nulls().unique()
    if personal or classify_personal(texts, "text").null_count() < len(texts):
        yield _finding(
            shown,
            "a sheet that is not part of the return looks like it holds personal details",
            "Delete the whole sheet",
        )


def _finding(sheet: str, fault: str, remedy: str, code: str = "personal_elsewhere") -> Finding:
    return Finding(sheet, None, "", fault, remedy, blocks=True, code=code)
