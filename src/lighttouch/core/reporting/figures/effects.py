"""Estimates with their intervals: forest plots, balance, and the data beside the difference."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from lighttouch.core.reporting.document import (
    ArmStrip,
    EffectRow,
    EstimationDrawing,
    ForestDrawing,
    LoveDrawing,
)
from lighttouch.core.reporting.figures.canvas import (
    FAINT,
    INK,
    PALE,
    SIZE,
    SMALL,
    SOFT,
    TREATED,
    WIDTH,
    Drawn,
    Text,
    add_panel,
    arm_colour,
    arm_marker,
    make_figure,
    save_figure,
    strip_panel,
    wrap_text,
)

LEFT, RIGHT, GUTTER = 1.95, 1.6, 0.12
"""Inches kept for labels on the left and for values on the right, and between them and the axes."""
AXIS = 0.46
ROW, LINE = 0.235, 0.135
"""Height of a row of one line, and of every further line."""
GOLDEN = 0.6180339887498949
"""Multiples of the golden ratio fill an interval evenly, so dots spread without a random draw."""

Floats = NDArray[np.float64]


def draw_forest(drawing: ForestDrawing, text: Text) -> Drawn:
    """Draw effects of several outcomes on one axis."""
    left = 2.35
    labels = [text(row.label if isinstance(row, EffectRow) else row) for row in drawing.rows]
    levels, height = _stack(labels, left)
    figure = make_figure(height + AXIS)
    axes = _open_rows(figure, (left, 0.03, WIDTH - left - RIGHT, height))
    for level, row in zip(levels, drawing.rows, strict=True):
        if isinstance(row, EffectRow):
            _effect(axes, row, level, text)
        else:
            _side(axes, level, text(row), "left", bold=True)
    _finish_axis(axes, text(drawing.axis))
    return save_figure(figure)


def _stack(labels: list[str], left: float) -> tuple[list[float], float]:
    """Place rows under one another by the lines of their labels; heights in inches."""
    levels, top = [], 0.05
    for label in labels:
        lines = len(wrap_text(label, (left - GUTTER) * 72, SIZE - 0.5, bold=True))
        height = ROW + LINE * (max(lines, 1) - 1)
        levels.append(top + height / 2)
        top += height
    return levels, top


def _open_rows(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Add a panel whose vertical unit is the inch, downwards."""
    axes = add_panel(figure, box)
    strip_panel(axes)
    axes.set_ylim(box[3], 0)
    return axes


def draw_love(drawing: LoveDrawing, text: Text) -> Drawn:
    """Draw standardised differences of baseline variables."""
    left = 3.0
    levels, height = _stack([text(label) for label, _ in drawing.rows], left)
    legend = 0.3 if len(drawing.arms) > 1 else 0.05
    figure = make_figure(height + AXIS + legend)
    axes = _open_rows(figure, (left, legend, WIDTH - left - 0.25, height))
    for mark in (-0.1, 0.1):
        axes.axvline(mark, color=FAINT, lw=0.8, ls=(0, (3, 2)), zorder=0)
    for place, (label, values) in zip(levels, drawing.rows, strict=True):
        axes.axhline(place, color=PALE, lw=0.8, zorder=0)
        _side(axes, place, text(label), "left", width=left)
        for arm, value in enumerate(values, start=1):
            if value is not None:
                axes.plot(value, place, arm_marker(arm), color=arm_colour(arm), ms=5)
    if len(drawing.arms) > 1:
        _legend(axes, [text(arm) for arm in drawing.arms])
    sizes = [abs(v) for _, row in drawing.rows for v in row if v is not None]
    limit = max([0.25, *(1.15 * size for size in sizes)])
    axes.set_xlim(-limit, limit)
    _finish_axis(axes, "Standardised difference from the reference arm")
    return save_figure(figure)


def draw_estimation(drawing: EstimationDrawing, text: Text) -> Drawn:
    """Draw an outcome by arm above the differences between arms."""
    strip = 0.3 if drawing.binary else 0.5
    above = 0.04 + strip * len(drawing.arms)
    levels, below = _stack([text(row.label) for row in drawing.effects], LEFT)
    figure = make_figure(above + AXIS + 0.1 + below + AXIS)
    _draw_arms(figure, drawing, text, above)
    axes = _open_rows(figure, (LEFT, above + AXIS + 0.1, WIDTH - LEFT - RIGHT, below))
    if drawing.smallest is not None:
        axes.axvspan(-drawing.smallest, drawing.smallest, color=PALE, lw=0, zorder=-1)
    for level, row in zip(levels, drawing.effects, strict=True):
        _effect(axes, row, level, text)
    _finish_axis(axes, text(drawing.difference_axis))
    return save_figure(figure)


def _draw_arms(figure: Figure, drawing: EstimationDrawing, text: Text, height: float) -> None:
    axes = add_panel(figure, (LEFT, 0.03, WIDTH - LEFT - RIGHT, height))
    strip_panel(axes)
    axes.set_ylim(len(drawing.arms) - 0.5, -0.5)
    for place, strip in enumerate(drawing.arms):
        _strip(axes, strip, place)
        _side(axes, place, text(strip.label), "left", colour=arm_colour(strip.arm), bold=True)
        _side(axes, place, text(strip.value), "right")
    if drawing.binary:
        axes.set_xlim(0, 1.06 * axes.dataLim.x1 or 1)
    else:
        axes.margins(x=0.04)
    _name_axis(axes, text(drawing.axis))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))


def _strip(axes: Axes, strip: ArmStrip, place: int) -> None:
    colour = arm_colour(strip.arm)
    if strip.points:
        values = np.array(strip.points)
        size = 9 if len(values) <= 150 else 5
        axes.scatter(
            values,
            place + 0.36 * spread_points(values),
            s=size,
            color=colour,
            alpha=0.45,
            linewidths=0,
        )
    elif strip.quartiles is not None:
        low, middle, high = strip.quartiles
        axes.plot([low, high], [place, place], color=colour, lw=9, alpha=0.3,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([middle, middle], [place - 0.13, place + 0.13], color=colour, lw=1.2)
    if strip.interval is not None:
        axes.plot(strip.interval, [place, place], color=INK, lw=1.8, solid_capstyle="butt")
    axes.plot(strip.mean, place, arm_marker(strip.arm), ms=6.5, mfc=colour, mec=INK, mew=1.0)


def spread_points(values: Floats) -> Floats:
    """Return offsets between -1 and 1 that spread dots out where values are dense.

    Parameters
    ----------
    values
        Shape (n,), at least one; no value is missing.

    Examples
    --------
    >>> spread_points(np.array([1.0, 1.0, 9.0])).round(2)
    array([ 0.24, -0.53,  0.17])
    """
    span = float(np.ptp(values)) or 1.0
    bins = ((values - values.min()) / span * 24).round().astype(int)
    counts = np.bincount(bins)
    offsets = np.empty(len(values))
    for bin_ in np.unique(bins):
        members = np.flatnonzero(bins == bin_)
        ranks = np.arange(1, len(members) + 1)
        even = 2 * ((ranks * GOLDEN) % 1.0) - 1
        offsets[members] = even * np.sqrt(counts[bin_] / counts.max())
    return offsets


def _effect(axes: Axes, row: EffectRow, place: float, text: Text) -> None:
    colour = TREATED[0] if row.strong else SOFT
    width = 2.0 if row.strong else 1.2
    axes.plot([row.low, row.high], [place, place], color=colour, lw=width, solid_capstyle="butt")
    fill = colour if row.strong else "white"
    axes.plot(row.estimate, place, "s", ms=5.5, mfc=fill, mec=colour, mew=1.2)
    _side(axes, place, text(row.label), "left", bold=row.strong)
    _side(axes, place, text(row.value), "right", bold=row.strong)


def _side(
    axes: Axes,
    place: float,
    label: str,
    side: str,
    *,
    colour: str = INK,
    bold: bool = False,
    width: float | None = None,
) -> None:
    """Write beside the axes, in the margin, level with a row."""
    box = axes.get_position()
    margin = box.x0 if side == "left" else 1 - box.x1
    room = ((width or margin * WIDTH) - GUTTER) * 72
    size = SMALL if side == "right" else SIZE - 0.5
    lines = wrap_text(label, room, size, bold=bold)
    axes.annotate(
        "\n".join(lines),
        xy=(0 if side == "left" else 1, place),
        xycoords=axes.get_yaxis_transform(),
        xytext=(-72 * (margin * WIDTH) + 1, 0) if side == "left" else (72 * GUTTER, 0),
        textcoords="offset points",
        va="center",
        ha="left",
        fontsize=size,
        color=colour,
        fontweight="bold" if bold else "normal",
        annotation_clip=False,
        linespacing=1.15,
    )


def _finish_axis(axes: Axes, label: str) -> None:
    axes.axvline(0, color=INK, lw=0.9, zorder=0)
    _name_axis(axes, label)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))


def _name_axis(axes: Axes, label: str) -> None:
    """Name an axis below its middle, on as many lines as the figure's width needs."""
    box = axes.get_position()
    room = 2 * min(box.x0 + box.width / 2, 1 - box.x0 - box.width / 2) * WIDTH * 72
    axes.set_xlabel("\n".join(wrap_text(label, room, SIZE)))


def _legend(axes: Axes, labels: list[str]) -> None:
    handles = [
        axes.plot([], [], arm_marker(arm), color=arm_colour(arm), ms=5, label=label)[0]
        for arm, label in enumerate(labels, start=1)
    ]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(labels),
        frameon=False,
        fontsize=SMALL,
        borderaxespad=0.2,
    )
