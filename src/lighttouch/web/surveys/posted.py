"""What a page's form says, as answers; and answers as the page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from lighttouch.core.instruments.model import (
    CHOICE_SEPARATOR,
    ChoiceResponse,
    Response,
    ScaleResponse,
)
from lighttouch.web.surveys.asking import AskedItem, AskedPage

SILENT = "~"
"""What a form sends for ``Prefer not to say``; no question has it as an answer."""


def read_page(page: AskedPage, posted: QueryDict, known: Mapping[str, str]) -> dict[str, str]:
    """Return the answers a page's form gives; what was left alone is left out.

    Parameters
    ----------
    known
        Answers given on this device before: one that was emptied becomes ``Prefer not to say``.
    """
    values: dict[str, str] = {}
    for item in page.items:
        given = _read_item(item.id, page.response, posted)
        if given or (given is not None and item.id in known):
            values[item.id] = "" if given == SILENT else given
    return values


def _read_item(item: str, response: Response, posted: QueryDict) -> str | None:
    """Return an answer, SILENT, empty for a field that is empty, or None for no field."""
    if SILENT in posted.getlist(item) or posted.get(f"{item}.silent"):
        return SILENT
    if isinstance(response, ChoiceResponse) and response.kind == "multi_choice":
        return _read_choices(item, response, posted)
    return posted.get(item, "").strip() if item in posted else None


def _read_choices(item: str, response: ChoiceResponse, posted: QueryDict) -> str:
    chosen = [option for option in posted.getlist(item) if option != response.other_option]
    words = " ".join(posted.get(f"{item}.other", "").replace(CHOICE_SEPARATOR, "/").split())
    if words:
        chosen.append(f"{response.other_option}: {words}")
    elif response.other_option and response.other_option in posted.getlist(item):
        chosen.append(response.other_option)
    return CHOICE_SEPARATOR.join(chosen)


def read_seconds(page: AskedPage, posted: QueryDict) -> dict[str, int]:
    """Return how long questions were in sight, where the page says so."""
    said = {item.id: posted.get(f"{item.id}.seconds", "") for item in page.items}
    return {item: int(text) for item, text in said.items() if text.isascii() and text.isdigit()}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; ``label`` is read out where ``short`` alone is shown."""

    value: str
    short: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A question with the answer it has on this device."""

    item: AskedItem
    options: list[Option]
    text: str = ""
    other: str = ""
    silent: bool = False
    elsewhere: bool = False
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page ready for its template."""

    page: AskedPage
    items: list[ShownItem]
    faults: list[tuple[str, str]] = field(default_factory=list)

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
    def before(self) -> int:
        """How many questions come before this page."""
        return self.page.first - 1

    @property
    def count(self) -> int:
        """How many options each question of the page has."""
        return len(self.items[0].options)


def show_page(
    page: AskedPage,
    answers: Mapping[str, str],
    *,
    elsewhere: set[str],
    faults: Mapping[str, str] | None = None,
) -> ShownPage:
    """Return a page with the answers given on this device, and what is wrong with them."""
    wrong = dict(faults or {})
    items = [_show_item(item, page, answers, elsewhere, wrong) for item in page.items]
    return ShownPage(page, items, [(one, wrong[one]) for one in wrong])


def _show_item(
    item: AskedItem,
    page: AskedPage,
    answers: Mapping[str, str],
    elsewhere: set[str],
    wrong: Mapping[str, str],
) -> ShownItem:
    value = answers.get(item.id)
    chosen = _chosen(value or "", page.response)
    other = next((one for one in chosen if one.startswith(_other_prefix(page.response))), "")
    options = [
        Option(one, short, label, one in chosen) for one, short, label in _choices(page.response)
    ]
    return ShownItem(
        item=item,
        options=options,
        text=value or "",
        other=other.partition(":")[2].strip(),
        silent=value == "" and page.offers_silence,
        elsewhere=item.id in elsewhere and value is None,
        wrong=wrong.get(item.id, ""),
    )


def _chosen(value: str, response: Response) -> set[str]:
    if isinstance(response, ChoiceResponse) and response.kind == "multi_choice":
        return {one.strip() for one in value.split(CHOICE_SEPARATOR)} - {""}
    return {value} - {""}


def _other_prefix(response: Response) -> str:
    named = response.other_option if isinstance(response, ChoiceResponse) else ""
    return f"{named}:" if named else "\x00"


def _choices(response: Response) -> list[tuple[str, str, str]]:
    if isinstance(response, ChoiceResponse):
        return [(one, one, one) for one in response.options]
    if not isinstance(response, ScaleResponse):
        return []
    words = _anchors(response)
    numbers = range(response.min, response.max + 1)
    return [(str(n), str(n), words.get(n, "")) for n in numbers]


def _anchors(response: Response) -> dict[int, str]:
    if not isinstance(response, ScaleResponse):
        return {}
    return {anchor.value: anchor.label for anchor in response.anchors}
