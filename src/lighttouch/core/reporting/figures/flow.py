"""The participant flow diagram, laid out by measuring its own text."""

from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lighttouch.core.reporting.document import FlowBox, FlowDrawing
from lighttouch.core.reporting.figures.canvas import (
    INK,
    SOFT,
    WIDTH,
    Drawn,
    Text,
    add_panel,
    arm_colour,
    make_figure,
    save_figure,
    wrap_text,
)

HEAD, BODY, LEADING, PAD, GAP = 7.8, 7.4, 10.4, 6.0, 17.0
PAGE = WIDTH * 72
STEM = PAGE / 2


@dataclass(frozen=True, slots=True)
class _Placed:
    """A box with its lines broken, in points from the top left corner."""

    left: float
    top: float
    width: float
    height: float
    head: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height


def draw_flow(drawing: FlowDrawing, text: Text) -> Drawn:
    """Draw the flow diagram."""
    screened = _place(drawing.screened, text, STEM - 105, 1.0, 210)
    excluded = None
    top = screened.bottom + GAP
    if drawing.excluded is not None:
        excluded = _place(drawing.excluded, text, STEM + 18, top, PAGE - STEM - 19)
        top = excluded.bottom + GAP
    randomised = _place(drawing.randomised, text, STEM - 105, top, 210)
    columns = _place_arms(drawing.arms, text, randomised.bottom + 2 * GAP)
    height = max(column[-1].bottom for column in columns) + 1.0
    figure = make_figure(height / 72)
    axes = add_panel(figure, (0, 0, WIDTH, height / 72))
    axes.set(xlim=(0, PAGE), ylim=(height, 0))
    axes.axis("off")
    _draw_stem(axes, screened, excluded, randomised)
    _draw_arms(axes, randomised, columns, drawing.places)
    return save_figure(figure)


def _place(box: FlowBox, text: Text, left: float, top: float, width: float) -> _Placed:
    room = width - 2 * PAD
    head = wrap_text(text(box.head), room, HEAD, bold=True)
    lines = [
        ("   " if place else "") + part
        for line in box.lines
        for place, part in enumerate(wrap_text(text(line), room - 8, BODY))
    ]
    height = 2 * PAD + LEADING * (len(head) + len(lines)) - 1.5
    return _Placed(left, top, width, height, tuple(head), tuple(lines))


def _place_arms(
    arms: tuple[tuple[FlowBox, ...], ...], text: Text, top: float
) -> list[list[_Placed]]:
    width = min((PAGE - 2 - 14 * (len(arms) - 1)) / len(arms), 228)
    start = (PAGE - width * len(arms) - 14 * (len(arms) - 1)) / 2
    columns: list[list[_Placed]] = [[] for _ in arms]
    for boxes in zip(*arms, strict=True):
        row = [
            _place(box, text, start + place * (width + 14), top, width)
            for place, box in enumerate(boxes)
        ]
        tallest = max(box.height for box in row)
        for column, box in zip(columns, row, strict=True):
            column.append(
                _Placed(box.left, top, width, tallest, box.head, box.lines),
            )
        top += tallest + GAP
    return columns


def _draw_stem(
    axes: Axes, screened: _Placed, excluded: _Placed | None, randomised: _Placed
) -> None:
    _draw_box(axes, screened)
    _draw_box(axes, randomised)
    _arrow(axes, (STEM, screened.bottom), (STEM, randomised.top))
    if excluded is not None:
        _draw_box(axes, excluded)
        level = excluded.top + excluded.height / 2
        _arrow(axes, (STEM, level), (excluded.left, level))


def _draw_arms(
    axes: Axes, randomised: _Placed, columns: list[list[_Placed]], places: tuple[int, ...]
) -> None:
    level = randomised.bottom + GAP
    axes.plot([STEM, STEM], [randomised.bottom, level], color=SOFT, lw=0.8)
    axes.plot([columns[0][0].middle, columns[-1][0].middle], [level, level], color=SOFT, lw=0.8)
    for place, column in zip(places, columns, strict=True):
        _arrow(axes, (column[0].middle, level), (column[0].middle, column[0].top))
        for above, below in pairwise(column):
            _arrow(axes, (above.middle, above.bottom), (below.middle, below.top))
        for box in column:
            _draw_box(axes, box, arm_colour(place))


def _draw_box(axes: Axes, box: _Placed, colour: str = "") -> None:
    axes.add_patch(
        Rectangle((box.left, box.top), box.width, box.height, fc="white", ec=SOFT, lw=0.8)
    )
    if colour:
        edge = Rectangle((box.left, box.top), 3, box.height, fc=colour, ec="none")
        axes.add_patch(edge)
    left = box.left + PAD + (2 if colour else 0)
    baseline = box.top + PAD + 7.2
    for place, line in enumerate((*box.head, *box.lines)):
        bold = place < len(box.head)
        axes.text(
            left,
            baseline + LEADING * place,
            line.lstrip(),
            fontsize=HEAD if bold else BODY,
            fontweight="bold" if bold else "normal",
            color=INK,
        )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": SOFT, "lw": 0.8, "shrinkA": 0, "shrinkB": 0,
             "mutation_scale": 7}  # fmt: skip
    axes.annotate("", xy=end, xytext=start, arrowprops=style)
