"""Running seeded jobs on all cores, or wherever joblib is told to run them.

Each job carries its own seed, so results do not depend on who runs it or in what order. A caller
that wraps the work in ``joblib.parallel_config(backend="dask")`` sends it to that scheduler.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import joblib

from lighttouch.core.progress import Progress, no_progress

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    *,
    workers: int = -1,
    progress: Progress = no_progress,
) -> tuple[Result, ...]:
    """Run ``work`` on every job and return the results in the order of the jobs.

    Parameters
    ----------
    work
        A function importable by name; it must not depend on anything but its job.
    jobs
        What to run; each holds its own seed.
    workers
        Processes to use; -1 is every core, 1 runs here without starting any.
    progress
        Told after every job.

    Examples
    --------
    >>> run_jobs(abs, [-1, 2], workers=1)
    (1, 2)
    """
    parallel = joblib.Parallel(n_jobs=workers, return_as="generator")
    finished: list[Result] = []
    for result in parallel(joblib.delayed(work)(job) for job in jobs):
        finished.append(result)
        progress("simulating", len(finished), len(jobs))
    return tuple(finished)
