"""What an instrument is: its items, how they are answered, and how answers become a score."""

from typing import Literal, Self

from pydantic import Field, model_validator

from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.questions import CHOICE_SEPARATOR as CHOICE_SEPARATOR
from lighttouch.core.protocol.questions import Anchor as Anchor
from lighttouch.core.protocol.questions import ChoiceResponse as ChoiceResponse
from lighttouch.core.protocol.questions import Item as Item
from lighttouch.core.protocol.questions import NumberResponse as NumberResponse
from lighttouch.core.protocol.questions import Response as Response
from lighttouch.core.protocol.questions import ScaleResponse as ScaleResponse
from lighttouch.core.protocol.questions import TextResponse as TextResponse

SCALES = ("integer_scale", "labelled_scale", "end_anchored_scale")


class Subscale(Part):
    """Items that also make a score of their own; ``score_range`` is theoretical."""

    id: Identifier
    items: tuple[Identifier, ...] = Field(min_length=1)
    score_range: tuple[int, int] | None = None


class Scoring(Part):
    """How answers become a score.

    ``sum`` adds the items; ``single_item`` is the one answer; ``balance`` is the sum of the
    ``positive`` subscale less that of the ``negative`` one; ``counts`` scores each subscale alone;
    ``none`` has no score. ``basis`` says where the rule comes from.
    """

    rule: Literal["sum", "single_item", "balance", "counts", "none"]
    positive: Identifier | None = None
    negative: Identifier | None = None
    score_range: tuple[int, int] | None = None
    higher_means: str = ""
    basis: Text


class Citation(Part):
    """Where a scale comes from; ``journal`` also holds a book or report."""

    authors: Text
    year: int
    journal: Text


class Instrument(Part):
    """A scale, or one question.

    Item text, and keys ending in ``_verbatim``, are as printed at the source; ``stem`` is ours.
    """

    id: Identifier
    name: Text
    names_elsewhere: tuple[Text, ...] = ()
    citation: Citation | None = None
    adapted_from: str = ""
    measures: Text
    recall_period: Text
    stem: Text
    preamble_verbatim: str = ""
    lead_verbatim: str = ""
    found_in: tuple[Text, ...] = ()
    response: Response
    items: tuple[Item, ...] = Field(min_length=1)
    subscales: tuple[Subscale, ...] = ()
    scoring: Scoring
    note: str = ""

    @model_validator(mode="after")
    def _check_parts_agree(self) -> Self:
        known = {item.id for item in self.items}
        if len(known) < len(self.items):
            raise ValueError(f"instrument {self.id} repeats an item")
        if any(item not in known for sub in self.subscales for item in sub.items):
            raise ValueError(f"a subscale of {self.id} names an item the instrument lacks")
        for declared, computed in self._declared_and_computed_ranges():
            if declared != computed:
                raise ValueError(f"a score range of {self.id} should be {computed}")
        return self

    def _declared_and_computed_ranges(
        self,
    ) -> list[tuple[tuple[int, int] | None, tuple[int, int] | None]]:
        pairs = [(sub.score_range, self.sum_range(sub.items)) for sub in self.subscales]
        if self.scoring.rule == "balance":
            (low, high), (other_low, other_high) = (
                self.sum_range(self.subscale(sub).items) or (0, 0)
                for sub in (self.scoring.positive, self.scoring.negative)
            )
            return [*pairs, (self.scoring.score_range, (low - other_high, high - other_low))]
        everything = None if self.scoring.rule in ("counts", "none") else self.sum_range()
        return [*pairs, (self.scoring.score_range, everything)]

    def sum_range(self, items: tuple[str, ...] | None = None) -> tuple[int, int] | None:
        """Return the least and greatest sum of these items (all by default); None if open-ended."""
        if not isinstance(self.response, ScaleResponse):
            return None
        count = len(self.items if items is None else items)
        return count * self.response.min, count * self.response.max

    def subscale(self, subscale_id: str | None) -> Subscale:
        """Return the subscale with this identifier.

        Raises
        ------
        ValueError
            If there is none.
        """
        found = next((sub for sub in self.subscales if sub.id == subscale_id), None)
        if found is None:
            raise ValueError(f"{self.id} has no subscale of that name")
        return found


class Entry(Part):
    """One instrument in a questionnaire, the waves that ask it, and the arms: none is everybody."""

    instrument: Identifier
    waves: tuple[Identifier, ...] = Field(min_length=1)
    arms: tuple[Identifier, ...] = ()


class Questionnaire(Part):
    """An ordered set of instruments."""

    id: Identifier
    title: Text
    source: str = ""
    minutes: int | None = Field(default=None, ge=1)
    note: str = ""
    entries: tuple[Entry, ...] = Field(min_length=1)
