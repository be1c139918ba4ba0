"""Who is left out before allocation, and why: declared rules, applied in order, first one wins."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from lighttouch.core.errors import AllocationError, Fault
from lighttouch.core.protocol.people import Condition
from lighttouch.core.protocol.trial import Trial


def apply_exclusions(
    roster: pl.DataFrame,
    trial: Trial,
    *,
    cluster: str | None = None,
) -> pl.DataFrame:
    """Fill ``excluded_because`` with the first rule that applies (its ``id``), else empty text.

    Parameters
    ----------
    roster
        One row per person screened, with ``partner`` and the columns the rules test.
    trial
        The trial whose rules apply, in file order. ``cluster_smaller_than`` counts those whom no
        earlier rule left out.
    cluster
        The roster's cluster column, where its name is not ``allocation.unit``.

    Returns
    -------
    polars.DataFrame
        The roster, rows in the same order.

    Raises
    ------
    AllocationError
        If a rule tests a column that is not there, or needs a launch date that is not set.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> trial = parse_trial(library_text("coffee"))
    >>> roster = pl.DataFrame({"partner": ["kent"], "building": ["b1"], "leaving_date": [None]})
    >>> apply_exclusions(roster, trial)["excluded_because"].to_list()
    ['small_building']
    """
    launches = {partner.id: partner.launch for partner in trial.population.partners}
    column = cluster or trial.allocation.unit
    _check_columns(roster, trial, column)
    screened = roster.with_columns(excluded_because=pl.lit(""))
    for rule in trial.population.exclusions:
        included = pl.col("excluded_because") == ""
        if rule.when is not None:
            met = _meets(screened, rule.when, launches)
        else:
            members = included.sum().over("partner", column)
            met = (members < rule.cluster_smaller_than) & pl.col(column).is_not_null()
        reason = pl.when(included & met.fill_null(value=False)).then(pl.lit(rule.id))
        screened = screened.with_columns(excluded_because=reason.otherwise("excluded_because"))
    return screened


def _check_columns(roster: pl.DataFrame, trial: Trial, cluster: str) -> None:
    rules = trial.population.exclusions
    needed = [rule.when.column if rule.when else cluster for rule in rules]
    faults = [
        Fault(f"there is no column {name}, which the exclusion {rule.id} tests", "roster")
        for rule, name in zip(rules, needed, strict=True)
        if name not in roster.columns
    ]
    if faults:
        raise AllocationError(faults)


def _meets(roster: pl.DataFrame, when: Condition, launches: Mapping[str, date | None]) -> pl.Expr:
    cell = pl.col(when.column)
    if when.missing is not None:
        empty = cell.is_null() | (cell.cast(pl.String) == "")
        return empty if when.missing else ~empty
    if when.below is not None:
        return cell.cast(pl.Float64) < when.below
    if when.at_least is not None:
        return cell.cast(pl.Float64) >= when.at_least
    if when.before_launch is not None:
        return _as_date(roster, when.column) < _launch_days(roster, launches)
    choices = when.one_of if when.one_of is not None else (when.equals,)
    return _is_one_of(roster, when.column, choices)


def _is_one_of(roster: pl.DataFrame, column: str, choices: tuple[object, ...]) -> pl.Expr:
    cell, kind = pl.col(column), roster.schema[column]
    if kind == pl.Boolean:
        return cell.is_in([choice for choice in choices if isinstance(choice, bool)])
    numbers = [float(c) for c in choices if isinstance(c, int | float) and not isinstance(c, bool)]
    if kind.is_numeric():
        return cell.cast(pl.Float64).is_in(numbers)
    as_number = cell.cast(pl.String).cast(pl.Float64, strict=False).is_in(numbers)
    return cell.cast(pl.String).is_in(
        [c for c in choices if isinstance(c, str)]
    ) | as_number.fill_null(value=False)


def _as_date(roster: pl.DataFrame, column: str) -> pl.Expr:
    cell = pl.col(column)
    return (
        cell if roster.schema[column] == pl.Date else cell.cast(pl.String).str.to_date(strict=False)
    )


def _launch_days(roster: pl.DataFrame, launches: Mapping[str, date | None]) -> pl.Expr:
    unset = [name for name in roster["partner"].unique().sort() if launches.get(name) is None]
    if unset:
        raise AllocationError(
            Fault(
                "the partner's launch is not set, and an exclusion needs it",
                f"partner {name}",
                "Set launch for this partner in the trial file",
            )
            for name in unset
        )
    return pl.col("partner").replace_strict(dict(launches), return_dtype=pl.Date, default=None)
