"""The funnel: a bar for each stage, as long as there were partners left."""

from matplotlib.axes import Axes

from lighttouch.core.reporting.document import FunnelDrawing
from lighttouch.core.reporting.figures.canvas import (
    INK,
    PALE,
    SIZE,
    SMALL,
    TREATED,
    WIDTH,
    Drawn,
    Text,
    add_panel,
    make_figure,
    measure_text,
    save_figure,
    strip_panel,
    wrap_text,
)

LEFT, RIGHT, GUTTER = 2.35, 0.95, 0.12
"""Inches kept for the stages on the left, at least for the numbers on the right, and between."""
ROW, LINE, BAR = 0.32, 0.135, 0.2
"""Inches: a row of one line, every further line, and the height of a bar."""


def draw_funnel(drawing: FunnelDrawing, text: Text) -> Drawn:
    """Draw a funnel; a pale bar behind each shows how many there were at the first stage."""
    stages = [wrap_text(text(stage), (LEFT - GUTTER) * 72, SIZE) for stage, _, _ in drawing.rows]
    sizes = [size for _, _, size in drawing.rows]
    values = [text(value) for _, value, _ in drawing.rows]
    right = max(RIGHT, 2 * GUTTER + max(measure_text(value, SMALL) for value in values) / 72)
    heights = [ROW + LINE * (len(lines) - 1) for lines in stages]
    figure = make_figure(sum(heights) + 0.08)
    axes = add_panel(figure, (LEFT, 0.04, WIDTH - LEFT - right, sum(heights)))
    strip_panel(axes)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_ylim(sum(heights), 0)
    first = sizes[0]
    axes.set_xlim(0, first or 1)
    top = 0.0
    for lines, value, size, height in zip(stages, values, sizes, heights, strict=True):
        middle = top + height / 2
        axes.barh(middle, first, BAR, color=PALE, lw=0)
        axes.barh(middle, size, BAR, color=TREATED[0], lw=0)
        _write(axes, 0, middle, -LEFT * 72 + 1, "\n".join(lines), SIZE)
        _write(axes, 1, middle, GUTTER * 72, value, SMALL)
        top += height
    axes.axvline(0, color=INK, lw=0.9)
    return save_figure(figure)


def _write(axes: Axes, edge: int, level: float, shift: float, text: str, size: float) -> None:
    """Write in a margin, level with a bar: so many points from the left or right edge."""
    axes.annotate(
        text,
        xy=(edge, level),
        xycoords=axes.get_yaxis_transform(),
        xytext=(shift, 0),
        textcoords="offset points",
        va="center",
        ha="left",
        fontsize=size,
        annotation_clip=False,
        linespacing=1.15,
    )
