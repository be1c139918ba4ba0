"""What a survey asks: pages frozen from the core's library when it is opened."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache

from pydantic import TypeAdapter

from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import (
    ChoiceResponse,
    Instrument,
    Response,
    TextResponse,
)
from lighttouch.web.surveys.models import Survey

RATHER_NOT = "Prefer not to say"
_RESPONSE: TypeAdapter[Response] = TypeAdapter(Response)

Frozen = dict[str, object]
"""One page as it is kept in ``Survey.asked``."""


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One question, word for word; ``number`` is its place in the whole survey, from 1."""

    id: str
    text: str
    number: int


@dataclass(frozen=True, slots=True)
class AskedPage:
    """One page: an instrument's words, how it is answered, and its items.

    ``number`` is the page's place, from 1.
    """

    number: int
    instrument: str
    name: str
    preamble: str
    stem: str
    lead: str
    response: Response
    items: tuple[AskedItem, ...]

    @property
    def offers_silence(self) -> bool:
        """Whether the page adds ``Prefer not to say``: not where it is an option, or for text."""
        if isinstance(self.response, ChoiceResponse):
            return RATHER_NOT not in self.response.options
        return not isinstance(self.response, TextResponse)

    @property
    def first(self) -> int:
        """Number of its first question."""
        return self.items[0].number

    @property
    def last(self) -> int:
        """Number of its last question."""
        return self.items[-1].number


def freeze_questionnaire(questionnaire: str, wave: str) -> list[Frozen]:
    """Return what a questionnaire asks at a wave, as the library has it today."""
    return [_freeze(one) for one in read_library().asked(questionnaire, wave)]


def freeze_one(instrument: str) -> Frozen:
    """Return one instrument of the library as a page."""
    return _freeze(read_library().instrument(instrument))


def _freeze(instrument: Instrument) -> Frozen:
    return {
        "instrument": instrument.id,
        "name": instrument.name,
        "preamble": instrument.preamble_verbatim,
        "stem": instrument.stem,
        "lead": instrument.lead_verbatim,
        "response": instrument.response.model_dump(mode="json"),
        "items": [{"id": item.id, "text": item.text} for item in instrument.items],
    }


def hash_asked(asked: list[Frozen]) -> str:
    """Return the SHA-256 of what is asked."""
    return hashlib.sha256(_text(asked).encode()).hexdigest()


def _text(asked: object) -> str:
    return json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def pages_of(survey: Survey) -> list[AskedPage]:
    """Return the pages of a survey, in order."""
    return list(_parse(_text(survey.asked)))


def parse_asked(asked: list[Frozen]) -> list[AskedPage]:
    """Return frozen pages as they are asked."""
    return list(_parse(_text(asked)))


@lru_cache(maxsize=64)
def _parse(text: str) -> tuple[AskedPage, ...]:
    pages: list[AskedPage] = []
    asked = 0
    for number, page in enumerate(json.loads(text), start=1):
        items = tuple(
            AskedItem(item["id"], item["text"], asked + place)
            for place, item in enumerate(page["items"], start=1)
        )
        asked += len(items)
        response = _RESPONSE.validate_json(json.dumps(page["response"]))
        words = {key: page[key] for key in ("instrument", "name", "preamble", "stem", "lead")}
        pages.append(AskedPage(number=number, response=response, items=items, **words))
    return tuple(pages)


def asked_items(survey: Survey) -> dict[str, Response]:
    """Return how each item of a survey is answered, in order."""
    return {item.id: page.response for page in pages_of(survey) for item in page.items}


def minutes_of(questionnaire: str, items: list[Frozen], declared: int | None) -> int:
    """Return about how many minutes a survey takes: as declared, or ten seconds an item."""
    told = declared or read_library().questionnaire(questionnaire).minutes
    if told:
        return told
    count = sum(len(page["items"]) for page in items if isinstance(page["items"], list))
    return max(1, round(count * 10 / 60))


__all__ = ["AskedItem", "AskedPage", "asked_items", "pages_of"]
