"""Read a file that tells what happened to many people, with every fault in it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lighttouch.core.errors import Fault, InputError
from lighttouch.core.returns.preamble import parse_date
from lighttouch.web.enrolment.models import Event, Withdrawal
from lighttouch.web.enrolment.telling import Told

HEADINGS = ("Staff ID", "What happened", "Date", "How far", "Team ID", "Building ID")
MOST_ROWS = 5_000
LARGEST_FILE = 1_000_000
LONGEST_LINE = 2_000

WHAT_HAPPENED = {
    "left": Event.LEFT,
    "moved": Event.TRANSFER,
    "went on leave": Event.ON_LEAVE,
    "came back": Event.RETURNED,
    "withdrew": Event.WITHDRAWAL,
}
"""Words of the file, in the order the page lists them."""

HOW_FAR = {
    "stop contact": Withdrawal.STOP_CONTACT,
    "stop collection": Withdrawal.STOP_COLLECTION,
    "erase": Withdrawal.ERASE,
}

_EVENTS = {**WHAT_HAPPENED, **{event.value.replace("_", " "): event for event in Event}}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the file, and the number a spreadsheet gives it."""

    row: int
    told: Told


@dataclass(frozen=True, slots=True)
class File:
    """What a file tells, and what is wrong in it, by row and column."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]

    @property
    def told(self) -> list[Told]:
        """What happened, in order of rows."""
        return [entry.told for entry in self.entries]

    @property
    def places(self) -> list[str]:
        """The row of each of them."""
        return [f"row {entry.row}" for entry in self.entries]

    @property
    def plain(self) -> str:
        """The same in one form, to be shown again and confirmed."""
        return write_plain(self.told)


def template() -> bytes:
    """Return an empty file with its headings, for a spreadsheet program."""
    return ("\ufeff" + ",".join(HEADINGS) + "\r\n").encode()


def read_file(content: bytes) -> File:
    """Read a file.

    Parameters
    ----------
    content
        A table with the columns of :data:`HEADINGS` (the last three may be left out): UTF-8,
        UTF-16 with its mark or Windows Latin, separated by comma, semicolon or tab.

    Raises
    ------
    InputError
        If it is no such file. What is wrong with single rows is among the faults returned, by
        row and column; a cell's text is never repeated.
    """
    rows = list(_rows(_decode(content)))
    if not rows:
        raise InputError("the file is empty", remedy="Start from the template")
    columns = _find_columns(rows[0][1])
    faults: list[Fault] = []
    entries: list[Entry] = []
    for number, cells in rows[1:]:
        found = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        if any(found.values()):
            told, wrong = _read_row(found, number)
            faults += wrong
            if told is not None:
                entries.append(Entry(number, told))
    if not entries and not faults:
        raise InputError("the file has headings but no rows", remedy="Give each person a row")
    return File(tuple(entries), tuple(faults))


def write_plain(told: list[Told]) -> str:
    """Return what is told as a table that :func:`read_file` reads back to the same."""
    events = {event: word for word, event in WHAT_HAPPENED.items()}
    far = {str(kind): word for word, kind in HOW_FAR.items()}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    for one in told:
        writer.writerow(
            (
                one.staff_id,
                events[one.event],
                one.on.isoformat(),
                far.get(one.detail, ""),
                one.team,
                one.building,
            )
        )
    return out.getvalue()


def _decode(content: bytes) -> str:
    if len(content) > LARGEST_FILE:
        raise InputError("the file is over 1 MB", remedy="Send it in several parts")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError("the file is a workbook", remedy="Save it as CSV, then send that")
    for encoding in (
        ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    ):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError("the file is not plain text", remedy="Save it as CSV, then send that")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of its row, headings first."""
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1):
            if number > MOST_ROWS + 1:
                raise InputError(
                    f"the file has over {MOST_ROWS:,} rows", remedy="Send it in several parts"
                )
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise InputError(
            "the file is not a table", remedy="Save it as CSV from a spreadsheet"
        ) from error


def _find_columns(cells: list[str]) -> dict[str, int]:
    names = [" ".join(cell.replace("_", " ").split()).casefold() for cell in cells]
    columns = {name: names.index(name.casefold()) for name in HEADINGS if name.casefold() in names}
    lacking = [name for name in HEADINGS[:3] if name not in columns]
    if lacking:
        raise InputError(
            Fault(f"there is no column {name}", "row 1", f"Give: {', '.join(HEADINGS)}")
            for name in lacking
        )
    return columns


def _read_row(found: dict[str, str], row: int) -> tuple[Told | None, list[Fault]]:
    def fault(what: str, column: str, remedy: str) -> Fault:
        return Fault(what, f"row {row}, column {column}", remedy)

    faults: list[Fault] = []
    staff, happened, far = found["Staff ID"], found["What happened"], found.get("How far", "")
    event = _EVENTS.get(" ".join(happened.replace("_", " ").split()).casefold())
    on: date | None = parse_date(found["Date"]) if len(found["Date"]) <= 40 else None
    detail = HOW_FAR.get(" ".join(far.replace("_", " ").split()).casefold())
    if not staff:
        faults.append(fault("the staff code is empty", "Staff ID", "Give the code"))
    if event is None:
        words = ", ".join(WHAT_HAPPENED)
        faults.append(fault("this is none of the words", "What happened", f"Write one of: {words}"))
    if on is None:
        faults.append(fault("this is no date", "Date", "Write a date such as 31/01/2027"))
    if far and detail is None:
        words = ", ".join(HOW_FAR)
        faults.append(fault("this is none of the words", "How far", f"Write one of: {words}"))
    if faults or event is None or on is None:
        return None, faults
    team, building = found.get("Team ID", ""), found.get("Building ID", "")
    return Told(staff, event, on, detail or "", team, building), []
