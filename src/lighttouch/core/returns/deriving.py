"""Variables computed from a checked return: attendance, absence, spells, turnover.

The rules and their boundaries are set out in ``docs/methods/derived-outcomes.md``.
"""

from datetime import date, timedelta

import polars as pl

from lighttouch.core.protocol.measures import FromReturn
from lighttouch.core.protocol.people import Nation
from lighttouch.core.returns.periods import Period, working_days_until

FULL_WEEK = 5.0


def derive_measure(
    frame: pl.DataFrame, derivation: FromReturn, *, period: Period, nation: Nation
) -> pl.Series:
    """Compute one measure for every row of a checked return.

    Parameters
    ----------
    frame
        As in ``CheckedReturn.frame``.
    derivation
        Which measure, which absence, and how leavers and short service are treated.
    period
        The look-back period of the return.
    nation
        Whose bank holidays are not working days.

    Returns
    -------
    Float64 series aligned with the rows: days (``days_attended`` from 0 to the working days of
    the period; ``absence_days``, ``illness_days``), spells, Bradford points (spells² × days), or
    1 and 0 for ``turnover``. Null wherever an ingredient is null, except that someone who left
    before the period attended 0 days. When the derivation sets ``prorate_below_months``, days
    and spells of people with shorter service are scaled up to that length before anything is
    computed from them; below ``missing_below_months`` the value is null; with unknown service
    both make it null.

    Examples
    --------
    >>> frame = pl.DataFrame({
    ...     "tenure_months": [60.0], "days_per_week": [5.0], "absence_days": [10.0],
    ...     "illness_days": [4.0], "illness_spells": [2], "leaving_date": [None],
    ... }, schema_overrides={"leaving_date": pl.Date})
    >>> attended = FromReturn.model_validate({"from": "return", "measure": "days_attended"})
    >>> period = Period(date(2019, 10, 1), date(2019, 12, 1))
    >>> derive_measure(frame, attended, period=period, nation="england").to_list()
    [34.0]

    Source
    ------
    Programme report (March 2021), Analytical Decisions; the Bradford score by its usual
    convention.
    """
    scaled = frame.with_columns(_scale_up(pl.col(name), derivation) for name in _COUNTED)
    value = _measure(scaled, derivation, period, nation)
    known = pl.lit(value=True)
    if derivation.leavers == "missing" and derivation.measure != "turnover":
        known &= ~_left_by(period)
    if derivation.missing_below_months is not None:
        known &= pl.col("tenure_months") >= derivation.missing_below_months
    table = frame.select("leaving_date", "tenure_months").with_columns(value=value)
    return table.select(pl.when(known).then("value"))["value"].alias(derivation.measure)


_COUNTED = ("absence_days", "illness_days", "illness_spells")


def _scale_up(counted: pl.Expr, derivation: FromReturn) -> pl.Expr:
    """Scale what was counted over a short service up to the full look-back."""
    full = derivation.prorate_below_months
    counted = counted.cast(pl.Float64)
    if full is None or derivation.measure == "turnover":
        return counted
    tenure = pl.col("tenure_months").cast(pl.Float64)
    return pl.when(tenure >= full).then(counted).when(tenure > 0).then(counted * full / tenure)


def _measure(
    frame: pl.DataFrame, derivation: FromReturn, period: Period, nation: Nation
) -> pl.Series:
    if derivation.measure == "turnover":
        return frame.select(_left_by(period).cast(pl.Float64)).to_series()
    if derivation.measure == "bradford_score":
        return frame["illness_spells"] ** 2 * frame["illness_days"]
    if derivation.measure == "days_attended":
        due = _days_due(frame, period, nation)
        absence = frame[_ABSENCE[derivation.absence]]
        attended = (due - absence).clip(lower_bound=0.0)
        gone = pl.DataFrame({"due": due, "attended": attended})
        return gone.select(pl.when(pl.col("due") == 0).then(0.0).otherwise("attended")).to_series()
    return frame[derivation.measure]


_ABSENCE = {"overall": "absence_days", "illness": "illness_days"}


def _left_by(period: Period) -> pl.Expr:
    """Whether the last day of employment fell before the end of the period."""
    return (pl.col("leaving_date") < period.end).fill_null(value=False)


def _days_due(frame: pl.DataFrame, period: Period, nation: Nation) -> pl.Series:
    """Working days each person could attend: up to the last day, in proportion to the contract."""
    ends = frame["leaving_date"].unique().to_list()
    stops = [_first_day_gone(leaving, period) for leaving in ends]
    counts = working_days_until(period.start, stops, nation).astype(float)
    due = frame["leaving_date"].to_frame().join(
        pl.DataFrame({"leaving_date": pl.Series(ends, dtype=pl.Date), "due": counts}),
        on="leaving_date", how="left", nulls_equal=True, maintain_order="left",
    )["due"]  # fmt: skip
    share = (frame["days_per_week"].cast(pl.Float64) / FULL_WEEK).clip(upper_bound=1.0)
    return due * share.fill_null(1.0)


def _first_day_gone(leaving: date | None, period: Period) -> date:
    if leaving is None:
        return period.end
    return max(period.start, min(period.end, leaving + timedelta(days=1)))
