"""Who the participants are: characteristics by arm."""

import polars as pl

from lighttouch.core.datasets.model import AnalysisSet, covariate_column
from lighttouch.core.protocol.measures import Covariate
from lighttouch.core.reporting.results import CharacteristicCell, CharacteristicRow

EVERYONE = "all"


def compute_characteristics(data: AnalysisSet) -> tuple[CharacteristicRow, ...]:
    """Describe every covariate of the trial file, in each arm and in all."""
    rows: list[CharacteristicRow] = []
    for covariate in data.trial.covariates:
        column = data.frame[covariate_column(covariate.id)]
        if column.dtype == pl.Float64:
            rows.append(_row(data, covariate, ""))
        else:
            categories = sorted(str(value) for value in column.drop_nulls().unique())
            rows.extend(_row(data, covariate, category) for category in categories)
    return tuple(rows)


def _row(data: AnalysisSet, covariate: Covariate, category: str) -> CharacteristicRow:
    name = covariate_column(covariate.id)
    values = {EVERYONE: _cell(data.frame[name], category)}
    for arm in data.trial.arms:
        values[arm.id] = _cell(data.frame.filter(pl.col("arm") == arm.id)[name], category)
    unit = f" ({covariate.unit})" if covariate.unit else ""
    return CharacteristicRow(covariate.id, covariate.label + unit, category, values)


def _cell(values: pl.Series, category: str) -> CharacteristicCell:
    known = values.drop_nulls()
    missing = values.len() - known.len()
    if category:
        count = int((known == category).sum())
        share = count / known.len() if known.len() else None
        return CharacteristicCell(known.len(), missing, count=count, share=share)
    numbers = [float(value) for value in known.to_list()]
    if not numbers:
        return CharacteristicCell(0, missing)
    spread = known.std() if known.len() > 1 else None
    return CharacteristicCell(
        n=known.len(),
        missing=missing,
        mean=sum(numbers) / len(numbers),
        sd=spread if isinstance(spread, float) else None,
        minimum=min(numbers),
        maximum=max(numbers),
    )
