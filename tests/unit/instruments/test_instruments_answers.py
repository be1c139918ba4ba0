"""Answers are checked against the scale; faults name item and row, never the person."""

import polars as pl
import pytest

from lighttouch.core.errors import InstrumentError
from lighttouch.core.instruments.answers import check_answers, pivot_answers
from lighttouch.core.instruments.library import parse_library, read_library

LIBRARY = read_library()


def long(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema=dict.fromkeys(["participant", "wave", "item", "value"], pl.String),
        orient="row",
    )


def answer(item: str, value: str | None) -> pl.DataFrame:
    return long(("secret/person", "endline", item, value))


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("life_happiness_1", "0"),
        ("life_happiness_1", " 10 "),
        ("burnout_1", "6.0"),
        ("social_ties_weak", "0"),
        ("overtime_hours_1", "2.5"),
        ("age_1", "43"),
        ("marital_status_1", "Prefer not to say"),
        ("general_health_1", "Fair"),
        ("goal_slot_barriers_1", "I did not have enough time"),
        ("goal_slot_barriers_1", "My manager did not encourage it|Other: a long story"),
        ("goal_slot_activities_1", "Planning | Other"),
        ("comments_1", "anything at all"),
        ("burnout_1", None),
    ],
)
def test_an_allowed_answer_is_no_fault(item: str, value: str | None) -> None:
    assert check_answers(answer(item, value), LIBRARY) == ()


@pytest.mark.parametrize(
    ("item", "value", "what"),
    [
        ("life_happiness_1", "11", "whole number from 0 to 10"),
        ("life_happiness_1", "-1", "whole number from 0 to 10"),
        ("life_happiness_1", "7.5", "whole number from 0 to 10"),
        ("life_happiness_1", "nan", "whole number from 0 to 10"),
        ("burnout_1", "inf", "whole number from 1 to 6"),
        ("burnout_1", "often", "whole number from 1 to 6"),
        ("social_ties_weak", "2.5", "whole number of at least 0"),
        ("overtime_hours_1", "-0.5", "the answer is not a number of at least 0"),
        ("marital_status_1", "married", "not among the options"),
        ("marital_status_1", "Divorced|Widowed", "not among the options"),
        ("goal_slot_barriers_1", "Planning", "not among the options"),
        ("goal_slot_barriers_1", "I did not have enough time|Otherwise", "not among the options"),
    ],
)
def test_an_answer_the_item_does_not_allow_is_a_fault(item: str, value: str, what: str) -> None:
    (fault,) = check_answers(answer(item, value), LIBRARY)
    assert what in fault.what
    assert fault.where == f"responses.csv, row 2, item {item}"


def test_a_fault_never_shows_the_person_or_the_answer() -> None:
    frame = long(
        ("secret/person", "endline", "burnout_1", "mine"),
        ("secret/person", "endline", "my name", "mine"),
    )
    text = "\n".join(str(fault) for fault in check_answers(frame, LIBRARY))
    assert "secret" not in text
    assert "mine" not in text
    assert "my name" not in text


def test_unknown_items_and_second_answers_are_located_by_row() -> None:
    frame = long(
        ("a/1", "endline", "burnout_1", "3"),
        ("a/1", "endline", "nothing", "3"),
        ("a/1", "endline", "burnout_1", "4"),
        ("a/1", "baseline", "burnout_1", "4"),
        ("a/2", "endline", "nothing", "4"),
        ("a/2", "endline", "nothing", "4"),
    )
    assert [str(fault) for fault in check_answers(frame, LIBRARY, source="r.csv")] == [
        "r.csv, row 3: no instrument has an item of that name.",
        "r.csv, row 4, item burnout_1: the item is answered a second time.",
        "r.csv, row 6: no instrument has an item of that name.",
        "r.csv, row 7: no instrument has an item of that name.",
        "r.csv, row 7: the item is answered a second time.",
    ]


def test_pivot_gives_one_row_per_participant_who_answered() -> None:
    frame = long(
        ("b/1", "endline", "job_satisfaction_2", "3"),
        ("a/1", "endline", "job_satisfaction_1", "7"),
        ("a/1", "endline", "job_satisfaction_2", " 5"),
        ("a/1", "baseline", "job_satisfaction_2", "1"),
        ("a/2", "endline", "job_satisfaction_1", None),
        ("a/3", "endline", "burnout_1", "2"),
    )
    wide = pivot_answers(frame, LIBRARY.instrument("job_satisfaction"), wave="endline")
    assert wide.columns == ["participant", "job_satisfaction_1", "job_satisfaction_2"]
    assert wide.rows() == [("a/1", 7.0, 5.0), ("b/1", None, 3.0)]


def test_pivot_of_no_answers_has_its_columns() -> None:
    wide = pivot_answers(long(), LIBRARY.instrument("job_satisfaction"), wave="endline")
    assert wide.schema == {
        "participant": pl.String,
        "job_satisfaction_1": pl.Float64,
        "job_satisfaction_2": pl.Float64,
    }


def test_pivot_refuses_bad_and_repeated_answers_at_once() -> None:
    frame = long(
        ("a/1", "endline", "life_happiness_1", "12"),
        ("a/1", "endline", "life_happiness_1", "2"),
    )
    with pytest.raises(InstrumentError) as caught:
        pivot_answers(frame, LIBRARY.instrument("life_happiness"), wave="endline")
    assert [fault.where for fault in caught.value.faults] == [
        "responses.csv, row 2, item life_happiness_1",
        "responses.csv, row 3, item life_happiness_1",
    ]


def test_pivot_refuses_an_instrument_answered_in_words() -> None:
    with pytest.raises(InstrumentError, match="not answered in numbers"):
        pivot_answers(long(), LIBRARY.instrument("marital_status"), wave="endline")


def test_without_an_option_for_other_only_the_options_count() -> None:
    library = parse_library(
        {
            "a.toml": """
                [[instrument]]
                id = "pick"
                name = "Pick"
                measures = "choice"
                recall_period = "none"
                stem = "Pick."
                items = [{ id = "pick_1", text = "Which?" }]
                response = { kind = "multi_choice", options = ["A", "B"] }
                scoring = { rule = "none", basis = "test" }
            """
        }
    )
    assert check_answers(answer("pick_1", "A|B"), library) == ()
    assert len(check_answers(answer("pick_1", "A|Other: C"), library)) == 1
