"""Turn an analysis set into the outcome, arms, clusters and columns of one regression.

Missing covariates and baseline values become a constant with an indicator; see
``docs/methods/missing-data.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from lighttouch.core.datasets.model import (
    AnalysisSet,
    baseline_column,
    covariate_column,
    outcome_column,
)
from lighttouch.core.errors import EstimationError, Fault
from lighttouch.core.estimation.regression import FloatArray, IntArray
from lighttouch.core.protocol.measures import Covariate, Outcome
from lighttouch.core.protocol.trial import Trial

EQUAL = 1e-12
"""Weights that differ by no more than this share are equal but for rounding."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which terms and weights enter a regression.

    ``covariates`` are identifiers; ``interacted`` centres every term and lets it differ by arm.
    """

    covariates: tuple[str, ...] = ()
    baseline_outcome: bool = False
    partner_effects: bool = False
    stratum_effects: bool = False
    cluster_average: bool = False
    weighted: bool = True
    interacted: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A column of a regression: its identifier and the words for a table."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Model:
    """One regression, ready to fit.

    Parameters
    ----------
    y
        Outcome of the n participants used.
    arms
        Position of each one's arm in the trial file.
    clusters
        Allocated unit of each, as whole numbers in the order of the units' names.
    weights
        Analysis weights, or ``None`` when all are equal.
    terms, controls
        The columns other than intercept and arms, in the order in which collinear ones are
        dropped (later ones go first); shape (n, len(terms)).
    rows
        Positions of the participants used in the analysis set.
    """

    y: FloatArray
    arms: IntArray
    clusters: IntArray
    weights: FloatArray | None
    terms: tuple[Term, ...]
    controls: FloatArray
    rows: IntArray


@dataclass(frozen=True, slots=True)
class _Column:
    term: Term
    values: FloatArray


def find_outcome(data: AnalysisSet, outcome_id: str) -> Outcome:
    """Return an outcome of the trial that the analysis set holds.

    Raises
    ------
    EstimationError
        If the trial has no such outcome or the set no column for it.

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> find_outcome(example_set(), "days").unit
    'days'
    """
    for outcome in data.trial.outcomes:
        if outcome.id == outcome_id and outcome_column(outcome_id) in data.frame.columns:
            return outcome
    raise EstimationError(
        "there is no such outcome in the analysis set",
        where=f"outcome {outcome_id}",
        remedy=f"Name one of: {', '.join(outcome.id for outcome in data.trial.outcomes)}",
    )


def build_model(data: AnalysisSet, outcome: Outcome, recipe: Recipe) -> Model:
    """Build the columns of one regression from everyone whose outcome was observed.

    Parameters
    ----------
    data
        The analysis set.
    outcome
        The outcome; participants without it are left out.
    recipe
        What enters.

    Raises
    ------
    EstimationError
        If an arm has no data, the outcome is the same for everyone, a weight is not positive, or a
        cluster average is asked for where people were allocated.

    Examples
    --------
    >>> from lighttouch.core.estimation.example import example_set
    >>> data = example_set()
    >>> build_model(data, find_outcome(data, "days"), Recipe()).y.tolist()[:3]
    [18.0, 20.0, 19.0]
    """
    indexed = data.frame.with_row_index("row").filter(_observed(data, outcome, recipe))
    y = indexed[outcome_column(outcome.id)].to_numpy().astype(np.float64)
    arms = _arm_positions(data.trial, indexed)
    _check_data(data.trial, outcome, y, arms)
    columns = [
        *(_partner_columns(data.trial, indexed) if recipe.partner_effects else ()),
        *(_stratum_columns(indexed) if recipe.stratum_effects else ()),
        *_merge_flags(_declared_columns(data, outcome, recipe, indexed)),
    ]
    clusters = np.unique(indexed["unit"].to_numpy().astype(str), return_inverse=True)[1]
    weights = _weights(data.trial, indexed, clusters, recipe)
    if recipe.interacted:
        columns = _interact(data.trial, columns, arms, weights)
    return Model(
        y=y,
        arms=arms,
        clusters=clusters.astype(np.int64),
        weights=weights,
        terms=tuple(column.term for column in columns),
        controls=np.column_stack([np.empty((len(y), 0)), *(column.values for column in columns)]),
        rows=indexed["row"].to_numpy().astype(np.int64),
    )


def arm_indicators(trial: Trial, arms: IntArray) -> FloatArray:
    """Return one column per treated arm in file order, 1 for those in it."""
    treated = [index for index, arm in enumerate(trial.arms) if arm.id != trial.reference_arm.id]
    return np.asarray(arms[:, None] == np.array(treated), dtype=np.float64)


def weights_are_inverse_chances(frame: pl.DataFrame) -> bool:
    """Whether everyone's weight is 1/p(arm): it then belongs to the arm got, not to the person.

    Examples
    --------
    >>> people = pl.DataFrame({"weight": [2.0, 4.0], "probability": [0.5, 0.25]})
    >>> weights_are_inverse_chances(people)
    True
    """
    product = (frame["weight"] * frame["probability"]).to_numpy()
    return bool(np.allclose(product, 1.0, rtol=EQUAL, atol=0.0))


def _interact(
    trial: Trial, columns: list[_Column], arms: IntArray, weights: FloatArray | None
) -> list[_Column]:
    """Centre every column, and let its slope differ by arm (Lin 2013)."""
    centred = [
        _Column(column.term, column.values - np.average(column.values, weights=weights))
        for column in columns
    ]
    return centred + [
        _Column(
            Term(f"interaction:{arm.id}:{column.term.id}", f"{arm.label} × {column.term.label}"),
            column.values * treated,
        )
        for arm, treated in zip(trial.treated_arms, arm_indicators(trial, arms).T, strict=True)
        for column in centred
    ]


def _observed(data: AnalysisSet, outcome: Outcome, recipe: Recipe) -> pl.Expr:
    """Whether a participant enters: outcome observed, and what else must be complete."""
    needed = [outcome_column(outcome.id)]
    missing = data.trial.analysis.missing
    if missing.covariates == "complete_cases":
        needed += [covariate_column(covariate) for covariate in recipe.covariates]
    if missing.baseline_outcome == "complete_cases" and _has_baseline(data, outcome, recipe):
        needed.append(baseline_column(outcome.id))
    return pl.all_horizontal(pl.col(name).is_not_null() for name in needed)


def _has_baseline(data: AnalysisSet, outcome: Outcome, recipe: Recipe) -> bool:
    return recipe.baseline_outcome and baseline_column(outcome.id) in data.frame.columns


def _arm_positions(trial: Trial, frame: pl.DataFrame) -> IntArray:
    position = {arm.id: index for index, arm in enumerate(trial.arms)}
    return np.array([position[arm] for arm in frame["arm"]], dtype=np.int64)


def _check_data(trial: Trial, outcome: Outcome, y: FloatArray, arms: IntArray) -> None:
    where = f"outcome {outcome.id}"
    if len(trial.arms) < 2:
        raise EstimationError("a trial with a single arm has no effect to estimate", where=where)
    if not len(y):
        raise EstimationError(
            "nobody has this outcome", where=where, remedy="Say why it is missing"
        )
    present = np.bincount(arms, minlength=len(trial.arms))
    faults = [
        Fault(f"nobody in the arm {arm.label} has this outcome", where, "Describe it instead")
        for arm, count in zip(trial.arms, present, strict=True)
        if not count
    ]
    if not faults and np.ptp(y) == 0:
        faults.append(
            Fault("the outcome is the same for everyone", where, "Report the value; it has no test")
        )
    if faults:
        raise EstimationError(faults)


def _weights(
    trial: Trial, frame: pl.DataFrame, clusters: IntArray, recipe: Recipe
) -> FloatArray | None:
    weights = np.ones(frame.height)
    if recipe.weighted:
        weights = frame["weight"].cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
    if not np.all(weights > 0) or not np.all(np.isfinite(weights)):
        raise EstimationError(
            "a weight is missing, zero or negative",
            where="column weight",
            remedy="Give everyone a positive weight or leave the column out",
        )
    if recipe.cluster_average:
        if not trial.clustered:
            raise EstimationError(
                "a cluster average needs a trial that allocated clusters",
                where="analysis.estimand",
                remedy='Declare "participant_average"',
            )
        inverse = weights_are_inverse_chances(frame)
        weights = weights / np.bincount(clusters, weights)[clusters]
        if recipe.weighted and inverse:  # a cluster keeps the weight of its chance of the arm
            weights = weights / frame["probability"].to_numpy()
    return None if np.ptp(weights) <= EQUAL * weights.mean() else weights


def _partner_columns(trial: Trial, frame: pl.DataFrame) -> list[_Column]:
    """One indicator per partner but the first, in trial-file order."""
    labels: dict[str, str] = {partner.id: partner.name for partner in trial.population.partners}
    here = set(frame["partner"].fill_null("").to_list())
    ordered = [partner for partner in labels if partner in here] + sorted(here - set(labels))
    return [
        _Column(
            Term(f"partner:{partner}", labels.get(partner) or partner),
            _indicator(frame["partner"].fill_null("") == partner),
        )
        for partner in ordered[1:]
    ]


def _stratum_columns(frame: pl.DataFrame) -> list[_Column]:
    """One indicator per block and stratum but the first, in text order."""
    blocks, strata = frame["block"].fill_null(""), frame["stratum"].fill_null("")
    cells = sorted(set(zip(blocks, strata, strict=True)))
    return [
        _Column(
            Term(
                f"stratum:{block}/{stratum}",
                f"Stratum {' / '.join(part for part in (block, stratum) if part)}",
            ),
            _indicator((blocks == block) & (strata == stratum)),
        )
        for block, stratum in cells[1:]
    ]


def _declared_columns(
    data: AnalysisSet, outcome: Outcome, recipe: Recipe, frame: pl.DataFrame
) -> Iterator[_Column]:
    """The baseline outcome and every covariate, coded as declared, each before its flag."""
    if _has_baseline(data, outcome, recipe):
        values, label = frame[baseline_column(outcome.id)], f"{outcome.label} at baseline"
        yield _number(Term(f"baseline:{outcome.id}", label), values)
        yield from _flag(f"baseline_{outcome.id}", label, values)
    for covariate_id in recipe.covariates:
        covariate = data.trial.covariate(covariate_id)
        values = frame[covariate_column(covariate_id)]
        yield from _covariate_columns(covariate, values)
        yield from _flag(covariate_id, covariate.label, values)


def _covariate_columns(covariate: Covariate, values: pl.Series) -> Iterator[_Column]:
    term = Term(f"covariate:{covariate.id}", covariate.label)
    if covariate.coding == "numeric":
        yield _number(term, values)
        return
    if covariate.coding == "indicator":
        yield _Column(term, _indicator(_equals(values, covariate.value)))
        return
    categories = values.drop_nulls().unique().sort().to_list()
    reference = covariate.reference or next(iter(categories), "")
    for category in categories:
        if category != reference:
            own = Term(f"{term.id}:{category}", f"{covariate.label}: {category}")
            yield _Column(own, _indicator(values == category))


def _equals(values: pl.Series, value: str | float | None) -> pl.Series:
    """Whether the text of a cell is this value; a number is compared as a number."""
    if isinstance(value, str):
        return values == value
    return values.cast(pl.Float64, strict=False) == value


def _number(term: Term, values: pl.Series) -> _Column:
    """A number as it stands; missing values take the mean of those observed."""
    numbers = values.cast(pl.Float64).fill_null(np.nan).to_numpy()
    known = ~np.isnan(numbers)
    constant = float(numbers[known].mean()) if known.any() else 0.0
    return _Column(term, np.where(known, numbers, constant))


def _indicator(values: pl.Series) -> FloatArray:
    return values.fill_null(value=False).to_numpy().astype(np.float64)


def _flag(name: str, label: str, values: pl.Series) -> Iterator[_Column]:
    """A missing indicator, only where something is missing."""
    if values.null_count():
        yield _Column(Term(f"missing:{name}", f"{label} missing"), _indicator(values.is_null()))


def _merge_flags(columns: Iterator[_Column]) -> list[_Column]:
    """Let columns missing for the same people share one indicator."""
    result: list[_Column] = []
    place: dict[bytes, int] = {}
    for column in columns:
        name, pattern = column.term.id, column.values.tobytes()
        if not name.startswith("missing:") or pattern not in place:
            if name.startswith("missing:"):
                place[pattern] = len(result)
            result.append(column)
            continue
        known = result[place[pattern]].term
        both = Term(f"{known.id}+{name[8:]}", f"{known.label}; {column.term.label}")
        result[place[pattern]] = _Column(both, column.values)
    return result
