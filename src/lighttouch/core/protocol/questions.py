"""What a survey asks beyond the library: ways of answering, own instruments, questionnaires."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lighttouch.core.protocol.base import Identifier, Part, Text

CHOICE_SEPARATOR = "|"
"""Between the options of one multiple-choice answer in a response file."""
MOST_WORDS = 200
"""Characters a title or a name may have."""


class Anchor(Part):
    """The words printed at one point of a scale."""

    value: int
    """The point."""
    label: Text
    """Its words."""


class ScaleResponse(Part):
    """A whole number from ``min`` to ``max``."""

    kind: Literal["integer_scale", "labelled_scale", "end_anchored_scale"]
    """Numbers; numbers that each have words; or numbers with words at both ends."""
    min: int
    """The lowest answer."""
    max: int
    """The highest answer."""
    anchors: tuple[Anchor, ...]
    """Words printed at points of the scale."""


class NumberResponse(Part):
    """A number from ``min`` upwards; a ``count`` is a whole number."""

    kind: Literal["number", "count"]
    """Any number, or a whole one."""
    min: int
    """The lowest answer."""
    unit: str = ""
    """Printed after the field, such as hours per week."""


class ChoiceResponse(Part):
    """One option, or any number of them.

    ``other_option`` is the label of a last option that is answered in the respondent's own words,
    written ``Other: ...`` in a response file.
    """

    kind: Literal["single_choice", "multi_choice"]
    """One option, or any number."""
    options: tuple[Text, ...] = Field(min_length=2)
    """What can be chosen, in order."""
    other_option: str = ""
    """Label of a last option answered in own words, such as Other."""
    asterisked: bool = False
    """Whether the source marks the question with an asterisk."""

    @model_validator(mode="after")
    def _check_separator(self) -> Self:
        if any(CHOICE_SEPARATOR in option for option in self.options):
            raise ValueError(f"an option cannot hold {CHOICE_SEPARATOR!r}")
        return self


class TextResponse(Part):
    """The respondent's own words."""

    kind: Literal["free_text"]
    """Own words."""
    required: bool = False
    """Whether the source marks the question as required; nobody has to answer."""


Response = Annotated[
    ScaleResponse | NumberResponse | ChoiceResponse | TextResponse, Field(discriminator="kind")
]


class Item(Part):
    """One question; ``reversed`` items count as ``min + max - answer``."""

    id: Identifier
    """Its name in the archive."""
    text: Text
    """The question, word for word."""
    reversed: bool = False
    """Whether a high answer counts as a low one in the score."""


class OwnInstrument(Part):
    """Questions of the trial's own that are answered in the same way, on one page."""

    id: Identifier
    """Its name in this file; none of the library's."""
    name: Annotated[Text, Field(max_length=MOST_WORDS)]
    """Its name in reports."""
    stem: str = ""
    """Instruction above the questions; left out, a plain one for the way of answering."""
    preamble: str = ""
    """What people read before it."""
    response: Response
    """How every question of it is answered."""
    items: tuple[Item, ...] = Field(min_length=1, max_length=30)
    """The questions, in order."""
    score: Literal["sum", "single_item", "none"] = "none"
    """How answers make a score: their sum, the one answer, or no score."""
    higher_means: str = ""
    """What a higher score means."""


class OwnEntry(Part):
    """One instrument of a questionnaire, when it is asked and of whom."""

    instrument: Identifier
    """Instrument of the library or of this file."""
    waves: tuple[Identifier, ...] = ()
    """Waves that ask it; left out, every wave with this questionnaire."""
    arms: tuple[Identifier, ...] = ()
    """Arms that are asked it; left out, everybody."""


class OwnQuestionnaire(Part):
    """A questionnaire of the trial's own: instruments in the order they are asked."""

    id: Identifier
    """Its name in this file; none of the library's."""
    title: Annotated[Text, Field(max_length=MOST_WORDS)]
    """Its title, as people see it."""
    minutes: int | None = Field(default=None, ge=1, le=120)
    """About how long it takes."""
    entries: tuple[OwnEntry, ...] = Field(min_length=1)
    """What is asked, in order."""


class Privacy(Part):
    """What may be told of few people."""

    smallest_cell: int = Field(default=5, ge=5, le=100)
    """Fewest people of whom an employer is told a number."""
