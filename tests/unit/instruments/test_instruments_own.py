"""Own questions are instruments like the library's, and never take its names."""

import polars as pl
import pytest
from tests.own_questions import OUTCOME, OWN, letters_asking

from lighttouch.core.errors import InstrumentError, ProtocolError
from lighttouch.core.instruments.answers import check_answers
from lighttouch.core.instruments.checking import parse_whole_trial
from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.own import library_of, plain_stem
from lighttouch.core.instruments.scoring import score_instrument
from lighttouch.core.protocol.reading import parse_trial

TRIAL = parse_whole_trial(letters_asking(), source="trial.toml")
LIBRARY = library_of(TRIAL)


def test_own_questions_stand_beside_the_library_in_the_order_of_the_file() -> None:
    asked = [one.id for one in LIBRARY.asked("letters_ours", "endline")]
    assert asked[:4] == ["life_happiness", "thanked", "letter_read", "thanks_by"]
    assert set(read_library().instruments) < set(LIBRARY.instruments)


def test_a_question_of_one_arm_is_asked_of_no_other() -> None:
    asked = {
        arm: {one.id for one in LIBRARY.asked("letters_ours", "endline", arm=arm)}
        for arm in ("letter", "waitlist")
    }
    assert asked["letter"] - asked["waitlist"] == {"letter_read"}
    assert asked["waitlist"] < asked["letter"]


def test_an_own_scale_is_scored_with_its_reversed_item_turned_round() -> None:
    answers = pl.DataFrame({"participant": ["a/1"], "thanked_1": [7.0], "thanked_2": [2.0]})
    thanked = LIBRARY.instrument("thanked")
    assert score_instrument(thanked, answers)["score"].to_list() == [15.0]
    assert thanked.scoring.score_range == (0, 20)
    assert LIBRARY.instrument("visits").scoring.score_range is None


def test_every_way_of_answering_has_a_plain_instruction() -> None:
    stems = [plain_stem(one.response) for one in TRIAL.instruments]
    assert stems == [
        "Choose one answer.",
        "Answer from 0 to 10.",
        "Choose all that apply.",
        "Give a whole number.",
        "Give a number.",
        "Answer in your own words. Please name nobody.",
    ]
    assert LIBRARY.instrument("thanked").stem == "In the past four weeks."


@pytest.mark.parametrize(
    ("value", "allowed"),
    [("No", True), ("Other", True), ("Other: on the bus", True), ("Perhaps", False)],
)
def test_one_choice_may_have_an_answer_in_own_words(value: str, allowed: bool) -> None:
    long = pl.DataFrame(
        {"participant": ["a/1"], "wave": ["endline"], "item": ["letter_read_1"], "value": [value]}
    )
    assert (check_answers(long, LIBRARY) == ()) is allowed


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('"visits"', '"burnout"', "instruments[3].id", "an instrument 'burnout' already"),
        ('"visits_1"', '"burnout_1"', "instruments[3].items[0].id", "a question 'burnout_1'"),
        ('"letters_ours"', '"coffee"', "questionnaires[0].id", "a questionnaire 'coffee'"),
        (
            '{ instrument = "burnout" }',
            '{ instrument = "burnoutt" }',
            "questionnaires[0].entries[11].instrument",
            "no instrument is called burnoutt",
        ),
    ],
)
def test_names_of_the_library_are_neither_taken_nor_missed(
    old: str, new: str, key: str, words: str
) -> None:
    own = OWN.replace('  { instrument = "burnout" },\n', "") if old == '"visits"' else OWN
    text = letters_asking(own, "")
    with pytest.raises(ProtocolError) as caught:
        parse_whole_trial(text.replace(old, new), source="trial.toml")
    assert [fault.where.split(", ")[-1] for fault in caught.value.faults] == [key]
    assert words in str(caught.value.faults[0])


def test_a_clash_with_the_library_is_never_read_over() -> None:
    trial = parse_trial(letters_asking(OWN.replace('"visits_1"', '"burnout_1"')))
    with pytest.raises(InstrumentError, match="the library has a question 'burnout_1' already"):
        library_of(trial)


def test_an_own_instrument_without_a_score_is_no_outcome() -> None:
    outcome = OUTCOME.replace('instrument = "thanked"', 'instrument = "travel"')
    with pytest.raises(ProtocolError, match="travel has no score"):
        parse_whole_trial(letters_asking(outcome=outcome), source="trial.toml")
