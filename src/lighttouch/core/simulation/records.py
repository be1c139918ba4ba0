"""What partners hold at each wave, as complete and tidy as no partner ever sends it."""

import numpy as np
import polars as pl

from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.people import ExtraColumn, Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.periods import DAYS_PER_MONTH, period_of
from lighttouch.core.simulation.course import Course, count_days_due
from lighttouch.core.simulation.profile import Profile
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.workforce import Ints, Workforce


def build_record(
    trial: Trial,
    profile: Profile,
    partner: Partner,
    wave: Wave,
    workforce: Workforce,
    course: Course,
) -> pl.DataFrame:
    """Build one partner's complete record of a wave: every person, whether or not it is sent.

    Returns
    -------
    polars.DataFrame
        One row per person of the partner, in the order of ``workforce``: ``participant``, the
        standard columns of a return, then the trial's extra columns of this wave.
    """
    assert partner.launch is not None
    rows = np.flatnonzero(workforce.frame["partner"].to_numpy() == partner.id)
    period = period_of(wave, partner.launch)
    frame = workforce.frame[rows]
    absence, left = course.absence[wave.id], course.left[rows]
    days_per_week = frame["days_per_week"].fill_null(5.0).to_numpy()
    long_ago = np.full(len(rows), np.datetime64(period.start, "D"))
    due = count_days_due(period, long_ago, left, partner) * days_per_week / 5
    extra = profile.partner(partner.id).recorded.get(wave.id, 0.0) * due
    overall = np.minimum(np.round(2 * (absence.absence_days[rows] + extra)) / 2, np.floor(due))
    overall = np.maximum(overall, absence.absence_days[rows])
    gone = left < np.datetime64(period.end, "D")
    months = max(0.0, (period.end - partner.launch).days / DAYS_PER_MONTH)
    record = frame.with_columns(
        pl.col("tenure_months") + np.floor(months),
        absence_days=pl.Series(overall),
        illness_days=pl.Series(absence.illness_days[rows]),
        illness_spells=pl.Series(absence.illness_spells[rows]).cast(pl.Int64),
        leaving_date=pl.when(pl.Series(gone)).then(pl.Series(left)),
    )
    extras = [one for one in trial.population.extra_columns if wave.id in one.waves]
    columns = ["participant", *(one.id for one in STANDARD), *(one.id for one in extras)]
    return record.select(_date(one, partner) if one in _dates(extras) else one for one in columns)


def _dates(extras: list[ExtraColumn]) -> set[str]:
    return {one.id for one in extras if one.kind == "date"}


def _date(column: str, partner: Partner) -> pl.Expr:
    """Turn days before launch into a date."""
    return (pl.lit(partner.launch) - pl.duration(days=pl.col(column))).cast(pl.Date).alias(column)


def select_rows(
    profile: Profile, partner: Partner, wave: Wave, record: pl.DataFrame, streams: Streams
) -> Ints:
    """Choose the rows of a record that the partner's return holds.

    A few stayers and leavers fall out, as the profile says, and those gone before launch are no
    longer there after it.
    """
    rng = streams.open("rows", partner.id, wave.id)
    luck = rng.random(record.height)
    rows = profile.rows(wave.id)
    kept = np.where(record["leaving_date"].is_null().to_numpy(), rows.kept, rows.leavers_kept)
    later = wave.collect is not None and wave.collect.ends.count > 0
    before = (record["leaving_date"] < partner.launch).fill_null(False).to_numpy()
    return np.flatnonzero((luck < kept) & ~(later & before))


def add_joiners(
    profile: Profile, partner: Partner, wave: Wave, record: pl.DataFrame, streams: Streams
) -> pl.DataFrame:
    """Add people who joined since the baseline: like those there, with new codes and no service.

    Under a month of service, they cannot be taken for someone whose code changed.
    """
    rng = streams.open("joiners", partner.id, wave.id)
    number = round(profile.rows(wave.id).joiners * record.height)
    like = rng.choice(record.height, size=number, replace=False)
    codes = [f"NEW{code:05d}" for code in rng.choice(100_000, size=number, replace=False)]
    joined = record[like].with_columns(
        staff_id=pl.Series(codes, dtype=pl.String),
        participant=pl.Series([f"{partner.id}/{code}" for code in codes], dtype=pl.String),
        tenure_months=pl.lit(0.0),
        leaving_date=pl.lit(None, dtype=pl.Date),
    )
    return pl.concat([record, joined])
