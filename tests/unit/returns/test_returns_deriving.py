"""Derived outcomes, worked by hand."""

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest

from lighttouch.core.protocol.measures import FromReturn
from lighttouch.core.returns.cleaning import DTYPES
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.deriving import derive_measure
from lighttouch.core.returns.periods import Period

AUTUMN = Period(date(2019, 10, 1), date(2019, 12, 1))  # 23 + 21 working days, no bank holiday
WORKING_DAYS = 44.0


def frame(**columns: Sequence[object]) -> pl.DataFrame:
    height = max(len(values) for values in columns.values())
    return pl.DataFrame(
        {c.id: list(columns.get(c.id, [None] * height)) for c in STANDARD},
        schema={c.id: DTYPES[c.kind] for c in STANDARD},
    )


def derive(measure: str, period: Period = AUTUMN, /, **columns: object) -> list[float | None]:
    keys = {"absence", "leavers", "missing_below_months", "prorate_below_months"}
    options = {key: columns.pop(key) for key in keys & columns.keys()}
    rule = FromReturn.model_validate({"from": "return", "measure": measure, **options})
    data = frame(**columns)  # type: ignore[arg-type]
    series = derive_measure(data, rule, period=period, nation="england")
    assert series.dtype == pl.Float64
    assert series.name == measure
    assert len(series) == data.height
    return series.to_list()


def test_days_attended_is_working_days_less_overall_absence() -> None:
    assert derive("days_attended", absence_days=[0.0, 10.5]) == [44.0, 33.5]


def test_days_attended_can_count_illness_only() -> None:
    values = derive("days_attended", absence="illness", absence_days=[20.0], illness_days=[4.0])
    assert values == [40.0]


def test_days_attended_is_never_below_zero() -> None:
    assert derive("days_attended", absence_days=[60.0]) == [0.0]


def test_unknown_absence_leaves_days_attended_unknown() -> None:
    assert derive("days_attended", absence_days=[None]) == [None]


def test_leavers_count_as_absent_after_their_last_day() -> None:
    # Last day Thursday 31 October: the 23 working days of October are due, 3 were lost.
    left = [date(2019, 10, 31)]
    assert derive("days_attended", absence_days=[3.0], leaving_date=left) == [20.0]


def test_leaving_on_the_last_day_of_the_period_loses_nothing() -> None:
    left = [date(2019, 11, 30), date(2019, 12, 1), date(2020, 5, 1)]
    values = derive("days_attended", absence_days=[0.0] * 3, leaving_date=left)
    assert values == [WORKING_DAYS] * 3


def test_someone_who_left_before_the_period_attended_no_day_of_it() -> None:
    left = [date(2019, 9, 30), date(2010, 1, 1)]
    values = derive("days_attended", absence_days=[None, 0.0], leaving_date=left)
    assert values == [0.0, 0.0]


def test_leavers_can_be_left_out_instead() -> None:
    left = [date(2019, 10, 31), None, date(2019, 12, 1)]
    values = derive(
        "days_attended", leavers="missing", absence_days=[3.0, 3.0, 3.0], leaving_date=left
    )
    assert values == [None, 41.0, 41.0]


def test_part_time_staff_owe_working_days_in_proportion_to_their_contract() -> None:
    week = [2.5, 5.0, None, 6.0]
    values = derive("days_attended", absence_days=[2.0] * 4, days_per_week=week)
    assert values == [20.0, 42.0, 42.0, 42.0]


def test_turnover_is_one_for_those_whose_last_day_is_within_or_before_the_period() -> None:
    left = [None, date(2019, 9, 1), date(2019, 11, 30), date(2019, 12, 1)]
    assert derive("turnover", leaving_date=left) == [0.0, 1.0, 1.0, 0.0]


def test_leavers_are_never_missing_from_turnover() -> None:
    assert derive("turnover", leavers="missing", leaving_date=[date(2019, 10, 4)]) == [1.0]


def test_bradford_score_is_spells_squared_times_days() -> None:
    # The convention's own examples: the same ten days in 1, 5 and 10 spells.
    values = derive("bradford_score", illness_spells=[1, 5, 10, None], illness_days=[10.0] * 4)
    assert values == [10.0, 250.0, 1000.0, None]


def test_counts_are_passed_through_as_they_are() -> None:
    assert derive("illness_spells", illness_spells=[3, None]) == [3.0, None]
    assert derive("illness_days", illness_days=[2.5]) == [2.5]
    assert derive("absence_days", absence_days=[7.0]) == [7.0]


TENURES = [0.0, 2.9, 3.0, 6.0, 11.5, 12.0, 60.0, None]


def test_short_service_is_missing_then_scaled_up_with_the_bounds_inside_the_upper_band() -> None:
    # 3 months: 2 days x 12/3 = 8; 6: x2 = 4; 11.5: x 12/11.5; 12 and more: as returned.
    values = derive(
        "illness_days",
        missing_below_months=3.0,
        prorate_below_months=12.0,
        tenure_months=TENURES,
        illness_days=[2.0] * 8,
    )
    assert values[:2] == [None, None]
    assert values[2:4] == [8.0, 4.0]
    assert values[4] == pytest.approx(2 * 12 / 11.5)
    assert values[5:] == [2.0, 2.0, None]


def test_missing_bound_alone_scales_nothing() -> None:
    values = derive(
        "illness_days", missing_below_months=3.0, tenure_months=TENURES, illness_days=[2.0] * 8
    )
    assert values == [None, None, 2.0, 2.0, 2.0, 2.0, 2.0, None]


def test_scaling_alone_leaves_only_no_service_and_unknown_service_missing() -> None:
    values = derive(
        "illness_days",
        prorate_below_months=12.0,
        tenure_months=[0.0, 1.0, 12.0, None],
        illness_days=[1.0] * 4,
    )
    assert values == [None, 12.0, 1.0, None]


def test_attendance_of_new_staff_takes_off_their_scaled_absence() -> None:
    values = derive(
        "days_attended", prorate_below_months=12.0, tenure_months=[6.0], absence_days=[5.0]
    )
    assert values == [WORKING_DAYS - 10.0]


def test_turnover_is_not_scaled() -> None:
    values = derive("turnover", prorate_below_months=12.0, tenure_months=[6.0], leaving_date=[None])
    assert values == [0.0]


@pytest.mark.parametrize("measure", ["days_attended", "bradford_score", "turnover"])
def test_row_order_does_not_matter(measure: str) -> None:
    columns: dict[str, list[object]] = {
        "tenure_months": [4.0, 70.0, 1.0],
        "absence_days": [3.0, 8.0, 1.0],
        "illness_days": [1.0, 2.0, 0.0],
        "illness_spells": [1, 2, 0],
        "leaving_date": [None, date(2019, 11, 4), None],
    }
    backwards = {key: values[::-1] for key, values in columns.items()}
    assert derive(measure, **columns) == derive(measure, **backwards)[::-1]


def test_no_rows_give_no_values() -> None:
    empty = frame(absence_days=[1.0]).clear()
    rule = FromReturn.model_validate({"from": "return", "measure": "days_attended"})
    assert derive_measure(empty, rule, period=AUTUMN, nation="wales").to_list() == []
