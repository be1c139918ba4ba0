"""The questionnaire as bytes with holes: made once for what is asked, filled for each request.

Putting hundreds of fields into a page is what costs; joining bytes does not.
"""

import gzip
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape

from lighttouch.core.instruments.model import ChoiceResponse, Response, ScaleResponse
from lighttouch.web.surveys.asking import AskedItem, AskedPage, pages_of
from lighttouch.web.surveys.lookups import Found
from lighttouch.web.surveys.models import Survey

MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Document:
    """A page as pieces; every second one is a hole, known by a name.

    Parameters
    ----------
    whole, packed
        The page with nothing in its holes, and the same made smaller for browsers that take it.
    """

    pieces: tuple[bytes, ...]
    places: Mapping[str, int]
    whole: bytes
    packed: bytes

    def fill(self, words: Mapping[str, str]) -> bytes:
        """Return the page with words in holes, as they are; a name without a hole is left out."""
        pieces = list(self.pieces)
        for name, text in words.items():
            place = self.places.get(name)
            if place is not None:
                pieces[place] = text.encode()
        return b"".join(pieces)


class Holes:
    """Marks to be cut out again once a template is rendered."""

    def __init__(self) -> None:
        # Nothing that a questionnaire says can be taken for a mark.
        self._secret = secrets.token_hex(12)
        self._names: list[str] = []

    def mark(self, name: str) -> str:
        """Return what stands in the template for a hole."""
        self._names.append(name)
        return f"{self._secret}-{len(self._names) - 1}-"

    def cut(self, html: str) -> Document:
        """Return a rendered template as a document."""
        cut = re.split(rf"{self._secret}-(\d+)-", html)
        places = {self._names[int(cut[at])]: at for at in range(1, len(cut), 2)}
        pieces = tuple(b"" if at % 2 else text.encode() for at, text in enumerate(cut))
        whole = b"".join(pieces)
        return Document(pieces, places, whole, gzip.compress(whole, mtime=0))


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; ``label`` is read out where ``short`` alone is shown."""

    value: str
    short: str
    label: str
    checked: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A question with its holes."""

    item: AskedItem
    options: list[Option]
    state: str
    note: str
    invalid: str
    text: str
    other: str
    silent: str


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A part of the questionnaire, ready for the template."""

    page: AskedPage
    items: list[ShownItem]

    @property
    def kind(self) -> str:
        """Which way of asking the template uses."""
        return self.page.response.kind

    @property
    def low(self) -> str:
        """The word at the scale's low end."""
        return _anchors(self.page.response).get(self._ends[0], "")

    @property
    def high(self) -> str:
        """The word at the scale's high end."""
        return _anchors(self.page.response).get(self._ends[1], "")

    @property
    def _ends(self) -> tuple[int, int]:
        response = self.page.response
        return (response.min, response.max) if isinstance(response, ScaleResponse) else (0, 0)

    @property
    def count(self) -> int:
        """How many options each question of the part has."""
        return len(self.items[0].options)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything about what a survey asks that is the same for everybody asked it."""

    pages: tuple[AskedPage, ...]
    document: Document
    allowed: Mapping[str, Response] = field(repr=False)

    @property
    def total(self) -> int:
        """How many questions there are."""
        return len(self.allowed)

    @property
    def told(self) -> int:
        """How many questions everybody is told there are: those that everybody is asked."""
        return sum(len(page.items) for page in self.pages if not page.variants)


_KEPT: dict[tuple[object, ...], Asked] = {}


def asked_of(found: Found) -> Asked:
    """Return what a link asks; read and compiled the first time in a process."""
    key = (found.sha256, found.variant, found.title, settings.DEMONSTRATION)
    if key not in _KEPT:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        survey = Survey.objects.only("asked").get(pk=found.survey)
        _KEPT[key] = make_asked(pages_of(survey, found.variant), found.title)
    return _KEPT[key]


def make_asked(pages: Sequence[AskedPage], title: str) -> Asked:
    """Compile what is asked."""
    allowed = {item.id: page.response for page in pages for item in page.items}
    return Asked(tuple(pages), compile_document(pages, title), allowed)


def compile_document(pages: Sequence[AskedPage], title: str) -> Document:
    """Return the questionnaire as one page."""
    holes = Holes()
    context = {
        "title": title,
        "up": "../",
        "parts": [_show_page(page, holes.mark) for page in pages],
        "total": pages[-1].last,
        "notice": holes.mark("notice"),
        "error": holes.mark("error"),
        "demonstration": settings.DEMONSTRATION,
    }
    return holes.cut(render_to_string("surveys/answering/questions.html", context))


def _show_page(page: AskedPage, mark: Callable[[str], str]) -> ShownPage:
    return ShownPage(page, [_show_item(item, page.response, mark) for item in page.items])


def _show_item(item: AskedItem, response: Response, mark: Callable[[str], str]) -> ShownItem:
    names = ("state", "note", "invalid", "text", "other", "silent")
    holes = {name: mark(f"{item.id}:{name}") for name in names}
    options = [
        Option(value, short, label, mark(f"{item.id}={value}"))
        for value, short, label in _choices(response)
    ]
    return ShownItem(item=item, options=options, **holes)


def _choices(response: Response) -> list[tuple[str, str, str]]:
    if isinstance(response, ChoiceResponse):
        own = (
            [response.other_option]
            if response.kind == "single_choice" and response.other_option
            else []
        )
        return [(one, one, one) for one in (*response.options, *own)]
    if not isinstance(response, ScaleResponse):
        return []
    words = _anchors(response)
    numbers = range(response.min, response.max + 1)
    return [(str(n), str(n), words.get(n, "")) for n in numbers]


def _anchors(response: Response) -> dict[int, str]:
    if not isinstance(response, ScaleResponse):
        return {}
    return {anchor.value: anchor.label for anchor in response.anchors}


def in_html(text: str) -> str:
    """Return text as it may stand in a hole."""
    return str(escape(text))
