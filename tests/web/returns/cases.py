"""A registered trial in the spring of 2026, and the spreadsheets its partners send."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl

from lighttouch.core.protocol.library import library_text
from lighttouch.core.simulation.study import simulate_study
from lighttouch.web.accounts.models import User
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.protocols.models import Version as ProtocolVersion
from lighttouch.web.returns import actions, queries
from lighttouch.web.returns.models import Return, Version
from tests.web.cast import NOW, Cast

LAUNCHES = {
    "2019-09-16": "2026-04-06",  # Bracknell Forest
    "2019-10-07": "2026-04-06",  # Dudley
    "2019-11-04": "2026-04-06",  # Shropshire
}
DUE = date(2026, 3, 16)
"""When the baseline is due: a fortnight after ``NOW``."""

ENDLINE_NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
STAFF, ILLNESS = "unique staff id", "illness related absence"
FILLED = ("length of employment", "sex", "contract type")
"""Headings of Dudley's spreadsheet, and of its columns with gaps."""

PLANTED = "Philippa Haverstock"
"""A name that must not be found anywhere."""


def letters_text() -> str:
    """The library's letters, moved to 2026."""
    text = library_text("letters")
    for old, new in LAUNCHES.items():
        assert old in text
        text = text.replace(old, new)
    return text


def register_letters(cast: Cast, text: str = "") -> Trial:
    """Register the trial of the cast and ask its partners for their returns."""
    version = ProtocolVersion.objects.create(
        trial=cast.trial,
        number=1,
        text=text or letters_text(),
        author=cast["researcher"],
        created_at=NOW,
    )
    protocols.submit(version=version, by=cast["researcher"], now=NOW)
    protocols.approve(version=version, by=cast["second"], now=NOW)
    protocols.register(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    cast.trial.refresh_from_db()
    actions.open_wave_returns(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    return cast.trial


@cache
def spreadsheets() -> dict[tuple[str, str], tuple[str, bytes]]:
    """What the partners send, simulated: (partner, wave) to the file's name and bytes."""
    with TemporaryDirectory() as folder:
        simulate_study(letters_text(), seed=1, folder=Path(folder) / "study")
        paths = sorted((Path(folder) / "study" / "returns").glob("*/*.*"))
        return {(p.parent.name, p.stem): (p.name, p.read_bytes()) for p in paths}


def good_file(partner: str = "dudley", wave: str = "baseline") -> bytes:
    """A partner's own spreadsheet."""
    return spreadsheets()[partner, wave][1]


def edited(content: bytes, edit: Callable[[Any], None]) -> bytes:
    """An ``.xlsx`` with its sheet of data edited."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book["Return"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def find_cell(sheet: Any, heading: str, below: int = 1) -> Any:
    """The cell so many rows below a heading."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.strip().lower().startswith(heading):
                return sheet.cell(cell.row + below, cell.column)
    raise AssertionError(heading)


def clean_file() -> bytes:
    """Dudley's baseline without a gap, so that nothing is to be explained."""

    def fill(sheet: Any) -> None:
        first = find_cell(sheet, STAFF).row
        for heading in FILLED:
            column = find_cell(sheet, heading).column
            cells = [sheet.cell(row, column) for row in range(first, sheet.max_row + 1)]
            known = next(cell.value for cell in cells if cell.value is not None)
            for cell in cells:
                cell.value = known if cell.value is None else cell.value

    return edited(good_file(), fill)


def file_with_name() -> bytes:
    """Dudley's baseline with somebody's name where a code belongs."""

    def plant(sheet: Any) -> None:
        find_cell(sheet, STAFF, below=3).value = PLANTED

    return edited(good_file(), plant)


def faulty_file() -> bytes:
    """Dudley's baseline with more illness than absence in one row."""

    def spoil(sheet: Any) -> None:
        find_cell(sheet, ILLNESS, below=2).value = 240

    return edited(good_file(), spoil)


def send(
    cast: Cast,
    content: bytes | None = None,
    *,
    partner: Partner | None = None,
    wave: str = "baseline",
    by: User | None = None,
    filename: str = "return.xlsx",
    now: datetime = NOW,
) -> Version:
    """Send a file as the coordinator."""
    return actions.receive(
        trial=cast.trial,
        partner=partner or cast.dudley,
        wave=wave,
        filename=filename,
        content=good_file() if content is None else content,
        by=by or cast["coordinator"],
        now=now,
    )


def explain_all(cast: Cast, version: Version, now: datetime = NOW) -> None:
    """Say something of everything that asks for a word."""
    for kind in queries.unexplained_kinds(version):
        actions.explain(
            version=version, kind=kind.id, text="As held by us.", by=cast["coordinator"], now=now
        )


def signed_off(cast: Cast, *, wave: str = "baseline", now: datetime = NOW) -> Return:
    """Dudley's return for a wave, all the way."""
    version = send(cast, good_file(wave=wave), wave=wave, now=now)
    explain_all(cast, version, now)
    return actions.sign_off(
        sent=version.for_return, number=version.number, by=cast["coordinator"], now=now
    )


def later(**ago: float) -> datetime:
    """So much after ``NOW``."""
    return NOW + timedelta(**ago)
