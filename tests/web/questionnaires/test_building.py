"""A questionnaire put together on the site is the one the trial file then declares."""

import tomllib

import pytest

from lighttouch.core.errors import InputError, ProtocolError
from lighttouch.core.instruments.checking import parse_whole_trial
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.questions import OwnEntry, OwnInstrument
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.protocols.models import Version
from lighttouch.web.questionnaires import actions
from lighttouch.web.questionnaires.building import Built, from_library, read_draft
from lighttouch.web.questionnaires.forms import QuestionForm, read_question
from lighttouch.web.questionnaires.models import Draft
from lighttouch.web.questionnaires.placing import place_block, read_built, read_desk, write_block
from tests.own_questions import OUTCOME, letters_asking
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import TEXT, newest, registered, start_trial

NAME = "ours"
READ = OwnInstrument.model_validate(
    {
        "id": "slot_kept",
        "name": "Keeping the slot",
        "response": {"kind": "single_choice", "options": ["Yes", "No"], "other_option": "Other"},
        "items": [{"id": "slot_kept_1", "text": 'Did you keep the "slot"?'}],
    }
)


def built() -> Built:
    """Return goal setting's questionnaire with a question for one arm, at endline."""
    made = from_library("goal_setting").put(READ)
    made = made.ask_of(len(made.entries) - 1, waves=("endline",), arms=("programme",))
    return Built("How work is", 6, ("endline",), made.entries, made.instruments)


@pytest.fixture
def trial(cast: Cast) -> Trial:
    return start_trial(cast)


@pytest.fixture
def draft(cast: Cast, trial: Trial) -> Draft:
    return actions.start(trial=trial, name=NAME, built=built(), by=cast["researcher"], now=NOW)


def write(cast: Cast, draft: Draft, after: int) -> Version:
    return actions.write(
        draft=draft,
        revision=draft.revision,
        note="Ours.",
        after=after,
        by=cast["researcher"],
        now=NOW,
    )


def test_what_is_put_into_the_file_is_what_the_core_then_reads() -> None:
    text = place_block(TEXT, built(), NAME)
    trial = parse_whole_trial(text, source="trial.toml")
    assert trial.questionnaires == (built().questionnaire(NAME),)
    assert trial.instruments == (READ,)
    assert [wave.id for wave in trial.surveyed_by(NAME)] == ["endline"]
    assert read_built(text, NAME) == built()
    asked = library_of(trial).asked(NAME, "endline", arm="programme")
    assert asked[-1].items == READ.items


def test_no_other_line_of_the_file_changes() -> None:
    text = place_block(TEXT, built(), NAME)
    before, after = TEXT.rstrip("\n").split("\n"), text.split("\n")
    changed = [(one, two) for one, two in zip(before, after, strict=False) if one != two]
    assert changed == [('questionnaire = "goal_setting"', f'questionnaire = "{NAME}"')]
    assert after.index("# Questionnaire ours, put together on the site: begin") == len(before) + 2


def test_putting_it_there_again_replaces_it_in_its_place() -> None:
    by_hand = "# Written by hand below.\n[privacy]\nsmallest_cell = 9\n"
    text = f"{place_block(TEXT, built(), NAME)}\n{by_hand}"
    again = place_block(text, built().remove(0), NAME)
    assert again.count("[[questionnaires]]") == 1
    assert again.endswith(f"\n{by_hand}")
    assert place_block(again, built(), NAME) == text
    assert tomllib.loads(again)["privacy"] == {"smallest_cell": 9}


@pytest.mark.parametrize(
    ("text", "change", "words"),
    [
        ("a = [", built(), "the file ends inside a value"),
        (f'{TEXT}\n[[questionnaires]]\nid = "{NAME}"\n', built(), "written by hand"),
        (f'{TEXT}\n[[instruments]]\nid = "slot_kept"\n', built(), "an instrument slot_kept"),
        (
            place_block(TEXT, built(), NAME),
            Built("T", None, (), built().entries, (READ,)),
            "was taken off it here",
        ),
        (TEXT, Built("T"), "nothing is asked yet"),
    ],
)
def test_what_would_spoil_the_file_is_refused(text: str, change: Built, words: str) -> None:
    with pytest.raises((ProtocolError, InputError), match=words) as refused:
        place_block(text, change, NAME)
    assert all(fault.remedy for fault in refused.value.faults)


def test_every_way_of_answering_goes_through_its_form_and_back() -> None:
    whole = read_built(letters_asking(outcome=OUTCOME), "letters_ours")
    assert whole is not None
    for known in whole.instruments:
        sent = {"revision": 1, **read_question(known)}
        form = QuestionForm(sent, taken=set(), known=known)
        assert form.is_valid(), (known.id, form.errors)
        assert form.made is not None
        assert form.made.items == known.items
        assert form.made.response == known.response
        assert form.made.score == known.score


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"kind": ""}, "kind", "Say how it is answered"),
        ({"kind": "single_choice", "options": "One"}, "options", "at least two"),
        ({"kind": "multi_choice", "options": "A\nA"}, "__all__", "listed more than once"),
        ({"kind": "single_choice", "options": "A|B\nC"}, "__all__", "cannot hold"),
        ({"kind": "integer_scale", "low": "0"}, "high", "Give the number"),
        (
            {
                "kind": "integer_scale",
                "low": "0",
                "high": "100",
                "low_words": "x",
                "high_words": "y",
            },
            "__all__",
            "from 2 to 11 points",
        ),
        ({"kind": "free_text", "scored": "on"}, "scored", "Only numbers"),
        ({"kind": "free_text", "words": "x\n" * 31}, "words", "at most 30"),
    ],
)
def test_a_question_with_a_fault_says_so_where_it_is(
    sent: dict[str, str], field: str, words: str
) -> None:
    form = QuestionForm({"revision": 1, "words": "Why?", **sent}, taken=set(), known=None)
    assert not form.is_valid()
    assert words in str(form.errors[field])


def test_names_are_made_of_the_words_and_stay_when_the_words_change() -> None:
    sent = {"revision": "1", "words": "How are you?\nAnd now?", "kind": "free_text"}
    form = QuestionForm(sent, taken={"how_are_you"}, known=None)
    assert form.is_valid()
    first = form.made
    assert first is not None
    assert [item.id for item in first.items] == ["how_are_you_2_1", "how_are_you_2_2"]
    changed = {**sent, "words": "Before?\nHow are you today?\nAnd now?"}
    form = QuestionForm(changed, taken=set(), known=first)
    assert form.is_valid()
    assert form.made is not None
    names = {item.text: item.id for item in form.made.items}
    assert names["And now?"] == "how_are_you_2_2"
    assert len(set(names.values())) == 3


def test_moving_and_removing_keep_the_rest_in_order() -> None:
    names = [entry.instrument for entry in built().entries]
    moved = built().move(1, up=True)
    assert [entry.instrument for entry in moved.entries][:2] == [names[1], names[0]]
    assert built().move(0, up=True) == built()
    assert built().move(len(names) - 1, up=False) == built()
    gone = built().remove(len(names) - 1)
    assert gone.instruments == ()
    assert gone.add(names[0]) == gone


def test_the_desk_offers_what_the_file_has_even_with_faults() -> None:
    desk = read_desk(TEXT.replace("version = 1", "version = 2"))
    assert [wave for wave, _ in desk.waves] == ["baseline", "endline"]
    assert "programme" in dict(desk.arms)
    assert read_desk("a = [").waves == ()


def test_writing_makes_a_version_and_remembers_it(cast: Cast, draft: Draft) -> None:
    version = write(cast, draft, after=1)
    draft.refresh_from_db()
    assert (version.number, draft.version, draft.version_revision) == (2, 2, 1)
    assert parse_whole_trial(version.text, source="").questionnaires[0].id == NAME
    assert Event.objects.filter(act="questionnaire.written").count() == 1


def test_who_is_slower_is_told_and_nothing_is_lost(cast: Cast, draft: Draft) -> None:
    change = {"draft": draft, "revision": 1, "by": cast["researcher"], "now": NOW}
    actions.change(built=built().remove(0), **change)  # type: ignore[arg-type]
    with pytest.raises(actions.MovedOnError):
        actions.change(built=built().remove(1), **change)  # type: ignore[arg-type]
    assert len(read_draft(Draft.objects.get()).entries) == len(built().entries) - 1


def test_what_is_registered_is_frozen(cast: Cast) -> None:
    trial = registered(cast).trial
    with pytest.raises(InputError, match="what is asked is frozen") as refused:
        actions.start(trial=trial, name=NAME, built=built(), by=cast["researcher"], now=NOW)
    assert "amendment" in str(refused.value)
    assert trial.stage == Stage.REGISTERED
    assert newest(trial).number == 1


def test_a_questionnaire_has_a_name_of_its_own(cast: Cast, trial: Trial, draft: Draft) -> None:
    for name in (NAME, "letters"):
        with pytest.raises(InputError, match="already"):
            actions.start(trial=trial, name=name, built=built(), by=cast["researcher"], now=NOW)


def test_what_the_file_would_not_take_is_not_kept(cast: Cast, draft: Draft) -> None:
    taken = READ.model_copy(update={"id": "burnout"})
    wrong = Built("T", None, (), (OwnEntry(instrument="burnout"),), (taken,))
    with pytest.raises(InputError, match="the library has a question burnout already"):
        actions.change(draft=draft, built=wrong, revision=1, by=cast["researcher"], now=NOW)
    assert Draft.objects.get().revision == 1


def test_a_block_by_itself_is_toml_that_says_whose_it_is() -> None:
    block = write_block(built(), NAME)
    assert block.startswith("# Questionnaire ours, put together on the site: begin\n")
    assert set(tomllib.loads(block)) == {"instruments", "questionnaires"}
