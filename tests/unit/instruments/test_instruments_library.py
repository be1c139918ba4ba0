"""The library holds every scale as printed, and refuses what does not agree with itself."""

import hashlib

import pytest
from pydantic import ValidationError

from lighttouch.core.errors import InstrumentError
from lighttouch.core.instruments.library import parse_library, read_library
from lighttouch.core.instruments.model import (
    ChoiceResponse,
    Instrument,
    ScaleResponse,
)

WORDING = {
    "life_happiness": "e3caa6028f5e5406",
    "cantril_ladder": "ab226c6b5fe49c51",
    "affect_six": "330254841cdcf176",
    "turnover_intentions": "e522ba12c43bb8a5",
    "job_satisfaction": "f5c0887eb6e6a91d",
    "basic_needs": "ec7f1f2a3e0a0193",
    "burnout": "6bebb4da5eb98695",
    "time_pressure": "49978bdb19bac865",
    "intrinsic_prosocial_motivation": "6edfb0e5151ba80f",
    "affective_commitment": "de14a97a883657c9",
    "perceived_org_support": "b2a3fcc10be7920a",
    "prosocial_impact": "ed30b307d0da8a40",
    "perceived_social_worth": "a97f5d373e097024",
    "social_ties": "e93fb4fe74be2253",
    "age": "1bde3137c07034b9",
    "marital_status": "4d0c01e5b9ad90a6",
    "children_at_home": "2842a98b1a8eb095",
    "general_health": "33855101fd120830",
    "contract_type": "19123a6d1408f299",
    "overtime_hours": "eb8be8f424ef704a",
    "caseload_manageable": "8261c29cbcca6b03",
    "comments": "3554ad6857ce8c4a",
    "goal_invited": "921ffa2722f82cfa",
    "goal_slot": "3084fe6d0a9aee2a",
    "goal_slot_barriers": "e226fe530a98dce3",
    "goal_slot_activities": "46b6ac139fe802db",
    "goal_task_urgency": "fe8c5eaba7334d68",
    "goal_task_importance": "1ea695dfb5d4290c",
}
"""First 16 hex digits of the SHA-256 of each instrument's verbatim parts, frozen from the source:
name, verbatim leads, citation, anchors or options, item identifiers, wording and reversal."""

SCORE_RANGES = {
    "life_happiness": (0, 10),
    "cantril_ladder": (0, 10),
    "affect_six": (-12, 12),
    "turnover_intentions": (3, 21),
    "job_satisfaction": (2, 14),
    "basic_needs": (10, 70),
    "burnout": (8, 48),
    "time_pressure": (2, 14),
    "intrinsic_prosocial_motivation": (8, 56),
    "affective_commitment": (6, 42),
    "perceived_org_support": (8, 56),
    "prosocial_impact": (3, 21),
    "perceived_social_worth": (2, 14),
    "caseload_manageable": (1, 7),
    "goal_task_urgency": (1, 5),
    "goal_task_importance": (1, 5),
}


def verbatim_parts(instrument: Instrument) -> str:
    response, cited = instrument.response, instrument.citation
    return "\n".join(
        [
            instrument.name,
            instrument.preamble_verbatim,
            instrument.lead_verbatim,
            *([cited.authors, str(cited.year), cited.journal] if cited else []),
            *(
                f"{anchor.value} {anchor.label}"
                for anchor in (response.anchors if isinstance(response, ScaleResponse) else ())
            ),
            *(response.options if isinstance(response, ChoiceResponse) else ()),
            *(
                f"{item.id} {item.text}{' (R)' if item.reversed else ''}"
                for item in instrument.items
            ),
        ]
    )


@pytest.mark.parametrize("instrument_id", list(WORDING))
def test_wording_citation_and_anchors_are_as_printed(instrument_id: str) -> None:
    text = verbatim_parts(read_library().instrument(instrument_id))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == WORDING[instrument_id]


def test_library_holds_these_instruments_and_no_other() -> None:
    assert set(read_library().instruments) == set(WORDING)


def test_score_ranges_are_the_theoretical_ones() -> None:
    declared = {
        one.id: one.scoring.score_range
        for one in read_library().instruments.values()
        if one.scoring.score_range is not None
    }
    assert declared == SCORE_RANGES


def test_questionnaires_ask_the_printed_number_of_items() -> None:
    library = read_library()
    counts = {
        (name, wave): len(library.items(name, wave))
        for name in ("goal_setting", "letters", "coffee")
        for wave in ("baseline", "endline")
    }
    assert counts == {
        ("goal_setting", "baseline"): 42,
        ("goal_setting", "endline"): 48,
        ("letters", "baseline"): 57,
        ("letters", "endline"): 57,
        ("coffee", "baseline"): 54,
        ("coffee", "endline"): 54,
    }


def test_every_library_trial_with_a_survey_has_a_questionnaire() -> None:
    assert set(read_library().questionnaires) == {
        "goal_setting",
        "letters",
        "coffee",
        "swing",
        "weekly_messages",
        "gratitude",
        "nine_day",
    }


def test_implementation_questions_are_asked_at_endline_only() -> None:
    library = read_library()
    before = {one.id for one in library.asked("goal_setting", "baseline")}
    after = {one.id for one in library.asked("goal_setting", "endline")}
    assert after - before == {one for one in WORDING if one.startswith("goal_")}


def test_no_questionnaire_asks_at_an_unknown_wave() -> None:
    assert read_library().asked("letters", "interim") == ()


def test_unknown_names_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(InstrumentError, match="Did you mean burnout"):
        read_library().instrument("burn_out")
    with pytest.raises(InstrumentError, match="Name one of: coffee"):
        read_library().questionnaire("zzz")


INSTRUMENT = """
[[instrument]]
id = "one"
name = "One"
measures = "one thing"
recall_period = "none"
stem = "Answer."
items = [{ id = "one_1", text = "A" }, { id = "one_2", text = "B" }]
response = { kind = "integer_scale", min = 0, max = 10, anchors = [] }
scoring = { rule = "sum", score_range = [0, 20], basis = "test" }
"""


def test_a_valid_file_gives_its_instrument() -> None:
    library = parse_library({"a.toml": INSTRUMENT})
    assert library.instrument("one").sum_range() == (0, 20)


def test_all_faults_of_all_files_come_at_once() -> None:
    texts = {
        "broken.toml": "= 1",
        "wrong.toml": INSTRUMENT.replace('basis = "test"', 'basis = ""'),
        "first.toml": INSTRUMENT,
        "second.toml": INSTRUMENT
        + '[[questionnaire]]\nid = "q"\ntitle = "Q"\n'
        + 'entries = [{ instrument = "onne", waves = ["baseline"] }]\n'
        + '[[questionnaire]]\nid = "q"\ntitle = "Q"\n'
        + 'entries = [{ instrument = "one", waves = ["baseline"] }]\n',
    }
    with pytest.raises(InstrumentError) as caught:
        parse_library(texts)
    faults = "\n".join(str(fault) for fault in caught.value.faults)
    assert "broken.toml: this is not valid TOML" in faults
    assert "wrong.toml, instrument.0.scoring.basis" in faults
    assert "the instrument 'one' is in the library twice" in faults
    assert "the item 'one_1' is in the library twice" in faults
    assert "the questionnaire 'q' is in the library twice" in faults
    assert "Did you mean one" in faults


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ('"one_2"', '"one_1"', "repeats an item"),
        ("[0, 20]", "[0, 10]", r"should be \(0, 20\)"),
        ("score_range = [0, 20], ", "", r"should be \(0, 20\)"),
        ("stem", 'subscales = [{ id = "s", items = ["x"] }]\nstem', "names an item"),
        (
            "stem",
            'subscales = [{ id = "s", items = ["one_1"], score_range = [0, 9] }]\nstem',
            r"should be \(0, 10\)",
        ),
        ('"sum"', '"balance", positive = "s"', "no subscale of that name"),
    ],
)
def test_an_instrument_that_contradicts_itself_is_refused(
    change: str, to: str, message: str
) -> None:
    with pytest.raises(InstrumentError, match=message):
        parse_library({"a.toml": INSTRUMENT.replace(change, to)})


def test_an_option_cannot_hold_the_mark_that_parts_options() -> None:
    with pytest.raises(ValidationError, match="cannot hold"):
        ChoiceResponse(kind="single_choice", options=("a|b", "c"))
