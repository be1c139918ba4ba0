"""Reading the key a partner sends: who is behind each code, and how to reach them.

No fault says what a cell holds, only where it is.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from lighttouch.core.errors import Fault, InputError
from lighttouch.web.contacts.numbers import read_mobile
from lighttouch.web.returns.resting import resting

COLUMNS = ("staff_id", "first_name", "last_name", "email", "mobile", "address", "postcode")
HEADINGS = (
    "Staff code",
    "First name",
    "Last name",
    "E-mail",
    "Mobile",
    "Address",
    "Postcode",
)
MOST_FAULTS = 40
MOST_PEOPLE = 200_000
FIRST_ROW = 2


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the key."""

    staff_id: str
    first_name: str
    last_name: str
    email: str
    mobile: str
    address: str
    postcode: str


def template_csv() -> bytes:
    """Return an empty key with its headings, for a spreadsheet program."""
    return ("\ufeff" + ",".join(HEADINGS) + "\r\n").encode()


def read_people(filename: str, content: bytes) -> list[Person]:
    """Read a key.

    Raises
    ------
    InputError
        With every fault, by row and column; never with what a cell holds.
    """
    table = [[cell.strip() for cell in row] for row in _rows(filename, content)]
    if not table:
        raise InputError("the file is empty", where="the file", remedy="Fill in the template")
    places = _places(table[0])
    rows = [(FIRST_ROW + i, row) for i, row in enumerate(table[1:]) if any(row)]
    if not rows:
        raise InputError("nobody is in the file", where="the file", remedy="Add a row per person")
    if len(rows) > MOST_PEOPLE:
        raise InputError("there are too many rows", where="the file", remedy="Send one partner's")
    people = [
        (number, Person(**{c: row[at] if at < len(row) else "" for c, at in places.items()}))
        for number, row in rows
    ]
    if faults := list(_check(people))[:MOST_FAULTS]:
        raise InputError(faults)
    return [person for _, person in people]


def _rows(filename: str, content: bytes) -> list[list[str]]:
    name = filename.lower()
    if name.endswith(".csv"):
        return _csv_rows(content)
    if name.endswith(".xlsx"):
        return _workbook_rows(content)
    raise InputError(
        "the file is neither .csv nor .xlsx", where="the file", remedy="Save it as .xlsx or .csv"
    )


def _csv_rows(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        first = text.splitlines()[0] if text else ""
        return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ","))
    raise InputError("the file cannot be read", where="the file", remedy="Save it as CSV UTF-8")


def _workbook_rows(content: bytes) -> list[list[str]]:
    import fastexcel

    try:
        with resting(content, ".xlsx") as path:
            sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
            frame = sheet.to_polars()
    except fastexcel.FastExcelError as error:
        raise InputError(
            "the workbook cannot be opened",
            where="the file",
            remedy="Open it in a spreadsheet program and save it as .xlsx, without a password",
        ) from error
    return [["" if cell is None else str(cell) for cell in row] for row in frame.iter_rows()]


def _places(headings: list[str]) -> dict[str, int]:
    known = {heading.lower(): at for at, heading in enumerate(headings)}
    missing = [heading for heading in HEADINGS if heading.lower() not in known]
    if missing:
        raise InputError(
            f"{len(missing)} heading(s) are missing: {', '.join(missing)}",
            where="the first row",
            remedy="Start from the template and keep its first row",
        )
    return {c: known[h.lower()] for c, h in zip(COLUMNS, HEADINGS, strict=True)}


def _check(people: list[tuple[int, Person]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, person in people:
        where = f"row {number}"
        if not person.staff_id:
            yield Fault("there is no staff code", f"{where}, Staff code", "Give the code")
        elif person.staff_id in seen:
            yield Fault("the code is there twice", f"{where}, Staff code", "Keep one of the rows")
        seen.add(person.staff_id)
        if not (person.email or person.mobile or person.address):
            what = "there is no way to reach this person"
            yield Fault(what, where, "Give an e-mail address, a mobile number or an address")
        if person.email and not _is_email(person.email):
            yield Fault("this is no e-mail address", f"{where}, E-mail", "Correct it or empty it")
        if person.mobile and not read_mobile(person.mobile):
            yield Fault("this is no mobile number", f"{where}, Mobile", "Correct it or empty it")
        if person.address and not person.postcode:
            yield Fault("the address has no postcode", f"{where}, Postcode", "Add the postcode")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
