"""Who joined, left or moved team between two returns of one partner."""

from dataclasses import dataclass

import polars as pl

from lighttouch.core.errors import ReturnError


@dataclass(frozen=True, slots=True)
class WaveDifference:
    """What changed between an earlier and a later return of one partner.

    Parameters
    ----------
    joined
        Staff codes of the later return that the earlier one does not have.
    left
        Staff codes with a leaving date in the later return, or no longer in it. Those whose
        leaving date the earlier return had already are not counted a second time.
    moved_team
        Staff codes of both returns whose team code is another one; an empty team is no code.
    people_before, people_after
        How many people each return holds, leavers included.

    Notes
    -----
    Codes are in alphabetical order. Someone may be in several lists: one who joined and left
    between the returns, or moved team and then left.
    """

    joined: tuple[str, ...]
    left: tuple[str, ...]
    moved_team: tuple[str, ...]
    people_before: int
    people_after: int

    @property
    def joined_count(self) -> int:
        """How many joined."""
        return len(self.joined)

    @property
    def left_count(self) -> int:
        """How many left."""
        return len(self.left)

    @property
    def moved_team_count(self) -> int:
        """How many moved to another team."""
        return len(self.moved_team)

    @property
    def changed(self) -> bool:
        """Whether anybody joined, left or moved."""
        return bool(self.joined or self.left or self.moved_team)


def compare_waves(before: pl.DataFrame, after: pl.DataFrame) -> WaveDifference:
    """Say who joined, left or moved team from one return to a later one.

    Parameters
    ----------
    before, after
        Canonical frames of two returns of the same partner, as in ``CheckedReturn.frame``; of
        their columns ``staff_id``, ``team`` and ``leaving_date`` are used. Rows may be in any
        order, and a row without a staff code is passed over.

    Raises
    ------
    ReturnError
        If a staff code is in one return more than once, so that nobody can say who is who.

    Examples
    --------
    >>> from datetime import date
    >>> schema = {"staff_id": pl.String, "team": pl.String, "leaving_date": pl.Date}
    >>> before = pl.DataFrame([("S1", "A", None), ("S2", "A", None)], schema, orient="row")
    >>> rows = [("S1", "B", None), ("S2", "A", date(2020, 1, 31)), ("S3", "B", None)]
    >>> difference = compare_waves(before, pl.DataFrame(rows, schema, orient="row"))
    >>> difference.joined, difference.left, difference.moved_team
    (('S3',), ('S2',), ('S1',))
    """
    earlier, later = _people(before, "earlier"), _people(after, "later")
    joined = later.join(earlier, on="staff_id", how="anti")
    gone = earlier.join(later, on="staff_id", how="anti")
    both = earlier.join(later, on="staff_id", suffix="_after")
    known = earlier.filter(pl.col("leaving_date").is_not_null())
    leavers = later.filter(pl.col("leaving_date").is_not_null())
    left = pl.concat([gone, leavers]).join(known, on="staff_id", how="anti")
    return WaveDifference(
        joined=_codes(joined),
        left=_codes(left),
        moved_team=_codes(both.filter(pl.col("team") != pl.col("team_after"))),
        people_before=earlier.height,
        people_after=later.height,
    )


def _people(frame: pl.DataFrame, which: str) -> pl.DataFrame:
    people = frame.select("staff_id", "team", "leaving_date").drop_nulls("staff_id")
    repeated = people.height - people["staff_id"].n_unique()
    if repeated:
        raise ReturnError(
            f"{repeated:,} row(s) have the staff code of another row",
            where=f"the {which} return",
            remedy="Compare returns that passed their checks",
        )
    return people


def _codes(people: pl.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(people["staff_id"].to_list()))
