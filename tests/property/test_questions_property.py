"""Whatever is asked, written as TOML and read again, it is the same."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.own_questions import letters_asking

from lighttouch.core.protocol.questions import OwnInstrument, OwnQuestionnaire
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.writing import render_questions

WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="|"), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))
RESPONSES = st.one_of(
    st.builds(
        lambda options, other, kind: {"kind": kind, "options": options, "other_option": other},
        st.lists(WORDS, min_size=2, max_size=9),
        WORDS,
        st.sampled_from(["single_choice", "multi_choice"]),
    ),
    st.builds(
        lambda low, high, words: {
            "kind": "integer_scale",
            "min": low,
            "max": high,
            "anchors": [{"value": low, "label": words}],
        },
        st.integers(-5, 5),
        st.integers(6, 10),
        WORDS,
    ),
    st.builds(lambda unit: {"kind": "count", "min": 0, "unit": unit}, WORDS),
    st.just({"kind": "free_text"}),
)


@given(words=WORDS, preamble=st.text(st.characters(codec="utf-8")), answer=RESPONSES)
@settings(max_examples=60, deadline=None)
def test_questions_written_and_read_are_the_same(
    words: str, preamble: str, answer: dict[str, object]
) -> None:
    instrument = OwnInstrument.model_validate(
        {
            "id": "own",
            "name": words,
            "preamble": preamble,
            "response": answer,
            "items": [
                {"id": "own_1", "text": words},
                {"id": "own_2", "text": "?", "reversed": True},
            ],
        }
    )
    asked = OwnQuestionnaire.model_validate(
        {
            "id": "q",
            "title": words,
            "entries": [{"instrument": "own", "waves": ["endline"], "arms": ["letter"]}],
        }
    )
    data = tomllib.loads(render_questions([instrument], asked))
    assert OwnInstrument.model_validate(data["instruments"][0]) == instrument
    assert OwnQuestionnaire.model_validate(data["questionnaires"][0]) == asked


def test_a_file_of_what_was_written_is_the_trial_it_was_written_from() -> None:
    trial = parse_trial(letters_asking())
    own = render_questions(trial.instruments, trial.questionnaires[0])
    again = parse_trial(letters_asking(f"{own}\n[privacy]\nsmallest_cell = 10\n"))
    assert again == trial
