"""A file of changes is read as people make them, and every fault is named by its place."""

from datetime import date

import pytest

from lighttouch.core.errors import InputError
from lighttouch.web.enrolment.models import Event
from lighttouch.web.enrolment.reading import (
    HEADINGS,
    MOST_ROWS,
    read_file,
    template,
    write_plain,
)
from lighttouch.web.enrolment.telling import Told

DAY = date(2026, 4, 20)
HEAD = ",".join(HEADINGS)
GOOD = (
    f"{HEAD}\nS1,left,20/04/2026,,,\nS2,moved,2026-04-20,,T5,B2\n"
    "S3,withdrew,20 April 2026,erase,,\n"
)
TOLD = [
    Told("S1", Event.LEFT, DAY),
    Told("S2", Event.TRANSFER, DAY, "", "T5", "B2"),
    Told("S3", Event.WITHDRAWAL, DAY, "erase"),
]


def read(content: bytes) -> list[Told]:
    return [entry.told for entry in read_file(content).entries]


def faults(text: str) -> list[str]:
    return [str(fault) for fault in read_file(text.encode()).faults]


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        ("\ufeff" + GOOD).encode(),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode("cp1252"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("Staff ID", " staff_id ").replace("What happened", "WHAT HAPPENED").encode(),
        (GOOD + "\n,,,,,\n").encode(),
    ],
)
def test_file_is_read_however_a_spreadsheet_wrote_it(content: bytes) -> None:
    assert read(content) == TOLD


def test_columns_may_stand_in_any_order_and_optional_ones_be_left_out() -> None:
    assert read(b"Date,What happened,Staff ID\n20/04/2026,left,S1\n") == TOLD[:1]


def test_what_is_written_plainly_is_read_back_the_same() -> None:
    assert read(write_plain(TOLD).encode()) == TOLD
    assert read(write_plain(TOLD).replace("\n", "\r\n").encode()) == TOLD


def test_code_that_looks_like_a_formula_or_holds_other_scripts_is_only_text() -> None:
    told = [Told("=1+1", Event.LEFT, DAY), Told("ψ-77, “ä”", Event.LEFT, DAY)]
    assert read(write_plain(told).encode()) == told


def test_template_is_a_file_with_headings_and_nothing_else() -> None:
    assert template().decode("utf-8-sig").strip().split(",") == list(HEADINGS)
    with pytest.raises(InputError, match="headings but no rows"):
        read_file(template())


def test_every_fault_is_named_by_row_and_column_and_no_cell_is_repeated() -> None:
    text = f"{HEAD}\n,left,20/04/2026,,,\nS2,vanished,tomorrow,,,\nS3,withdrew,20/04/2026,a bit,,\n"
    found = faults(text)
    assert [one.split(":")[0] for one in found] == [
        "row 2, column Staff ID",
        "row 3, column What happened",
        "row 3, column Date",
        "row 4, column How far",
    ]
    assert not any(word in " ".join(found) for word in ("vanished", "tomorrow", "a bit", "S3"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"Staff ID,Date\nS1,20/04/2026\n", "no column What happened"),
        (b"PK\x03\x04 and so on", "the file is a workbook"),
        (b"Staff ID,What happened,Date\nS\x001,left,20/04/2026\n", "not plain text"),
        (b"x" * 1_000_001, "over 1 MB"),
        (f"{HEAD}\n".encode() + b"S1,left,20/04/2026,,,\n" * (MOST_ROWS + 1), "over 5,000 rows"),
        (f"{HEAD}\n".encode() + b'"' + b"x" * 200_000, "not a table"),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_file(content)
