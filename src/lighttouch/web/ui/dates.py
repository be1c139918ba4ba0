"""Dates as people say them, in London's time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAYS_SAID_AS_DAYS = 31
DAYS_SAID_AS_MONTHS = 700
DAYS_OF_A_MONTH = 365.25 / 12
DAYS_OF_A_YEAR = 365.25


def day_of(moment: date | datetime) -> date:
    """Return the calendar day in London of a date or a moment."""
    if isinstance(moment, datetime):
        return moment.astimezone(LONDON).date() if moment.tzinfo else moment.date()
    return moment


def say_date(moment: date | datetime) -> str:
    """Say a day in full.

    Examples
    --------
    >>> say_date(date(2019, 5, 3))
    'Friday 3 May 2019'
    """
    day = day_of(moment)
    return f"{day:%A} {day.day} {day:%B %Y}"


def say_day(moment: date | datetime) -> str:
    """Say a day in short, for tables.

    Examples
    --------
    >>> say_day(date(2019, 9, 3))
    '3 Sep 2019'
    """
    day = day_of(moment)
    return f"{day.day} {day:%b %Y}"


def say_time(moment: datetime) -> str:
    """Say the time of day.

    Examples
    --------
    >>> say_time(datetime(2019, 5, 3, 12, 0, tzinfo=LONDON))
    'midday'
    """
    there = moment.astimezone(LONDON)
    if there.minute == 0 and there.hour in (0, 12):
        return "midday" if there.hour else "midnight"
    half = "pm" if there.hour >= 12 else "am"
    minutes = f":{there:%M}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes}{half}"


def say_moment(moment: datetime) -> str:
    """Say a day and the time of day.

    Examples
    --------
    >>> say_moment(datetime(2019, 5, 3, 9, 30, tzinfo=LONDON))
    'Friday 3 May 2019 at 9:30am'
    """
    return f"{say_date(moment)} at {say_time(moment)}"


def say_distance(moment: date | datetime, today: date) -> str:
    """Say how far a day is from today.

    Examples
    --------
    >>> say_distance(date(2019, 5, 3), date(2019, 4, 30))
    'in 3 days'
    >>> say_distance(date(2019, 5, 3), date(2019, 5, 4))
    'yesterday'
    """
    days = (day_of(moment) - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in near:
        return near[days]
    amount = _amount(abs(days))
    return f"in {amount}" if days > 0 else f"{amount} ago"


def _amount(days: int) -> str:
    if days <= DAYS_SAID_AS_DAYS:
        return f"{days} days"
    if days <= DAYS_SAID_AS_MONTHS:
        months = round(days / DAYS_OF_A_MONTH)
        return f"{months} month{'s' if months > 1 else ''}"
    return f"{round(days / DAYS_OF_A_YEAR)} years"
