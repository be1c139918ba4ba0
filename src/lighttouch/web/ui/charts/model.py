"""A chart as data: strips of marks beside their labels, and the same numbers as a table.

Places along a strip are per cent of its width, so that a chart is as readable on a phone as on a
desk: the drawing narrows, its letters do not.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.safestring import SafeString

from lighttouch.web.ui.charts.svg import write_marks, write_sample

Shape = Literal["bar", "line", "dot", "ring", "diamond", "check", "text"]
Anchor = Literal["start", "middle", "end"]
EDGE = 8.0
"""Words nearer than this to an end of the strip are written inward from it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One shape on a strip.

    Parameters
    ----------
    at, width
        Per cent of the strip's width.
    words
        What is written, or what a shape means to those who point at it.
    """

    shape: Shape
    at: float = 0.0
    look: str = ""
    width: float = 0.0
    words: str = ""
    line: int = 1

    @property
    def anchor(self) -> Anchor:
        """Where the words are held, so that none leave the drawing."""
        if self.at <= EDGE:
            return "start"
        return "end" if self.at >= 100 - EDGE else "middle"

    @property
    def y(self) -> int:
        """The height of a line of words."""
        return 18 * self.line - 3


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of a chart: what it is about, its marks, and its number in words."""

    label: str
    marks: tuple[Mark, ...]
    value: str
    href: str = ""
    late: bool = False

    @property
    def drawing(self) -> SafeString:
        """Its marks, as SVG."""
        return write_marks(self.marks)


@dataclass(frozen=True, slots=True)
class Key:
    """What a mark means."""

    mark: Mark
    words: str

    @property
    def drawing(self) -> SafeString:
        """A sample of the mark, as SVG."""
        return write_sample(self.mark)


@dataclass(frozen=True, slots=True)
class Chart:
    """Strips under each other; ``rows`` are the numbers they show, for those who read them."""

    title: str
    description: str
    strips: tuple[Strip, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    scale: tuple[Mark, ...] = ()
    keys: tuple[Key, ...] = ()
    kind: str = "strips"

    @property
    def scale_drawing(self) -> SafeString:
        """The words under the strips, as SVG."""
        return write_marks(self.scale)

    @property
    def scale_height(self) -> int:
        """Room for the words under the strips."""
        return 18 * max((mark.line for mark in self.scale), default=0) + 4


@dataclass(frozen=True, slots=True)
class Due:
    """A date to show on a timeline."""

    on: date
    words: str
    done: bool = False


def percent(value: float) -> float:
    """Round a place, so that pages are small and the same everywhere."""
    return round(value, 2)


def signed(value: float) -> str:
    """Write a difference with its sign: ``+0.12``, ``−0.30``, ``0.00``."""
    written = f"{value:+.2f}".replace("-", "−")
    return written[1:] if written[1:] == "0.00" else written
