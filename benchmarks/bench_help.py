"""``lighttouch --help`` feels instant: a whole process against a bare interpreter."""

import subprocess
import sys

from benchmarks.measuring import Line, describe_times, median_ratio, time_in_turn

MOST_SECONDS = 0.3


def _help() -> None:
    subprocess.run([sys.executable, "-m", "lighttouch", "--help"], check=True, capture_output=True)


def _bare() -> None:
    subprocess.run([sys.executable, "-c", "import typer"], check=True, capture_output=True)


def measure() -> list[Line]:
    """Time the help page as a process of its own."""
    ours, peer = time_in_turn(_help, _bare, runs=9)
    middle = sorted(ours)[len(ours) // 2]
    return [
        Line(
            "`lighttouch --help`, whole process",
            describe_times(ours),
            f"importing typer alone: {describe_times(peer)}",
            f"{median_ratio(ours, peer):.1f}×",
            f"under {MOST_SECONDS} s",
            middle < MOST_SECONDS,
        )
    ]
