"""The look-back period of a return, and the working days within it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays.countries  # the calendars themselves; otherwise the first count waits for them
import numpy as np

from lighttouch.core.errors import ReturnError
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.people import Nation

DAYS_PER_MONTH = 30.4375
_SUBDIVISIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern_ireland": "NIR"}


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar time a return looks back on: from ``start`` (included) to ``end`` (excluded).

    Examples
    --------
    >>> Period(date(2018, 10, 1), date(2019, 10, 1)).last_day
    datetime.date(2019, 9, 30)
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ReturnError(
                "the look-back period is empty",
                remedy="Let the wave's return end after it starts",
            )

    @property
    def last_day(self) -> date:
        """The last day inside the period."""
        return self.end - timedelta(days=1)


def period_of(wave: Wave, launch: date) -> Period:
    """Return the look-back period of a wave's return for a partner launched on ``launch``.

    Raises
    ------
    ReturnError
        If the wave collects no return, or its window is empty.

    Examples
    --------
    >>> wave = Wave.model_validate({"id": "baseline", "label": "Baseline", "return": {
    ...     "starts": "-12 months", "ends": "0 days", "due": "-2 weeks"}})
    >>> period_of(wave, date(2019, 10, 1))
    Period(start=datetime.date(2018, 10, 1), end=datetime.date(2019, 10, 1))
    """
    if wave.collect is None:
        raise ReturnError(
            "this wave collects no return",
            where=f"wave {wave.id}",
            remedy="Name a wave that has a return in the trial file",
        )
    return Period(wave.collect.starts.after(launch), wave.collect.ends.after(launch))


@lru_cache(maxsize=256)
def _bank_holidays(year: int, nation: str) -> tuple[date, ...]:
    calendar = holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=year)
    return tuple(sorted(calendar))


def list_bank_holidays(start: date, end: date, nation: Nation) -> tuple[date, ...]:
    """Return the bank holidays of a nation from ``start`` (included) to ``end`` (excluded).

    Examples
    --------
    >>> list_bank_holidays(date(2019, 12, 20), date(2020, 1, 2), "england")
    (datetime.date(2019, 12, 25), datetime.date(2019, 12, 26), datetime.date(2020, 1, 1))
    """
    years = range(start.year, end.year + 1)
    every = (day for year in years for day in _bank_holidays(year, nation))
    return tuple(day for day in every if start <= day < end)


def count_working_days(start: date, end: date, nation: Nation) -> int:
    """Count Mondays to Fridays that are not bank holidays, from ``start`` up to but not ``end``.

    Parameters
    ----------
    start, end
        First day counted and first day no longer counted; 0 if ``end`` is not after ``start``.
    nation
        Whose bank holidays are left out.

    Examples
    --------
    Christmas week 2019 in England has three working days, Boxing Day being a bank holiday.

    >>> count_working_days(date(2019, 12, 23), date(2019, 12, 30), "england")
    3
    """
    days = working_days_until(start, [end], nation)
    return int(days[0])


def working_days_until(start: date, ends: list[date], nation: Nation) -> np.ndarray:
    """Count working days from ``start`` (included) to each of ``ends`` (excluded); never below 0.

    Examples
    --------
    >>> working_days_until(date(2020, 1, 1), [date(2019, 1, 1), date(2020, 1, 4)], "scotland")
    array([0, 1])
    """
    latest = max((*ends, start))
    free = np.array(list_bank_holidays(start, latest, nation), dtype="datetime64[D]")
    stops = np.maximum(np.array(ends, dtype="datetime64[D]"), np.datetime64(start, "D"))
    counts: np.ndarray = np.busday_count(np.datetime64(start, "D"), stops, holidays=free)
    return counts
