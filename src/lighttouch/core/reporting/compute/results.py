"""From an archive to the results object."""

from lighttouch import __version__
from lighttouch.core.archive.layout import PROTOCOL
from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.building import build_analysis_set
from lighttouch.core.progress import Progress, no_progress
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.reporting.compute.balance import compute_baseline_balance
from lighttouch.core.reporting.compute.deviations import compute_deviations
from lighttouch.core.reporting.compute.flow import (
    compute_collection,
    compute_flow,
    compute_timeline,
)
from lighttouch.core.reporting.compute.funnel import compute_funnel
from lighttouch.core.reporting.compute.notes import compute_warnings, describe_data, list_quotes
from lighttouch.core.reporting.compute.outcomes import compute_outcomes
from lighttouch.core.reporting.compute.sample import compute_characteristics
from lighttouch.core.reporting.compute.uptake import compute_uptake
from lighttouch.core.reporting.compute.withholding import withhold_small_arms
from lighttouch.core.reporting.compute.wording import describe_analysis, describe_trial
from lighttouch.core.reporting.results import SCHEMA, Results


def compute_results(archive: Archive, *, progress: Progress = no_progress) -> Results:
    """Compute everything a report says about one trial.

    Parameters
    ----------
    archive
        A verified archive with an allocation (or a single-arm trial).
    progress
        Told what is being done, how many steps are finished and how many there are.

    Returns
    -------
    Results
        The only source of numbers in a report. The same archive gives the same object.

    Raises
    ------
    ArchiveError
        If participants, allocation and data do not fit together.
    """
    trial = archive.trial
    data = build_analysis_set(archive)
    outcomes = withhold_small_arms(compute_outcomes(archive, data, progress))
    collection = compute_collection(archive, data)
    return Results(
        schema=SCHEMA,
        software=f"lighttouch {__version__}",
        trial=describe_trial(archive),
        analysis=describe_analysis(trial),
        flow=compute_flow(archive, data, outcomes),
        collection=collection,
        timeline=compute_timeline(trial),
        characteristics=compute_characteristics(data),
        balance=compute_baseline_balance(data),
        outcomes=outcomes,
        uptake=compute_uptake(archive, data),
        quotes=list_quotes(archive),
        deviations=compute_deviations(archive, data, outcomes, collection, read_versions(archive)),
        data_note=describe_data(archive),
        warnings=compute_warnings(archive, outcomes, collection),
        funnel=compute_funnel(archive),
    )


def read_versions(archive: Archive) -> tuple[Trial, ...]:
    """Return the registered trial file, its amendments in order, and the file that was run."""
    if archive.registration is None:
        return (archive.trial,)
    folder = (archive.root / PROTOCOL).parent
    paths = [archive.root / PROTOCOL, *sorted(folder.glob("amendment-*.toml"))]
    registered = [parse_trial(path.read_text(encoding="utf-8"), source=path.name) for path in paths]
    return (*registered, archive.trial)
