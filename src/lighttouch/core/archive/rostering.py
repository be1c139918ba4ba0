"""The roster: everyone screened, with the reason if left out."""

from collections.abc import Mapping

import polars as pl

from lighttouch.core.allocation.excluding import apply_exclusions
from lighttouch.core.archive.layout import RETURNS, ROSTER, ROSTER_COLUMNS
from lighttouch.core.archive.tabular import type_columns
from lighttouch.core.errors import ArchiveError
from lighttouch.core.protocol.measures import FromReturn, ReturnMeasure
from lighttouch.core.protocol.people import Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.deriving import derive_measure
from lighttouch.core.returns.periods import period_of

DERIVED: tuple[ReturnMeasure, ...] = ("days_attended", "bradford_score")
"""Baseline measures added to the roster, so that strata may use them; the others are columns."""


def build_roster(trial: Trial, returns: Mapping[tuple[str, str], pl.DataFrame]) -> pl.DataFrame:
    """Build the roster from the accepted baseline returns.

    Returns
    -------
    polars.DataFrame
        ``ROSTER_COLUMNS``, the columns of the baseline return in template order, then
        :data:`DERIVED`, ordered by participant. A measure that would need cells the partner does
        not hold is null.

    Raises
    ------
    AllocationError
        If an exclusion tests what is not there.
    ArchiveError
        If a row has no staff code.
    """
    wave = trial.baseline_wave.id
    frames = [
        _measure(trial, trial.partner(partner), frame)
        for (partner, at), frame in sorted(returns.items(), key=lambda entry: entry[0])
        if at == wave
    ]
    together = pl.concat(frames, how="diagonal_relaxed")
    if nameless := together["staff_id"].fill_null("").eq("").sum():
        raise ArchiveError(
            f"{nameless} row(s) have no staff code",
            where=f"{RETURNS}, {wave}",
            remedy="Give each person a code, the same at every collection",
        )
    screened = apply_exclusions(together, trial)
    rest = [name for name in screened.columns if name not in ROSTER_COLUMNS]
    return screened.select(*ROSTER_COLUMNS, *rest).sort("participant")


def _measure(trial: Trial, partner: Partner, frame: pl.DataFrame) -> pl.DataFrame:
    assert partner.launch is not None
    period = period_of(trial.baseline_wave, partner.launch)
    derived = [
        derive_measure(
            frame,
            FromReturn.model_validate({"from": "return", "measure": measure}),
            period=period,
            nation=partner.nation,
        ).alias(measure)
        for measure in DERIVED
    ]
    return frame.select(
        pl.concat_str(pl.lit(f"{partner.id}/"), "staff_id").alias("participant"),
        pl.lit(partner.id).alias("partner"),
        pl.all(),
    ).with_columns(derived)


def type_roster(frame: pl.DataFrame, trial: Trial) -> pl.DataFrame:
    """Give a roster read as text its types; ``excluded_because`` is empty text, never null.

    Raises
    ------
    ArchiveError
        If a cell is not of its column's kind.
    """
    kinds: dict[str, str] = {column.id: column.kind for column in STANDARD}
    kinds |= {column.id: column.kind for column in trial.population.extra_columns}
    kinds |= dict.fromkeys(DERIVED, "number")
    given = any(wave.table for wave in trial.waves)
    typed = frame if given else type_columns(frame, kinds, where=ROSTER)
    return typed.with_columns(pl.col("excluded_because").fill_null(""))
