"""The timeline: what was planned when, one row per partner."""

from datetime import date

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.lines import Line2D

from lighttouch.core.reporting.document import TimelineBar, TimelineDrawing
from lighttouch.core.reporting.figures.canvas import (
    INK,
    PALE,
    SMALL,
    TREATED,
    WIDTH,
    Drawn,
    Text,
    add_panel,
    make_figure,
    save_figure,
    strip_panel,
    wrap_text,
)

EPOCH = date(1970, 1, 1).toordinal()
LEFT = 1.55
SHORT = 90
"""Days below which the axis names days and not only months."""
ROW = 0.46
KINDS = ("return", "survey", "step", "launch")
_LABELS = {"return": "Return period", "survey": "Survey open", "step": "Intervention step",
           "launch": "Launch"}  # fmt: skip
_COLOURS = {"return": "#9aa6b2", "survey": TREATED[0], "step": TREATED[1], "launch": INK}
_LANES = {"return": -0.24, "survey": 0.0, "step": 0.24, "launch": 0.0}


def draw_timeline(drawing: TimelineDrawing, text: Text) -> Drawn:
    """Draw the timeline."""
    height = ROW * len(drawing.rows)
    figure = make_figure(0.34 + height + 0.42)
    axes = add_panel(figure, (LEFT, 0.34, WIDTH - LEFT - 0.15, height))
    strip_panel(axes)
    axes.set_ylim(len(drawing.rows) - 0.5, -0.5)
    for place, (label, bars) in enumerate(drawing.rows):
        if place % 2 == 0:
            axes.axhspan(place - 0.5, place + 0.5, color=PALE, lw=0, zorder=-2)
        lines = wrap_text(text(label), (LEFT - 0.15) * 72, SMALL)
        axes.annotate("\n".join(lines), xy=(0, place), xycoords=axes.get_yaxis_transform(),
                      xytext=(-LEFT * 72 + 1, 0), textcoords="offset points", va="center",
                      ha="left", fontsize=SMALL, annotation_clip=False)  # fmt: skip
        for bar in bars:
            _draw_bar(axes, bar, place)
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    first, last = axes.get_xlim()
    pattern = "%b %Y" if last - first > SHORT else "%d %b %Y"
    axes.xaxis.set_major_formatter(DateFormatter(pattern))  # type: ignore[no-untyped-call]
    axes.margins(x=0.02)
    _legend(axes, {bar.kind for _, bars in drawing.rows for bar in bars})
    return save_figure(figure)


def _draw_bar(axes: Axes, bar: TimelineBar, place: int) -> None:
    # Days since 1 January 1970, as matplotlib counts them.
    start, end = (float(date.fromisoformat(d).toordinal() - EPOCH) for d in (bar.starts, bar.ends))
    level, colour = place + _LANES[bar.kind], _COLOURS[bar.kind]
    if bar.kind == "launch":
        axes.plot([start, start], [place - 0.42, place + 0.42], color=colour, lw=1.4)
    elif end > start:
        axes.plot([start, end], [level, level], color=colour, lw=5, solid_capstyle="butt")
    else:
        axes.plot(start, level, "D", color=colour, ms=4.5)


def _legend(axes: Axes, kinds: set[str]) -> None:
    handles = []
    for kind in (kind for kind in KINDS if kind in kinds):
        style = {"step": ("D", 4.5, ""), "launch": ("|", 9, "")}.get(kind, ("", 0, "-"))
        marker, size, line = style
        handles.append(
            Line2D([], [], color=_COLOURS[kind], lw=5 if line else 0, ls=line or "none",
                   marker=marker or None, ms=size, mew=1.4 if marker == "|" else 0,
                   label=_LABELS[kind])
        )  # fmt: skip
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False,
                fontsize=SMALL, borderaxespad=0.3, handlelength=1.4)  # fmt: skip
