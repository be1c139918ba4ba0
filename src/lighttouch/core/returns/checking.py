"""Every check on a return: its columns, its cells, its rows, and how it fits the other returns."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from lighttouch.core.errors import ReturnError
from lighttouch.core.protocol.people import Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.cleaning import clean_return
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.declarations import check_declared
from lighttouch.core.returns.findings import CheckedReturn, Finding, Findings
from lighttouch.core.returns.headings import columns_of
from lighttouch.core.returns.needs import allocation_columns, needed_columns
from lighttouch.core.returns.periods import Period, count_working_days, period_of
from lighttouch.core.returns.reading import RawReturn
from lighttouch.core.returns.rules import check_rows
from lighttouch.core.returns.waves import check_against_earlier, check_against_others

LEAST_ATTENDANCE = 0.25
FEWEST_PEOPLE = 5


def check_return(
    raw: RawReturn,
    *,
    trial: Trial,
    partner_id: str,
    wave_id: str,
    earlier: Mapping[str, pl.DataFrame] | None = None,
    others: Mapping[str, pl.DataFrame] | None = None,
) -> CheckedReturn:
    """Check a return and turn it into the frame the archive keeps.

    Parameters
    ----------
    raw
        From :func:`lighttouch.core.returns.reading.read_return`.
    trial, partner_id, wave_id
        What the return is meant to be.
    earlier
        Checked frames of the same partner's earlier waves, by wave.
    others
        Checked frames of other partners, by partner, to notice a return sent under the wrong name.

    Returns
    -------
    The typed frame and every finding; nothing raises because of what a row holds.

    Raises
    ------
    ReturnError
        If the trial has no such partner or wave, or the partner's launch is not set.
    """
    partner, period = place_return(trial, partner_id, wave_id)
    columns = columns_of(trial, wave_id)
    findings = Findings(raw.sheet, raw.places, list(raw.findings))
    check_declared(raw.declared, trial, partner, wave_id, period, findings)
    _check_columns(raw, trial, wave_id, findings)
    frame = clean_return(raw.frame, columns, findings)
    _check_identities(frame, findings)
    retrieved = raw.declared.retrieved
    check_rows(frame, period=period, nation=partner.nation, retrieved=retrieved, findings=findings)
    _check_attendance(frame, period, partner, findings)
    _count_missing(frame, raw, trial, wave_id, findings)
    known = {
        wave.id: (earlier or {})[wave.id] for wave in trial.waves if wave.id in (earlier or {})
    }
    ends = {wave_id: _end_of(trial, partner, wave_id) for wave_id in known}
    check_against_earlier(frame, known, ends, period.end, findings)
    check_against_others(frame, known, others or {}, findings)
    return CheckedReturn(frame.drop("row"), _in_order(findings.found))


def place_return(trial: Trial, partner_id: str, wave_id: str) -> tuple[Partner, Period]:
    """Return the partner and look-back period of a return, or say why there is none.

    Raises
    ------
    ReturnError
        If the trial has no such partner or wave, the wave has no return, or the launch is not set.
    """
    partners = {partner.id: partner for partner in trial.population.partners}
    if partner_id not in partners:
        known = ", ".join(partners) or "none"
        raise ReturnError(
            "the trial has no such partner", where="partner", remedy=f"Name one of: {known}"
        )
    waves = {wave.id: wave for wave in trial.waves if wave.collect is not None}
    if wave_id not in waves:
        known = ", ".join(waves) or "none"
        raise ReturnError(
            "the trial has no return for such a wave",
            where="wave",
            remedy=f"Name one of: {known}",
        )
    partner = partners[partner_id]
    if partner.launch is None:
        raise ReturnError(
            "the partner's launch is not set, so its dates are unknown",
            where=f"partner {partner_id}",
            remedy="Set launch for this partner in the trial file",
        )
    return partner, period_of(waves[wave_id], partner.launch)


def _end_of(trial: Trial, partner: Partner, wave_id: str) -> date:
    _, period = place_return(trial, partner.id, wave_id)
    return period.end


def _check_columns(raw: RawReturn, trial: Trial, wave_id: str, findings: Findings) -> None:
    needs = needed_columns(trial, wave_id)
    vital = allocation_columns(trial, wave_id) | {c.id for c in STANDARD if c.required}
    headings = {column.id: column.heading for column in columns_of(trial, wave_id)}
    for key, heading in headings.items():
        if key in raw.frame.columns or (key not in vital and key not in needs):
            continue
        reason = f"; it is needed for {needs[key]}" if key in needs else ""
        findings.add(
            "missing_column",
            fault=f"there is no column “{heading}”{reason}",
            remedy="Add the column as in the template",
            blocks=key in vital or _makes_zeros(key, trial, wave_id),
        )
    if raw.frame.is_empty():
        findings.add(
            "no_rows",
            fault="there are headings but no rows below them",
            remedy="Give one row per member of staff",
            blocks=True,
        )


def _makes_zeros(key: str, trial: Trial, wave_id: str) -> bool:
    """Whether a missing column would be taken for a true zero: no leaving dates, no leavers."""
    measures = (getattr(o.derive, "measure", "") for o in trial.outcomes if o.wave == wave_id)
    return key == "leaving_date" and "turnover" in measures


def _check_identities(frame: pl.DataFrame, findings: Findings) -> None:
    if "staff_id" not in findings.places:
        return
    ids = frame["staff_id"]
    # Hashes of different codes may agree, never those of the same code: then look closely.
    if ids.null_count() == 0 and ids.hash().n_unique() == len(ids):
        return
    heading = findings.places["staff_id"].heading
    refused = {f.row for f in findings.found if f.heading == heading and f.row is not None}
    missing = frame["row"].filter(ids.is_null())
    findings.add_rows(
        "missing_id",
        missing.filter(~missing.is_in(sorted(refused))),
        fault="the row has no staff code",
        remedy="Give each person a code, the same at every collection",
        blocks=True,
        column="staff_id",
    )
    repeated = frame.filter(pl.col("staff_id").is_duplicated() & pl.col("staff_id").is_not_null())
    findings.add_rows(
        "duplicate_id",
        repeated["row"],
        fault="another row has the same staff code",
        remedy="Keep one row per person; give different people different codes",
        blocks=True,
        column="staff_id",
    )


def _check_attendance(
    frame: pl.DataFrame, period: Period, partner: Partner, findings: Findings
) -> None:
    staying = frame["absence_days"].filter(frame["leaving_date"].is_null()).drop_nulls()
    working = count_working_days(period.start, period.end, partner.nation)
    if len(staying) < FEWEST_PEOPLE or working == 0:
        return
    median = staying.median()
    if isinstance(median, float) and 1 - median / working < LEAST_ATTENDANCE:
        findings.add(
            "near_zero_attendance",
            fault=f"half of the staff are away for over {1 - LEAST_ATTENDANCE:.0%} of the period",
            remedy="Check that the column holds days of absence: not days attended, not hours",
            blocks=True,
            column="absence_days",
        )


def _count_missing(
    frame: pl.DataFrame, raw: RawReturn, trial: Trial, wave_id: str, findings: Findings
) -> None:
    needs = needed_columns(trial, wave_id) | {"team": "allocation and reporting by team"}
    vital = allocation_columns(trial, wave_id)
    for key, reason in needs.items():
        empty = frame[key].null_count() if key in raw.frame.columns else 0
        if key in ("leaving_date", "days_per_week", "staff_id") or empty == 0:
            continue
        findings.add(
            "missing_cells",
            fault=f"{empty:,} of {frame.height:,} rows have no value here; needed for {reason}",
            remedy="Fill in what is known; leave empty what is not",
            blocks=key in vital and trial.allocation.unit == key,
            column=key,
            count=empty,
        )


def _in_order(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda f: (not f.blocks, f.row is not None, f.row or 0)))
