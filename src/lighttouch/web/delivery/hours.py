"""When people are left alone: at night, at weekends, on bank holidays."""

from datetime import date, datetime, time, timedelta

from lighttouch.core.protocol.messages import Contact
from lighttouch.core.protocol.people import Nation
from lighttouch.core.returns.periods import list_bank_holidays
from lighttouch.web.ui.dates import LONDON

USUAL_HOUR = time(10)
"""When a mailing is planned for: within the hours of every trial file."""
SATURDAY = 5
ORDINARY = Contact()


def is_working_day(day: date, nation: Nation) -> bool:
    """Say whether a day is neither at a weekend nor a bank holiday of the nation."""
    return day.weekday() < SATURDAY and not list_bank_holidays(day, day + timedelta(1), nation)


def next_working_day(day: date, nation: Nation) -> date:
    """Return the day itself or the next one on which people work.

    Examples
    --------
    >>> next_working_day(date(2019, 12, 25), "england")
    datetime.date(2019, 12, 27)
    """
    while not is_working_day(day, nation):
        day += timedelta(days=1)
    return day


def usual_moment(day: date, nation: Nation) -> datetime:
    """Return when something meant for a day is sent: that morning, or the next working day's."""
    return datetime.combine(next_working_day(day, nation), USUAL_HOUR, LONDON)


def next_moment(now: datetime, nation: Nation, hours: Contact = ORDINARY) -> datetime:
    """Return now if messages may go, or else the next moment they may."""
    local = now.astimezone(LONDON)
    day = local.date()
    if local.hour >= hours.until_hour:
        day += timedelta(days=1)
    allowed = next_working_day(day, nation)
    first = datetime.combine(allowed, time(hours.from_hour), LONDON)
    return max(now, first)
