"""Horizontal bars: response with its target, and the funnel of partners."""

from collections.abc import Sequence
from dataclasses import replace

from lighttouch.web.ui.charts.model import Chart, Key, Mark, Strip, percent

TRACK = Mark("bar", look="c-rest", width=100)


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
    aim = None if target is None else Mark("line", percent(100 * target), "c-goal")
    line = (replace(aim, look="c-halo"), aim) if aim else ()
    strips = tuple(
        Strip(
            label,
            (TRACK, _bar(count, whole), *line),
            _share_of(count, whole),
        )
        for label, count, whole in bars
    )
    got, all_ = sum(bar[1] for bar in bars), sum(bar[2] for bar in bars)
    said = f"{got:,} of {all_:,} {noun}, {_share(got, all_)}." if all_ else "Nothing to show yet."
    keys = [Key(Mark("bar", look="c-bar", width=100), noun), Key(TRACK, "not yet")]
    if aim:
        said += f" Planned: {target:.0%}."
        keys.append(Key(aim, f"planned, {target:.0%}"))
    return Chart(
        title,
        said,
        strips,
        ("", noun.capitalize(), "Of", "Share"),
        tuple((label, f"{n:,}", f"{of:,}", _share(n, of)) for label, n, of in bars),
        keys=tuple(keys),
    )


def draw_funnel(title: str, stages: Sequence[tuple[str, int]]) -> Chart:
    """Draw how many are left at each stage."""
    most = max((count for _, count in stages), default=0)
    strips = tuple(Strip(label, (_bar(count, most),), f"{count:,}") for label, count in stages)
    said = ", then ".join(f"{count:,} {label[:1].lower()}{label[1:]}" for label, count in stages)
    return Chart(
        title,
        f"{said}." if said else "Nothing to show yet.",
        strips,
        ("Stage", "Partners", "Of the stage before"),
        tuple(
            (label, f"{count:,}", _share(count, stages[place - 1][1]) if place else "–")
            for place, (label, count) in enumerate(stages)
        ),
    )


def _bar(count: int, whole: int) -> Mark:
    share = min(count / whole, 1.0) if whole else 0.0
    return Mark("bar", look="c-bar", width=percent(100 * share))


def _share_of(count: int, whole: int) -> str:
    return f"{count:,} of {whole:,} ({_share(count, whole)})" if whole else "none yet"


def _share(count: int, whole: int) -> str:
    return f"{count / whole:.0%}" if whole else "–"
