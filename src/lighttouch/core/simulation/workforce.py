"""The people of a synthetic programme, as their organisations hold them before anything happens."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lighttouch.core.protocol.people import ExtraColumn, Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.simulation.profile import (
    Absence,
    Clusters,
    Extra,
    PartnerProfile,
    Profile,
    Shares,
    Skewed,
)
from lighttouch.core.simulation.streams import Streams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PART_TIME = (2.0, 2.5, 3.0, 4.0)
"""Contracted days of those not full time, equally often."""
FEW = 0.05
"""Share left out by a yes or no that the profile says nothing about."""
EVEN = 1e-6
"""A coefficient of variation below this is none."""
_LETTERS = np.array(list("BCDFGHJKLMNPQRSTVWXZ"))
"""No vowels, so that no code spells a word or a name."""
_TEXTS = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Workforce:
    """Everyone on the partners' books at baseline.

    Parameters
    ----------
    frame
        One row per person: ``participant``, ``partner``, ``cluster`` (of the allocated kind, or
        the team), then the columns of a return that do not change with absence.
    spells
        Expected illness spells in a year at work, shape (people,).
    wellbeing
        Latent well-being, standard normal over people, shape (people,).
    habit
        Latent readiness to answer surveys, standard normal, shape (people,).
    """

    frame: pl.DataFrame
    spells: Floats
    wellbeing: Floats
    habit: Floats

    def take(self, rows: Ints) -> "Workforce":
        """Return these people only, in this order."""
        return Workforce(
            self.frame[rows], self.spells[rows], self.wellbeing[rows], self.habit[rows]
        )


def draw_workforce(trial: Trial, profile: Profile, streams: Streams) -> Workforce:
    """Draw the people of every recruited partner.

    Parameters
    ----------
    trial
        Says who the partners are, what is allocated and which columns are asked for.
    profile
        Says what the people are like.
    streams
        Random streams; each partner has its own, so that its people stay the same whatever
        the other partners are like.

    Returns
    -------
    Workforce
        People in partner order, and in random order within a partner.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> from lighttouch.core.simulation.profiles import read_profile
    >>> trial = parse_trial(library_text("letters"))
    >>> draw_workforce(trial, read_profile("letters"), Streams(1)).frame.height
    391
    """
    recruited = [one for one in trial.population.partners if one.status == "recruited"]
    parts = [_draw_partner(trial, profile, one, streams) for one in recruited]
    return Workforce(
        pl.concat([part.frame for part in parts]),
        np.concatenate([part.spells for part in parts]),
        np.concatenate([part.wellbeing for part in parts]),
        np.concatenate([part.habit for part in parts]),
    )


def _draw_partner(trial: Trial, profile: Profile, partner: Partner, streams: Streams) -> Workforce:
    rng = streams.open("workforce", partner.id)
    own = profile.partner(partner.id)
    places = _draw_places(rng, trial, profile, own)
    cluster = np.unique(places["cluster"].to_numpy(), return_inverse=True)[1]
    people = _draw_people(rng, profile, places.height)
    codes = _draw_codes(rng, places.height)
    frame = pl.concat([places, people], how="horizontal").with_columns(
        partner=pl.lit(partner.id),
        staff_id=pl.Series(codes),
        participant=pl.Series([f"{partner.id}/{code}" for code in codes]),
    )
    extras = {
        column.id: draw_extra(column, profile, rng, cluster, yes=_usual_yes(trial, column.id))
        for column in trial.population.extra_columns
        if column.id not in frame.columns
    }
    wellbeing = _share(rng, cluster, profile.wellbeing.cluster_share)
    spells = _draw_spell_rates(rng, profile.absence, cluster, wellbeing) * own.illness_ratio
    frame = frame.with_columns(**{name: pl.Series(values) for name, values in extras.items()})
    return Workforce(frame, spells, wellbeing, rng.standard_normal(places.height))


def _draw_places(
    rng: np.random.Generator, trial: Trial, profile: Profile, own: PartnerProfile
) -> pl.DataFrame:
    """Put each person in a team and a building, and name the cluster that is allocated."""
    unit = trial.allocation.unit
    total = sum(own.sizes) or own.people or profile.people
    inner = unit in ("participant", "team")
    if inner:
        team = np.repeat(*_number(own.sizes or draw_sizes(rng, total, profile.teams)))
        outer = draw_sizes(rng, int(team.max()) + 1, _in_teams(profile))
        site = np.repeat(*_number(outer))[team]
    else:
        kind = profile.buildings if unit == "building" else profile.units or profile.buildings
        outer = list(own.sizes) or draw_sizes(rng, total, kind)
        site = np.repeat(*_number(outer))
        inside = [draw_sizes(rng, size, profile.teams) for size in outer]
        team = np.repeat(*_number([size for sizes in inside for size in sizes]))
    columns = {"team": _name("T", team), "building": _name("B", site)}
    if unit not in ("participant", "team", "building"):
        columns[unit] = _name("C", site)
    shuffled = pl.DataFrame(columns)[rng.permutation(total)]
    return shuffled.with_columns(cluster=pl.col("team" if inner else unit))


def _in_teams(profile: Profile) -> Clusters:
    """Return the size of buildings counted in teams."""
    mean = max(1.0, profile.buildings.mean_size / profile.teams.mean_size)
    return Clusters(mean_size=mean, cv=profile.buildings.cv, minimum=1)


def draw_sizes(rng: np.random.Generator, total: int, clusters: Clusters) -> list[int]:
    """Divide ``total`` people into clusters of about the mean size, none below the minimum.

    Returns
    -------
    list of int
        Sizes, adding up to ``total``; one cluster of everyone if there are too few for two.

    Examples
    --------
    >>> sizes = draw_sizes(np.random.default_rng(1), 50, Clusters(mean_size=5, cv=0.5, minimum=2))
    >>> len(sizes), sum(sizes), min(sizes) >= 2
    (10, 50, True)
    """
    number = max(1, min(round(total / clusters.mean_size), total // clusters.minimum))
    spare = max(0, total - number * clusters.minimum)
    weights = _gamma(rng, clusters.cv, number)
    sizes = rng.multinomial(spare, weights / weights.sum()) + min(clusters.minimum, total)
    return [int(size) for size in sizes]


def _number(sizes: list[int] | tuple[int, ...]) -> tuple[Ints, list[int]]:
    return np.arange(len(sizes)), list(sizes)


def _name(letter: str, numbers: Ints) -> list[str]:
    return [f"{letter}{number + 1:03d}" for number in numbers]


def _draw_codes(rng: np.random.Generator, number: int) -> list[str]:
    """Draw codes of three consonants and three digits, none twice."""
    space = len(_LETTERS) ** 3 * 1000
    chosen = rng.choice(space, size=number, replace=False, shuffle=True)
    letters, digits = np.divmod(chosen, 1000)
    base = len(_LETTERS)
    triples = np.stack([letters // base**2, letters // base % base, letters % base], axis=1)
    return [
        "".join(_LETTERS[triple]) + f"{digit:03d}"
        for triple, digit in zip(triples, digits, strict=True)
    ]


def _draw_people(rng: np.random.Generator, profile: Profile, number: int) -> pl.DataFrame:
    work = profile.workforce
    part_time = rng.choice(PART_TIME, size=number)
    columns: dict[str, NDArray[np.generic]] = {
        "role": draw_categories(rng, work.roles, number),
        "gender": draw_categories(rng, work.genders, number),
        "tenure_months": np.floor(draw_skewed(rng, work.tenure, number)),
        "contract": draw_categories(rng, work.contracts, number),
        "days_per_week": np.where(rng.random(number) < work.full_time, 5.0, part_time),
    }
    gaps = {name: rng.random(number) < share for name, share in sorted(work.missing.items())}
    frame = pl.DataFrame(columns)
    return frame.with_columns(
        pl.when(pl.Series(gap)).then(None).otherwise(pl.col(name)).alias(name)
        for name, gap in gaps.items()
    )


def draw_categories(rng: np.random.Generator, shares: Shares, number: int) -> NDArray[np.str_]:
    """Draw categories with these shares, which are scaled to add up to one."""
    weights = np.array(list(shares.values()), dtype=float)
    return rng.choice(np.array(list(shares)), size=number, p=weights / weights.sum())


def draw_skewed(rng: np.random.Generator, skewed: Skewed, number: int) -> Floats:
    """Draw log-normal amounts of this mean and standard deviation, cut at the largest value."""
    variance = np.log1p((skewed.sd / skewed.mean) ** 2)
    location = np.log(skewed.mean) - variance / 2
    drawn = rng.lognormal(location, np.sqrt(variance), number)
    return np.minimum(drawn, skewed.maximum)


def _usual_yes(trial: Trial, column: str) -> float:
    """Return the share of yes where no profile says: most people stay in the trial."""
    tests = [one.when for one in trial.population.exclusions if one.when is not None]
    leaves_out = next((one.equals for one in tests if one.column == column), None)
    return 1 - FEW if leaves_out is False else FEW if leaves_out is True else 0.5


def draw_extra(
    column: ExtraColumn,
    profile: Profile,
    rng: np.random.Generator,
    cluster: Ints,
    *,
    yes: float = 0.5,
) -> NDArray[np.generic]:
    """Draw a column that the trial adds to the return; dates are drawn as days before launch.

    Parameters
    ----------
    cluster
        Number of each person's cluster, shape (people,).
    yes
        Share of yes where the profile does not say.
    """
    own = next((one for one in profile.extras if one.id == column.id), Extra(id=column.id))
    number = int(cluster.max()) + 1 if own.by_cluster else len(cluster)
    values: NDArray[np.generic]
    if column.kind == "yes_no":
        values = rng.random(number) < (yes if own.yes is None else own.yes)
    elif column.kind in ("number", "date"):
        values = np.floor(draw_skewed(rng, own.number or Skewed(mean=5, sd=4, maximum=30), number))
    else:
        options = column.choices or _TEXTS
        values = draw_categories(rng, own.shares or dict.fromkeys(options, 1.0), number)
    return values[cluster] if own.by_cluster else values


def _gamma(rng: np.random.Generator, cv: float, number: int) -> Floats:
    """Draw positive multipliers of mean one and this coefficient of variation."""
    if cv < EVEN:
        return np.ones(number)
    return np.maximum(rng.gamma(1 / cv**2, cv**2, number), np.finfo(float).tiny)


def _share(rng: np.random.Generator, cluster: Ints, share: float) -> Floats:
    """Draw standard normal traits of which clusters hold this share of the variance."""
    common = rng.standard_normal(int(cluster.max()) + 1)[cluster]
    own = rng.standard_normal(len(cluster))
    return np.asarray(np.sqrt(share) * common + np.sqrt(1 - share) * own)


def _draw_spell_rates(
    rng: np.random.Generator, absence: Absence, cluster: Ints, wellbeing: Floats
) -> Floats:
    """Draw each person's spells in a year: overdispersed, clustered, more when less well."""
    people = _gamma(rng, absence.spells_cv, len(cluster))
    clusters = _gamma(rng, absence.cluster_cv, int(cluster.max()) + 1)[cluster]
    slope = absence.wellbeing_slope
    return absence.spells_per_year * people * clusters * np.exp(slope * wellbeing - slope**2 / 2)
