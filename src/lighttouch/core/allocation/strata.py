"""Who is allocated, in which block and which stratum."""

from collections.abc import Iterator
from math import fsum

import polars as pl

from lighttouch.core.allocation.labels import MISSING, SEPARATOR, label_values
from lighttouch.core.errors import AllocationError, Fault
from lighttouch.core.protocol.design import QuantileStratum, Stratum
from lighttouch.core.protocol.trial import Trial


def assign_strata(roster: pl.DataFrame, trial: Trial) -> pl.DataFrame:
    """Put every unit to be allocated in its block and stratum.

    Quantile groups cut the units at equal ranks, in order of the value and then of the unit's
    identifier, so groups differ by at most one unit and equal values may be parted. Units without
    a value form a stratum of their own, named ``missing``. A cluster's mean is over those of its
    participants who have a value.

    Parameters
    ----------
    roster
        ``participant``, ``partner``, ``excluded_because`` and the columns the trial blocks and
        stratifies by; rows with a reason for exclusion are left out.
    trial
        The trial.

    Returns
    -------
    polars.DataFrame
        ``unit`` (the participant, or ``partner/cluster``), ``block`` and ``stratum`` (text, empty
        where the trial has none), ordered by unit.

    Raises
    ------
    AllocationError
        If nobody is left, a column is not there, a participant has no cluster, or members of a
        cluster have different values of a column that is to be the cluster's own.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> roster = pl.DataFrame({
    ...     "participant": ["dudley/b", "dudley/a"], "partner": ["dudley"] * 2,
    ...     "excluded_because": ["", ""],
    ... })
    >>> assign_strata(roster, parse_trial(library_text("letters"))).rows()
    [('dudley/a', 'dudley', ''), ('dudley/b', 'dudley', '')]
    """
    people = roster.filter(pl.col("excluded_because") == "").sort("participant")
    _check_columns(people, trial)
    members = people.with_columns(unit=_unit(trial))
    units = members.select("unit", "partner").unique().sort("unit")
    blocks = [_own_values(members, name) for name in trial.allocation.blocks]
    strata = [
        pl.Series([f"{_name(stratum)}: {label}" for label in labels], dtype=pl.String)
        for stratum in trial.allocation.strata
        for labels in [_stratum_labels(members, units, stratum)]
    ]
    return units.select("unit", block=_join(blocks), stratum=_join(strata))


def unit_column(trial: Trial) -> str:
    """Return the roster column that identifies what is allocated, within a partner."""
    return trial.allocation.unit if trial.clustered else "participant"


def _unit(trial: Trial) -> pl.Expr:
    if not trial.clustered:
        return pl.col("participant")
    return pl.concat_str("partner", pl.lit("/"), pl.col(unit_column(trial)).cast(pl.String))


def _join(parts: list[pl.Series]) -> pl.Expr:
    if not parts:
        return pl.lit("")
    return pl.concat_str([pl.lit(part) for part in parts], separator=SEPARATOR)


def _name(stratum: Stratum) -> str:
    if isinstance(stratum, QuantileStratum) and stratum.of == "cluster_size":
        return "cluster_size"
    return str(stratum.column)


def _check_columns(people: pl.DataFrame, trial: Trial) -> None:
    if people.is_empty():
        raise AllocationError(
            "nobody is left to allocate", where="roster", remedy="Check the exclusions"
        )
    strata = (stratum.column for stratum in trial.allocation.strata)
    needed = [unit_column(trial), *trial.allocation.blocks, *(name for name in strata if name)]
    faults = [
        Fault(f"there is no column {name}, which the allocation needs", "roster", "Ask for it")
        for name in dict.fromkeys(needed)
        if name not in people.columns
    ]
    unit = unit_column(trial)
    if not faults and (lacking := people[unit].null_count()):
        faults = [
            Fault(
                f"{lacking} participant(s) have no {unit}, which is what is allocated",
                "roster",
                "Complete the baseline return, or exclude them by a declared rule",
            )
        ]
    if faults:
        raise AllocationError(faults)


def _own_values(members: pl.DataFrame, column: str) -> pl.Series:
    """Return the label of each unit's own value of a column, in order of unit."""
    labelled = members.select("unit", value=label_values(members[column]))
    distinct = labelled.unique().sort("unit", "value")
    if distinct.height > distinct["unit"].n_unique():
        raise AllocationError(
            f"members of a cluster have different values of {column}",
            where="roster",
            remedy="Stratify by a value that is the same throughout a cluster, or by cluster_mean",
        )
    return distinct["value"]


def _stratum_labels(members: pl.DataFrame, units: pl.DataFrame, stratum: Stratum) -> list[str]:
    if not isinstance(stratum, QuantileStratum):
        return _own_values(members, stratum.column).to_list()
    ranked = units.with_columns(value=_numbers(members, stratum))
    pools = ranked.partition_by("partner") if stratum.within == "partner" else [ranked]
    groups = {unit: label for pool in pools for unit, label in _cut(pool, stratum.groups)}
    return [groups[unit] for unit in units["unit"]]


def _cut(pool: pl.DataFrame, groups: int) -> Iterator[tuple[str, str]]:
    """Cut units at equal ranks, by value and then by unit."""
    known = pool.drop_nulls("value").sort("value", "unit")["unit"]
    for rank, unit in enumerate(known):
        yield unit, f"{rank * groups // len(known) + 1} of {groups}"
    for unit in pool.filter(pl.col("value").is_null())["unit"]:
        yield unit, MISSING


def _numbers(members: pl.DataFrame, stratum: QuantileStratum) -> pl.Series:
    """Return the number units are ranked by, in order of unit.

    Sums are exactly rounded, so that the order of rows cannot tip a tie.
    """
    column = stratum.column
    if column is None:
        sizes = members.group_by("unit").agg(size=pl.len()).sort("unit")["size"]
        return sizes.cast(pl.Float64).alias("value")
    numbers = members.select("unit", value=pl.col(column).cast(pl.Float64, strict=False))
    if numbers["value"].null_count() > members[column].null_count():
        raise AllocationError(
            f"not every value of {column} is a number",
            where="roster",
            remedy="Stratify by a column of numbers, or by value",
        )
    if stratum.of == "value":
        _own_values(members, column)
    listed = numbers.group_by("unit").agg("value").sort("unit")["value"].to_list()
    means = [_mean([one for one in values if one is not None]) for values in listed]
    return pl.Series("value", means, dtype=pl.Float64)


def _mean(values: list[float]) -> float | None:
    return fsum(values) / len(values) if values else None
