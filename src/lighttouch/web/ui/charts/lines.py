"""Dots and lines: balance, timeline, power."""

from collections.abc import Mapping, Sequence
from datetime import date

from lighttouch.web.ui.charts.model import LABELS, ROW, WIDTH, Chart, Due, Mark, shorten, whole
from lighttouch.web.ui.dates import say_date

ROOM = WIDTH - LABELS - 30
WORTH_A_LOOK = 0.1
LARGE = 0.25


def draw_balance(title: str, differences: Sequence[tuple[str, float | None]]) -> Chart:
    """Draw standardised differences between arms as dots about zero.

    Parameters
    ----------
    differences
        Label and difference in standard deviations; ``None`` where there is none to compute.
    """
    sizes = [abs(value) for _, value in differences if value is not None]
    reach = max([0.5, *sizes]) * 1.1
    height = ROW * max(len(differences), 1) + 26

    def place(value: float) -> float:
        return whole(LABELS + ROOM * (value + reach) / (2 * reach))

    marks = [Mark("line", "c-axis", place(0), 0, place(0), height - 24)]
    for guide in (-LARGE, -WORTH_A_LOOK, WORTH_A_LOOK, LARGE):
        marks.append(Mark("line", "c-guide", place(guide), 0, place(guide), height - 24))
    for value in (-LARGE, 0.0, LARGE):
        marks.append(
            Mark("text", "c-small c-middle", place(value), height - 6, text=f"{value:+.2f}")
        )
    for index, (label, difference) in enumerate(differences):
        y = index * ROW + 20
        marks.append(Mark("text", "", 0, y + 5, text=shorten(label)))
        if difference is not None:
            look = "c-dot c-dot--warn" if abs(difference) > LARGE else "c-dot"
            marks.append(Mark("circle", look, place(difference), y))
    rows = tuple((label, "–" if value is None else f"{value:+.2f}") for label, value in differences)
    large = sum(size > LARGE for size in sizes)
    said = f"{large} of {len(differences)} differ by more than {LARGE} standard deviations."
    return Chart(title, said, height, tuple(marks), ("Measure", "Standardised difference"), rows)


def draw_timeline(title: str, partners: Mapping[str, Sequence[Due]], *, today: date) -> Chart:
    """Draw what is due at each partner and when, with a line for today."""
    days = [due.on for dues in partners.values() for due in dues] + [today]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)
    height = ROW * max(len(partners), 1) + 30

    def place(day: date) -> float:
        return whole(LABELS + ROOM * (day - first).days / span)

    marks: list[Mark] = []
    for index, (name, dues) in enumerate(partners.items()):
        y = index * ROW + 20
        marks.append(Mark("text", "", 0, y + 5, text=shorten(name)))
        marks.append(Mark("line", "c-axis", LABELS, y, LABELS + ROOM, y))
        for due in dues:
            late = not due.done and due.on < today
            look = "c-dot--done" if due.done else "c-dot--warn" if late else "c-dot--wait"
            marks.append(Mark("circle", f"c-dot {look}", place(due.on), y))
    marks.append(Mark("line", "c-now", place(today), 0, place(today), height - 26))
    middle = whole(min(max(place(today), LABELS + 24), LABELS + ROOM - 24))
    marks.append(Mark("text", "c-small c-middle", middle, height - 8, text="today"))
    rows = tuple(
        (name, due.words, say_date(due.on), _state(due, today))
        for name, dues in partners.items()
        for due in dues
    )
    said = f"From {say_date(first)} to {say_date(last)}; {sum(r[3] == 'late' for r in rows)} late."
    return Chart(title, said, height, tuple(marks), ("Partner", "What", "When", "State"), rows)


def draw_curve(
    title: str,
    points: Sequence[tuple[float, float]],
    *,
    planned: tuple[float, float] | None = None,
    across: str = "Effect",
    target: float = 0.8,
) -> Chart:
    """Draw power, from 0 to 1, against what it depends on, with the planned point marked."""
    xs = [x for x, _ in points] + ([planned[0]] if planned else [])
    low, high = min(xs, default=0.0), max(xs, default=1.0)
    left, right, top, bottom = 60, WIDTH - 20, 16, 260

    def at(x: float, y: float) -> tuple[float, float]:
        across_ = left + (right - left) * (x - low) / ((high - low) or 1)
        return whole(across_), whole(bottom - (bottom - top) * y)

    marks = [Mark("line", "c-axis", left, at(low, y)[1], right, at(low, y)[1]) for y in (0, 0.5, 1)]
    marks += [
        Mark("text", "c-small c-end", left - 8, at(low, y)[1] + 5, text=f"{y:.0%}")
        for y in (0, 0.5, 1)
    ]
    marks.append(Mark("line", "c-guide", left, at(low, target)[1], right, at(low, target)[1]))
    placed = [at(x, y) for x, y in points]
    path = "M" + " L".join(f"{x} {y}" for x, y in placed) if placed else ""
    marks.append(Mark("path", "c-line", text=path))
    if planned:
        marks.append(Mark("circle", "c-dot c-dot--warn", *at(*planned)))
    for x in (low, (low + high) / 2, high):
        marks.append(Mark("text", "c-small c-middle", at(x, 0)[0], bottom + 22, text=f"{x:.3g}"))
    marks.append(Mark("text", "c-small c-end", right, bottom + 42, text=across))
    rows = tuple((f"{x:.3g}", f"{y:.0%}") for x, y in points)
    said = f"Planned: {planned[0]:.3g}, power {planned[1]:.0%}." if planned else ""
    return Chart(title, said, bottom + 50, tuple(marks), (across, "Power"), rows)


def _state(due: Due, today: date) -> str:
    if due.done:
        return "done"
    return "late" if due.on < today else "to come"
