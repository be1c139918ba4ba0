"""Which columns of a return the trial's own analysis needs, and why."""

from collections.abc import Iterator, Mapping

from lighttouch.core.protocol.measures import FromReturn
from lighttouch.core.protocol.trial import Trial

_MEASURES: Mapping[str, tuple[str, ...]] = {
    "days_attended": ("leaving_date", "days_per_week"),
    "absence_days": ("absence_days",),
    "illness_days": ("illness_days",),
    "illness_spells": ("illness_spells",),
    "bradford_score": ("illness_spells", "illness_days"),
    "turnover": ("leaving_date",),
}
_COUNTED = {"overall": "absence_days", "illness": "illness_days"}


def needed_columns(trial: Trial, wave_id: str) -> dict[str, str]:
    """Return why each needed column is needed, by identifier.

    Columns that allocation rests on come first; they are needed only in the first wave that has
    a return.

    Parameters
    ----------
    trial, wave_id
        The trial and the wave of the return.
    """
    needs: dict[str, str] = {}
    for column, reason in _list_needs(trial, wave_id):
        needs.setdefault(column, reason)
    return needs


def allocation_columns(trial: Trial, wave_id: str) -> frozenset[str]:
    """Return the columns without which the trial cannot be allocated from this wave's return."""
    first = next((wave.id for wave in trial.waves if wave.collect is not None), None)
    if wave_id != first or trial.allocation.method != "drawn":
        return frozenset()
    strata = (stratum.column for stratum in trial.allocation.strata)
    left_out = (rule.when.column for rule in trial.population.exclusions if rule.when)
    named = (trial.allocation.unit, *trial.allocation.blocks, *strata, *left_out)
    return frozenset(c for c in named if c is not None) - {"participant", "partner"}


def _list_needs(trial: Trial, wave_id: str) -> Iterator[tuple[str, str]]:
    for column in sorted(allocation_columns(trial, wave_id)):
        yield column, "allocation"
    for outcome in trial.outcomes:
        if outcome.wave == wave_id and isinstance(outcome.derive, FromReturn):
            yield from _derivation_needs(outcome.derive, f"the outcome “{outcome.label}”")
        baseline = outcome.baseline
        if baseline is not None and baseline.wave == wave_id:
            derive = baseline.derive or outcome.derive
            if isinstance(derive, FromReturn):
                yield from _derivation_needs(derive, f"the baseline of “{outcome.label}”")
    for covariate in trial.covariates:
        if covariate.wave == wave_id:
            yield covariate.column, f"the covariate “{covariate.label}”"


def _derivation_needs(derive: FromReturn, reason: str) -> Iterator[tuple[str, str]]:
    if derive.measure == "days_attended":
        yield _COUNTED[derive.absence], reason
    for column in _MEASURES[derive.measure]:
        yield column, reason
    if derive.prorate_below_months is not None or derive.missing_below_months is not None:
        yield "tenure_months", reason
