"""Checks on the words that people are sent."""

from collections.abc import Iterator, Mapping

from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.messages import (
    CHANNELS,
    FROM_VAULT,
    GENERAL_FIELDS,
    MOST_PARTS,
    SURVEY_FIELDS,
    SurveyKind,
    Words,
    has_stray_brace,
    list_fields,
    longest_case,
    measure_text,
    unknown_fields,
)
from lighttouch.core.protocol.people import Step
from lighttouch.core.protocol.problems import Problem, name_choices
from lighttouch.core.protocol.trial import Trial

SURVEY = "survey"
"""Stands for the messages of surveys where deliveries are listed, so no intervention has it."""
KINDS: tuple[SurveyKind, ...] = ("invitation", "reminder")

_LENGTHS = {"link": 70, "closes": 17, "minutes": 2, "first_name": 20, "team": 30, "building": 30}
_COLUMN_LENGTH = 30


def find_message_problems(trial: Trial) -> Iterator[Problem]:
    """Yield the problems of the words that surveys and interventions send."""
    for index, wave in enumerate(trial.waves):
        messages = wave.survey.messages if wave.survey else None
        for kind in KINDS if messages else ():
            path: Path = ("waves", index, "survey", "messages", kind)
            if messages and (words := messages.of(kind)):
                yield from _find_survey_problems(trial, words, words.channel, path)
        if wave.survey and messages and messages.reminder and not wave.survey.reminders:
            yield Problem(
                ("waves", index, "survey", "messages", "reminder"),
                "the survey has no reminders",
                "Add reminders to the survey, or leave these words out",
            )
    for index, part in enumerate(trial.interventions):
        if part.id == SURVEY:
            yield Problem(
                ("interventions", index, "id"),
                "survey stands for the messages of surveys",
                "Choose another id",
            )
        for place, step in enumerate(part.steps):
            yield from _find_step_problems(trial, step, ("interventions", index, "steps", place))


def message_columns(trial: Trial) -> tuple[str, ...]:
    """Return the columns declared for the baseline return, which every message may name."""
    first = trial.baseline_wave.id
    return tuple(
        column.id
        for column in trial.population.extra_columns
        if first in column.waves and column.kind != "yes_no"
    )


def needs_names(trial: Trial) -> tuple[Path, ...]:
    """Return the places of messages that name people; not every partner has names to fill in."""
    return tuple(
        path
        for path, words in list_words(trial)
        if FROM_VAULT & {*list_fields(words.text, words.subject)}
    )


def messages_of(trial: Trial, step: Step) -> tuple[Words, ...]:
    """Return the messages a step sends, its own or another's; none if it sends nothing."""
    if not step.messages_of:
        return step.messages
    named = _find_step(trial, step.messages_of)
    return named.messages if named else ()


def words_at(trial: Trial, step: Step, time: int) -> Words:
    """Return what a step says the first, second or later time, counted from 1."""
    messages = messages_of(trial, step)
    return messages[min(time, len(messages)) - 1]


def _find_step(trial: Trial, name: str) -> Step | None:
    return next((s for i in trial.interventions for s in i.steps if f"{i.id}.{s.id}" == name), None)


def list_words(trial: Trial) -> Iterator[tuple[Path, Words]]:
    """Yield every message of a trial file with its place."""
    for index, wave in enumerate(trial.waves):
        for kind in KINDS:
            words = wave.survey and wave.survey.messages and wave.survey.messages.of(kind)
            if words:
                yield ("waves", index, "survey", "messages", kind), words
    for index, part in enumerate(trial.interventions):
        for place, step in enumerate(part.steps):
            for number, message in enumerate(step.messages):
                yield (
                    ("interventions", index, "steps", place, "messages", number),
                    message,
                )


def _find_survey_problems(
    trial: Trial, words: Words, channel: str, path: Path
) -> Iterator[Problem]:
    yield from _find_words_problems(trial, words, channel, path, SURVEY_FIELDS)
    if "link" not in list_fields(words.text):
        yield Problem(
            (*path, "text"), "the message has no link to the survey", "Write {link} where it goes"
        )


def _find_step_problems(trial: Trial, step: Step, path: Path) -> Iterator[Problem]:
    yield from _find_reference_problems(trial, step, path)
    messages = messages_of(trial, step)
    if messages and step.channel not in CHANNELS:
        yield Problem(
            (*path, "channel"),
            "words can be sent as an e-mail, a text message or a letter only",
            f"Use one of: {', '.join(CHANNELS)}, or leave the messages out",
        )
        return
    if len(messages) not in (0, 1, step.times):
        yield Problem(
            (*path, "messages" if step.messages else "messages_of"),
            f"there are {len(messages)} messages for {step.times} times",
            "Give one for all times, or one for each",
        )
    for number, words in enumerate(step.messages):
        place: Path = (*path, "messages", number)
        yield from _find_words_problems(trial, words, step.channel, place, GENERAL_FIELDS)


def _find_reference_problems(trial: Trial, step: Step, path: Path) -> Iterator[Problem]:
    if not step.messages_of:
        return
    if step.messages:
        yield Problem(
            (*path, "messages_of"), "the step has messages of its own", "Keep one of the two"
        )
        return
    worded = [f"{i.id}.{s.id}" for i in trial.interventions for s in i.steps if s.messages]
    if step.messages_of not in worded:
        yield Problem(
            (*path, "messages_of"),
            f"no step with messages is called {step.messages_of}",
            name_choices(step.messages_of, worded),
        )
        return
    named = _find_step(trial, step.messages_of)
    if named and named.channel != step.channel:
        yield Problem(
            (*path, "channel"),
            f"the messages of {step.messages_of} go by {named.channel}",
            f'Write channel = "{named.channel}", or messages of its own',
        )


def _find_words_problems(
    trial: Trial, words: Words, channel: str, path: Path, fields: tuple[str, ...]
) -> Iterator[Problem]:
    columns = message_columns(trial) if trial.allocation.method == "drawn" else ()
    known = (*fields, *columns)
    stray = [key for key in ("subject", "text") if has_stray_brace(getattr(words, key))]
    for key in stray:
        yield Problem((*path, key), "a brace belongs to no field", "Write fields like {partner}")
    for name in unknown_fields(words, known):
        key = "subject" if name in list_fields(words.subject) else "text"
        yield Problem(
            (*path, key),
            f"no field is called {name}" if name else "the braces are empty",
            name_choices(name, known),
        )
    yield from _find_subject_problems(words, channel, path)
    if channel == "text_message" and not stray:
        yield from _find_length_problems(trial, words, columns, path)


def _find_subject_problems(words: Words, channel: str, path: Path) -> Iterator[Problem]:
    subject = words.subject
    if channel == "text_message" and subject:
        yield Problem((*path, "subject"), "a text message has no subject", "Leave it out")
    if channel != "text_message" and not subject.strip():
        yield Problem(path, "the message has no subject", "Add subject = …")
    if len(subject.splitlines()) > 1:
        yield Problem((*path, "subject"), "the subject has several lines", "Write it on one")
    if "link" in list_fields(subject):
        yield Problem((*path, "subject"), "a link cannot stand in a subject", "Move it to the text")


def _find_length_problems(
    trial: Trial, words: Words, columns: tuple[str, ...], path: Path
) -> Iterator[Problem]:
    size = measure_text(longest_case(words, _lengths(trial, columns)))
    if size.parts > MOST_PARTS:
        what = f"the text message takes {size.parts} parts, with the way to get no more"
        if size.plain:
            remedy = "Shorten it"
        else:
            remedy = "Shorten it, or use plain letters and signs, which take half the room"
        yield Problem((*path, "text"), what, f"{remedy}: at most {MOST_PARTS}")


def _lengths(trial: Trial, columns: tuple[str, ...]) -> Mapping[str, int]:
    """Return about how long each field can get."""
    names = [len(partner.name) for partner in trial.population.partners]
    offers = [len(wave.survey.incentive) for wave in trial.waves if wave.survey]
    return {
        **_LENGTHS,
        "partner": max(names, default=_COLUMN_LENGTH),
        "incentive": max(offers, default=0) + 20,
        **dict.fromkeys(columns, _COLUMN_LENGTH),
    }
