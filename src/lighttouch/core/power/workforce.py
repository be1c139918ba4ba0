"""The workforce a power simulation draws: sizes, blocks and strata, and correlated outcomes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from lighttouch.core.power.model import PowerPlan
from lighttouch.core.power.planning import (
    adjusting_covariates,
    adjusts_baseline,
    plan_cluster_sizes,
)
from lighttouch.core.protocol.analysis import PowerAssumptions
from lighttouch.core.protocol.design import QuantileStratum
from lighttouch.core.protocol.people import Arm
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
    blocks
        Block of each unit.
    strata
        Strata that can be formed before launch.
    arms
        Arms in file order.
    baseline_correlation, covariate_r2
        As assumed.
    baseline, covariates
        Whether the registered analysis adjusts for them.
    effects
        Which cells it has effects for: ``cells``, ``blocks`` or ``none``.
    variance
        Variance of the registered analysis, resolved.
    cluster_average
        Whether every cluster counts once.
    """

    plan: PowerPlan
    sizes: tuple[int, ...]
    blocks: tuple[str, ...]
    strata: tuple[QuantileStratum, ...]
    arms: tuple[Arm, ...]
    baseline_correlation: float
    covariate_r2: float
    baseline: bool
    covariates: bool
    effects: str
    variance: str
    cluster_average: bool

    @property
    def strata_follow_baseline(self) -> bool:
        """Whether strata differ from one simulated workforce to the next."""
        return any(stratum.of != "cluster_size" for stratum in self.strata)


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

    Units are spread evenly over recruited partners where partners are blocks. Strata by value are
    left out, because values are not known before launch.
    """
    sizes = plan_cluster_sizes(plan, assumptions.cluster_sizes if plan.clustered else ())
    analysis = trial.analysis
    design = "CR2" if plan.clustered else "HC2"
    return Setting(
        plan=plan,
        sizes=sizes,
        blocks=_spread_blocks(trial, len(sizes)),
        strata=tuple(s for s in trial.allocation.strata if isinstance(s, QuantileStratum)),
        arms=trial.arms,
        baseline_correlation=assumptions.baseline_correlation,
        covariate_r2=assumptions.covariate_r2,
        baseline=adjusts_baseline(trial, plan.outcome),
        covariates=bool(adjusting_covariates(trial, plan.outcome)),
        effects=_effects(trial),
        variance=design if analysis.variance == "design" else analysis.variance,
        cluster_average=plan.clustered and analysis.estimand == "cluster_average",
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
    """Return the units with their blocks and strata, as a design is declared from them."""
    labels = [""] * len(setting.sizes)
    for stratum in setting.strata:
        groups = _quantile_groups(setting, stratum, workforce)
        labels = [f"{label}{group}" for label, group in zip(labels, groups, strict=True)]
    names = [f"unit {index:06d}" for index in range(len(setting.sizes))]
    return pl.DataFrame({"unit": names, "block": list(setting.blocks), "stratum": labels})


def _quantile_groups(setting: Setting, stratum: QuantileStratum, workforce: Workforce) -> list[int]:
    by_size = stratum.of == "cluster_size"
    values = np.asarray(setting.sizes, dtype=float) if by_size else workforce.stratifier
    blocks = np.asarray(setting.blocks if stratum.within == "partner" else [""] * len(values))
    groups = np.zeros(len(values), dtype=np.int64)
    for block in np.unique(blocks):
        here = blocks == block
        cuts = np.quantile(values[here], np.arange(1, stratum.groups) / stratum.groups)
        groups[here] = np.searchsorted(cuts, values[here], side="left")
    return groups.tolist()


def _correlated(unit: IntArray, icc: float, rng: np.random.Generator) -> FloatArray:
    shared = rng.standard_normal(int(unit[-1]) + 1)
    own = rng.standard_normal(len(unit))
    return np.asarray(np.sqrt(icc) * shared[unit] + np.sqrt(1 - icc) * own)


def _spread_blocks(trial: Trial, units: int) -> tuple[str, ...]:
    partners = [p.id for p in trial.population.partners if p.status == "recruited"]
    if "partner" not in trial.allocation.blocks or not partners:
        return ("",) * units
    return tuple(partners[index % len(partners)] for index in range(units))


def _effects(trial: Trial) -> str:
    if trial.analysis.estimator != "regression":
        return "none"
    if trial.analysis.stratum_effects:
        return "cells"
    return "blocks" if trial.analysis.partner_effects else "none"
