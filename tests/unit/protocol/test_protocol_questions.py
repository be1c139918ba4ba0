"""What a trial file asks of its own is checked key by key, and said in words."""

import pytest
from protocol_cases import faults_of, keys_of
from tests.own_questions import OUTCOME, OWN, letters_asking

from lighttouch.core.protocol.describing import describe_questionnaire, outline_trial
from lighttouch.core.protocol.preregistering import render_preregistration
from lighttouch.core.protocol.reading import parse_trial

ENTRY = '  { instrument = "visits" },'
LETTER = 'arms = ["letter"]'
FILE = parse_trial(letters_asking())

FAULTS = {
    "an own instrument twice": ('id = "visits"\n', 'id = "travel"\n', "instruments[4].id", "once"),
    "a question twice": ('"visits_1"', '"thanked_1"', "instruments[3].items[0].id", "once"),
    "an unasked instrument": (ENTRY, "", "instruments[3]", "no questionnaire asks"),
    "a score of words": (
        'name = "Travel"\nresponse = { kind = "number", min = 0 }',
        'name = "Travel"\nscore = "sum"\nresponse = { kind = "free_text" }',
        "instruments[4].score",
        "make no score",
    ),
    "a single score of two": ('"sum"', '"single_item"', "instruments[1].score", "more than one"),
    "a reversed number": (
        'visits do you make?" }',
        'visits do you make?", reversed = true }',
        "instruments[3].items[0].reversed",
        "on a scale",
    ),
    "a scale of one point": ("max = 10", "max = 0", "instruments[1].response.max", "2 to 11"),
    "a scale too long": ("max = 10", "max = 90", "instruments[1].response.max", "2 to 11"),
    "an end without words": (
        ', { value = 10, label = "Always" }',
        "",
        "instruments[1].response.anchors",
        "both ends",
    ),
    "a point without words": (
        '"integer_scale"',
        '"labelled_scale"',
        "instruments[1].response.anchors",
        "every point",
    ),
    "points out of order": (
        '{ value = 0, label = "Never" }, ',
        '{ value = 10, label = "x" }, { value = 0, label = "Never" }, ',
        "instruments[1].response.anchors",
        "not in order",
    ),
    "an option twice": (
        '"My manager", ',
        '"A colleague", ',
        "instruments[2].response.options[1]",
        "more than once",
    ),
    "other among the options": (
        'other_option = "Other"',
        'other_option = "No"',
        "instruments[0].response.other_option",
        "already",
    ),
    "a separator in an option": (
        '"My manager"',
        '"My | manager"',
        "instruments[2].response",
        "an option cannot hold",
    ),
    "an unknown way of answering": (
        '"free_text"',
        '"essay"',
        "instruments[5].response.kind",
        "not one of the choices",
    ),
    "a scale without an end": (
        "min = 0, max = 10, ",
        "min = 0, ",
        "instruments[1].response.max",
        "missing",
    ),
    "an unasked questionnaire": (
        'id = "letters_ours"',
        'id = "letters_more"',
        "questionnaires[0]",
        "no wave asks",
    ),
    "an unknown arm": (
        LETTER,
        'arms = ["leter"]',
        "questionnaires[0].entries[2].arms[0]",
        "Did you mean letter?",
    ),
    "an arm twice": (
        LETTER,
        'arms = ["letter", "letter"]',
        "questionnaires[0].entries[2].arms[1]",
        "more than once",
    ),
    "a wave without it": (
        'waves = ["endline"]',
        'waves = ["baseline"]',
        "questionnaires[0].entries[1].waves[0]",
        "no wave with this questionnaire",
    ),
    "asked twice": (
        ENTRY,
        f'{ENTRY}\n  {{ instrument = "visits", waves = ["endline"] }},',
        "questionnaires[0].entries[5]",
        "asked twice at endline",
    ),
    "a cell that exposes": (
        "smallest_cell = 10",
        "smallest_cell = 4",
        "privacy.smallest_cell",
        "5",
    ),
}


def test_a_file_with_questions_of_its_own_is_valid() -> None:
    assert faults_of(letters_asking()) == ()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_of_own_questions_is_found_at_its_key(name: str) -> None:
    old, new, key, words = FAULTS[name]
    assert old in OWN
    faults = faults_of(letters_asking(OWN.replace(old, new, 1), ""))
    assert key in keys_of(faults), faults
    found = next(str(fault) for fault in faults if fault.where.endswith(key))
    assert words in found
    assert all(fault.remedy and fault.where.startswith("line ") for fault in faults)


def test_a_point_outside_the_scale_is_found() -> None:
    own = OWN.replace("{ value = 10, label", "{ value = 11, label", 1)
    assert keys_of(faults_of(letters_asking(own))) == (
        "instruments[1].response.anchors[1].value",
        "instruments[1].response.anchors",
    )


def test_questions_of_one_arm_wait_for_the_launch() -> None:
    text = letters_asking().replace(
        'questionnaire = "letters"\n', 'questionnaire = "letters_ours"\n'
    )
    faults = faults_of(text)
    assert keys_of(faults) == ("questionnaires[0].entries[2].arms",)
    assert "opens before launch, when there may be no arms yet" in faults[0].what


def test_a_wave_at_which_nothing_is_asked_is_found() -> None:
    head = OWN[: OWN.index("[[questionnaires]]")]
    entries = ", ".join(
        f'{{ instrument = "{one.instrument}", waves = ["endline"] }}'
        for one in FILE.questionnaires[0].entries
    )
    own = f'[[questionnaires]]\nid = "letters_ours"\ntitle = "T"\nentries = [{entries}]\n'
    text = letters_asking(head + own).replace('= "letters"\n', '= "letters_ours"\n')
    assert [fault.what for fault in faults_of(text)] == ["nothing is asked at baseline"]


def test_an_outcome_asked_of_one_arm_cannot_compare_arms() -> None:
    own = OWN.replace('"thanked", waves = ["endline"]', '"thanked", arms = ["letter"]')
    faults = faults_of(letters_asking(own))
    assert keys_of(faults) == ("outcomes[10].derive",)
    assert "asked of some arms only at endline" in faults[0].what


def test_what_every_arm_is_named_for_is_asked_of_everybody() -> None:
    own = OWN.replace('"thanked", waves = ["endline"]', '"thanked", arms = ["letter", "waitlist"]')
    assert faults_of(letters_asking(own)) == ()


def test_a_composite_of_what_one_arm_is_asked_is_no_outcome() -> None:
    own = OWN.replace(
        '{ instrument = "cantril_ladder" }', '{ instrument = "cantril_ladder", arms = ["letter"] }'
    )
    assert keys_of(faults_of(letters_asking(own))) == ("outcomes[0].derive",)


def test_the_outline_counts_what_is_asked() -> None:
    assert "  Asks:     How work is (17 instruments, 6 of the trial's own, 1 for some arms)" in (
        outline_trial(FILE)
    )


def test_own_questions_are_registered_word_for_word() -> None:
    text = render_preregistration(FILE, "a" * 64, "b" * 64)
    for item in (item for one in FILE.instruments for item in one.items):
        assert f"“{item.text}”" in text
    assert "letter_read, of Letter only: “Did you read the letter?”" in text
    assert "An employer is told no number below 10 people." in text
    assert describe_questionnaire(FILE, FILE.questionnaires[0])[0] == "life_happiness"


def test_a_file_without_own_questions_says_nothing_of_them() -> None:
    plain = parse_trial(letters_asking("", "").replace('"letters_ours"', '"letters"'))
    text = render_preregistration(plain, "a" * 64, "b" * 64)
    assert "Questionnaire " not in text
    assert "told no number" not in text
    assert OUTCOME not in text
