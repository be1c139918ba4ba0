"""Dots along a line: the balance between arms, and what is due when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from lighttouch.web.ui.charts.model import Chart, Due, Key, Mark, Strip, percent, signed
from lighttouch.web.ui.dates import say_date

WORTH_A_LOOK = 0.1
LARGE = 0.25
LEAST_REACH = 0.5
MARGIN = 1.1
MOST_TICKS = 6
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
RAIL = Mark("bar", look="c-rail", width=100)


def draw_balance(title: str, differences: Sequence[tuple[str, float | None]]) -> Chart:
    """Draw standardised differences between arms as dots about zero.

    Parameters
    ----------
    differences
        Label and difference in standard deviations; ``None`` where there is none to compute.
    """
    sizes = [abs(value) for _, value in differences if value is not None]
    reach = max([LEAST_REACH, *sizes]) * MARGIN

    def place(value: float) -> float:
        return percent(50 + 50 * value / reach)

    guides = (
        RAIL,
        Mark("line", place(0), "c-axis"),
        *(Mark("line", place(side * WORTH_A_LOOK), "c-faint") for side in (-1, 1)),
        *(Mark("line", place(side * LARGE), "c-guide") for side in (-1, 1)),
    )
    large = sum(size > LARGE for size in sizes)
    noticeable = sum(WORTH_A_LOOK < size <= LARGE for size in sizes)
    return Chart(
        title,
        f"{large} of {len(sizes)} by more than {LARGE} standard deviations, {noticeable} by "
        f"{WORTH_A_LOOK} to {LARGE}.",
        tuple(
            Strip(
                label,
                (*guides, *_difference(value, place)),
                "–" if value is None else signed(value),
            )
            for label, value in differences
        ),
        ("Measure", "Standardised difference"),
        tuple((label, "–" if value is None else signed(value)) for label, value in differences),
        scale=tuple(
            Mark("text", place(value), words=signed(value) if value else "0")
            for value in (-LARGE, 0.0, LARGE)
        ),
        keys=(
            Key(Mark("dot", look="c-dot"), "difference"),
            Key(Mark("diamond", look="c-warn"), f"more than {LARGE}"),
            Key(Mark("line", look="c-faint"), f"{WORTH_A_LOOK} either way"),
            Key(Mark("line", look="c-guide"), f"{LARGE} either way"),
        ),
    )


def draw_timeline(title: str, partners: Mapping[str, Sequence[Due]], *, today: date) -> Chart:
    """Draw what is due at each partner and when, with a line for today."""
    days = [due.on for dues in partners.values() for due in dues] + [today]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)

    def place(day: date) -> float:
        return percent(2 + 96 * (day - first).days / span)

    months = list(_ticks(first, last))
    behind = (
        RAIL,
        *(Mark("line", place(month), "c-axis") for month in months),
    )
    now = Mark("line", place(today), "c-now")
    strips = tuple(
        Strip(
            name,
            (*behind, now, *(_due(due, place(due.on), today) for due in dues)),
            _standing(dues, today),
            late=any(_state(due, today) == "late" for due in dues),
        )
        for name, dues in partners.items()
    )
    rows = tuple(
        (name, due.words, say_date(due.on), _state(due, today))
        for name, dues in partners.items()
        for due in dues
    )
    late = sum(row[3] == "late" for row in rows)
    return Chart(
        title,
        f"From {say_date(first)} to {say_date(last)}. {late} late.",
        strips,
        ("Partner", "What", "When", "State"),
        rows,
        scale=(
            *(Mark("text", place(month), words=_month(month, months)) for month in months),
            Mark("text", place(today), "c-strong", words="today", line=2),
        ),
        keys=(
            Key(Mark("check", look="c-done"), "done"),
            Key(Mark("ring", look="c-ring"), "to come"),
            Key(Mark("diamond", look="c-warn"), "late"),
        ),
    )


def _difference(value: float | None, place: Callable[[float], float]) -> tuple[Mark, ...]:
    if value is None:
        return ()
    large = abs(value) > LARGE
    shape, look = ("diamond", "c-warn") if large else ("dot", "c-dot")
    return (Mark(shape, place(value), look, words=signed(value)),)  # type: ignore[arg-type]


def _due(due: Due, at: float, today: date) -> Mark:
    words = f"{due.words}, {say_date(due.on)}: {_state(due, today)}"
    if due.done:
        return Mark("check", at, "c-done", words=words)
    if due.on < today:
        return Mark("diamond", at, "c-warn", words=words)
    return Mark("ring", at, "c-ring", words=words)


def _state(due: Due, today: date) -> str:
    if due.done:
        return "done"
    return "late" if due.on < today else "to come"


def _standing(dues: Sequence[Due], today: date) -> str:
    """Say where a partner is in a word or two."""
    late = sum(_state(due, today) == "late" for due in dues)
    if late:
        return f"{late} late"
    coming = [due.on for due in dues if not due.done]
    if coming:
        return f"next {min(coming).day} {min(coming):%b}"
    return "all done" if dues else "nothing due"


def _ticks(first: date, last: date) -> Iterator[date]:
    """The first days of months, few enough to be read on a phone."""
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    step = next((step for step in MONTH_STEPS if months / step <= MOST_TICKS), MONTH_STEPS[-1])
    for number in range(12 * first.year + first.month - 1, 12 * last.year + last.month):
        month = date(number // 12, number % 12 + 1, 1)
        if number % step == 0 and first <= month <= last:
            yield month


def _month(month: date, months: Sequence[date]) -> str:
    """Name a month, with the year where it changes."""
    place = months.index(month)
    new = place == 0 or months[place - 1].year != month.year
    return f"{month:%b %Y}" if new else f"{month:%b}"
