"""What a survey asks: pages frozen from the core's library when it is opened."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pydantic import TypeAdapter

from lighttouch.core.instruments.library import InstrumentLibrary, read_library
from lighttouch.core.instruments.model import (
    ChoiceResponse,
    Entry,
    Instrument,
    Response,
    TextResponse,
)
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
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

    ``number`` is the page's place, from 1. ``variants`` are those it is asked of; none means that
    everybody is.
    """

    number: int
    instrument: str
    name: str
    preamble: str
    stem: str
    lead: str
    response: Response
    items: tuple[AskedItem, ...]
    variants: tuple[str, ...] = ()

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


def freeze_questionnaire(
    declared: DeclaredTrial, wave: str, variants: Mapping[str, str] | None = None
) -> list[Frozen]:
    """Return what a trial asks at a wave, as the library and the trial file have it today.

    Parameters
    ----------
    variants
        By arm, the letters under which it is asked. They stand for the arms in what is frozen;
        without them nothing says that a page is asked of some arms only.
    """
    survey = declared.wave(wave).survey
    if survey is None:
        return []
    library = library_of(declared)
    arms = {arm.id for arm in declared.arms}
    frozen = []
    for entry in library.entries(survey.questionnaire, wave):
        page = _freeze(library.instrument(entry.instrument))
        if variants and _of_some(entry, arms):
            page["variants"] = sorted({variants[arm] for arm in entry.arms if arm in variants})
        frozen.append(page)
    return frozen


def pages_by_arm(declared: DeclaredTrial, wave: str) -> dict[str, frozenset[str]]:
    """Return, for each arm, the instruments it is asked that some other arm is not."""
    survey = declared.wave(wave).survey
    if survey is None:
        return {}
    arms = [arm.id for arm in declared.arms]
    some = [
        entry
        for entry in library_of(declared).entries(survey.questionnaire, wave)
        if _of_some(entry, set(arms))
    ]
    return {arm: frozenset(entry.instrument for entry in some if arm in entry.arms) for arm in arms}


def asks_by_arm(declared: DeclaredTrial, wave: str) -> bool:
    """Say whether a wave asks some arms what it does not ask others."""
    return any(pages_by_arm(declared, wave).values())


def _of_some(entry: Entry, arms: set[str]) -> bool:
    return bool(entry.arms) and not arms <= set(entry.arms)


def freeze_one(instrument: str, library: InstrumentLibrary | None = None) -> Frozen:
    """Return one instrument as a page."""
    return _freeze((library or read_library()).instrument(instrument))


def freeze_instruments(instruments: Sequence[Instrument]) -> list[Frozen]:
    """Return instruments as pages, in order."""
    return [_freeze(one) for one in instruments]


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


def pages_of(survey: Survey, variant: str = "") -> list[AskedPage]:
    """Return the pages of a survey that are asked under a link's variant, in order.

    Without a variant, the pages that everybody is asked.
    """
    return list(_parse(_text(survey.asked), variant))


def all_pages(survey: Survey) -> list[AskedPage]:
    """Return every page of a survey, also those that only some people are asked."""
    return list(_parse(_text(survey.asked), None))


def parse_asked(asked: list[Frozen]) -> list[AskedPage]:
    """Return frozen pages as they are asked."""
    return list(_parse(_text(asked), None))


@lru_cache(maxsize=64)
def _parse(text: str, variant: str | None) -> tuple[AskedPage, ...]:
    pages: list[AskedPage] = []
    asked = 0
    for page in json.loads(text):
        variants = page.get("variants")
        if variant is not None and variants is not None and variant not in variants:
            continue
        items = tuple(
            AskedItem(item["id"], item["text"], asked + place)
            for place, item in enumerate(page["items"], start=1)
        )
        asked += len(items)
        response = _RESPONSE.validate_json(json.dumps(page["response"]))
        words = {key: page[key] for key in ("instrument", "name", "preamble", "stem", "lead")}
        pages.append(
            AskedPage(
                number=len(pages) + 1,
                response=response,
                items=items,
                variants=tuple(variants or ()),
                **words,
            )
        )
    return tuple(pages)


def asked_items(survey: Survey, variant: str = "") -> dict[str, Response]:
    """Return how each item that is asked under a variant is answered, in order."""
    return {item.id: page.response for page in pages_of(survey, variant) for item in page.items}


def varies(survey: Survey) -> bool:
    """Say whether some people are asked pages that others are not."""
    return any("variants" in page for page in survey.asked)


def told_count(survey: Survey) -> int:
    """Return how many questions everybody is told there are: those that everybody is asked.

    A number of one's own would tell, beside a colleague's, that the two are asked differently.
    """
    return sum(len(page.items) for page in pages_of(survey))


def title_of(declared: DeclaredTrial, wave: str) -> str:
    """Return the title of a wave's questionnaire."""
    survey = declared.wave(wave).survey
    return library_of(declared).questionnaire(survey.questionnaire).title if survey else ""


def minutes_of(declared: DeclaredTrial, wave: str, items: list[Frozen]) -> int:
    """Return about how many minutes a survey takes: as declared, or ten seconds an item."""
    survey = declared.wave(wave).survey
    assert survey is not None
    told = survey.minutes or library_of(declared).questionnaire(survey.questionnaire).minutes
    if told:
        return told
    count = sum(len(page["items"]) for page in items if isinstance(page["items"], list))
    return max(1, round(count * 10 / 60))


__all__ = ["AskedItem", "AskedPage", "asked_items", "pages_of"]
