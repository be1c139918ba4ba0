"""From raw data, or from an archive, to results and report: the one pipeline."""

from pathlib import Path

from lighttouch.core.archive.assembling import assemble_archive
from lighttouch.core.archive.layout import REPORT, RESULTS
from lighttouch.core.archive.model import Archive
from lighttouch.core.archive.reading import read_archive
from lighttouch.core.archive.writing import whole_or_nothing
from lighttouch.core.progress import Progress
from lighttouch.core.reporting.compute.results import compute_results
from lighttouch.core.reporting.rendering import render_report
from lighttouch.core.reporting.results import Results
from lighttouch.core.reporting.serialising import results_from_json, results_to_json


def run_trial(
    trial_text: str, *, data: Path, out: Path, progress: Progress, replace: bool = False
) -> Results:
    """Assemble an archive from raw data, compute its results and render its report.

    Parameters
    ----------
    trial_text
        The trial file to run.
    data
        The study folder: returns, allocation, responses, or the tables of a given trial.
    out
        Where the archive appears, whole or not at all.
    progress
        Told what is being done.
    replace
        Whether an archive already at ``out`` may be replaced.

    Raises
    ------
    LighttouchError
        If anything is wrong with the input; nothing is written then.
    """
    with whole_or_nothing(out, replace=replace) as folder:
        progress("reading and checking the data", 0, 1)
        archive = assemble_archive(trial_text, data=data, out=folder)
        return _fill(archive, folder, folder / REPORT, progress)


def rebuild_report(
    source: Path, *, progress: Progress, out: Path | None = None, replace: bool = False
) -> Results:
    """Compute the results of an archive again and render its report.

    Parameters
    ----------
    source
        The archive; it is verified first.
    progress
        Told what is being done.
    out
        A folder for ``results.json`` and the report; ``None`` renews them in the archive itself.
    replace
        Whether a report already at ``out`` may be replaced.

    Raises
    ------
    ArchiveError
        If the archive is incomplete or was altered.
    """
    archive = read_archive(source)
    if out is not None:
        with whole_or_nothing(out, replace=replace) as folder:
            return _fill(archive, folder, folder, progress)
    with whole_or_nothing(source / REPORT, replace=True) as report:
        results = _fill(archive, report, report, progress)
        (report / RESULTS).replace(source / RESULTS)
    return results


def check_results(source: Path, *, progress: Progress) -> tuple[Archive, bool | None]:
    """Verify an archive and compute its results again.

    Returns
    -------
    Archive, bool or None
        The archive, and whether its ``results.json`` is what its data give, to the byte; ``None``
        where it has no results yet.

    Raises
    ------
    ArchiveError
        If a file is missing, added or altered.
    """
    archive = read_archive(source)
    kept = source / RESULTS
    if not kept.is_file():
        return archive, None
    computed = results_to_json(compute_results(archive, progress=progress))
    return archive, kept.read_bytes() == computed.encode()


def _fill(archive: Archive, folder: Path, report: Path, progress: Progress) -> Results:
    """Write ``results.json``, then the report from what that file says and nothing else."""
    text = results_to_json(compute_results(archive, progress=progress))
    (folder / RESULTS).write_text(text, encoding="utf-8", newline="\n")
    results = results_from_json(text)
    report.mkdir(exist_ok=True)
    render_report(results, report, progress)
    return results
