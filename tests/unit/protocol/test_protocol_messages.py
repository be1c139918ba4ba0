"""The words people are sent are checked before any goes, each fault with its line and remedy."""

import pytest
from protocol_cases import Case, check_case, trial_of

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.checks_messages import (
    list_words,
    message_columns,
    messages_of,
    needs_names,
    words_at,
)
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.messages import (
    STOP_LENGTH,
    SurveyMessages,
    fill_words,
    measure_text,
    split_paragraphs,
)
from lighttouch.core.protocol.preregistering import render_preregistration
from lighttouch.core.protocol.reading import parse_trial

WEEKLY, LETTERS = "weekly_messages", "letters"
INVITATION = "waves[0].survey.messages.invitation"
REMINDER = "waves[0].survey.messages.reminder"
STEP = "interventions[0].steps[0]"
LATER = "interventions[1].steps[0]"
SUBJECT = 'subject = "Five minutes about your work: please answer by {closes}"'
EIGHTH = 'subject = "8 of 8: What comes next"'
TEXTED = 'channel = "text_message"'
FOUR_PARTS = 612 - 1 - STOP_LENGTH


def as_text(words: str) -> str:
    """The survey's invitation as a text message, with the rest of the file as it was."""
    return f'channel = "text_message"\ntext = "{words}"\n[waves.survey.messages.reminder]\n'


def invitation(words: str, keys: tuple[str, ...], said: str) -> Case:
    """The library's first invitation, as a text message with these words."""
    text = library_text(WEEKLY)
    start = text.index(SUBJECT)
    end = text.index("[waves.survey.messages.reminder]", start)
    old = text[start:end] + "[waves.survey.messages.reminder]\n"
    return Case(WEEKLY, old, as_text(words), keys, said)


CASES = {
    "unknown field": Case(
        WEEKLY, "{partner} is taking", "{partnr} is taking", (f"{INVITATION}.text",), "partner?"
    ),
    "unknown field in subject": Case(
        WEEKLY,
        SUBJECT,
        SUBJECT.replace("closes", "closed"),
        (f"{INVITATION}.subject",),
        "Did you mean closes?",
    ),
    "field of a survey in a step": Case(
        WEEKLY, EIGHTH, 'subject = "{closes}"', (f"{STEP}.messages[7].subject",), "closes"
    ),
    "empty braces": Case(
        WEEKLY, EIGHTH, 'subject = "{}"', (f"{STEP}.messages[7].subject",), "empty"
    ),
    "stray brace": Case(
        WEEKLY, EIGHTH, 'subject = "8 {of 8"', (f"{STEP}.messages[7].subject",), "brace"
    ),
    "no link": Case(WEEKLY, "{link}\n", "\n", (f"{INVITATION}.text",), "no link to the survey"),
    "link in subject": Case(
        WEEKLY, SUBJECT, 'subject = "{link}"', (f"{INVITATION}.subject",), "cannot stand"
    ),
    "no subject": Case(WEEKLY, SUBJECT, "", (INVITATION,), "no subject"),
    "subject of two lines": Case(
        WEEKLY, SUBJECT, 'subject = "One\\ntwo"', (f"{INVITATION}.subject",), "several lines"
    ),
    "subject too long": Case(
        WEEKLY, SUBJECT, f'subject = "{"a" * 151}"', (f"{INVITATION}.subject",), "150"
    ),
    "reminder never sent": Case(
        WEEKLY, 'reminders = ["-3 weeks", "-9 days"]', "", (REMINDER,), "no reminders"
    ),
    "sender unknown": Case(
        WEEKLY, 'from = "manager"', 'from = "boss"', (f"{REMINDER}.from",), "one of"
    ),
    "seven messages of eight": Case(
        WEEKLY, "times = 8", "times = 9", (f"{STEP}.messages",), "8 messages for 9 times"
    ),
    "words for an object": Case(
        WEEKLY,
        'channel = "email"',
        'channel = "object"',
        (f"{STEP}.channel", f"{LATER}.channel"),
        "e-mail, a text message or a letter",
    ),
    "messages of nobody": Case(
        WEEKLY,
        'messages_of = "eight_messages.message"',
        'messages_of = "eight_messages.mesage"',
        (f"{LATER}.messages_of",),
        "Did you mean eight_messages.message?",
    ),
    "messages twice": Case(
        WEEKLY,
        'messages_of = "eight_messages.message"',
        'messages_of = "x.y"\n[[interventions.steps.messages]]\nsubject = "S"\ntext = "T"',
        (f"{LATER}.messages_of",),
        "of its own",
    ),
    "reserved name": Case(
        WEEKLY, 'id = "later_messages"', 'id = "survey"', ("interventions[1].id",), "another id"
    ),
    "too often": Case(
        WEEKLY,
        "# What each arm gets -",
        "[contact]\nmost_a_week = 6\n\n# What each arm gets -",
        ("contact.most_a_week",),
        "at most 5",
    ),
    "text with a subject": Case(
        WEEKLY, SUBJECT, f"{TEXTED}\n{SUBJECT}", (f"{INVITATION}.subject",), "no subject"
    ),
    "text too long": invitation(
        "a" * (FOUR_PARTS - 69) + "{link}", (f"{INVITATION}.text",), "5 parts"
    ),
    "text with one strange letter": invitation(
        "ŵ" + "a" * 200 + "{link}", (f"{INVITATION}.text",), "plain letters"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_fault_in_the_words_is_named_with_its_line_and_remedy(case: Case) -> None:
    check_case(case)
    assert case.keys


def test_a_text_message_of_exactly_four_parts_is_allowed() -> None:
    case = invitation("a" * (FOUR_PARTS - 70) + "{link}", (), "")
    assert parse_trial(case.text).waves[0].survey is not None


def test_a_step_by_another_channel_cannot_use_the_messages() -> None:
    start = library_text(WEEKLY).index('id = "later_messages"')
    head, tail = library_text(WEEKLY)[:start], library_text(WEEKLY)[start:]
    text = head + tail.replace('channel = "email"', 'channel = "letter"', 1)
    with pytest.raises(Exception, match="go by email"):
        parse_trial(text)


@pytest.mark.parametrize(
    ("text", "parts", "plain"),
    [
        ("", 1, True),
        ("a" * 160, 1, True),
        ("a" * 161, 2, True),
        ("€" * 80, 1, True),
        ("a" * 152 + "€" * 5, 2, True),
        ("a" * 152 + "€" + "a" * 152, 3, True),
        ("a" * 612, 4, True),
        ("a" * 613, 5, True),
        ("ŵ" * 70, 1, False),
        ("ŵ" * 71, 2, False),
        ("😀" * 35, 1, False),
        ("😀" * 67, 3, False),
    ],
    ids=range(12),
)
def test_parts_are_counted_as_the_networks_count(text: str, parts: int, plain: bool) -> None:
    size = measure_text(text)
    assert (size.parts, size.plain, size.characters) == (parts, plain, len(text))


def test_nothing_is_sent_with_a_field_that_is_not_known_or_is_empty() -> None:
    assert fill_words("{a} and {a}", {"a": "x"}) == "x and x"
    assert fill_words("Offered: {incentive}", {"incentive": ""}) == "Offered: "
    with pytest.raises(InputError, match="nothing is known as b"):
        fill_words("{b}", {"a": "x"})
    with pytest.raises(InputError, match="first name is not known"):
        fill_words("Dear {first_name}", {"first_name": ""})


def test_what_is_filled_in_is_not_read_again() -> None:
    assert fill_words("{a}", {"a": "{b}", "b": "x"}) == "{b}"
    assert split_paragraphs("\n\n") == ()


def test_a_later_arm_gets_the_same_words_in_the_same_order() -> None:
    trial = trial_of(WEEKLY)
    first, later = (part.steps[0] for part in trial.interventions)
    assert [words_at(trial, later, time) for time in range(1, 9)] == list(first.messages)
    assert messages_of(trial, later) == first.messages
    one = trial_of(LETTERS).interventions[0].steps[0]
    assert messages_of(trial_of(LETTERS), one) == ()


def test_one_message_serves_every_time() -> None:
    text = library_text(WEEKLY)
    start = text.index('[[interventions.steps.messages]]\nsubject = "2 of 8')
    end = text.index("[[interventions.uptake]]")
    trial = parse_trial(text[:start] + text[end:])
    step = trial.interventions[0].steps[0]
    assert {words_at(trial, step, time).subject for time in (1, 8)} == {"1 of 8: Why you are here"}


def test_declared_columns_of_the_baseline_can_be_named() -> None:
    column = """[[population.extra_columns]]
id = "room"
heading = "Room"
kind = "text"

[[population.exclusions]]"""
    trial = trial_of(
        WEEKLY, ("[[population.exclusions]]", column), (EIGHTH, 'subject = "To room {room}"')
    )
    assert message_columns(trial) == ("room",)
    assert message_columns(trial_of(LETTERS)) == ()


def test_messages_that_name_people_are_found() -> None:
    trial = trial_of(WEEKLY, ("You were asked", "Dear {first_name}, you were asked"))
    assert needs_names(trial) == (("waves", 0, "survey", "messages", "reminder"),)
    assert len(list(list_words(trial))) == 10
    assert SurveyMessages().of("invitation") is None


@pytest.mark.parametrize("name", library_names())
def test_no_library_file_asks_for_names(name: str) -> None:
    assert needs_names(parse_trial(library_text(name))) == ()


def test_preregistration_says_what_the_site_sends_and_how_often() -> None:
    written = render_preregistration(trial_of(WEEKLY), "0" * 64, "0" * 64)
    assert "Sent by email 8 times, every 1 week, from launch: 1 of 8: Why you are here;" in written
    assert "Nobody gets more than 2 messages in seven days. None goes before 8:00" in written
    assert "words of the trial file" in written
    assert "Nobody gets more than" not in render_preregistration(trial_of(LETTERS), "0", "0")


def test_preregistration_names_a_text_message_without_a_subject() -> None:
    content = 'content = "The free day, and what is handed over before it."'
    words = '[[interventions.steps.messages]]\ntext = "Your day is agreed."'
    change = ('channel = "in_person"\n' + content, f"{TEXTED}\n{content}\n{words}")
    contact = ("[[interventions]]", "[contact]\nmost_a_week = 1\n\n[[interventions]]")
    written = render_preregistration(trial_of("nine_day", change, contact), "0", "0")
    assert "Sent by text message once: words as in the trial file." in written
    assert "Nobody gets more than one message in seven days." in written


def test_a_survey_may_word_its_invitation_only() -> None:
    text = library_text(WEEKLY)
    start = text.index("[waves.survey.messages.reminder]")
    survey = parse_trial(text[:start] + text[text.index("[[waves]]", start) :]).waves[0].survey
    assert survey is not None
    assert survey.messages is not None
    assert survey.messages.reminder is None
