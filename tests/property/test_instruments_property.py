"""What holds of every score whatever the answers."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.instruments.answers import check_answers, pivot_answers
from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import Instrument, ScaleResponse
from lighttouch.core.instruments.scoring import MissingRule, reverse_answers, score_instrument

LIBRARY = read_library()
SCALES = [one for one in LIBRARY.instruments.values() if one.scoring.score_range is not None]
RULES: list[MissingRule] = ["complete", "prorate_half"]
EXAMPLES = settings(max_examples=60, deadline=None)


@st.composite
def answered_scales(draw: st.DrawFn) -> tuple[Instrument, pl.DataFrame]:
    instrument = draw(st.sampled_from(SCALES))
    response = instrument.response
    assert isinstance(response, ScaleResponse)
    answer = st.none() | st.integers(response.min, response.max).map(float)
    rows = draw(st.integers(0, 6))
    columns = {
        item.id: draw(st.lists(answer, min_size=rows, max_size=rows)) for item in instrument.items
    }
    frame = pl.DataFrame(
        {"participant": [f"a/{row}" for row in range(rows)], **columns},
        schema_overrides={"participant": pl.String, **dict.fromkeys(columns, pl.Float64)},
    )
    return instrument, frame


@EXAMPLES
@given(answered_scales(), st.sampled_from(RULES))
def test_a_score_lies_in_its_range(
    given_: tuple[Instrument, pl.DataFrame], rule: MissingRule
) -> None:
    instrument, frame = given_
    assert instrument.scoring.score_range is not None
    low, high = instrument.scoring.score_range
    scores = score_instrument(instrument, frame, rule=rule)["score"].drop_nulls()
    assert scores.is_between(low - 1e-9, high + 1e-9).all()


@EXAMPLES
@given(answered_scales())
def test_rules_agree_where_nothing_is_missing(given_: tuple[Instrument, pl.DataFrame]) -> None:
    instrument, frame = given_
    whole = frame.drop_nulls()
    complete, prorated = (score_instrument(instrument, whole, rule=rule) for rule in RULES)
    assert complete.equals(prorated)
    assert complete["score"].null_count() == 0


@EXAMPLES
@given(answered_scales(), st.randoms(use_true_random=False))
def test_a_score_belongs_to_the_participant_not_the_row(
    given_: tuple[Instrument, pl.DataFrame], random: object
) -> None:
    instrument, frame = given_
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    scores = score_instrument(instrument, frame)
    assert score_instrument(instrument, frame[order]).equals(scores[order])


@EXAMPLES
@given(answered_scales(), st.sampled_from(RULES))
def test_scores_survive_the_response_file(
    given_: tuple[Instrument, pl.DataFrame], rule: MissingRule
) -> None:
    instrument, frame = given_
    items = [item.id for item in instrument.items]
    long = frame.unpivot(items, index="participant", variable_name="item").select(
        "participant",
        pl.lit("endline").alias("wave"),
        "item",
        pl.col("value").cast(pl.Int64).cast(pl.String),
    )
    assert check_answers(long, LIBRARY) == ()
    back = pivot_answers(long, instrument, wave="endline")
    anything = frame.filter(pl.any_horizontal(pl.col(items).is_not_null())).sort("participant")
    assert back.equals(anything)
    assert score_instrument(instrument, back, rule=rule).equals(
        score_instrument(instrument, anything, rule=rule)
    )


@EXAMPLES
@given(st.lists(st.integers(1, 7), min_size=1), st.just(1), st.just(7))
def test_reversing_twice_is_no_change(values: list[int], low: int, high: int) -> None:
    answers = np.array(values, dtype=float)
    once = reverse_answers(answers, low=low, high=high)
    assert ((once >= low) & (once <= high)).all()
    assert (reverse_answers(once, low=low, high=high) == answers).all()
