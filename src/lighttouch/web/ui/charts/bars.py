"""Horizontal bars: response with its target, and the funnel of partners."""

from collections.abc import Sequence

from lighttouch.web.ui.charts.model import LABELS, ROW, WIDTH, Chart, Mark, shorten, whole

ROOM = WIDTH - LABELS - 110


def draw_bars(
    title: str,
    bars: Sequence[tuple[str, int, int]],
    *,
    target: float | None = None,
    noun: str = "people",
) -> Chart:
    """Draw what share of each whole there is.

    Parameters
    ----------
    bars
        Label, count and whole of each bar; a whole of zero shows an empty bar.
    target
        The share hoped for, from 0 to 1, as a dashed line.
    """
    marks: list[Mark] = []
    for index, (label, count, total) in enumerate(bars):
        share = count / total if total else 0.0
        marks += _bar(index, label, share, f"{count:,} of {total:,}")
    height = ROW * max(len(bars), 1) + 26
    said = ""
    if target is not None:
        x = whole(LABELS + ROOM * target)
        marks.append(Mark("line", "c-guide", x, 0, x, height - 24))
        marks.append(Mark("text", "c-small c-middle", x, height - 6, text=f"planned {target:.0%}"))
        said = f" Planned: {target:.0%}."
    rows = tuple(
        (label, f"{count:,}", f"{total:,}", _share(count, total)) for label, count, total in bars
    )
    parts = "; ".join(f"{row[0]} {row[3]}" for row in rows)
    return Chart(
        title, f"{parts}.{said}", height, tuple(marks), ("", noun.capitalize(), "Of", "Share"), rows
    )


def draw_funnel(title: str, stages: Sequence[tuple[str, int]]) -> Chart:
    """Draw how many are left at each stage."""
    most = max((count for _, count in stages), default=0)
    marks: list[Mark] = []
    for index, (label, count) in enumerate(stages):
        marks += _bar(index, label, count / most if most else 0.0, f"{count:,}", rest=False)
    rows = tuple((label, f"{count:,}") for label, count in stages)
    said = ", then ".join(f"{label} {count:,}" for label, count in stages)
    return Chart(
        title, f"{said}.", ROW * max(len(stages), 1), tuple(marks), ("Stage", "Partners"), rows
    )


def _bar(index: int, label: str, share: float, words: str, *, rest: bool = True) -> list[Mark]:
    top = index * ROW + 6
    filled = whole(ROOM * min(share, 1.0))
    marks = [Mark("text", "", 0, top + 18, text=shorten(label))]
    if rest:
        marks.append(Mark("rect", "c-rest", LABELS, top, ROOM, ROW - 14))
    marks.append(Mark("rect", "c-bar", LABELS, top, filled, ROW - 14))
    at = LABELS + (ROOM if rest else filled) + 8
    marks.append(Mark("text", "", whole(at), top + 18, text=words))
    return marks


def _share(count: int, total: int) -> str:
    return f"{count / total:.0%}" if total else "–"
