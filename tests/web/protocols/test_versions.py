"""A trial file is written version by version; nothing saved is ever written over."""

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import ProtocolError
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.protocols import actions
from lighttouch.web.protocols.convert import MOST_CHARACTERS
from lighttouch.web.protocols.models import State, Version
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import TEXT, edit, newest, start_trial

LONGER = edit(TEXT, ('id = "goal_setting"', 'id = "goal_setting" # ours'))


def save(cast: Cast, trial: Trial, text: str, *, after: int = 1, note: str = "") -> Version:
    return actions.save_version(
        trial=trial, text=text, note=note, after=after, by=cast["researcher"], now=NOW
    )


def test_trial_takes_its_identifier_and_title_from_its_file(cast: Cast) -> None:
    trial = start_trial(cast)
    assert (trial.slug, trial.stage) == ("goal_setting", Stage.DRAFT)
    assert trial.title.startswith("Goal")
    assert newest(trial).text == TEXT


def test_trial_can_start_from_a_file_with_faults(cast: Cast) -> None:
    trial = start_trial(cast, 'version = 1\nid = "ours"\ntitle = "Our trial"\n[[[')
    assert (trial.slug, trial.title) == ("ours", "Our trial")


def test_file_without_an_identifier_needs_one_given(cast: Cast) -> None:
    with pytest.raises(ProtocolError, match="no identifier"):
        start_trial(cast, "version = 1\n")
    trial = actions.create_trial(
        programme=cast.programme, text="version = 1\n", slug="ours", by=cast["researcher"], now=NOW
    )
    assert trial.slug == "ours"


def test_identifier_is_taken_once_in_the_whole_instance(cast: Cast) -> None:
    with pytest.raises(ProtocolError, match="there is a trial called letters already"):
        start_trial(cast, library_text("letters"))
    assert Trial.objects.count() == 1


def test_identifier_is_no_word_of_the_addresses(cast: Cast) -> None:
    with pytest.raises(ProtocolError, match="no trial can be called new"):
        start_trial(cast, edit(TEXT, ('id = "goal_setting"', 'id = "new"')))


@pytest.mark.parametrize("slug", ["Ours", "1st", "a-b", "a" * 64])
def test_identifier_must_be_one(cast: Cast, slug: str) -> None:
    with pytest.raises(ProtocolError, match="cannot be used"):
        actions.create_trial(
            programme=cast.programme, text="x = 1\n", slug=slug, by=cast["researcher"], now=NOW
        )


def test_saving_adds_a_version_and_leaves_the_earlier_ones(cast: Cast, draft: Trial) -> None:
    version = save(cast, draft, LONGER, note="Say whose it is.")
    assert (version.number, version.state, version.note) == (2, State.DRAFT, "Say whose it is.")
    assert [v.text for v in Version.objects.filter(trial=draft)] == [TEXT, LONGER]


def test_stale_save_is_refused_and_says_what_was_saved_meanwhile(cast: Cast, draft: Trial) -> None:
    save(cast, draft, LONGER)
    with pytest.raises(actions.MovedOnError, match="version 2 was saved meanwhile") as caught:
        save(cast, draft, TEXT + "# mine\n", after=1)
    assert caught.value.newest.text == LONGER
    assert Version.objects.count() == 2


def test_saving_what_is_there_already_adds_nothing(cast: Cast, draft: Trial) -> None:
    with pytest.raises(ProtocolError, match="nothing differs from version 1"):
        save(cast, draft, TEXT.replace("\n", "\r\n"))
    assert Version.objects.count() == 1


def test_line_endings_of_a_browser_and_byte_order_marks_are_not_kept(
    cast: Cast, draft: Trial
) -> None:
    assert save(cast, draft, "\ufeff" + LONGER.replace("\n", "\r\n")).text == LONGER


def test_draft_may_be_saved_with_faults(cast: Cast, draft: Trial) -> None:
    assert save(cast, draft, "nonsense").state == State.DRAFT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("#" * (MOST_CHARACTERS + 1), "over 200,000 characters"),
        ("#\n" * 5_001, "over 5,000 lines"),
        (" \n", "empty"),
        ("a = '\0'", "no file may hold"),
        ("a = '\ud800'", "no file may hold"),
    ],
)
def test_what_no_trial_file_is_is_not_kept(cast: Cast, draft: Trial, text: str, fault: str) -> None:
    with pytest.raises(ProtocolError, match=fault):
        save(cast, draft, text)
    assert Version.objects.count() == 1


def test_title_of_a_draft_follows_its_file(cast: Cast, draft: Trial) -> None:
    title = draft.title
    save(cast, draft, edit(TEXT, (title, "Small goals")))
    assert Trial.objects.get(pk=draft.pk).title == "Small goals"


def test_each_save_is_in_the_log_without_its_words(cast: Cast, draft: Trial) -> None:
    save(cast, draft, LONGER, note="Because of Smith.")
    assert [(e.act, e.trial, e.details) for e in Event.objects.all()] == [
        ("trial.created", "goal_setting", {"version": 1}),
        ("protocol.saved", "goal_setting", {"version": 2}),
    ]


@pytest.mark.parametrize("change", [{"text": "x"}, {"number": 7}, {"note": "x"}])
def test_database_refuses_to_change_a_saved_version(
    draft: Trial, change: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Version.objects.filter(trial=draft).update(**change)


def test_database_refuses_a_second_version_of_one_number(cast: Cast, draft: Trial) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            trial=draft, number=1, text="x", author=cast["researcher"], created_at=NOW
        )


@pytest.mark.parametrize("name", library_names())
def test_every_trial_of_the_library_can_be_started_under_another_name(
    cast: Cast, name: str
) -> None:
    from lighttouch.web.protocols.convert import check_text, rename_trial

    text = rename_trial(library_text(name), "another")
    assert check_text(text, slug="another").faults == ()
    assert len(text.splitlines()) == len(library_text(name).splitlines())
