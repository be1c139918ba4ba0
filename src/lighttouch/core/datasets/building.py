"""Building the analysis set from an archive."""

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.columns import read_column, read_covariate
from lighttouch.core.datasets.keys import list_randomised
from lighttouch.core.datasets.model import (
    AnalysisSet,
    baseline_column,
    covariate_column,
    outcome_column,
)
from lighttouch.core.datasets.returned import derive_returned
from lighttouch.core.datasets.scored import score_index, score_responses
from lighttouch.core.errors import ArchiveError, Fault, LighttouchError
from lighttouch.core.protocol.measures import (
    Derivation,
    FromComposite,
    FromInstrument,
    FromReturn,
)


def build_analysis_set(archive: Archive) -> AnalysisSet:
    """Put every randomised participant's outcomes, baselines and covariates in one row.

    Nobody randomised is dropped and nothing is imputed: what was not observed is null. Rows of
    people who were not randomised (excluded, or joined later) are not used.

    Parameters
    ----------
    archive
        An archive with an allocation, or of a single-arm trial.

    Returns
    -------
    AnalysisSet
        As its own description says; the same whatever the row order of any file.

    Raises
    ------
    ArchiveError
        With every fault found, by file and row: participants, allocation and data do not fit
        together, or a cell does not hold what its column should.

    Examples
    --------
    Two people were screened and one was randomised; nothing has been collected yet.

    >>> from pathlib import Path
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> roster = {
    ...     "participant": ["dudley/1", "dudley/2"],
    ...     "partner": ["dudley", "dudley"],
    ...     "staff_id": ["1", "2"],
    ...     "excluded_because": ["", "no_manager_feedback"],
    ... }
    >>> allocation = {"unit": "dudley/1", "block": "dudley", "stratum": "", "arm": "letter"}
    >>> archive = Archive(
    ...     root=Path(),
    ...     trial=parse_trial(library_text("letters")),
    ...     trial_text=library_text("letters"),
    ...     registration=None,
    ...     roster=pl.DataFrame(roster),
    ...     allocation=pl.DataFrame([{**allocation, "probability": 0.5}]),
    ...     record=None,
    ... )
    >>> frame = build_analysis_set(archive).frame
    >>> frame.select("participant", "arm", "weight", "outcome:wellbeing").rows()
    [('dudley/1', 'letter', 1.0, None)]
    """
    keys = list_randomised(archive)
    return AnalysisSet(archive.trial, _join_columns(keys, _list_columns(archive, keys)))


def _join_columns(
    keys: pl.DataFrame, columns: Mapping[str, Callable[[], pl.DataFrame]]
) -> pl.DataFrame:
    """Put every column beside the participants; stop with the faults of all of them."""
    faults: list[Fault] = []
    frame = keys
    for name, read in columns.items():
        try:
            found = read().select("participant", pl.col("value").alias(name))
            if found["participant"].is_duplicated().any():
                raise ArchiveError("a participant is there twice", where=name)
        except LighttouchError as error:
            faults += error.faults
        else:
            frame = frame.join(found, on="participant", how="left", maintain_order="left")
    if faults:
        raise ArchiveError(dict.fromkeys(faults))
    return frame


def _list_columns(archive: Archive, keys: pl.DataFrame) -> dict[str, Callable[[], pl.DataFrame]]:
    """Every column after the keys, in the contract's order, with how to read it."""
    trial = archive.trial
    derive_here = partial(_derive, archive, keys)
    columns: dict[str, Callable[[], pl.DataFrame]] = {}
    for outcome in trial.outcomes:
        before = outcome.baseline.wave if outcome.baseline else trial.baseline_wave.id
        columns[outcome_column(outcome.id)] = partial(
            derive_here, outcome.wave, outcome.derive, baseline=before
        )
    for outcome in trial.outcomes:
        if outcome.baseline:
            derive = outcome.baseline.derive or outcome.derive
            wave = outcome.baseline.wave
            columns[baseline_column(outcome.id)] = partial(derive_here, wave, derive, baseline=wave)
    for covariate in trial.covariates:
        columns[covariate_column(covariate.id)] = partial(read_covariate, archive, covariate)
    return columns


def _derive(
    archive: Archive, keys: pl.DataFrame, wave: str, derive: Derivation, *, baseline: str
) -> pl.DataFrame:
    if isinstance(derive, FromReturn):
        return derive_returned(archive, wave, derive)
    if isinstance(derive, FromInstrument):
        return score_responses(archive, wave, derive)
    if isinstance(derive, FromComposite):
        return score_index(archive, keys, wave, derive, baseline=baseline)
    return read_column(archive, wave, derive)
