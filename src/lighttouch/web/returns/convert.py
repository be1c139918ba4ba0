"""Between rows and what the core works with: findings, frames, what is counted in a return."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

import polars as pl

from lighttouch.core.errors import ReturnError
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.canonical import read_canonical
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.comparing import compare_waves
from lighttouch.core.returns.findings import Finding
from lighttouch.core.returns.reading import read_return
from lighttouch.web.returns.models import Version
from lighttouch.web.returns.resting import resting
from lighttouch.web.storage.queries import read_bytes

Row = list[str | int | bool | None]
GENERAL = {
    "vanished_id": "staff codes of an earlier return are not in this one",
}
"""What is said of a kind whose single findings name a code."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings that are the same fault of the same column.

    ``id`` names the kind in forms: the code, and the column's letter if it has one.
    """

    id: str
    code: str
    fault: str
    remedy: str
    blocks: bool
    column: str
    heading: str
    sheet: str
    findings: tuple[Finding, ...]

    @property
    def count(self) -> int:
        """How many rows, or other places, have it."""
        return sum(1 if f.row is not None else max(f.count, 1) for f in self.findings)

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that are named."""
        return tuple(f.row for f in self.findings if f.row is not None)

    @property
    def more(self) -> int:
        """How many more rows have it than are named."""
        return self.count - len(self.rows) if self.rows else 0


def group_findings(findings: Iterable[Finding]) -> tuple[Kind, ...]:
    """Put together what is the same fault of the same column, blocking kinds first."""
    groups: dict[tuple[bool, str, str, str], list[Finding]] = {}
    for one in findings:
        hint = one.remedy if one.blocks else ""
        groups.setdefault((not one.blocks, one.code, one.column, hint), []).append(one)
    ordered = sorted(groups.items(), key=lambda item: item[0][0])
    return tuple(_kind_of(members) for _, members in ordered)


def _kind_of(members: Sequence[Finding]) -> Kind:
    first = members[0]
    return Kind(
        id=f"{first.code}:{first.column}",
        code=first.code,
        fault=GENERAL.get(first.code, first.fault) if len(members) > 1 else first.fault,
        remedy=first.remedy,
        blocks=first.blocks,
        column=first.column,
        heading=first.heading,
        sheet=first.sheet,
        findings=tuple(members),
    )


def write_findings(findings: Iterable[Finding]) -> list[Row]:
    """Turn findings into what a row of the database holds."""
    return [list(astuple(finding)) for finding in findings]


def read_findings(rows: Iterable[Row]) -> tuple[Finding, ...]:
    """Turn what a row of the database holds back into findings."""
    return tuple(Finding(*row) for row in rows)  # type: ignore[arg-type]


def findings_of(version: Version) -> tuple[Finding, ...]:
    """Return what was found in a version."""
    return read_findings(version.findings)


def without_codes(kind: Kind) -> Kind:
    """Return a kind without its places and without any code: what a trial manager sees."""
    fault = GENERAL.get(kind.code, kind.fault)
    told = replace(kind.findings[0], row=None, fault=fault, count=kind.count)
    return replace(kind, fault=fault, findings=(told,))


def frame_of(version: Version, declared: Trial) -> pl.DataFrame:
    """Return the checked frame of a version that passed.

    An amendment may have dropped a column since; then the file itself is read again.
    """
    if version.canonical is None:
        raise ReturnError(
            "this version of the return did not pass its checks",
            where=f"version {version.number}",
            remedy="Use a version that did",
        )
    try:
        with resting(read_bytes(version.canonical), ".csv") as path:
            return read_canonical(path, declared)
    except ReturnError:
        return _read_again(version, declared)


def _read_again(version: Version, declared: Trial) -> pl.DataFrame:
    assert version.original is not None  # the caller has seen to it
    with resting(read_bytes(version.original), version.filename_suffix) as path:
        raw = read_return(path, declared, version.for_return.wave)
        return check_return(
            raw,
            trial=declared,
            partner_id=version.for_return.partner.code,
            wave_id=version.for_return.wave,
        ).frame


def count_return(frame: pl.DataFrame, earlier: Mapping[str, pl.DataFrame]) -> dict[str, object]:
    """Return the totals a coordinator checks before signing off; nothing about a single person.

    ``since`` says how many joined, left or moved team since the last earlier wave there is.
    """
    counts: dict[str, object] = {
        name: _total(frame[name]) for name in ("absence_days", "illness_days", "illness_spells")
    }
    counts["leavers"] = frame.height - frame["leaving_date"].null_count()
    counts["buildings"] = frame["building"].drop_nulls().n_unique()
    if earlier:
        wave, before = list(earlier.items())[-1]
        change = compare_waves(before, frame)
        counts["since"] = {
            "wave": wave,
            "before": change.people_before,
            "joined": change.joined_count,
            "left": change.left_count,
            "moved_team": change.moved_team_count,
        }
    return counts


def _total(column: pl.Series) -> float | None:
    return None if column.null_count() == len(column) else float(column.sum())
