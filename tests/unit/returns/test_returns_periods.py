"""Working days and look-back periods."""

from datetime import date

import pytest
from returns_support import TRIAL

from lighttouch.core.errors import ReturnError
from lighttouch.core.returns.periods import (
    Period,
    count_working_days,
    list_bank_holidays,
    period_of,
    working_days_until,
)


def test_period_runs_from_start_to_the_day_before_its_end() -> None:
    period = period_of(TRIAL.wave("baseline"), date(2019, 10, 1))
    assert period == Period(date(2018, 10, 1), date(2019, 10, 1))
    assert period.last_day == date(2019, 9, 30)


def test_empty_period_is_refused() -> None:
    with pytest.raises(ReturnError, match="empty"):
        Period(date(2020, 1, 1), date(2020, 1, 1))


def test_wave_without_a_return_has_no_period() -> None:
    with pytest.raises(ReturnError, match="collects no return"):
        period_of(TRIAL.wave("survey_only"), date(2019, 10, 1))


def test_working_days_of_2019_in_england_by_hand() -> None:
    # 261 Mondays to Fridays less 8 bank holidays, none of which fell on a weekend.
    assert count_working_days(date(2019, 1, 1), date(2020, 1, 1), "england") == 253


@pytest.mark.parametrize(
    ("day", "nation", "working"),
    [
        (date(2019, 12, 26), "england", 0),
        (date(2019, 8, 5), "scotland", 0),  # the summer holiday is earlier in Scotland
        (date(2019, 8, 5), "england", 1),
        (date(2019, 8, 26), "wales", 0),
        (date(2019, 8, 26), "scotland", 1),
        (date(2019, 3, 18), "northern_ireland", 0),  # St Patrick's day, moved from a Sunday
        (date(2019, 3, 18), "wales", 1),
        (date(2020, 5, 8), "england", 0),  # the May holiday, moved for the VE day anniversary
        (date(2020, 5, 4), "england", 1),
        (date(2019, 6, 1), "england", 0),  # a Saturday
    ],
)
def test_bank_holidays_follow_the_nation(day: date, nation: str, working: int) -> None:
    after = date.fromordinal(day.toordinal() + 1)
    assert count_working_days(day, after, nation) == working  # type: ignore[arg-type]


def test_days_add_up_over_adjoining_periods() -> None:
    start, middle, end = date(2019, 2, 3), date(2019, 12, 26), date(2021, 1, 9)
    whole = count_working_days(start, end, "scotland")
    parts = count_working_days(start, middle, "scotland")
    assert whole == parts + count_working_days(middle, end, "scotland")


def test_a_period_that_ends_before_it_starts_has_no_days() -> None:
    assert working_days_until(date(2020, 1, 1), [date(2019, 1, 1)], "england").tolist() == [0]


def test_bank_holidays_are_listed_from_start_up_to_end() -> None:
    days = list_bank_holidays(date(2019, 12, 25), date(2019, 12, 26), "england")
    assert days == (date(2019, 12, 25),)
