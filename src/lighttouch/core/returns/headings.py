"""Which heading of a file means which column, whatever its spelling."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.columns import ROLES, STANDARD, Column

_ALIASES: dict[str, tuple[str, ...]] = {
    "staff_id": (
        "unique staff id", "staff code", "staff number", "staff no", "employee id",
        "employee number", "employee code", "person id", "unique id", "id code", "payroll id",
        "staff identifier", "unique staff identifier",
    ),
    "team": ("team", "team code", "team number", "team no", "unique team id", "team identifier"),
    "building": (
        "building", "building code", "site", "site id", "site code", "office", "office id",
        "office code", "work base",
    ),
    "role": ("job role", "job title", "role type", "post", "job"),
    "gender": ("sex", "gender identity"),
    "tenure_months": (
        "length of employment at la months", "length of employment at la",
        "length of employment", "length of service months", "length of service",
        "months of service", "months employed", "tenure months", "tenure",
        "time in employment months", "length of employment at local authority months",
    ),
    "contract": (
        "contract type", "type of contract", "employment type", "employment basis",
        "contract or agency", "agency status", "contract status",
    ),
    "days_per_week": (
        "days per week", "contracted days", "days worked per week", "working days per week",
        "contracted days a week", "days a week",
    ),
    "absence_days": (
        "overall absence incl holiday no of days", "overall absence including holiday days",
        "overall absence incl holiday", "overall absence", "overall absence days", "all absence",
        "all absence days", "total absence", "total absence days", "all absence incl holiday",
        "all absence including holiday days", "absence days", "days absent",
    ),
    "illness_days": (
        "illness related absence no of days", "illness related absence", "illness absence",
        "illness related absence days", "illness days", "sickness absence days",
        "sickness absence", "sickness days", "sick days", "days sick", "days of sickness absence",
    ),
    "illness_spells": (
        "number of illness related spells of absence", "illness related spells of absence",
        "illness spells", "number of illness spells", "illness related spells",
        "sickness spells", "spells of sickness", "spells of absence", "sickness episodes",
        "number of spells", "illness related absence spells",
        "no of illness related spells of absence", "spells",
    ),
    "leaving_date": (
        "date left", "leaving date", "date of leaving", "left date", "leaver date", "end date",
        "employment end date", "last day of employment", "date left if left",
    ),
}  # fmt: skip

_PERSONAL = frozenset({
    "name", "names", "first name", "forename", "forenames", "middle name", "surname", "last name",
    "family name", "full name", "staff name", "employee name", "worker name", "known as",
    "preferred name", "social worker name", "manager name", "line manager", "initials",
    "e mail", "email", "email address", "e mail address", "work email", "phone", "telephone",
    "mobile", "phone number", "telephone number", "mobile number", "ni number", "ni no", "nino",
    "national insurance", "national insurance number", "date of birth", "dob", "birth date",
    "address", "home address", "postcode", "post code", "social work england number",
})  # fmt: skip

_LEAST_LIKENESS = 0.86
_LEAST_LEAD = 0.06


@dataclass(frozen=True, slots=True)
class HeadingMatch:
    """What the cells of a heading row mean.

    Parameters
    ----------
    columns
        Position (from 0) of each recognised column, by identifier, in file order.
    repeated
        Positions whose heading means a column that an earlier position already gave.
    personal
        Positions whose heading asks for something about a person that must not be sent.
    unknown
        Positions with a heading nobody asked for.
    """

    columns: dict[str, int]
    repeated: dict[int, str]
    personal: tuple[int, ...]
    unknown: tuple[int, ...]


def columns_of(trial: Trial, wave_id: str) -> tuple[Column | ExtraColumn, ...]:
    """Return the columns a return of this wave may hold: the standard ones, then the trial's."""
    roles = tuple(dict.fromkeys((*ROLES, *trial.population.roles)))
    standard = (replace(c, choices=roles) if c.id == "role" else c for c in STANDARD)
    extra = (c for c in trial.population.extra_columns if wave_id in c.waves)
    return (*standard, *extra)


def normalise_heading(text: str) -> str:
    r"""Reduce a heading to its lower-case words and digits.

    Examples
    --------
    >>> normalise_heading(" Overall absence,\nincl. holiday (no. of days) ")
    'overall absence incl holiday no of days'
    """
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def match_headings(
    cells: Sequence[str | None], columns: Sequence[Column | ExtraColumn]
) -> HeadingMatch:
    """Say which column each heading means.

    An exact (normalised) heading, identifier or known alias always counts. A near miss counts
    only when it is close to one column, clearly less close to every other, and that column is
    not otherwise present.

    Examples
    --------
    >>> match_headings(["STAFF-ID", "Team  id", "Shoe size"], STANDARD).columns
    {'staff_id': 0, 'team': 1}
    """
    spellings = {column.id: _spellings(column) for column in columns}
    exact = {text: key for key, texts in spellings.items() for text in texts}
    found: dict[str, int] = {}
    repeated: dict[int, str] = {}
    left: list[tuple[int, str]] = []
    personal: list[int] = []
    for position, cell in enumerate(cells):
        text = normalise_heading(cell or "")
        if text in exact and exact[text] in found:
            repeated[position] = exact[text]
        elif text in exact:
            found[exact[text]] = position
        elif text in _PERSONAL:
            personal.append(position)
        elif text:
            left.append((position, text))
    near = _match_near(left, {k: v for k, v in spellings.items() if k not in found})
    found |= near
    unknown = tuple(p for p, _ in left if p not in near.values())
    ordered = dict(sorted(found.items(), key=lambda item: item[1]))
    return HeadingMatch(ordered, repeated, tuple(personal), unknown)


def _spellings(column: Column | ExtraColumn) -> tuple[str, ...]:
    own = (column.heading, column.id, *_ALIASES.get(column.id, ()))
    return tuple(dict.fromkeys(normalise_heading(text) for text in own))


def _match_near(
    left: Sequence[tuple[int, str]], spellings: dict[str, tuple[str, ...]]
) -> dict[str, int]:
    claims: dict[str, list[int]] = {}
    for position, text in left:
        key = _nearest(text, spellings)
        if key is not None:
            claims.setdefault(key, []).append(position)
    return {key: positions[0] for key, positions in claims.items() if len(positions) == 1}


def _nearest(text: str, spellings: dict[str, tuple[str, ...]]) -> str | None:
    scores = sorted(
        (max(SequenceMatcher(None, text, s, autojunk=False).ratio() for s in texts), key)
        for key, texts in spellings.items()
    )
    if not scores or scores[-1][0] < _LEAST_LIKENESS:
        return None
    if len(scores) > 1 and scores[-1][0] - scores[-2][0] < _LEAST_LEAD:
        return None
    return scores[-1][1]
