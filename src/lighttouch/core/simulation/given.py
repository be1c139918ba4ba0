"""Tables of a trial randomised elsewhere, with their true effects."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from lighttouch.core.allocation.declaring import declare_design
from lighttouch.core.allocation.drawing import draw_allocation
from lighttouch.core.allocation.excluding import apply_exclusions
from lighttouch.core.protocol.design import GivenTable
from lighttouch.core.protocol.measures import FromColumn
from lighttouch.core.protocol.people import Condition
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.profile import Effect, GivenColumn, Profile
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.truth import TrueEffect, average_effect
from lighttouch.core.simulation.workforce import Floats, Ints, draw_categories, draw_sizes

Values = NDArray[Any]
OTHER = "other"
_EXCLUDED = 0.03
"""Share of people a column leaves out, where the profile does not say."""


@dataclass(frozen=True, slots=True)
class GivenStudy:
    """Who was in a trial randomised elsewhere, and what became of them.

    Parameters
    ----------
    cluster
        Number of each person's cluster, shape (people,).
    arms
        Number of each person's arm, in file order, shape (people,).
    potential
        Each column's values had everyone been in an arm, by arm number and column.
    """

    cluster: Ints
    arms: Ints
    potential: tuple[dict[str, Values], ...]


def simulate_given(trial: Trial, profile: Profile, streams: Streams) -> GivenStudy:
    """Simulate the people of a trial randomised elsewhere, its draw and its columns.

    Clusters (or people) are drawn into arms within the values of the stratum column, as many of
    each arm as its share asks for; the columns have the same luck in every arm.
    """
    rng = streams.open("given")
    cluster = _draw_clusters(rng, profile)
    columns = list_columns(trial, profile)
    potential = tuple(
        _draw_columns(columns, cluster, streams, _effect(trial, profile, arm))
        for arm in (one.id for one in trial.arms)
    )
    unit = cluster if trial.clustered else np.arange(len(cluster))
    first = np.unique(unit, return_index=True)[1]
    table = _first_table(trial)
    strata = potential[0].get(table.stratum or "", np.full(len(unit), ""))[first]
    units = pl.DataFrame(
        {
            "unit": [f"{number:06d}" for number in range(len(first))],
            "block": np.full(len(first), ""),
            "stratum": strata.astype(np.str_),
        }
    )
    drawn = draw_allocation(declare_design(units, trial.arms), streams.open("given", "draw"))
    return GivenStudy(cluster, drawn[unit], potential)


def _effect(trial: Trial, profile: Profile, arm: str) -> Effect:
    return Effect() if arm == trial.reference_arm.id else profile.effect(arm)


def _draw_clusters(rng: np.random.Generator, profile: Profile) -> Ints:
    sizes = draw_sizes(rng, profile.people, profile.units or profile.teams)
    return rng.permutation(np.repeat(np.arange(len(sizes)), sizes))


def _first_table(trial: Trial) -> GivenTable:
    """Return the table that holds the arm."""
    return next(wave.table for wave in trial.waves if wave.table and wave.table.arm)


def list_columns(trial: Trial, profile: Profile) -> tuple[GivenColumn, ...]:
    """Return the columns to draw: the profile's, then a plain one for any other the trial uses."""
    listed = list(profile.columns)
    stratum = _first_table(trial).stratum
    if stratum is not None:
        halves = {"1": 0.5, "2": 0.5}
        listed.append(GivenColumn(name=stratum, kind="category", shares=halves, by_cluster=True))
    for exclusion in trial.population.exclusions:
        if exclusion.when is not None:
            listed.append(_plain_condition(exclusion.when))
    for outcome in trial.outcomes:
        kind = "binary" if outcome.kind == "binary" else "number"
        mean = 0.5 if outcome.kind == "binary" else 0.0
        baseline = outcome.baseline.derive if outcome.baseline else None
        listed += [
            GivenColumn.model_validate({"name": one.column, "kind": kind, "mean": mean})
            for one in (outcome.derive, baseline)
            if isinstance(one, FromColumn)
        ]
    for covariate in trial.covariates:
        shares = {str(covariate.value or covariate.reference or "1"): 0.5, OTHER: 0.5}
        if covariate.coding == "numeric":
            listed.append(GivenColumn(name=covariate.column, kind="number"))
        else:
            listed.append(GivenColumn(name=covariate.column, kind="category", shares=shares))
    chosen: dict[str, GivenColumn] = {}
    for one in listed:
        chosen.setdefault(one.name, one)
    return tuple(chosen.values())


def _plain_condition(when: Condition) -> GivenColumn:
    """Return a column that leaves a few people out by a test for a value; others leave out none."""
    value = when.equals if when.equals is not None else (when.one_of or ("",))[0]
    if isinstance(value, bool) or value == "":
        return GivenColumn(name=when.column, kind="number")
    shares = {OTHER: 1 - _EXCLUDED, str(value): _EXCLUDED}
    return GivenColumn(name=when.column, kind="category", shares=shares)


def _draw_columns(
    columns: tuple[GivenColumn, ...], cluster: Ints, streams: Streams, effect: Effect
) -> dict[str, Values]:
    """Draw every column had everyone been in the arm with this effect."""
    values: dict[str, Values] = {}
    for column in columns:
        rng = streams.open("column", column.name)
        shift = effect.columns.get(column.name, 0.0)
        drawn = _draw_column(column, cluster, rng, values, shift)
        gaps = rng.random(len(cluster)) < column.missing
        if column.kind == "category":
            values[column.name] = np.where(gaps, "", drawn)
        else:
            values[column.name] = np.where(gaps, np.nan, drawn)
    return values


def _draw_column(
    column: GivenColumn,
    cluster: Ints,
    rng: np.random.Generator,
    values: dict[str, Values],
    shift: float,
) -> Values:
    clusters = int(cluster.max()) + 1
    if column.kind == "product":
        return np.asarray(np.prod([values[name] for name in column.of], axis=0))
    if column.kind == "category":
        own = draw_categories(rng, column.shares, clusters if column.by_cluster else len(cluster))
        return own[cluster] if column.by_cluster else own
    latent = _draw_latent(column, cluster, rng)
    if column.kind == "binary":
        ones = (stats.norm.cdf(latent) < column.mean + shift).astype(float)
        return ones * values[column.only_if] if column.only_if else ones
    number = column.mean + shift + column.sd * latent
    return np.round(np.clip(number, column.minimum, column.maximum), 4)


def _draw_latent(column: GivenColumn, cluster: Ints, rng: np.random.Generator) -> Floats:
    common = rng.standard_normal(int(cluster.max()) + 1)[cluster]
    if column.by_cluster:
        return common
    share = column.cluster_share
    own = rng.standard_normal(len(cluster))
    return np.asarray(np.sqrt(share) * common + np.sqrt(1 - share) * own)


def write_tables(trial: Trial, given: GivenStudy, folder: Path) -> None:
    """Write each wave's table with the columns the trial file names."""
    needed = _columns_by_wave(trial)
    rows = np.arange(len(given.arms))
    recruited = [one.id for one in trial.population.partners if one.status == "recruited"] or [""]
    for wave in trial.waves:
        table = wave.table
        if table is None:
            continue
        arm_codes = np.array([arm.code or arm.id for arm in trial.arms])
        columns: dict[str, Values] = {table.participant: _code("P", rows)}
        optional: list[tuple[str | None, Values]] = [
            (table.partner, np.array(recruited)[given.cluster % len(recruited)]),
            (table.cluster, _code("C", given.cluster)),
            (table.arm, arm_codes[given.arms]),
            (table.weight, np.ones(len(rows))),
        ]
        columns |= {name: values for name, values in optional if name is not None}
        wanted = dict.fromkeys([*([table.stratum] if table.stratum else []), *needed[wave.id]])
        columns |= {name: _observe(given, name) for name in wanted if name not in columns}
        path = folder / table.file
        path.parent.mkdir(parents=True, exist_ok=True)
        missing = table.missing[0] if table.missing else ""
        pl.DataFrame({n: _spell(v, missing) for n, v in columns.items()}).write_csv(path)


def _spell(values: Values, missing: str) -> pl.Series:
    """Write a column as text, whole numbers without a point and gaps as the table marks them."""
    series = pl.Series(values).fill_nan(None) if values.dtype.kind == "f" else pl.Series(values)
    if values.dtype.kind == "f" and (series.drop_nulls() % 1 == 0).all():
        series = series.cast(pl.Int64)
    return series.cast(pl.String).fill_null(missing)


def _code(letter: str, numbers: Ints) -> Values:
    return np.array([f"{letter}{number + 1:05d}" for number in numbers])


def _observe(given: GivenStudy, column: str) -> Values:
    stacked = np.stack([one[column] for one in given.potential])
    return np.asarray(stacked[given.arms, np.arange(len(given.arms))])


def _columns_by_wave(trial: Trial) -> dict[str, list[str]]:
    """Return the columns each wave's table must hold besides those it names itself."""
    needed: dict[str, list[str]] = {wave.id: [] for wave in trial.waves}
    conditions = [one.when.column for one in trial.population.exclusions if one.when is not None]
    needed[trial.baseline_wave.id] += conditions
    for covariate in trial.covariates:
        needed[covariate.wave].append(covariate.column)
    for outcome in trial.outcomes:
        if isinstance(outcome.derive, FromColumn):
            needed[outcome.wave].append(outcome.derive.column)
        if outcome.baseline and isinstance(outcome.baseline.derive, FromColumn):
            needed[outcome.baseline.wave].append(outcome.baseline.derive.column)
    return needed


def find_randomised(trial: Trial, given: GivenStudy) -> NDArray[np.bool_]:
    """Return who is left in after the trial's exclusions, shape (people,)."""
    table = _first_table(trial)
    cluster = table.cluster or trial.allocation.unit
    conditions = [one.when.column for one in trial.population.exclusions if one.when is not None]
    roster = pl.DataFrame(
        {
            "partner": np.full(len(given.arms), ""),
            cluster: _code("C", given.cluster),
            **{column: _observe(given, column) for column in conditions},
        }
    )
    screened = apply_exclusions(roster, trial, cluster=cluster)
    return (screened["excluded_because"] == "").to_numpy()


def compute_given_truth(
    trial: Trial, given: GivenStudy, randomised: NDArray[np.bool_]
) -> tuple[TrueEffect, ...]:
    """Compute the true effect of each treated arm on each outcome that is a column."""
    names = [arm.id for arm in trial.arms]
    reference = trial.reference_arm.id
    truths = []
    for outcome in trial.outcomes:
        assert isinstance(outcome.derive, FromColumn)
        column, scale = outcome.derive.column, outcome.derive.scale
        by_arm = [one[column][randomised].astype(float) * scale for one in given.potential]
        untreated = by_arm[names.index(reference)]
        truths += [
            average_effect(outcome.id, arm.id, reference, by_arm[names.index(arm.id)], untreated)
            for arm in trial.treated_arms
        ]
    return tuple(truths)
