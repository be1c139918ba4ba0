"""The collection grid: partners down, waves across, each cell with colour, sign and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Look = Literal["done", "doing", "waiting", "wrong", "late"]
SIGNS: dict[str, str] = {"done": "✓", "doing": "…", "waiting": "○", "wrong": "✕", "late": "!"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One partner at one wave."""

    column: str
    look: Look
    words: str
    href: str = ""
    note: str = ""

    @property
    def sign(self) -> str:
        """A sign, so that colour is never the only difference."""
        return SIGNS[self.look]


@dataclass(frozen=True, slots=True)
class Row:
    """One partner."""

    name: str
    cells: tuple[Cell, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole grid; a table on a desk, a list on a phone."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    kind: str = "grid"


def draw_grid(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Grid:
    """Put rows under their columns."""
    return Grid(title, tuple(columns), tuple(rows))
