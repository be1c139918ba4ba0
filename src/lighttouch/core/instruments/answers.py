"""Answers: checking what was given against what an instrument allows, and laying it out."""

from collections.abc import Iterable

import polars as pl

from lighttouch.core.errors import Fault, InstrumentError
from lighttouch.core.instruments.allowing import state_requirement
from lighttouch.core.instruments.library import InstrumentLibrary
from lighttouch.core.instruments.model import (
    CHOICE_SEPARATOR,
    ChoiceResponse,
    Instrument,
    NumberResponse,
    Response,
    ScaleResponse,
    TextResponse,
)

_HEADER_ROWS = 1
_ROW = "row"


def check_answers(
    responses: pl.DataFrame, library: InstrumentLibrary, *, source: str = "responses.csv"
) -> tuple[Fault, ...]:
    """Find every answer an instrument does not allow.

    Parameters
    ----------
    responses
        Long: ``participant``, ``wave``, ``item``, ``value``, all text; one row per answered item.
        A missing value is no answer and is no fault.
    library
        Where items are looked up.
    source
        Name of the file, for the place of a fault. Row 1 is the header.

    Returns
    -------
    tuple[Fault, ...]
        In row order: unknown items, answers outside the scale or options, second answers to the
        same item. Faults name the item and the row, never the person or the answer.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> long = pl.DataFrame(
    ...     {"participant": ["a/1"], "wave": ["baseline"], "item": ["burnout_1"], "value": ["7"]}
    ... )
    >>> print(check_answers(long, read_library())[0])
    responses.csv, row 2, item burnout_1: the answer is not a whole number from 1 to 6.
    """
    numbered = responses.with_row_index(_ROW, offset=_HEADER_ROWS + 1)
    allowed = {item.id: one.response for one in library.instruments.values() for item in one.items}
    found: list[tuple[int, str, str]] = []
    for (item,), rows in numbered.group_by("item", maintain_order=True):
        name = str(item)
        if name not in allowed:
            found += [(row, "", "no instrument has an item of that name") for row in rows[_ROW]]
            continue
        bad = rows.filter(pl.col("value").is_not_null() & ~_is_allowed(allowed[name]))
        found += [(row, name, state_requirement(allowed[name])) for row in bad[_ROW]]
    again = numbered.filter(~pl.struct("participant", "wave", "item").is_first_distinct())
    found += [
        (row, item if item in allowed else "", "the item is answered a second time")
        for row, item in again.select(_ROW, "item").iter_rows()
    ]
    return tuple(
        Fault(what, f"{source}, row {row}" + (f", item {item}" if item else ""))
        for row, item, what in sorted(found)
    )


def _is_allowed(response: Response) -> pl.Expr:
    value = pl.col("value").str.strip_chars()
    if isinstance(response, TextResponse):
        return pl.lit(value=True)
    if isinstance(response, ChoiceResponse):
        return _is_chosen(value, response)
    return is_allowed_number(value.cast(pl.Float64, strict=False), response)


def _is_chosen(value: pl.Expr, response: ChoiceResponse) -> pl.Expr:
    if response.kind == "single_choice":
        return _is_option(value, response)
    each = pl.element().str.strip_chars()
    known = _is_option(each, response)
    return value.str.split(CHOICE_SEPARATOR).list.eval(known).list.all()


def _is_option(value: pl.Expr, response: ChoiceResponse) -> pl.Expr:
    known = value.is_in(list(response.options))
    if response.other_option:
        known = known | (value == response.other_option)
        known = known | value.str.starts_with(f"{response.other_option}:")
    return known


def is_allowed_number(value: pl.Expr, response: ScaleResponse | NumberResponse) -> pl.Expr:
    """Return whether a Float64 expression holds an allowed number; null is not allowed.

    Examples
    --------
    >>> scale = ScaleResponse(kind="integer_scale", min=0, max=10, anchors=())
    >>> frame = pl.DataFrame({"x": [10.0, 10.5, None]})
    >>> frame.select(is_allowed_number(pl.col("x"), scale))["x"].to_list()
    [True, False, False]
    """
    fits = value.is_finite() & (value >= response.min)
    if isinstance(response, ScaleResponse):
        fits = fits & (value <= response.max)
    if response.kind != "number":
        fits = fits & (value == value.round())
    return fits.fill_null(value=False)


def pivot_answers(responses: pl.DataFrame, instrument: Instrument, *, wave: str) -> pl.DataFrame:
    """Lay out one instrument's answers at one wave, one row per participant.

    Parameters
    ----------
    responses
        Long, as in :func:`check_answers`; at most one answer per participant, wave and item.
    instrument
        One answered in numbers.
    wave
        Identifier of the wave.

    Returns
    -------
    pl.DataFrame
        ``participant`` and one Float64 column per item in the instrument's order; ordered by
        participant; those without any answer are absent, unanswered items are null.

    Raises
    ------
    InstrumentError
        If an answer is not an allowed number, or an item is answered twice; all at once, with
        the rows of ``responses``.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> ties = read_library().instrument("social_ties")
    >>> long = pl.DataFrame(
    ...     {
    ...         "participant": ["a/1"],
    ...         "wave": ["baseline"],
    ...         "item": ["social_ties_weak"],
    ...         "value": ["4"],
    ...     }
    ... )
    >>> pivot_answers(long, ties, wave="baseline").row(0)
    ('a/1', None, 4.0)
    """
    items = [item.id for item in instrument.items]
    rows = responses.with_row_index(_ROW, offset=_HEADER_ROWS + 1).filter(
        (pl.col("wave") == wave) & pl.col("item").is_in(items) & pl.col("value").is_not_null()
    )
    _refuse_bad_numbers(rows, instrument)
    numbers = rows.with_columns(pl.col("value").str.strip_chars().cast(pl.Float64))
    wide = numbers.select("participant").unique().sort("participant")
    for item in items:
        answers = numbers.filter(pl.col("item") == item)
        wide = wide.join(
            answers.select("participant", pl.col("value").alias(item)), on="participant", how="left"
        )
    return wide.sort("participant")


def _refuse_bad_numbers(rows: pl.DataFrame, instrument: Instrument) -> None:
    response = numeric_response(instrument)
    bad = rows.filter(~_is_allowed(response))
    twice = rows.filter(~pl.struct("participant", "item").is_first_distinct())
    faults = [
        *_locate(bad, state_requirement(response)),
        *_locate(twice, "the item is answered a second time"),
    ]
    if faults:
        raise InstrumentError(faults)


def numeric_response(instrument: Instrument) -> ScaleResponse | NumberResponse:
    """Return how an instrument is answered, if it is answered in numbers.

    Raises
    ------
    InstrumentError
        If it is answered in words.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> numeric_response(read_library().instrument("burnout")).max
    6
    """
    if not isinstance(instrument.response, ScaleResponse | NumberResponse):
        raise InstrumentError(f"{instrument.id} is not answered in numbers")
    return instrument.response


def _locate(rows: pl.DataFrame, what: str) -> Iterable[Fault]:
    for row, item in rows.select(_ROW, "item").iter_rows():
        yield Fault(what, f"responses.csv, row {row}, item {item}")
