"""The rows above the headings: what the return says about itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from lighttouch.core.returns.findings import Findings
from lighttouch.core.returns.headings import normalise_heading
from lighttouch.core.returns.personal import PERSONAL_WORDS, classify_personal

_LABELS = {
    "partner": ("local authority", "organisation", "partner", "council", "partner organisation"),
    "retrieved": ("date data retrieved", "date retrieved", "data retrieved", "date of extract"),
    "wave": ("collection", "wave", "return"),
    "period": ("period", "period covered", "look back period"),
}
_DATE = re.compile(
    r"\b(\d{4}-\d{2}-\d{2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{1,2} [A-Za-z]{3,9},? \d{4})\b"
)
_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a return says about itself; ``None`` where it says nothing we can read.

    ``first_day`` and ``last_day`` are the ends of the look-back period, both included.
    """

    partner: str | None = None
    wave: str | None = None
    retrieved: date | None = None
    first_day: date | None = None
    last_day: date | None = None


def parse_date(text: str) -> date | None:
    """Read a date as written in Britain; None if it is not one.

    Examples
    --------
    >>> parse_date("3 May 2019"), parse_date("03/05/2019"), parse_date("31/02/2019")
    (datetime.date(2019, 5, 3), datetime.date(2019, 5, 3), None)
    """
    text = text.strip().replace(",", "").removesuffix(" 00:00:00")
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def read_preamble(rows: Sequence[Sequence[str | None]], findings: Findings) -> Declared:
    """Read what the rows above the headings declare, and note personal details among them."""
    values = {key: _value_of(rows, labels) for key, labels in _LABELS.items()}
    dates = [parse_date(found) for found in _DATE.findall(values["period"] or "")]
    days = [day for day in dates if day is not None]
    first, last = (days[0], days[1]) if len(days) == 2 else (None, None)
    _note_personal(rows, findings)
    retrieved = values["retrieved"]
    return Declared(
        values["partner"], values["wave"], parse_date(retrieved) if retrieved else None, first, last
    )


def _value_of(rows: Sequence[Sequence[str | None]], labels: Sequence[str]) -> str | None:
    for cells in rows:
        for position, cell in enumerate(cells):
            label, colon, rest = (cell or "").partition(":")
            if normalise_heading(label) not in labels:
                continue
            if colon and rest.strip():
                return rest.strip()
            return next((c.strip() for c in cells[position + 1 :] if c and c.strip()), None)
    return None


def _note_personal(rows: Sequence[Sequence[str | None]], findings: Findings) -> None:
    for number, cells in enumerate(rows, start=1):
        kinds = classify_personal(pl.Series(cells, dtype=pl.String), "text").drop_nulls().unique()
        for kind in sorted(kinds):
            findings.add(
                "personal_note",
                fault=f"a note above the headings looks like it holds {PERSONAL_WORDS[kind]}; "
                "it is not kept",
                remedy="Delete it unless it belongs to the trial's own instructions",
                blocks=False,
                row=number,
            )
