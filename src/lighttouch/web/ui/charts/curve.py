"""A curve: power against what it depends on."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from lighttouch.web.ui.charts.model import Key, Mark, percent
from lighttouch.web.ui.charts.svg import write_marks

TOP, ROOM = 22, 200
LEVELS = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the drawing, with what it stands for."""

    y: float
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line that rises or falls; its places are per cent of the width and of ``room``."""

    title: str
    description: str
    path: str
    levels: tuple[Level, ...]
    planned: Mark | None
    planned_y: float
    scale: tuple[Mark, ...]
    across: str
    keys: tuple[Key, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    top: int = TOP
    room: int = ROOM
    kind: str = "curve"

    @property
    def planned_drawing(self) -> SafeString:
        """The planned point, as SVG."""
        return write_marks([self.planned] if self.planned else [], self.planned_y)

    @property
    def bottom(self) -> int:
        """Where the foot of the drawing is."""
        return self.top + self.room


def draw_curve(
    title: str,
    points: Sequence[tuple[float, float]],
    *,
    planned: tuple[float, float] | None = None,
    across: str = "Effect",
    target: float = 0.8,
) -> Curve:
    """Draw power, from 0 to 1, against what it depends on, with the planned point marked."""
    placed = sorted(points)
    xs = [x for x, _ in placed] + ([planned[0]] if planned else [])
    low, high = min(xs, default=0.0), max(xs, default=1.0)

    def at(x: float) -> float:
        return percent(100 * (x - low) / ((high - low) or 1))

    mark = Mark("dot", at(planned[0]), "c-plan", words="planned") if planned else None
    said = f"Planned: {plain(planned[0])}, with power {planned[1]:.0%}." if planned else ""
    return Curve(
        title,
        f"{said} Aimed at: {target:.0%}.".strip(),
        " ".join(
            f"{'L' if place else 'M'}{at(x)} {percent(100 * (1 - y))}"
            for place, (x, y) in enumerate(placed)
        ),
        (
            *(Level(_y(level), "c-axis", f"{level:.0%}" if level else "") for level in LEVELS),
            Level(_y(target), "c-guide", ""),
        ),
        mark,
        _y(planned[1]) if planned else 0.0,
        tuple(Mark("text", at(x), words=plain(x)) for x in (low, (low + high) / 2, high)),
        across,
        (
            Key(Mark("line", look="c-line"), "power"),
            *([Key(mark, "planned")] if mark else []),
            Key(Mark("line", look="c-guide"), f"aimed at, {target:.0%}"),
        ),
        (across, "Power"),
        tuple((plain(x), f"{y:.0%}") for x, y in placed),
    )


def plain(value: float) -> str:
    """Write a number as people do.

    Examples
    --------
    >>> plain(1240.0), plain(0.2), plain(-0.125)
    ('1,240', '0.2', '−0.125')
    """
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


def _y(share: float) -> float:
    return round(TOP + ROOM * (1 - share), 1)
