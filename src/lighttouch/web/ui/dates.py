"""Dates as people say them, in London's time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAYS_SAID_AS_DAYS = 31


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


def say_moment(moment: datetime) -> str:
    """Say a day and the time of day."""
    there = moment.astimezone(LONDON)
    hour = there.hour % 12 or 12
    half = "am" if there.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{say_date(moment)} at {hour}:{there:%M}{half}"


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
    if abs(days) <= DAYS_SAID_AS_DAYS:
        return f"in {days} days" if days > 0 else f"{-days} days ago"
    months = round(abs(days) / 30.44)
    unit = f"{months} month{'s' if months > 1 else ''}"
    return f"in {unit}" if days > 0 else f"{unit} ago"
