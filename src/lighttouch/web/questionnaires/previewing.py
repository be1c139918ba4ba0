"""A questionnaire as staff will see it, at a phone's width and at a desk's, side by side.

The rules for wide windows are those of the survey's own style sheet, asked of the frame in the
place of the window.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders

from lighttouch.core.instruments.model import ChoiceResponse, Response, ScaleResponse
from lighttouch.web.questionnaires.building import Built, Row
from lighttouch.web.surveys.asking import AskedPage, all_pages, freeze_instruments
from lighttouch.web.surveys.models import Survey

SHEET = "surveys/answering.css"


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the survey, as its template needs it."""

    page: AskedPage
    options: tuple[tuple[int | str, str], ...]
    low: str
    high: str

    @property
    def kind(self) -> str:
        """Which way of asking is used."""
        return self.page.response.kind

    @property
    def count(self) -> int:
        """How many options each question has."""
        return len(self.options)


def preview_of(built: Built, *, wave: str = "", arm: str = "") -> list[Shown]:
    """Return the pages that are asked at a wave and of an arm; of all without one."""
    asked = [row.instrument for row in built.rows if _is_asked(row, wave, arm)]
    pages = all_pages(Survey(asked=freeze_instruments(asked)))
    return [_show(page) for page in pages]


def _is_asked(row: Row, wave: str, arm: str) -> bool:
    at_wave = not wave or not row.entry.waves or wave in row.entry.waves
    return at_wave and (not arm or not row.entry.arms or arm in row.entry.arms)


def _show(page: AskedPage) -> Shown:
    response = page.response
    words = _words(response)
    options = _options(response, words)
    if not isinstance(response, ScaleResponse):
        return Shown(page, options, "", "")
    return Shown(page, options, words.get(response.min, ""), words.get(response.max, ""))


def _options(response: Response, words: dict[int, str]) -> tuple[tuple[int | str, str], ...]:
    if isinstance(response, ChoiceResponse):
        one_only = response.kind == "single_choice" and response.other_option
        own = (response.other_option,) if one_only else ()
        return tuple((one, one) for one in (*response.options, *own))
    if isinstance(response, ScaleResponse):
        numbers = range(response.min, response.max + 1)
        return tuple((number, words.get(number, "")) for number in numbers)
    return ()


def _words(response: Response) -> dict[int, str]:
    if not isinstance(response, ScaleResponse):
        return {}
    return {anchor.value: anchor.label for anchor in response.anchors}


@lru_cache(maxsize=1)
def frame_sheet() -> str:
    """Return the survey's style sheet for frames: what asks the window asks the frame."""
    found = finders.find(SHEET)
    assert isinstance(found, str), "the survey's style sheet is there"
    text = Path(found).read_text(encoding="utf-8")
    for side in ("min", "max"):
        text = text.replace(f"@media ({side}-width:", f"@container ({side}-width:")
    return text
