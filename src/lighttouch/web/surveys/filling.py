"""The questionnaire for one person: what was answered here put in, and what is wrong said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lighttouch.core.instruments.model import CHOICE_SEPARATOR, ChoiceResponse, Response
from lighttouch.web.surveys.compiling import Asked, in_html

CHECKED = " checked"
ELSEWHERE = (
    '<p class="lt-item__note">Answered on another device. Answer here only to change it.</p>'
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a questionnaire shows of one person.

    Parameters
    ----------
    own
        Answers saved from this device, by item.
    elsewhere
        Items answered on another.
    typed
        What was just sent and could not be kept.
    faults
        What is wrong with it, by item.
    closed
        Why nothing was kept, if so.
    """

    own: Mapping[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    closed: str = ""


def fill_questions(asked: Asked, told: Told) -> bytes:
    """Return the questionnaire's page."""
    if not (told.own or told.elsewhere or told.typed or told.closed):
        return asked.document.whole
    words: dict[str, str] = {}
    for item, response in asked.allowed.items():
        value = told.typed.get(item, told.own.get(item))
        if value is not None:
            words.update(_answer(item, response, value))
        words.update(_state(item, told))
    words["notice"] = _closed(told.closed) + _summary(told.faults)
    words["error"] = "Error: " if told.faults else ""
    return asked.document.fill(words)


def _answer(item: str, response: Response, value: str) -> Iterator[tuple[str, str]]:
    """Give what goes into an item's holes for an answer; empty is ``Prefer not to say``."""
    if value == "":
        yield f"{item}:silent", CHECKED
    elif isinstance(response, ChoiceResponse):
        yield from _choice(item, response, value)
    else:
        yield f"{item}={value}", CHECKED
        yield f"{item}:text", in_html(value)


def _choice(item: str, response: ChoiceResponse, value: str) -> Iterator[tuple[str, str]]:
    several = response.kind == "multi_choice"
    prefix = f"{response.other_option}:"
    for one in value.split(CHOICE_SEPARATOR) if several else (value,):
        chosen = one.strip()
        if response.other_option and chosen.startswith(prefix):
            yield f"{item}:other", in_html(chosen.removeprefix(prefix).strip())
            if not several:
                yield f"{item}={response.other_option}", CHECKED
        else:
            yield f"{item}={chosen}", CHECKED


def _state(item: str, told: Told) -> Iterator[tuple[str, str]]:
    """Give what an item says beside its answer; the form sends back what had been saved."""
    note = ""
    if item in told.own:
        saved = in_html(told.own[item])
        note = f'<input type="hidden" name="{item}.was" value="{saved}">'
    elif item in told.elsewhere:
        note = ELSEWHERE
        yield f"{item}:state", " data-elsewhere"
    if wrong := told.faults.get(item):
        note += (
            f'<p class="govuk-error-message" id="{item}-wrong">'
            f'<span class="govuk-visually-hidden">Error:</span> {in_html(wrong)}</p>'
        )
        yield f"{item}:invalid", f' aria-describedby="{item}-wrong" aria-invalid="true"'
    if note:
        yield f"{item}:note", note


def _closed(why: str) -> str:
    if not why:
        return ""
    return (
        f'<div class="lt-closed" role="alert"><h2 class="govuk-heading-m">{in_html(why)}</h2>'
        '<p class="govuk-body">What had been saved before is kept. What this page shows and was '
        "not saved is not. Nothing more is needed.</p></div>"
    )


def _summary(faults: Mapping[str, str]) -> str:
    if not faults:
        return ""
    lines = "".join(
        f'<li><a href="#{item}">{in_html(what)}</a></li>' for item, what in faults.items()
    )
    return (
        '<div class="govuk-error-summary" role="alert" tabindex="-1">'
        '<h2 class="govuk-error-summary__title">Please look at this again</h2>'
        '<div class="govuk-error-summary__body">'
        f'<ul class="govuk-list govuk-error-summary__list">{lines}</ul>'
        '<p class="govuk-body">Your other answers are saved.</p></div></div>'
    )
