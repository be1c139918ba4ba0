"""The analysis set: every randomised participant once, in the arm allocated."""

from dataclasses import dataclass

import polars as pl

from lighttouch.core.protocol.trial import Trial

KEYS = ("participant", "partner", "unit", "block", "stratum", "arm", "probability", "weight")


def outcome_column(outcome_id: str) -> str:
    """Return the name of an outcome's column."""
    return f"outcome:{outcome_id}"


def baseline_column(outcome_id: str) -> str:
    """Return the name of the column holding an outcome's baseline value."""
    return f"baseline:{outcome_id}"


def covariate_column(covariate_id: str) -> str:
    """Return the name of a covariate's column (uncoded: numbers or category names)."""
    return f"covariate:{covariate_id}"


@dataclass(frozen=True, slots=True)
class AnalysisSet:
    """Every randomised participant once, in the arm allocated; missing is null, nothing imputed.

    Parameters
    ----------
    trial
        The registered trial.
    frame
        One row per randomised participant, ordered by ``participant``. Columns: ``KEYS``
        (``unit`` is the allocated unit: the participant, or ``partner/cluster``; ``block`` and
        ``stratum`` are text, empty when there are none; ``probability`` of the arm got and
        ``weight`` are floats, 1.0 where undeclared), then ``outcome:<id>``, ``baseline:<id>``
        (outcomes that have one) and ``covariate:<id>``. Outcomes and baselines are Float64;
        covariates are Float64 when coded ``numeric``, else String.
    """

    trial: Trial
    frame: pl.DataFrame
