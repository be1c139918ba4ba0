"""How a return fits the same partner's earlier returns and other partners' returns."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from lighttouch.core.returns.findings import MOST_PER_CODE, Findings
from lighttouch.core.returns.periods import DAYS_PER_MONTH
from lighttouch.core.returns.personal import PLAIN_CODE

TENURE_SLACK = 1.0  # months: some count started months, some completed ones
SAME_SHARE = 0.9
OVERLAP = 0.5
FEWEST_PEOPLE = 5
_CONTENT = ("staff_id", "absence_days", "illness_days")
_ROW = ("staff_id", "team", "absence_days", "illness_days")


def check_against_earlier(
    frame: pl.DataFrame,
    earlier: Mapping[str, pl.DataFrame],
    ends: Mapping[str, date],
    end: date,
    findings: Findings,
) -> None:
    """Follow every person from earlier waves: codes that vanished, changed or were reused.

    Parameters
    ----------
    frame
        ``row`` and the columns of this return.
    earlier
        Frames of earlier waves in the trial's order.
    ends, end
        When each earlier period, and this one, ended.
    findings
        Where faults are noted.
    """
    for wave_id, before in earlier.items():
        _check_same_content(frame, before, wave_id, findings)
    if not earlier:
        return
    known = _last_known(earlier, ends, end)
    _check_tenure(frame, known, findings)
    gone = known.join(frame, on="staff_id", how="anti", maintain_order="left")
    new = frame.join(known, on="staff_id", how="anti", maintain_order="left")
    changed = _match_changed(gone, new.drop_nulls("staff_id"))
    findings.add_rows(
        "changed_id",
        changed["row"].sort(),
        fault="a new code for someone who seems to have had another code earlier (same team, "
        "same role, service that fits)",
        remedy="Give each person the code of the earlier return; if this is another person, say so",
        blocks=True,
        column="staff_id",
    )
    _note_vanished(gone.join(changed, left_on="staff_id", right_on="old", how="anti"), findings)


def _last_known(
    earlier: Mapping[str, pl.DataFrame], ends: Mapping[str, date], end: date
) -> pl.DataFrame:
    columns = ("staff_id", "team", "role", "tenure_months", "leaving_date")
    frames = [
        before.select(columns).with_columns(
            elapsed=pl.lit((end - ends[wave_id]).days / DAYS_PER_MONTH)
        )
        for wave_id, before in earlier.items()
    ]
    stacked = pl.concat(frames).drop_nulls("staff_id")
    return stacked.unique("staff_id", keep="last", maintain_order=True)


def _check_tenure(frame: pl.DataFrame, known: pl.DataFrame, findings: Findings) -> None:
    both = frame.join(known, on="staff_id", suffix="_before", maintain_order="left")
    backwards = both.filter(pl.col("tenure_months") < pl.col("tenure_months_before") - TENURE_SLACK)
    findings.add_rows(
        "tenure_backwards",
        backwards["row"],
        fault="a shorter length of employment than in an earlier return",
        remedy="Correct it; if the code now belongs to someone else, give that person a new code",
        blocks=True,
        column="tenure_months",
    )


def _match_changed(gone: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Pair vanished with new codes of the same team and role whose service moved on as time did.

    Only pairs that are the sole match of both codes count.
    """
    pairs = gone.filter(pl.col("leaving_date").is_null()).join(
        new, on=["team", "role"], suffix="_now", maintain_order="left"
    )
    grown = pl.col("tenure_months_now") - pl.col("tenure_months") - pl.col("elapsed")
    fits = pairs.filter(
        (grown.abs() <= TENURE_SLACK)
        & (pl.col("tenure_months_now") + TENURE_SLACK >= pl.col("elapsed"))
    )
    sole = fits.filter(pl.col("staff_id").is_unique() & pl.col("staff_id_now").is_unique())
    return sole.select("row", old="staff_id")


def _note_vanished(gone: pl.DataFrame, findings: Findings) -> None:
    total = gone.height
    for code in gone["staff_id"].head(MOST_PER_CODE):
        plain = pl.Series([code]).str.contains(PLAIN_CODE)[0]
        who = f"the staff code {code}" if plain else "a staff code"
        findings.add(
            "vanished_id",
            fault=f"{who} of an earlier return is not in this one",
            remedy="People who left stay in the return with their leaving date; if the code "
            "changed, change it back",
            blocks=False,
            column="staff_id",
        )
    if total > MOST_PER_CODE:
        findings.add(
            "vanished_id",
            fault=f"{total - MOST_PER_CODE:,} more staff codes of an earlier return are missing",
            remedy="Check that the whole staff list was exported",
            blocks=False,
            column="staff_id",
            count=total - MOST_PER_CODE,
        )


def _check_same_content(
    frame: pl.DataFrame, before: pl.DataFrame, wave_id: str, findings: Findings
) -> None:
    if _shared(frame, before, _CONTENT) < SAME_SHARE or frame["absence_days"].n_unique() == 1:
        return
    findings.add(
        "same_as_earlier",
        fault=f"nearly every figure is the same as in the return for “{wave_id}”",
        remedy="Send the return for this collection; it may be an old file under a new name",
        blocks=True,
    )


def _shared(frame: pl.DataFrame, before: pl.DataFrame, columns: tuple[str, ...]) -> float:
    """Return the share of rows that appear in the other frame with the same values."""
    if min(frame.height, before.height) < FEWEST_PEOPLE:
        return 0.0
    same = frame.select(columns).join(before.select(columns), on=list(columns), how="semi")
    return same.height / frame.height


def check_against_others(
    frame: pl.DataFrame,
    earlier: Mapping[str, pl.DataFrame],
    others: Mapping[str, pl.DataFrame],
    findings: Findings,
) -> None:
    """Notice a return that holds another partner's rows, or its people rather than one's own."""
    own = max((_shared(frame, before, ("staff_id",)) for before in earlier.values()), default=None)
    for partner_id, other in others.items():
        same_rows = _shared(frame, other, _ROW) >= OVERLAP
        theirs = _shared(frame, other, ("staff_id",))
        same_people = own is not None and theirs >= OVERLAP and own < theirs / 2
        if same_rows or same_people:
            findings.add(
                "other_partners_rows",
                fault=f"most rows are those of another partner ({partner_id})",
                remedy="Send this organisation's own file",
                blocks=True,
            )
