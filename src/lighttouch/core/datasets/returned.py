"""Outcomes computed from returns, with the rows of leavers that later returns leave out."""

from collections.abc import Iterator

import polars as pl

from lighttouch.core.archive.model import Archive
from lighttouch.core.errors import ArchiveError
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.measures import FromReturn
from lighttouch.core.protocol.people import Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.deriving import derive_measure
from lighttouch.core.returns.periods import Period, period_of

COUNTED = ("absence_days", "illness_days", "illness_spells")
"""Columns that count something within the look-back period."""

_TYPES = {"number": pl.Float64, "count": pl.Int64, "date": pl.Date}


def derive_returned(archive: Archive, wave_id: str, derivation: FromReturn) -> pl.DataFrame:
    """Return ``participant`` and ``value`` (Float64): a measure of a wave's returns.

    Each partner's return is measured with its own launch, nation and look-back period. A partner
    without that return has no values at all. A participant absent from it has one only if
    another return says they left; see ``docs/methods/analysis-set.md``.

    Raises
    ------
    ArchiveError
        If a partner has no launch date or a participant has two rows in a return.
    """
    parts = [pl.DataFrame(schema={"participant": pl.String, "value": pl.Float64})]
    for partner_id, at in sorted(archive.returns):
        if at == wave_id:
            partner = _find_partner(archive.trial, partner_id)
            parts.append(_measure_partner(archive, partner, archive.trial.wave(at), derivation))
    return pl.concat(parts)


def _measure_partner(
    archive: Archive, partner: Partner, wave: Wave, derivation: FromReturn
) -> pl.DataFrame:
    period = _period(partner, wave)
    present = _standard(archive, partner.id, wave.id)
    frame = pl.concat([present, _absent_leavers(archive, partner, wave, present)])
    value = derive_measure(frame, derivation, period=period, nation=partner.nation)
    return frame.select(
        pl.concat_str(pl.lit(f"{partner.id}/"), "staff_id").alias("participant"),
        value.alias("value"),
    )


def _absent_leavers(
    archive: Archive, partner: Partner, wave: Wave, present: pl.DataFrame
) -> pl.DataFrame:
    """Rows for people this return leaves out whose latest other row says they had left by its end.

    What such a row counts is known in two cases: nothing at all for those who left before the
    period; and for those who left within it, what another return counted from the same first day
    to beyond their leaving. Otherwise it is null.
    """
    period = _period(partner, wave)
    others = _other_rows(archive, partner, wave)
    latest = others.unique("staff_id", keep="first", maintain_order=True)
    gone = latest.filter(pl.col("leaving_date") < period.end).join(
        present, on="staff_id", how="anti"
    )
    before = pl.col("leaving_date") < period.start
    same = (pl.col("_start") == period.start) & (pl.col("leaving_date") < pl.col("_end"))
    counted = [
        pl.when(before).then(pl.lit(0)).when(same).then(pl.col(name)).cast(present.schema[name])
        for name in COUNTED
    ]
    return gone.with_columns(_name(counted)).select(present.columns)


def _name(expressions: list[pl.Expr]) -> list[pl.Expr]:
    return [each.alias(name) for each, name in zip(expressions, COUNTED, strict=True)]


def _other_rows(archive: Archive, partner: Partner, wave: Wave) -> pl.DataFrame:
    """Rows of the partner's other returns with their periods, those due last first."""
    empty = _standard(archive, partner.id, wave.id).clear()
    dates = {"_start": pl.Date, "_end": pl.Date}
    parts = [empty.with_columns(pl.lit(None, kind).alias(name) for name, kind in dates.items())]
    for other in _waves_last_due_first(archive.trial):
        if other.id != wave.id and (partner.id, other.id) in archive.returns:
            period = _period(partner, other)
            frame = _standard(archive, partner.id, other.id)
            parts.append(frame.with_columns(_start=period.start, _end=period.end))
    return pl.concat(parts)


def _waves_last_due_first(trial: Trial) -> Iterator[Wave]:
    dated = [(wave.collect.due.approximate_days, wave) for wave in trial.waves if wave.collect]
    yield from (wave for _, wave in sorted(dated, key=lambda pair: -pair[0]))


def _standard(archive: Archive, partner_id: str, wave_id: str) -> pl.DataFrame:
    """The standard columns of a return, typed, absent ones null; one row per person."""
    frame = archive.returns[partner_id, wave_id]
    if frame["staff_id"].is_duplicated().any():
        raise ArchiveError(
            "a participant has two rows",
            where=f"return of {partner_id} at {wave_id}",
            remedy="Keep one row per member of staff",
        )
    return frame.select(
        (pl.col(column.id) if column.id in frame.columns else pl.lit(None))
        .cast(_TYPES.get(column.kind, pl.String))
        .alias(column.id)
        for column in STANDARD
    )


def _find_partner(trial: Trial, partner_id: str) -> Partner:
    for partner in trial.population.partners:
        if partner.id == partner_id:
            return partner
    raise ArchiveError(
        f"partner {partner_id} is not in the trial file", where=f"returns/{partner_id}"
    )


def _period(partner: Partner, wave: Wave) -> Period:
    if partner.launch is None:
        raise ArchiveError(
            f"partner {partner.id} has a return but no launch date",
            where="trial file, population.partners",
            remedy="Give the date of launch; look-back periods are counted from it",
        )
    return period_of(wave, partner.launch)
