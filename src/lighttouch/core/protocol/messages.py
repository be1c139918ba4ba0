"""What people are sent, in which words: the trial file's own messages, checked before any goes.

Words hold named fields in braces, ``{closes}``, that are filled in for each person. What a text
message costs in parts is counted as the phone networks count it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.base import Part, Text

SurveyKind = Literal["invitation", "reminder"]
Channel = Literal["email", "text_message", "letter"]
CHANNELS: tuple[Channel, ...] = ("email", "text_message", "letter")
"""By what means a step with words of its own can go."""

GENERAL_FIELDS = ("partner", "first_name", "team", "building")
"""What every message may name, beside columns the trial declares."""
SURVEY_FIELDS = ("link", "closes", "minutes", "incentive", *GENERAL_FIELDS)
"""What the messages of a survey may name beside those columns."""
FROM_VAULT = frozenset({"first_name"})
"""Fields known only where the site holds people's names."""

MOST_PARTS = 4
"""Parts of one text message; each is paid for, and four are 612 ordinary characters."""
LONGEST_SUBJECT = 150
LONGEST_TEXT = 5000
STOP_LENGTH = 90
"""Characters kept free in a text message for the way to get no more."""

_FIELD = re.compile(r"\{([^{}]*)\}")
_BRACE = re.compile(r"[{}]")
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_GSM = (160, 153)
_UCS2 = (70, 67)
_BEYOND = 0xFFFF


class Contact(Part):
    """How often people are written to, and between which hours."""

    most_a_week: int = Field(default=2, ge=1, le=5)
    """Messages one person gets in seven days at most, over all trials of the programme."""
    from_hour: int = Field(default=8, ge=7, le=10)
    """Hour of the day, in London, before which nothing is sent."""
    until_hour: int = Field(default=20, ge=11, le=21)
    """Hour of the day from which nothing is sent."""


class Words(Part):
    """What a message says; fields in braces are filled in for each person."""

    signed: Literal["centre", "manager"] = Field(
        default="centre",
        alias="from",
        description="Who writes: the research centre, or the team manager",
    )
    subject: str = Field(default="", max_length=LONGEST_SUBJECT)
    """Subject line or heading; none for a text message."""
    text: Text = Field(max_length=LONGEST_TEXT)
    """The words, in paragraphs set apart by empty lines."""


class SurveyWords(Words):
    """What a survey's invitation or reminder says, and by what means it goes."""

    channel: Channel = "email"
    """By what means it goes."""


class SurveyMessages(Part):
    """Words of a survey's messages; the site's own are used for one left out."""

    invitation: SurveyWords | None = None
    """What invites."""
    reminder: SurveyWords | None = None
    """What reminds those who have not answered."""

    def of(self, kind: SurveyKind) -> SurveyWords | None:
        """Return the words of one kind, if the trial file has any."""
        return self.invitation if kind == "invitation" else self.reminder


@dataclass(frozen=True, slots=True)
class TextSize:
    """What a text message costs.

    Parameters
    ----------
    characters
        As a reader counts them.
    parts
        As the networks charge them.
    plain
        Whether every character is of the networks' own alphabet; one that is not makes all of
        them longer.
    """

    characters: int
    parts: int
    plain: bool


def list_fields(*texts: str) -> tuple[str, ...]:
    """Return the fields that texts name, in order of first mention.

    Examples
    --------
    >>> list_fields("Until {closes}", "{link} closes on {closes}")
    ('closes', 'link')
    """
    return tuple(dict.fromkeys(name for text in texts for name in _FIELD.findall(text)))


def has_stray_brace(text: str) -> bool:
    """Say whether a brace belongs to no field.

    Examples
    --------
    >>> has_stray_brace("Until {closes"), has_stray_brace("Until {closes}")
    (True, False)
    """
    return _BRACE.search(_FIELD.sub("", text)) is not None


def fill_words(text: str, fields: Mapping[str, str]) -> str:
    """Return a text with its fields filled in.

    Raises
    ------
    InputError
        If a field is not known, or is empty. An empty incentive is no fault: nothing is offered.

    Examples
    --------
    >>> fill_words("Until {closes}", {"closes": "3 May 2019"})
    'Until 3 May 2019'
    """
    for name in list_fields(text):
        if name not in fields:
            raise InputError(
                f"nothing is known as {name}",
                where="message",
                remedy=f"Use only: {', '.join(fields)}",
            )
        if not fields[name] and name != "incentive":
            raise InputError(f"the {name.replace('_', ' ')} is not known", where="message")
    return _FIELD.sub(lambda found: fields[found[1]], text)


def split_paragraphs(text: str) -> tuple[str, ...]:
    r"""Return the paragraphs of a text, without those that are empty.

    Examples
    --------
    >>> split_paragraphs("One.\n\n \n\nTwo.\n")
    ('One.', 'Two.')
    """
    return tuple(part.strip() for part in re.split(r"\n\s*\n", text) if part.strip())


def measure_text(text: str) -> TextSize:
    """Count a text message as the phone networks do.

    Ordinary characters go 160 to a message, or 153 to each of several parts; the euro sign and
    some brackets count twice. One character from outside the networks' alphabet makes that 70
    and 67. No character is split between parts.

    Examples
    --------
    >>> measure_text("a" * 160).parts, measure_text("a" * 161).parts, measure_text("ŵ" * 71).parts
    (1, 2, 2)
    """
    plain = all(one in _BASIC or one in _EXTENDED for one in text)
    single, several = _GSM if plain else _UCS2
    sizes = [1 + (one in _EXTENDED) if plain else 1 + (ord(one) > _BEYOND) for one in text]
    if sum(sizes) <= single:
        return TextSize(len(text), 1, plain)
    parts, room = 1, several
    for size in sizes:
        if size > room:
            parts, room = parts + 1, several
        room -= size
    return TextSize(len(text), parts, plain)


def longest_case(words: Words, lengths: Mapping[str, int]) -> str:
    """Return a message with each field as long as it is likely to get, to be measured."""
    filled = {name: "x" * lengths.get(name, 1) for name in list_fields(words.text)}
    return fill_words(words.text, filled) + "\n" + "x" * STOP_LENGTH


def unknown_fields(words: Words, known: Collection[str]) -> tuple[str, ...]:
    """Return the fields of a message that are not among those known."""
    return tuple(name for name in list_fields(words.subject, words.text) if name not in known)
