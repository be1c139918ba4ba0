"""What a check found: one finding per fault, with its place, its remedy and whether it blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

MOST_PER_CODE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands in the file: its letter and the heading we know it by."""

    letter: str
    heading: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a return. Its text never holds the content of a cell.

    Parameters
    ----------
    sheet
        Name of the sheet, or of the file for ``.csv``.
    row, column
        Row number and column letter as the officer sees them; ``None`` and ``""`` when the
        finding is about the whole column, row or return.
    fault, remedy
        What is wrong and what to do, in plain sentences without a full stop.
    blocks
        Whether the return is refused until this is put right.
    code
        A stable name for the kind of finding.
    heading
        The standard heading of the column; empty where there is none.
    count
        How many rows the finding stands for.
    """

    sheet: str
    row: int | None
    column: str
    fault: str
    remedy: str
    blocks: bool
    code: str
    heading: str = ""
    count: int = 1

    @property
    def place(self) -> str:
        """The place in words.

        Examples
        --------
        >>> Finding("Return", 9, "G", "x", "y", True, "z", "Role").place
        'Return, row 9, column G (Role)'
        """
        row = "" if self.row is None else f", row {self.row}"
        heading = f" ({self.heading})" if self.heading else ""
        column = f", column {self.column}{heading}" if self.column else ""
        return f"{self.sheet}{row}{column}"

    def __str__(self) -> str:
        kind = "must be put right" if self.blocks else "please look"
        return f"{self.place}: {self.fault}. {self.remedy}. [{kind}; {self.code}]"


@dataclass(slots=True)
class Findings:
    """Collects findings while a return is read and checked."""

    sheet: str
    places: Mapping[str, Place] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)

    def add(
        self,
        code: str,
        *,
        fault: str,
        remedy: str,
        blocks: bool,
        row: int | None = None,
        column: str = "",
        count: int = 1,
    ) -> None:
        """Add one finding; ``column`` is the identifier of a column of the return, or a letter."""
        place = self.places.get(column, Place(column, ""))
        self.found.append(
            Finding(
                self.sheet, row, place.letter, fault, remedy, blocks, code, place.heading, count
            )
        )

    def add_rows(
        self,
        code: str,
        rows: pl.Series | Sequence[int],
        *,
        fault: str,
        remedy: str,
        blocks: bool,
        column: str = "",
    ) -> None:
        """Add one finding per row up to ``MOST_PER_CODE``, then one that counts the rest."""
        total = len(rows)
        for row in rows[:MOST_PER_CODE]:
            self.add(code, fault=fault, remedy=remedy, blocks=blocks, row=row, column=column)
        if total > MOST_PER_CODE:
            rest = total - MOST_PER_CODE
            self.add(
                code,
                fault=f"{fault} ({rest:,} more rows have the same fault)",
                remedy=remedy,
                blocks=blocks,
                column=column,
                count=rest,
            )


@dataclass(frozen=True, slots=True)
class CheckedReturn:
    """A return after every check.

    Parameters
    ----------
    frame
        One row per person in file order. Columns: every standard column, then the trial's extra
        columns of this wave. Text and choice are String, ``number`` Float64, ``count`` Int64,
        ``date`` Date, ``yes_no`` Boolean; what was empty, unreadable or personal is null.
    findings
        Everything found, blocking first, then by row.
    """

    frame: pl.DataFrame
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> bool:
        """Whether the return must go back to the partner."""
        return any(finding.blocks for finding in self.findings)
