"""A chart as data: marks on a canvas, and the same numbers as a table."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

WIDTH = 760
LABELS = 210
ROW = 38


@dataclass(frozen=True, slots=True)
class Mark:
    """One shape; ``x2`` and ``y2`` are the end of a line or the size of a rectangle."""

    tag: Literal["rect", "line", "circle", "text", "path"]
    look: str
    x: float = 0
    y: float = 0
    x2: float = 0
    y2: float = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its words; ``rows`` are the numbers it shows, for those who read them."""

    title: str
    description: str
    height: int
    marks: tuple[Mark, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    width: int = WIDTH
    kind: str = "svg"


@dataclass(frozen=True, slots=True)
class Due:
    """A date to show on a timeline."""

    on: date
    words: str
    done: bool = False


def shorten(words: str, most: int = 26) -> str:
    """Cut a label that would run into the drawing; the table has it whole."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def whole(value: float) -> float:
    """Round a coordinate, so that pages are small and the same everywhere."""
    return round(value, 1)
