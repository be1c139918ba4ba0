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
class Head:
    """One wave, with how many of its cells are done."""

    name: str
    done: int
    all: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole grid; a table on a desk, a list on a phone."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    corner: str = "Partner"
    kind: str = "grid"


def draw_grid(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Grid:
    """Put rows under their columns, and count what is done in each."""
    cells = [[cell for row in rows for cell in row.cells if cell.column == c] for c in columns]
    heads = [
        Head(column, sum(cell.look == "done" for cell in found), len(found))
        for column, found in zip(columns, cells, strict=True)
    ]
    return Grid(title, tuple(heads), tuple(rows))
