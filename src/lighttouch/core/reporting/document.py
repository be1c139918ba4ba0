"""The report as a document: what is said and shown, apart from how it is set.

Both the HTML and the PDF are made from this one model. Running text is made of *runs*, and a
number can only enter as a :class:`Number`, which points into ``results.json``.
"""

from dataclasses import dataclass
from typing import Literal

Style = Literal["", "strong", "emphasis", "code"]
Form = Literal[
    "whole", "fixed", "plain", "significant", "percent", "points", "percentage", "p", "p_cell",
    "date",
]  # fmt: skip
Operation = Literal["value", "sum", "share", "length"]
Sign = Literal["plain", "absolute", "signed"]
Align = Literal["left", "right", "centre"]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of our own; they hold no digit but in the names of methods listed in ``checking``."""

    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number (or date) of ``results.json``, by JSON Pointer.

    ``operation`` says how several values make one: their ``sum``, the first as a ``share`` of the
    second, or the ``length`` of an array. ``form`` and ``decimals`` say how it is printed.
    """

    keys: tuple[str, ...]
    form: Form
    decimals: int = 0
    operation: Operation = "value"
    sign: Sign = "plain"
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Name:
    """Text of the protocol held in ``results.json``, printed as it stands.

    ``of_key`` prints the last step of the pointer instead of the value. ``inline`` makes a capital
    first letter small, for use inside a sentence. ``spaced`` prints underscores as spaces.
    """

    key: str
    style: Style = ""
    of_key: bool = False
    inline: bool = False
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a line within a cell."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The printed label of a table or figure, such as its number."""

    id: str


Run = Words | Number | Name | Break | Reference
Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 opens a section."""

    level: int
    text: Runs
    id: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``lead`` sets it larger."""

    text: Runs
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A bulleted list."""

    items: tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a term and what it is."""

    pairs: tuple[tuple[Runs, Runs], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``parts`` names its numbers one by one for the spreadsheet."""

    head: Runs
    align: Align = "left"
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; its first cell is its header. A ``section`` row has that cell only."""

    cells: tuple[Runs, ...]
    kind: Literal["body", "section", "total"] = "body"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption and notes; ``dense`` sets it smaller.

    ``widths`` are relative widths of the columns; empty lets the contents decide.
    """

    id: str
    caption: Runs
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Runs, ...] = ()
    dense: bool = False
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A box of the flow diagram: a heading and lines below it."""

    head: Runs
    lines: tuple[Runs, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowDrawing:
    """A participant flow diagram: boxes from the top, then one column of boxes per arm.

    ``places`` are the colours of the columns: nought for the reference arm.
    """

    screened: FlowBox
    excluded: FlowBox | None
    randomised: FlowBox
    arms: tuple[tuple[FlowBox, ...], ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A span or moment on a timeline; ISO dates."""

    kind: str
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class TimelineDrawing:
    """One row of spans and moments per partner."""

    rows: tuple[tuple[Runs, tuple[TimelineBar, ...]], ...]


@dataclass(frozen=True, slots=True)
class FunnelDrawing:
    """How many were left at each stage: per stage its name, the number as printed, and its size."""

    rows: tuple[tuple[Runs, Runs, int], ...]


@dataclass(frozen=True, slots=True)
class LoveDrawing:
    """Standardised differences: per variable one value per treated arm (``None``: no value)."""

    arms: tuple[Runs, ...]
    rows: tuple[tuple[Runs, tuple[float | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An estimate with its interval; ``strong`` marks the one the trial is judged on."""

    label: Runs
    value: Runs
    estimate: float
    low: float
    high: float
    strong: bool = False


@dataclass(frozen=True, slots=True)
class ForestDrawing:
    """Effects on one axis, with headings between them (a row without an estimate)."""

    axis: Runs
    rows: tuple[EffectRow | Runs, ...]


@dataclass(frozen=True, slots=True)
class ArmStrip:
    """One arm's data: points (may be withheld), mean with interval, quartiles."""

    label: Runs
    value: Runs
    arm: int
    points: tuple[float, ...]
    mean: float
    interval: tuple[float, float] | None
    quartiles: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class EstimationDrawing:
    """The data by arm above the differences with their intervals."""

    axis: Runs
    arms: tuple[ArmStrip, ...]
    binary: bool
    difference_axis: Runs
    effects: tuple[EffectRow, ...]
    smallest: float | None


Drawing = (
    FlowDrawing | FunnelDrawing | TimelineDrawing | LoveDrawing | ForestDrawing | EstimationDrawing
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its caption and a text alternative."""

    id: str
    caption: Runs
    alt: Runs
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Callout:
    """A box that stands out: what was found, or a warning."""

    kind: Literal["finding", "warning"]
    title: Runs
    blocks: tuple["Paragraph | Items", ...]


Block = Heading | Paragraph | Items | Facts | Table | Figure | Callout


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report: ``front`` is the title page, ``body`` everything after it."""

    title: Runs
    kind: Runs
    front: tuple[Block, ...]
    body: tuple[Block, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Everything in reading order."""
        return self.front + self.body

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures in order."""
        return tuple(block for block in self.blocks if isinstance(block, Figure))
