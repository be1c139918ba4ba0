"""Marks as SVG: written here and not in a template, for a chart can hold thousands."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from lighttouch.web.ui.charts.model import Mark

MIDDLE = 18
"""Half the height of a strip."""
SYMBOLS = {
    "dot": '<circle r="7"/>',
    "ring": '<circle r="6.5"/>',
    "check": '<circle r="8"/><path class="c-sign" d="M-3.5 0-1 3 4-3"/>',
    "diamond": '<path d="M0-9 9 0 0 9-9 0z"/><path class="c-sign" d="M0-4.5V1M0 3.5V4.5"/>',
}


def write_marks(marks: Iterable["Mark"], y: float = MIDDLE) -> SafeString:
    """Write marks one over the other, symbols at a height of ``y``."""
    return SafeString("".join(_write(mark, y) for mark in marks))


def write_sample(mark: "Mark") -> SafeString:
    """Write a mark as it stands in a key, 22 pixels wide and 20 high."""
    if mark.shape == "bar":
        inside = f'<rect class="{mark.look}" x="1" y="4" width="20" height="12"/>'
    elif mark.shape == "line":
        inside = f'<line class="{mark.look}" x1="0" x2="22" y1="10" y2="10"/>'
    else:
        inside = _symbol(mark, "11", 10)
    return SafeString(inside)


def _write(mark: "Mark", y: float) -> str:
    at = f"{mark.at}%"
    if mark.shape == "bar":
        size = f'x="{at}" y="8" width="{mark.width}%" height="20"'
        return f'<rect class="{mark.look}" {size}/>'
    if mark.shape == "line":
        return f'<line class="{mark.look}" x1="{at}" x2="{at}" y1="0" y2="100%"/>'
    if mark.shape == "text":
        held = f'class="{mark.look} c-{mark.anchor}" x="{at}" y="{mark.y}"'
        return f"<text {held}>{escape(mark.words)}</text>"
    return _symbol(mark, at, y, mark.words)


def _symbol(mark: "Mark", at: str, y: float, words: str = "") -> str:
    said = f"<title>{escape(words)}</title>" if words else ""
    shape = f'<g class="{mark.look}">{said}{SYMBOLS[mark.shape]}</g>'
    return f'<svg x="{at}" y="{y}" overflow="visible">{shape}</svg>'
