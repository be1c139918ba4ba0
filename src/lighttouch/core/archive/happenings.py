"""Answers, deliveries, use, events, quotes, funnel: tables collected beside the returns."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from lighttouch.core.archive.delivering import DELIVERY_KEY, delivery_steps
from lighttouch.core.archive.guarding import REMEDY, find_personal
from lighttouch.core.archive.layout import (
    DELIVERIES,
    DELIVERY_COLUMNS,
    EVENT_COLUMNS,
    EVENTS,
    FUNNEL,
    FUNNEL_COLUMNS,
    QUOTE_COLUMNS,
    QUOTES,
    RESPONSE_COLUMNS,
    RESPONSES,
    TIMED_COLUMNS,
    UPTAKE,
    UPTAKE_COLUMNS,
)
from lighttouch.core.archive.tabular import FIRST_ROW, read_table
from lighttouch.core.errors import ArchiveError, Fault
from lighttouch.core.instruments.answers import check_answers
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.trial import Trial

TABLES = {
    RESPONSES: RESPONSE_COLUMNS,
    EVENTS: EVENT_COLUMNS,
    DELIVERIES: DELIVERY_COLUMNS,
    UPTAKE: UPTAKE_COLUMNS,
    QUOTES: QUOTE_COLUMNS,
    FUNNEL: FUNNEL_COLUMNS,
}
"""The columns of each table."""

_FULLER = {RESPONSES: TIMED_COLUMNS}
"""The columns of a table that may have more."""
_REQUIRED = {
    RESPONSES: RESPONSE_COLUMNS,
    EVENTS: ("participant", "event", "at"),
    DELIVERIES: ("participant", "intervention", "step", "due", "state"),
    UPTAKE: ("participant", "event", "at"),
    QUOTES: ("theme", "quote", "cleared_by"),
    FUNNEL: ("stage", "partners"),
}
_BY_HAND = {
    RESPONSES: ("value",),
    EVENTS: ("event", "detail"),
    DELIVERIES: ("state",),
    UPTAKE: ("event", "detail"),
    QUOTES: QUOTE_COLUMNS,
    FUNNEL: FUNNEL_COLUMNS,
}
"""Columns somebody may have typed a name, an address or a number into."""
_COUNT = r"^[0-9]{1,9}$"
MOST_SECONDS = 86_400
"""A day: no question is in sight for longer at one go."""
_UNIQUE = {
    DELIVERIES: (*DELIVERY_KEY, "at"),
}
_KEPT_IN_ORDER = (FUNNEL,)
"""Tables whose rows mean something by their order."""
MOST_PER_FAULT = 20
"""Rows named one by one for one kind of fault in one table."""

ERASE = "erase"
"""Detail of a ``withdrawal`` event that asks for what was collected to be destroyed."""


def read_happenings(
    trial: Trial, folder: Path, roster: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
    """Read the tables that are there, with every fault in them.

    Returns
    -------
    dict, list of Fault
        Tables of text by file name, with the columns of the layout and rows in order of all of
        them (the funnel's as they stand); and what is wrong. A participant is known if the roster
        has them.
    """
    tables: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    for name, columns in TABLES.items():
        if not (folder / name).is_file():
            continue
        try:
            frame = read_table(folder / name)
        except ArchiveError as error:
            faults += error.faults
            continue
        if name in _FULLER and "seconds" in frame.columns:
            columns = _FULLER[name]
        if problems := list(_check_headings(frame, name, columns)):
            faults += problems
            continue
        faults += _check_rows(frame, name, trial, roster)
        table = frame.select(columns)
        tables[name] = table if name in _KEPT_IN_ORDER else table.sort(columns, nulls_last=True)
    return tables, faults


def erase_withdrawn(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Leave out the answers and the use of everyone who asked for erasure."""
    if EVENTS not in tables:
        return tables
    asked = tables[EVENTS].filter(
        (pl.col("event") == "withdrawal") & (pl.col("detail").fill_null("") == ERASE)
    )["participant"]
    gone = pl.col("participant").is_in(asked.unique().to_list())
    return {
        name: table.filter(~gone) if name in (RESPONSES, UPTAKE) else table
        for name, table in tables.items()
    }


def _check_headings(frame: pl.DataFrame, name: str, columns: tuple[str, ...]) -> Iterator[Fault]:
    for column in columns:
        if column not in frame.columns:
            yield Fault(f"there is no column {column}", name, f"Give: {', '.join(columns)}")
    extra = [column for column in frame.columns if column not in columns]
    if extra:
        yield Fault(
            f"{len(extra)} column(s) are not expected here",
            name,
            f"Keep only: {', '.join(columns)}",
        )


def _check_rows(
    frame: pl.DataFrame, name: str, trial: Trial, roster: pl.DataFrame
) -> Iterator[Fault]:
    for column in _REQUIRED[name]:
        yield from _name_rows(frame, pl.col(column).is_null(), name, f"{column} is empty")
    if "participant" in frame.columns:
        known = pl.col("participant").is_in(roster["participant"].to_list())
        yield from _name_rows(frame, ~known, name, "the participant is not in the roster")
    if name == FUNNEL:
        yield from _check_funnel(frame)
    if name == RESPONSES:
        waves = [wave.id for wave in trial.waves]
        what = f"the wave is none of: {', '.join(waves)}"
        yield from _name_rows(frame, ~pl.col("wave").is_in(waves), name, what)
        yield from check_answers(frame, library_of(trial), source=name)[:MOST_PER_FAULT]
        yield from _check_seconds(frame)
    if name == DELIVERIES:
        steps = delivery_steps(trial)
        pairs = pl.concat_str("intervention", pl.lit("\0"), "step")
        known = pairs.is_in(["\0".join(pair) for pair in sorted(steps)])
        yield from _name_rows(frame, ~known, name, "the trial file has no such step")
    for column in _BY_HAND[name]:
        for kind, rows in find_personal(frame[column]).items():
            what = f"{column} looks like it holds {kind}"
            yield from _name_rows(frame, pl.lit(rows), name, what, REMEDY)
    if name in _UNIQUE:
        again = ~pl.struct(_UNIQUE[name]).is_first_distinct()
        yield from _name_rows(frame, again, name, f"{', '.join(_UNIQUE[name])} repeat another row")


def _check_seconds(frame: pl.DataFrame) -> Iterator[Fault]:
    if "seconds" in frame.columns:
        given = pl.col("seconds")
        count = pl.when(given.str.contains(_COUNT)).then(given).cast(pl.Int64)
        yield from _name_rows(
            frame,
            given.is_not_null() & ~(count <= MOST_SECONDS).fill_null(value=False),
            RESPONSES,
            f"seconds is not a whole number from 0 to {MOST_SECONDS:,}",
            "Give the seconds in digits, or leave the cell empty",
        )


def _check_funnel(frame: pl.DataFrame) -> Iterator[Fault]:
    """A funnel counts partners, names each stage once, and can only narrow."""
    given = pl.col("partners")
    counts = pl.when(given.str.contains(_COUNT)).then(given).cast(pl.Int64)
    yield from _name_rows(
        frame,
        given.is_not_null() & counts.is_null(),
        FUNNEL,
        "partners is not a whole number of at least 0",
        "Give the number of partners in digits, with nothing else in the cell",
    )
    label = pl.col("stage").str.strip_chars().str.to_lowercase()
    yield from _name_rows(
        frame,
        label.is_not_null() & ~label.is_first_distinct(),
        FUNNEL,
        "the stage is there already",
        "Give each stage one row, or another name",
    )
    yield from _name_rows(
        frame,
        counts > counts.forward_fill().shift(),
        FUNNEL,
        "there are more partners than at the stage before",
        "Put the stages in the order they happened, and count at each only partners of the one "
        "before",
    )


def _name_rows(
    frame: pl.DataFrame, wrong: pl.Expr, name: str, what: str, remedy: str = "Correct the row"
) -> Iterator[Fault]:
    rows = frame.select(wrong.fill_null(value=False).alias("wrong"))["wrong"].arg_true()
    for row in rows[:MOST_PER_FAULT]:
        yield Fault(what, f"{name}, row {row + FIRST_ROW}", remedy)
    if len(rows) > MOST_PER_FAULT:
        yield Fault(f"{what}, in {len(rows) - MOST_PER_FAULT:,} more rows", name)
