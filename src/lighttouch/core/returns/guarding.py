"""Looking at a file before opening it: what it really is, and whether it is safe to read."""

import re
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal
from xml.parsers import expat

import numpy as np

from lighttouch.core.errors import InputError

FileKind = Literal["xlsx", "ods", "csv"]

LARGEST_FILE = 512 * 2**20
LARGEST_UNPACKED = 640 * 2**20
LARGEST_RATIO = 200
RATIO_MATTERS_FROM = 32 * 2**20
MOST_MEMBERS = 5_000
MOST_CELLS = 40_000_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "Save it as .xlsx, .ods or .csv and send that"
_SEND_AGAIN = "Open the file in the spreadsheet program, save it again and send the new copy"


@dataclass(frozen=True, slots=True)
class SheetCells:
    """Cells of one sheet that need a word: formulas, formulas without a result, error values.

    Each is a tuple of (row from 1, column letter); ``unreadable`` are formulas without a result.
    """

    formulas: tuple[tuple[int, str], ...] = ()
    unreadable: tuple[tuple[int, str], ...] = ()
    errors: tuple[tuple[int, str], ...] = ()


NOTHING = SheetCells()


def detect_kind(path: Path) -> FileKind:
    """Say what a file is from its content, and refuse it if its name says otherwise.

    Raises
    ------
    InputError
        If the file is missing, empty, too large, of another format, protected by a password, or
        named as something it is not.
    """
    if not path.is_file():
        what = "this is a folder, not a file" if path.is_dir() else "there is no such file"
        raise InputError(what, where=path.name or str(path), remedy="Check the path")
    size = path.stat().st_size
    if size == 0:
        raise InputError("the file is empty", where=path.name, remedy=_SEND_AGAIN)
    if size > LARGEST_FILE:
        raise InputError(
            f"the file is larger than {LARGEST_FILE // 2**20} MB",
            where=path.name,
            remedy="Send only the sheet with the return",
        )
    with path.open("rb") as file:
        head = file.read(4096)
    kind = _kind_of(path, head)
    suffix = path.suffix.lower().lstrip(".")
    expected = {"xlsx": "xlsx", "xlsm": "xlsx", "ods": "ods"}.get(suffix, "csv")
    if expected != kind or suffix not in ("xlsx", "xlsm", "ods", "csv", "txt", "tsv"):
        raise InputError(
            f"the file is named .{suffix} but holds {_called(kind)}",
            where=path.name,
            remedy=f"Rename it to end in .{kind}, or save it again in the format you meant",
        )
    return kind


def _called(kind: FileKind) -> str:
    names = {"xlsx": "an Excel workbook", "ods": "an OpenDocument spreadsheet", "csv": "plain text"}
    return names[kind]


def _kind_of(path: Path, head: bytes) -> FileKind:
    if head.startswith(b"PK"):
        return _kind_of_package(path)
    if head.startswith(_OLE):
        raise InputError(
            "the file is protected by a password, or is in the old .xls format",
            where=path.name,
            remedy=f"Remove the password. {_SAVE_AS}",
        )
    other = head.lstrip()[:5].lower()
    if other.startswith((b"%pdf", b"{\\rtf", b"<html", b"<!doc", b"<?xml")) or _is_binary(head):
        raise InputError("the file is not a spreadsheet", where=path.name, remedy=_SAVE_AS)
    return "csv"


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as some programs write .csv
        return False
    control = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return b"\0" in head or control > len(head) // 20


def _kind_of_package(path: Path) -> FileKind:
    with open_package(path) as package:
        names = set(package.namelist())
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "content.xml" in names and b"spreadsheet" in _read(package, "mimetype", path):
            if b"encryption-data" in _read(package, "META-INF/manifest.xml", path):
                raise InputError(
                    "the file is protected by a password",
                    where=path.name,
                    remedy="Remove the password and send it again",
                )
            return "ods"
    raise InputError("the file is not a spreadsheet we can read", where=path.name, remedy=_SAVE_AS)


def open_package(path: Path) -> zipfile.ZipFile:
    """Open a spreadsheet's zip package if its table of contents is whole and modest."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            "the file is damaged or cut short", where=path.name, remedy=_SEND_AGAIN
        ) from error
    entries = package.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    bomb = unpacked > RATIO_MATTERS_FROM and unpacked / packed > LARGEST_RATIO
    if len(entries) > MOST_MEMBERS or unpacked > LARGEST_UNPACKED or bomb:
        package.close()
        raise InputError(
            "the file unpacks to far more than a return holds",
            where=path.name,
            remedy="Copy the return into a new workbook and send that",
        )
    return package


def _damaged(path: Path) -> InputError:
    return InputError("the file is damaged or cut short", where=path.name, remedy=_SEND_AGAIN)


def _read(package: zipfile.ZipFile, name: str, path: Path) -> bytes:
    try:
        return package.read(name)
    except KeyError:
        return b""
    except Exception as error:  # a damaged package fails in many ways, all of them the file's fault
        raise InputError(
            "the file is damaged or cut short", where=path.name, remedy=_SEND_AGAIN
        ) from error


Look = Callable[[], SheetCells]


def inspect_workbook(path: Path, kind: FileKind) -> dict[str, Look]:
    """Refuse a workbook that is a bomb, before anything opens it.

    Reading cells allocates the whole rectangle between the first and the last used cell, so a
    two-cell sheet can ask for all the memory there is; the rectangle is measured here first.

    Returns
    -------
    By sheet name, in the order of the workbook, a function that looks for the sheet's formulas
    and errors.

    Raises
    ------
    InputError
        If the package is damaged or a sheet too vast.
    """
    with open_package(path) as package:
        if kind == "ods":
            return _inspect_ods(_read(package, "content.xml", path), path)
        looks: dict[str, Look] = {}
        for name, member in _sheet_members(package, path):
            marked = _scan_sheet(package, member, path)
            looks[name] = partial(_look_at_xlsx, path, member) if marked else SheetCells
        return looks


def _sheet_members(package: zipfile.ZipFile, path: Path) -> Iterator[tuple[str, str]]:
    book = _parse_attributes(_read(package, "xl/workbook.xml", path), "sheet", path)
    rels = _read(package, "xl/_rels/workbook.xml.rels", path)
    links = _parse_attributes(rels, "Relationship", path)
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    for sheet in book:
        key = next((v for k, v in sheet.items() if k.rpartition(":")[2] == "id"), "")
        target = targets.get(key, "")
        member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        yield sheet.get("name", ""), member


def _parse_attributes(xml: bytes, tag: str, path: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == tag:
            found.append(attributes)

    _parse_xml(xml, start, path)
    return found


def _parse_xml(xml: bytes, start: Callable[[str, dict[str, str]], None], path: Path) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    if b"<!DOCTYPE" in xml[:2000]:
        raise InputError("the file is not a plain workbook", where=path.name, remedy=_SEND_AGAIN)
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise InputError(
            "the file is damaged or cut short", where=path.name, remedy=_SEND_AGAIN
        ) from error


def _scan_sheet(package: zipfile.ZipFile, member: str, path: Path) -> bool:
    """Refuse a vast sheet; say whether it may hold formulas or error values."""
    widest, marked = 0, False
    for xml in _stream(package, member, path):
        widest = max(widest, int(_read_columns(xml)[0].max(initial=0)))
        marked = marked or _is_marked(xml)
    if widest * _LAST_ROW > MOST_CELLS:
        deepest = max(_last_row(xml) for xml in _stream(package, member, path))
        _refuse_if_vast(widest * deepest, path)
    return marked


_LAST_ROW = 2**20
_CHUNK = 2**20
_OVERLAP = 32  # longer than any cell reference with its quotation marks


def _stream(package: zipfile.ZipFile, member: str, path: Path) -> Iterator[np.ndarray]:
    """Yield a member in overlapping pieces small enough to stay in the processor's cache."""
    rest = b" " * _OVERLAP
    try:
        with package.open(member) as stream, ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(stream.read, _CHUNK)
            while chunk := coming.result():
                coming = ahead.submit(stream.read, _CHUNK)  # unpacks while this piece is searched
                yield np.frombuffer(rest + chunk, dtype=np.uint8)
                rest = (rest + chunk)[-_OVERLAP:]
    except KeyError:
        pass  # the reader itself says what is missing
    except Exception as error:  # a damaged package fails in many ways, all of them the file's fault
        raise _damaged(path) from error
    yield np.frombuffer(rest + b" " * _OVERLAP, dtype=np.uint8)


def _look_at_xlsx(path: Path, member: str) -> SheetCells:
    with open_package(path) as package:
        xml = _read(package, member, path)
    formulas: list[tuple[int, str]] = []
    unreadable: list[tuple[int, str]] = []
    for match in _FORMULA.finditer(xml):
        cell = (int(match[2]), match[1].decode())
        (formulas if _VALUE.match(xml, match.end()) else unreadable).append(cell)
    errors = [(int(m[2]), m[1].decode()) for m in _ERROR.finditer(xml)]
    return SheetCells(tuple(formulas), tuple(unreadable), tuple(errors))


def _is_marked(xml: np.ndarray) -> bool:
    """Whether a formula element (``<f``, ``<x:f``) or an error (``t="e"``) may begin here."""
    formulas = xml[np.flatnonzero(xml == ord("f")) - 1]
    errors = xml[np.flatnonzero(xml == ord("e")) - 1]
    opened = (formulas == ord("<")) | (formulas == ord(":"))
    quoted = (errors == ord('"')) | (errors == ord("'"))
    return bool(opened.any() or quoted.any())


_FORMULA = re.compile(
    rb"<(?:\w+:)?c [^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*>\s*"
    rb"<(?:\w+:)?f(?:\s[^>]*/>|/>|[\s>][^<]*</[^>]+>)\s*"
)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>/]*>[^<]")
_ERROR = re.compile(rb"<(?:\w+:)?c (?=[^>]*\bt=[\"']e[\"'])[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})")


def _read_columns(xml: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read the column of every cell reference, and return where each reading stopped."""
    starts = np.flatnonzero(xml[: xml.size - _OVERLAP // 2] == ord("r"))
    quote = xml[starts + 2]
    quoted = (quote == ord('"')) | (quote == ord("'"))
    starts = starts[quoted & (xml[starts + 1] == ord("="))] + 3
    return _read_number(xml, starts, first=ord("A"), base=26, digits=3)


def _last_row(xml: np.ndarray) -> int:
    _, positions = _read_columns(xml)
    row, _ = _read_number(xml, positions, first=ord("0"), base=10, digits=7)
    return int(row.max(initial=0))


def _read_number(
    xml: np.ndarray, positions: np.ndarray, *, first: int, base: int, digits: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read a number at each position, digit by digit, and return where the reading stopped.

    Letters count from 1 (A to Z), figures from 0.
    """
    lowest = 1 if base > 10 else 0
    value = np.zeros(positions.size, dtype=np.int32)
    reading = np.ones(positions.size, dtype=bool)
    for _ in range(digits):
        digit = xml[positions] - np.uint8(first - lowest)
        reading = reading & (digit >= lowest) & (digit < lowest + base)
        if not reading.any():
            break
        value = np.where(reading, value * base + digit, value)
        positions = positions + reading
    return value, positions


def _refuse_if_vast(cells: int, path: Path) -> None:
    if cells > MOST_CELLS:
        raise InputError(
            "the used area of a sheet is far larger than a return",
            where=path.name,
            remedy="Copy the return into a new workbook; stray cells far below or to the right "
            "make a sheet vast",
        )


class _OdsInspector:
    """Walks content.xml once: measures the rectangle a reader would unfold and notes formulas."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheets: dict[str, tuple[list[tuple[int, str]], list[tuple[int, str]]]] = {}
        self.row = self.column = self.repeat = self.widest = 0
        self.current = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.current = attributes.get("table:name", "")
            self.sheets[self.current] = ([], [])
            self.row, self.repeat, self.widest = 0, 1, 0
        elif name == "table:table-row":
            self.row += self.repeat
            self.column = 0
            self.repeat = _count(attributes.get("table:number-rows-repeated"))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        repeat = _count(attributes.get("table:number-columns-repeated"))
        if any(key.startswith(("office:", "table:formula")) for key in attributes):
            self.widest = max(self.widest, self.column + repeat)
            _refuse_if_vast((self.row + self.repeat - 1) * self.widest, self.path)
            if "table:formula" in attributes:
                has_value = any(k.startswith("office:") and v for k, v in attributes.items())
                cell = (self.row, column_letter(self.column))
                self.sheets[self.current][0 if has_value else 1].append(cell)
        self.column += repeat


def _count(text: str | None) -> int:
    return min(int(text), 2**21) if text and text.isascii() and text.isdigit() else 1


def _inspect_ods(xml: bytes, path: Path) -> dict[str, Look]:
    inspector = _OdsInspector(path)
    _parse_xml(xml, inspector.start, path)
    return {
        name: partial(SheetCells, tuple(formulas), tuple(unreadable))
        for name, (formulas, unreadable) in inspector.sheets.items()
    }


def column_letter(position: int) -> str:
    """Return the spreadsheet letter of a column counted from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(25), column_letter(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def check_workbook_name(path: Path) -> None:
    """Refuse to write a workbook under a name that says it is something else.

    Raises
    ------
    InputError
        If the name does not end in ``.xlsx``.

    Examples
    --------
    >>> check_workbook_name(Path("blank.xlsx"))
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(
            "the file to write is an Excel workbook, and its name says otherwise",
            where=str(path),
            remedy="Let the name end in .xlsx",
        )
