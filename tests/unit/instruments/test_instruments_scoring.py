"""Scores worked by hand, the rules for missing items, and what is refused."""

import numpy as np
import polars as pl
import pytest

from lighttouch.core.errors import InstrumentError
from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import Instrument
from lighttouch.core.instruments.scoring import _check_range, score_instrument

LIBRARY = read_library()


def answers(instrument: Instrument, *rows: list[float | None]) -> pl.DataFrame:
    items = [item.id for item in instrument.items]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(items)}
    return pl.DataFrame(
        {"participant": [f"a/{i}" for i in range(len(rows))], **columns},
        schema_overrides=dict.fromkeys(items, pl.Float64),
    )


def score(
    instrument_id: str,
    *rows: list[float | None],
    subscale: str | None = None,
    rule: str = "complete",
) -> list[float | None]:
    instrument = LIBRARY.instrument(instrument_id)
    scored = score_instrument(
        instrument,
        answers(instrument, *rows),
        rule="prorate_half" if rule == "prorate_half" else "complete",
        subscale=subscale,
    )
    assert scored.columns == ["participant", "score"]
    return scored["score"].to_list()


def test_a_sum_adds_its_items() -> None:
    assert score("burnout", [1, 2, 3, 4, 5, 6, 1, 2]) == [24.0]


def test_a_single_item_is_its_answer() -> None:
    assert score("cantril_ladder", [7], [None]) == [7.0, None]


def test_reversed_items_count_from_the_other_end() -> None:
    # Items 3 and 8 are reversed: 1 + 1 + (8 - 2) + 1 + 1 + 1 + 1 + (8 - 7) = 13.
    assert score("perceived_org_support", [1, 1, 2, 1, 1, 1, 1, 7]) == [13.0]


def test_affect_balance_is_positive_less_negative() -> None:
    # Positive, Negative, Good, Bad, Pleasant, Unpleasant: (5 + 4 + 3) - (1 + 2 + 2) = 7.
    assert score("affect_six", [5, 1, 4, 2, 3, 2]) == [7.0]


def test_a_subscale_uses_its_own_items() -> None:
    row: list[float | None] = [1, 2, 3, 4, 5, 6, 7, 1, 2, 3]
    assert score("basic_needs", row, subscale="competence") == [22.0]
    assert score("affect_six", [5, 1, 4, 2, 3, 2], subscale="negative_affect") == [5.0]


def test_a_subscale_ignores_missing_items_outside_it() -> None:
    row: list[float | None] = [None, None, None, 4, 5, 6, 7, None, None, None]
    assert score("basic_needs", row, subscale="competence") == [22.0]


def test_counts_are_scored_apart_and_have_no_upper_end() -> None:
    assert score("social_ties", [3, 140], subscale="weak") == [140.0]
    assert score("social_ties", [3, 140], subscale="strong") == [3.0]


def test_complete_rule_makes_the_score_missing_if_one_item_is() -> None:
    assert score("turnover_intentions", [1, None, 3]) == [None]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([2, 4, None, None, None, None, 3, 3], 24.0),  # mean 3 of four answered, times eight
        ([2, 4, None, None, None, None, None, 3], None),  # three of eight is under half
        ([None] * 8, None),
    ],
)
def test_prorating_needs_at_least_half_of_the_items(
    row: list[float | None], expected: float | None
) -> None:
    assert score("burnout", row, rule="prorate_half") == [expected]


def test_prorating_turns_items_round_before_the_mean() -> None:
    # Items 1, 3, 5 and 8 answered: 7 + (8 - 1) + 7 + (8 - 1), mean 7, times eight.
    row: list[float | None] = [7, None, 1, None, 7, None, None, 1]
    assert score("perceived_org_support", row, rule="prorate_half") == [56.0]


def test_each_half_of_a_balance_is_prorated_by_itself() -> None:
    # Positive 5 and 4 of three: 13.5. Negative 2 and 1 of three: 4.5. One of three is too few.
    rule = "prorate_half"
    assert score("affect_six", [5, 2, 4, 1, None, None], rule=rule) == [9.0]
    assert score("affect_six", [5, 2, None, 1, None, 3], rule=rule) == [None]


def test_a_single_item_is_never_prorated_from_nothing() -> None:
    assert score("life_happiness", [None], rule="prorate_half") == [None]


def test_item_order_does_not_matter() -> None:
    instrument = LIBRARY.instrument("perceived_org_support")
    frame = answers(instrument, [1, 2, 3, 4, 5, 6, 7, 1], [7, None, 5, 4, 3, 2, 1, 7])
    turned = frame.select("participant", *reversed(frame.columns[1:]))
    for rule in ("complete", "prorate_half"):
        assert score_instrument(instrument, frame, rule=rule).equals(
            score_instrument(instrument, turned, rule=rule)
        )


def test_participant_order_is_kept() -> None:
    instrument = LIBRARY.instrument("time_pressure")
    frame = answers(instrument, [1, 2], [3, 4], [5, 6])
    there = score_instrument(instrument, frame)
    back = score_instrument(instrument, frame.reverse())
    assert there.reverse().equals(back)


def test_one_more_on_every_item_adds_the_number_of_items() -> None:
    low, high = score("burnout", [1, 2, 3, 4, 5, 5, 1, 2], [2, 3, 4, 5, 6, 6, 2, 3])
    assert high is not None
    assert low is not None
    assert high - low == 8


def test_no_answers_give_no_scores() -> None:
    assert score("burnout") == []


def test_answers_outside_the_scale_are_all_reported_without_the_person() -> None:
    instrument = LIBRARY.instrument("turnover_intentions")
    frame = answers(instrument, [1, 2, 3], [0, 2, 8], [1, 2.5, float("nan")])
    with pytest.raises(InstrumentError) as caught:
        score_instrument(instrument, frame)
    assert [fault.where for fault in caught.value.faults] == [
        "row 2, item turnover_intentions_1",
        "row 3, item turnover_intentions_2",
        "row 2, item turnover_intentions_3",
        "row 3, item turnover_intentions_3",
    ]
    assert "a/" not in str(caught.value)


def test_a_missing_item_column_is_refused() -> None:
    instrument = LIBRARY.instrument("job_satisfaction")
    frame = answers(instrument, [1, 2]).drop("job_satisfaction_2")
    with pytest.raises(InstrumentError, match="job_satisfaction_2: there is no column"):
        score_instrument(instrument, frame)


@pytest.mark.parametrize(
    ("instrument_id", "subscale", "message"),
    [
        ("age", None, "has no score"),
        ("social_ties", None, "Name the subscale: strong or weak"),
        ("burnout", "none_such", "no subscale of that name"),
    ],
)
def test_a_score_that_does_not_exist_is_refused(
    instrument_id: str, subscale: str | None, message: str
) -> None:
    instrument = LIBRARY.instrument(instrument_id)
    with pytest.raises(InstrumentError, match=message):
        score_instrument(instrument, pl.DataFrame({"participant": []}), subscale=subscale)


def test_a_score_out_of_its_range_would_be_noticed() -> None:
    instrument = LIBRARY.instrument("job_satisfaction")
    with pytest.raises(InstrumentError, match="left its range of 2 to 14"):
        _check_range(instrument, instrument.items, np.array([14.5, np.nan]))
