"""Timing two things in turn, so that a drift in the machine's speed touches both."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of ``docs/benchmarks.md``."""

    what: str
    ours: str
    peer: str
    ratio: str
    bar: str
    met: bool


def time_in_turn(
    ours: Callable[[], object], peer: Callable[[], object], *, runs: int = RUNS
) -> tuple[list[float], list[float]]:
    """Time the two in turn after one warm-up of each; seconds of wall clock, run by run."""
    mine: list[float] = []
    theirs: list[float] = []
    ours()
    peer()
    for _ in range(runs):
        for call, times in ((ours, mine), (peer, theirs)):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
    return mine, theirs


def median_ratio(numerator: Sequence[float], denominator: Sequence[float]) -> float:
    """Return the median of the ratios run by run."""
    return statistics.median(a / b for a, b in zip(numerator, denominator, strict=True))


def describe_times(times: Sequence[float]) -> str:
    """Say the median and the range, in seconds."""
    return f"{statistics.median(times):.2f} s ({min(times):.2f}–{max(times):.2f})"


def run_python(code: str, *arguments: str) -> None:
    """Run code in a fresh interpreter; raise with its last words if it fails."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])


def peak_children_mib() -> float:
    """Return the peak memory of the largest finished child process, in MiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
