"""What a form says of a question with one answer, the last in own words."""

import pytest

from lighttouch.core.instruments.model import ChoiceResponse
from lighttouch.web.surveys.posted import read_answers

RESPONSE = ChoiceResponse(kind="single_choice", options=("Yes", "No"), other_option="Other")


@pytest.mark.parametrize(
    ("chosen", "words", "kept"),
    [
        (["Other"], "on the bus", "Other: on the bus"),
        (["Other"], "", "Other"),
        ([], "on the | bus", "Other: on the / bus"),
        (["No"], "on the bus", "No"),
        (["~"], "on the bus", ""),
    ],
)
def test_own_words_count_unless_another_answer_was_chosen(
    chosen: list[str], words: str, kept: str
) -> None:
    posted = {"read.other": [words]} | ({"read": chosen} if chosen else {})
    assert read_answers({"read": RESPONSE}, posted) == {"read": kept}


def test_nothing_chosen_and_nothing_written_is_no_answer() -> None:
    assert read_answers({"read": RESPONSE}, {"read.other": [""]}) == {}
