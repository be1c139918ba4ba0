"""What must hold within one row of a return, written as a table of rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from lighttouch.core.protocol.people import Nation
from lighttouch.core.returns.deriving import FULL_WEEK
from lighttouch.core.returns.findings import Findings
from lighttouch.core.returns.periods import Period, count_working_days

LONGEST_TENURE = 720
EARLIEST_LEAVING = date(1950, 1, 1)
SHORTEST_SPELL = 0.5  # a spell of illness lasts half a day at least
WEEK = 7


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault a row may have: true in ``broken`` means the row has it; null means it has not."""

    code: str
    column: str
    broken: pl.Expr
    fault: str
    remedy: str
    blocks: bool = True


def check_rows(
    frame: pl.DataFrame,
    *,
    period: Period,
    nation: Nation,
    retrieved: date | None,
    findings: Findings,
) -> None:
    """Note every row that breaks a rule; all rules are evaluated in one pass over the columns.

    Parameters
    ----------
    frame
        ``row`` and the standard columns, typed.
    period, nation
        For the number of working days.
    retrieved
        The day the extract was taken, if the return says so.
    findings
        Where faults are noted.
    """
    rules = [*_counting_rules(period, nation), *_illness_rules(), *_tenure_rules()]
    rules += _leaving_rules(period, retrieved)
    counts = frame.lazy().select(rule.broken.sum().alias(rule.code) for rule in rules).collect()
    for rule in rules:
        if counts[rule.code][0]:
            findings.add_rows(
                rule.code,
                frame.filter(rule.broken)["row"],
                fault=rule.fault,
                remedy=rule.remedy,
                blocks=rule.blocks,
                column=rule.column,
            )


def _counting_rules(period: Period, nation: Nation) -> Iterator[Rule]:
    working = count_working_days(period.start, period.end, nation)
    absence, week = pl.col("absence_days"), pl.col("days_per_week")
    numbers = ("tenure_months", "days_per_week", "absence_days", "illness_days", "illness_spells")
    for name in numbers:
        yield Rule(
            f"negative_{name}",
            name,
            pl.col(name) < 0,
            "the number is below zero",
            "Type the number without a minus sign, or leave the cell empty",
        )
    both = "the period has" if working != 1 else "the period has only"
    for name in ("absence_days", "illness_days"):
        yield Rule(
            f"{name}_exceed_period",
            name,
            pl.col(name) > working,
            f"more days than {both} working days ({working})",
            "Count working days in the period only; if the figure is in hours, turn it into days",
        )
    yield Rule(
        "absence_exceeds_contract",
        "absence_days",
        (absence <= working) & (week < FULL_WEEK) & (absence > (working * week / FULL_WEEK).ceil()),
        "more days than this person's contracted days in the period",
        "Check the days of absence and the contracted days per week",
        blocks=False,
    )


def _illness_rules() -> Iterator[Rule]:
    absence, illness = pl.col("absence_days"), pl.col("illness_days")
    spells = pl.col("illness_spells")
    yield Rule(
        "illness_exceeds_absence",
        "illness_days",
        illness > absence,
        "more days of illness than of absence in all",
        "All absence includes illness and holiday; correct one of the two",
    )
    yield Rule(
        "spells_without_days",
        "illness_spells",
        (spells > 0) & (illness == 0),
        "spells of illness but no days of illness",
        "Correct the days or the spells, or leave the spells empty if they are not known",
    )
    yield Rule(
        "days_without_spells",
        "illness_spells",
        (spells == 0) & (illness > 0),
        "days of illness but no spell of illness",
        "Correct the days or the spells, or leave the spells empty if they are not known",
    )
    yield Rule(
        "spells_exceed_days",
        "illness_spells",
        (illness > 0) & (spells > illness / SHORTEST_SPELL),
        "more spells than the days of illness can hold",
        "A spell lasts half a day at least; check that the two columns are not exchanged",
    )


def _tenure_rules() -> Iterator[Rule]:
    yield Rule(
        "impossible_tenure",
        "tenure_months",
        pl.col("tenure_months") > LONGEST_TENURE,
        f"a length of employment over {LONGEST_TENURE // 12} years",
        "Give the length in months, not as a date or in days",
    )
    week = pl.col("days_per_week")
    yield Rule(
        "impossible_days_per_week",
        "days_per_week",
        (week == 0) | (week > WEEK),
        "not a possible number of days in a week",
        "Give contracted days per week, not hours: 5 for full time",
    )


def _leaving_rules(period: Period, retrieved: date | None) -> Iterator[Rule]:
    leaving = pl.col("leaving_date")
    yield Rule(
        "impossible_leaving_date",
        "leaving_date",
        leaving < EARLIEST_LEAVING,
        "a leaving date too long ago to be right",
        "Correct the date, or leave the cell empty if the person has not left",
    )
    yield Rule(
        "absence_after_leaving",
        "leaving_date",
        (leaving >= EARLIEST_LEAVING)
        & (leaving < period.start)
        & ((pl.col("absence_days") > 0) | (pl.col("illness_days") > 0)),
        "the person left before the period began but has absence in it",
        "Correct the leaving date, or clear the absence",
    )
    if retrieved is not None:
        yield Rule(
            "leaving_after_retrieval",
            "leaving_date",
            leaving > retrieved,
            "a leaving date after the day the data were retrieved",
            "Give only dates that have passed; leave the cell empty for people still employed",
        )
