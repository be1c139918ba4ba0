"""What every figure shares: size, type, colours, and being saved to the same bytes each time."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from lighttouch.core.reporting.document import Runs

WIDTH = 6.45
"""Width of every figure in inches: that of the report's text, so that type keeps its size."""
PIXELS_PER_INCH = 200
INK, SOFT, FAINT, PALE = "#1f2429", "#56606b", "#c3cad1", "#eef1f4"
REFERENCE = "#636d78"
TREATED = ("#12436d", "#c4501b", "#28776f", "#801650")
MARKERS = ("o", "D", "s", "^", "v")
SIZE, SMALL = 8.5, 7.5

Text = Callable[[Runs], str]

_SETTINGS: dict[str, object] = {
    "font.family": ["DejaVu Sans"],
    "font.size": SIZE,
    "svg.fonttype": "none",
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.labelsize": SIZE,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": SOFT,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "path.simplify": False,
    "text.parse_math": False,
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished figure: SVG text, PNG bytes, and the numerals of its axis marks."""

    svg: str
    png: bytes
    ticks: tuple[str, ...]


@contextmanager
def drawing_settings(name: str) -> Iterator[None]:
    """Draw with the report's type and with identifiers that depend on the figure's name only."""
    with mpl.rc_context():
        mpl.rcdefaults()  # a reader's own settings must not change a report
        mpl.rcParams.update({**_SETTINGS, "svg.hashsalt": f"lighttouch-{name}"})  # type: ignore[dict-item]
        yield


def make_figure(height: float) -> Figure:
    """Return an empty figure of the report's width and this height in inches."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def add_panel(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Add a panel at (left, top, width, height) in inches from the top left corner."""
    left, top, width, height = box
    total = figure.get_figheight()
    return figure.add_axes(
        (left / WIDTH, (total - top - height) / total, width / WIDTH, height / total)
    )


def strip_panel(axes: Axes) -> None:
    """Leave a panel only its horizontal axis."""
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=3, width=0.8)


def save_figure(figure: Figure) -> Drawn:
    """Save a figure as SVG and PNG, free of dates and of the software's name."""
    svg, png = io.StringIO(), io.BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(svg, format="svg", metadata=nothing)
    ticks = tuple(
        label.get_text()
        for axes in figure.axes
        for label in (*axes.get_xticklabels(), *axes.get_xticklabels(minor=True))
    )
    offsets = tuple(axes.xaxis.get_offset_text().get_text() for axes in figure.axes)
    figure.savefig(png, format="png", dpi=PIXELS_PER_INCH, metadata={"Software": None})
    return Drawn(_clean_svg(svg.getvalue()), png.getvalue(), ticks + offsets)


def _clean_svg(svg: str) -> str:
    """Drop the prologue, and the identifiers nothing points to, so that figures share a page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return re.sub(r'<g id="[A-Za-z0-9.]+_\d+"', "<g", svg)


@lru_cache(maxsize=4096)
def measure_text(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text in points."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def wrap_text(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than ``width`` points; a longer word stands alone.

    Examples
    --------
    >>> wrap_text("Excluded before randomisation", 80, 8.0)
    ['Excluded before', 'randomisation']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure_text(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def arm_colour(place: int) -> str:
    """Return the colour of an arm: the reference is place 0."""
    return REFERENCE if place == 0 else TREATED[(place - 1) % len(TREATED)]


def arm_marker(place: int) -> str:
    """Return the marker of an arm, so that colour is never the only sign."""
    return MARKERS[place % len(MARKERS)]
