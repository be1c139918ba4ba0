"""Times in a trial file, said relative to a partner's launch: ``"-12 months"``, ``"8 weeks"``."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

Unit = Literal["day", "week", "month", "year"]
_PATTERN = re.compile(r"^(-?[0-9]{1,5}) (day|week|month|year)s?$")
_LONGEST_DAYS = 36525
"""A century: no trial needs more, and every date so reached exists."""


@dataclass(frozen=True, slots=True, order=False)
class Span:
    """A signed length of calendar time.

    Parameters
    ----------
    count
        How many units; negative means before.
    unit
        ``day``, ``week``, ``month`` or ``year``.

    Examples
    --------
    >>> Span(-12, "month").after(date(2019, 9, 30))
    datetime.date(2018, 9, 30)
    >>> Span(1, "month").after(date(2019, 1, 31))
    datetime.date(2019, 2, 28)
    """

    count: int
    unit: Unit

    def after(self, start: date) -> date:
        """Return the date this span after ``start``; a month's end stays a month's end at most."""
        if self.unit in ("day", "week"):
            return start + timedelta(days=self.count * (7 if self.unit == "week" else 1))
        months = start.year * 12 + start.month - 1 + self.count * (12 if self.unit == "year" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(start.day, last))

    @property
    def approximate_days(self) -> float:
        """Length in days with average months, for putting spans in order."""
        return self.count * {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}[self.unit]

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if abs(self.count) == 1 else 's'}"


def parse_span(text: object) -> Span:
    """Read a span such as ``"6 weeks"``.

    Raises
    ------
    ValueError
        If the text is not a whole number and one of days, weeks, months or years, or is longer
        than a century.

    Examples
    --------
    >>> parse_span("-2 weeks")
    Span(count=-2, unit='week')
    """
    if isinstance(text, Span):
        return text
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('a span of time is written like "-12 months", "6 weeks" or "0 days"')
    unit: Unit = match[2]  # type: ignore[assignment]
    span = Span(int(match[1]), unit)
    if abs(span.approximate_days) > _LONGEST_DAYS:
        raise ValueError("a span of time is at most a century")
    return span


Offset = Annotated[
    Span,
    BeforeValidator(parse_span),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _PATTERN.pattern}),
]
