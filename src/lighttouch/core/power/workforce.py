"""The workforce a power simulation draws: sizes, blocks and strata, and correlated outcomes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from lighttouch.core.allocation.strata import assign_strata
from lighttouch.core.estimation.planning import registered_recipe, registered_variance
from lighttouch.core.estimation.variance import VarianceKind
from lighttouch.core.power.model import PowerPlan
from lighttouch.core.power.planning import (
    adjusting_covariates,
    adjusts_baseline,
    plan_cluster_sizes,
)
from lighttouch.core.protocol.analysis import PowerAssumptions
from lighttouch.core.protocol.design import QuantileStratum, ValueStratum
from lighttouch.core.protocol.trial import Trial

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything a simulated trial needs; small enough to send to another machine.

    Parameters
    ----------
    plan
        The plan.
    sizes
        Participants in each unit (1 when people are allocated).
    trial
        The trial, for its arms, blocks and strata.
    partners
        Partner of each unit.
    baseline_correlation, covariate_r2
        As assumed.
    baseline, covariates
        Whether the registered analysis adjusts for them.
    partner_effects, stratum_effects
        Whether it has effects for partners and for cells (block by stratum).
    variance
        Variance of the registered analysis, resolved.
    cluster_average
        Whether every cluster counts once.
    """

    plan: PowerPlan
    sizes: tuple[int, ...]
    trial: Trial
    partners: tuple[str, ...]
    baseline_correlation: float
    covariate_r2: float
    baseline: bool
    covariates: bool
    partner_effects: bool
    stratum_effects: bool
    variance: VarianceKind
    cluster_average: bool

    @property
    def strata_follow_baseline(self) -> bool:
        """Whether strata differ from one simulated workforce to the next."""
        return any(
            isinstance(stratum, QuantileStratum) and stratum.of != "cluster_size"
            for stratum in self.trial.allocation.strata
        )


@dataclass(frozen=True, slots=True)
class Workforce:
    """One draw of the people before allocation; arrays are per participant.

    ``outcome`` is what everyone would have without any intervention, in the outcome's unit;
    ``stratifier`` is per unit.
    """

    unit: IntArray
    baseline: FloatArray
    covariate: FloatArray
    outcome: FloatArray
    stratifier: FloatArray


def declare_setting(trial: Trial, assumptions: PowerAssumptions, plan: PowerPlan) -> Setting:
    """Resolve a trial file into what its simulation needs.

    Units are spread evenly over the recruited partners.
    """
    sizes = plan_cluster_sizes(plan, assumptions.cluster_sizes if plan.clustered else ())
    recipe = registered_recipe(trial, trial.outcome(plan.outcome))
    return Setting(
        plan=plan,
        sizes=sizes,
        trial=trial,
        partners=_spread_partners(trial, len(sizes)),
        baseline_correlation=assumptions.baseline_correlation,
        covariate_r2=assumptions.covariate_r2,
        baseline=adjusts_baseline(trial, plan.outcome),
        covariates=bool(adjusting_covariates(trial, plan.outcome)),
        partner_effects=recipe.partner_effects,
        stratum_effects=recipe.stratum_effects,
        variance=registered_variance(trial),
        cluster_average=recipe.cluster_average,
    )


def simulate_workforce(setting: Setting, rng: np.random.Generator) -> Workforce:
    """Draw people whose outcomes, baselines and covariates are normal with the assumed ICC.

    The outcome is r·baseline + √(1 − r²)·(√R²·covariate + √(1 − R²)·rest), times its standard
    deviation, every part with variance 1 and the same intra-cluster correlation.
    """
    unit = np.repeat(np.arange(len(setting.sizes)), setting.sizes)
    baseline, covariate, rest = (_correlated(unit, setting.plan.icc, rng) for _ in range(3))
    r, share = setting.baseline_correlation, setting.covariate_r2
    unexplained = np.sqrt(share) * covariate + np.sqrt(1 - share) * rest
    outcome = setting.plan.sd * (r * baseline + np.sqrt(1 - r**2) * unexplained)
    stratifier = np.bincount(unit, weights=baseline) / np.asarray(setting.sizes)
    return Workforce(unit, baseline, covariate, outcome, stratifier)


def declare_units(setting: Setting, workforce: Workforce) -> pl.DataFrame:
    """Return the units with their blocks and strata, formed by the rules of the allocation.

    A column of numbers that strata are made of is the simulated baseline; any other column that
    blocks or strata name has one value, because values are not known before launch.

    Returns
    -------
    polars.DataFrame
        ``unit`` (``partner/number``; the number is the position among the setting's units),
        ``block`` and ``stratum``, ordered by unit.
    """
    unit = workforce.unit
    people = pl.DataFrame(
        {
            "partner": [setting.partners[number] for number in unit],
            "number": [f"{number:06d}" for number in unit],
            "stratifier": workforce.stratifier[unit],
        }
    )
    code = pl.int_range(pl.len()).cast(pl.String) if setting.plan.clustered else pl.col("number")
    roster = people.with_columns(
        pl.concat_str("partner", pl.lit("/"), code).alias("participant"),
        pl.lit("").alias("excluded_because"),
        **_allocation_columns(setting.trial),
    )
    return assign_strata(roster, setting.trial)


def _allocation_columns(trial: Trial) -> dict[str, pl.Expr]:
    """Return the columns that the allocation names: cluster, blocks and strata."""
    allocation = trial.allocation
    columns = {name: pl.lit("") for name in allocation.blocks if name != "partner"}
    for stratum in allocation.strata:
        if isinstance(stratum, ValueStratum):
            columns[stratum.column] = pl.lit("")
        elif stratum.column is not None:
            columns[stratum.column] = pl.col("stratifier")
    if trial.clustered:
        columns[allocation.unit] = pl.col("number")
    return columns


def _correlated(unit: IntArray, icc: float, rng: np.random.Generator) -> FloatArray:
    shared = rng.standard_normal(int(unit[-1]) + 1)
    own = rng.standard_normal(len(unit))
    return np.asarray(np.sqrt(icc) * shared[unit] + np.sqrt(1 - icc) * own)


def _spread_partners(trial: Trial, units: int) -> tuple[str, ...]:
    partners = [p.id for p in trial.population.partners if p.status == "recruited"] or [""]
    return tuple(partners[index % len(partners)] for index in range(units))
