"""Scores from answers."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from lighttouch.core.errors import Fault, InstrumentError
from lighttouch.core.instruments.answers import is_allowed_number, numeric_response
from lighttouch.core.instruments.model import Instrument, Item, ScaleResponse

MissingRule = Literal["complete", "prorate_half"]
Floats = npt.NDArray[np.float64]

ROUNDING = 1e-9
"""A prorated sum may pass the end of its range by floating-point rounding, never by more."""


def score_instrument(
    instrument: Instrument,
    answers: pl.DataFrame,
    *,
    rule: MissingRule = "complete",
    subscale: str | None = None,
) -> pl.DataFrame:
    """Score an instrument, or one of its subscales, for every participant.

    Reversed items count as ``min + max - answer``. ``sum`` adds the items; a balance is the sum
    of the positive items less the sum of the negative ones; a single item is its answer.

    Parameters
    ----------
    instrument
        A scale with a score.
    answers
        ``participant`` and one Float64 column per item, as from
        :func:`~lighttouch.core.instruments.answers.pivot_answers`; null is no answer.
    rule
        ``complete``: the score is null if any of its items is. ``prorate_half``: if at least half
        of the items of a sum are answered, the sum is the mean of those answered times the number
        of items, else null; each half of a balance is prorated by itself.
    subscale
        Identifier of a subscale; by default the whole instrument.

    Returns
    -------
    pl.DataFrame
        ``participant`` and ``score`` (Float64), in the order of ``answers``.

    Raises
    ------
    InstrumentError
        If the instrument has no such score, an item's column is missing, or an answer is not
        allowed; faults name item and row (the first row is 1), never the participant.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> satisfaction = read_library().instrument("job_satisfaction")
    >>> answers = pl.DataFrame(
    ...     {
    ...         "participant": ["a/1", "a/2"],
    ...         "job_satisfaction_1": [7.0, None],
    ...         "job_satisfaction_2": [5.0, 3.0],
    ...     }
    ... )
    >>> score_instrument(satisfaction, answers)["score"].to_list()
    [12.0, None]
    >>> score_instrument(satisfaction, answers, rule="prorate_half")["score"].to_list()
    [12.0, 6.0]
    """
    plus, minus = scored_items(instrument, subscale)
    check_wide_answers(instrument, answers, (*plus, *minus))
    score = _sum_items(instrument, answers, plus, rule)
    score = score - _sum_items(instrument, answers, minus, rule) if minus else score
    return pl.DataFrame(
        {"participant": answers["participant"], "score": pl.Series(score, nan_to_null=True)}
    )


def scored_items(
    instrument: Instrument, subscale: str | None
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Return the items that add to a score and those that take from it.

    Raises
    ------
    InstrumentError
        If the instrument has no such score.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> plus, minus = scored_items(read_library().instrument("affect_six"), None)
    >>> [item.text for item in minus]
    ['Negative', 'Bad', 'Unpleasant']
    """
    scoring = instrument.scoring
    if subscale is not None:
        return _items_of(instrument, subscale), ()
    if scoring.rule == "none":
        raise InstrumentError(f"{instrument.id} has no score")
    if scoring.rule == "counts":
        names = " or ".join(sub.id for sub in instrument.subscales)
        raise InstrumentError(
            f"{instrument.id} has no single score", remedy=f"Name the subscale: {names}"
        )
    if scoring.rule == "balance":
        return (
            _items_of(instrument, scoring.positive),
            _items_of(instrument, scoring.negative),
        )
    return instrument.items, ()


def _items_of(instrument: Instrument, subscale: str | None) -> tuple[Item, ...]:
    try:
        wanted = instrument.subscale(subscale).items
    except ValueError as error:
        raise InstrumentError(str(error)) from error
    return tuple(item for item in instrument.items if item.id in wanted)


def check_wide_answers(
    instrument: Instrument, answers: pl.DataFrame, items: tuple[Item, ...]
) -> None:
    """Refuse a frame without these items' columns, or with answers the instrument does not allow.

    Raises
    ------
    InstrumentError
        With every fault found: item and row (the first row is 1).
    """
    absent = [item.id for item in items if item.id not in answers.columns]
    if absent:
        raise InstrumentError(Fault("there is no column for this item", item) for item in absent)
    faults = []
    response = numeric_response(instrument)
    for item in items:
        column = pl.col(item.id)
        bad = answers.with_row_index("_row", offset=1).filter(
            column.is_not_null() & ~is_allowed_number(column, response)
        )
        faults += [
            Fault("the answer is outside the scale", f"row {row}, item {item.id}")
            for row in bad["_row"]
        ]
    if faults:
        raise InstrumentError(faults)


def reverse_answers(values: Floats, *, low: int, high: int) -> Floats:
    """Turn answers round: the lowest becomes the highest.

    Examples
    --------
    >>> reverse_answers(np.array([1.0, 6.0]), low=1, high=7)
    array([7., 2.])
    """
    return low + high - values


def key_items(instrument: Instrument, answers: pl.DataFrame, items: tuple[Item, ...]) -> Floats:
    """Return (participants, items) with reversed items turned round; missing is NaN.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> support = read_library().instrument("perceived_org_support")
    >>> key_items(
    ...     support, pl.DataFrame({"perceived_org_support_3": [2.0]}), (support.items[2],)
    ... )
    array([[6.]])
    """
    columns = []
    for item in items:
        values = answers[item.id].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        if item.reversed and isinstance(instrument.response, ScaleResponse):
            low, high = instrument.response.min, instrument.response.max
            values = reverse_answers(values, low=low, high=high)
        columns.append(values)
    return np.column_stack(columns)


def _sum_items(
    instrument: Instrument, answers: pl.DataFrame, items: tuple[Item, ...], rule: MissingRule
) -> Floats:
    keyed = key_items(instrument, answers, items)
    answered = np.isfinite(keyed).sum(axis=1)
    needed = len(items) if rule == "complete" else max(1.0, len(items) / 2)
    total = np.nansum(keyed, axis=1) * len(items) / np.maximum(answered, 1)
    score: Floats = np.where(answered >= needed, total, np.nan)
    _check_range(instrument, items, score)
    return score


def _check_range(instrument: Instrument, items: tuple[Item, ...], score: Floats) -> None:
    bounds = instrument.sum_range(tuple(item.id for item in items))
    if bounds is None:
        return
    low, high = bounds
    if np.any((score < low - ROUNDING) | (score > high + ROUNDING)):
        raise InstrumentError(f"a score of {instrument.id} left its range of {low} to {high}")
