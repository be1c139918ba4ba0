"""From the trial file's power assumptions to a sample the formula and the simulation share."""

from math import ceil

import numpy as np
import numpy.typing as npt
from scipy import stats

from lighttouch.core.errors import Fault, ProtocolError
from lighttouch.core.estimation.planning import registered_recipe
from lighttouch.core.power.model import PowerPlan
from lighttouch.core.protocol.analysis import PowerAssumptions
from lighttouch.core.protocol.design import QuantileStratum
from lighttouch.core.protocol.trial import Trial


def declare_plan(trial: Trial, assumptions: PowerAssumptions) -> PowerPlan:
    """Resolve power assumptions against the design and analysis they belong to.

    The baseline correlation counts only if the analysis adjusts for a baseline outcome, and the
    covariates' R² only if it has covariates: power must not be borrowed from a regression that
    will not be run.

    Parameters
    ----------
    trial
        The trial file.
    assumptions
        One entry of its ``power``. ``covariate_r2`` is the share explained of what the baseline
        outcome leaves.

    Returns
    -------
    PowerPlan
        Sizes count everyone allocated; losses are in ``analysed_share``.

    Raises
    ------
    ProtocolError
        If the trial has a single arm or the assumptions do not give a size.

    Examples
    --------
    >>> from lighttouch.core.power.example import example_trial
    >>> trial = example_trial()
    >>> plan = declare_plan(trial, trial.power[0])
    >>> plan.units, plan.mean_size, round(plan.design_effect, 2)
    (20, 15.0, 1.7)
    """
    if not trial.treated_arms:
        raise ProtocolError("power compares arms, and this trial has one", where="arms")
    units, mean_size, size_cv = _resolve_sizes(trial, assumptions)
    total = sum(arm.share for arm in trial.arms)
    outcome = trial.outcome(assumptions.outcome)
    return PowerPlan(
        outcome=outcome.id,
        unit=outcome.unit,
        arms=tuple(arm.id for arm in trial.arms),
        shares=tuple(arm.share / total for arm in trial.arms),
        reference=trial.reference_arm.id,
        clustered=trial.clustered,
        units=units,
        mean_size=mean_size,
        size_cv=size_cv,
        icc=assumptions.icc if trial.clustered else 0.0,
        residual_share=_residual_share(trial, assumptions),
        analysed_share=assumptions.response * (1 - assumptions.attrition),
        cells=count_cells(trial, outcome.id),
        terms=_count_terms(trial, outcome.id),
        sd=assumptions.sd,
        effect=assumptions.effect,
        power=assumptions.power,
        significance=assumptions.significance,
    )


def adjusts_baseline(trial: Trial, outcome_id: str) -> bool:
    """Return whether the registered analysis adjusts for the outcome's baseline value."""
    outcome = trial.outcome(outcome_id)
    return registered_recipe(trial, outcome).baseline_outcome and outcome.baseline is not None


def adjusting_covariates(trial: Trial, outcome_id: str) -> tuple[str, ...]:
    """Return the covariates of the registered analysis of an outcome."""
    return registered_recipe(trial, trial.outcome(outcome_id)).covariates


def count_cells(trial: Trial, outcome_id: str) -> int:
    """Return the blocks times strata known before launch whose effects the analysis estimates.

    Partners are the recruited ones; strata by value, and blocks by other columns, cannot be
    counted before the returns are in and count once.
    """
    recipe = registered_recipe(trial, trial.outcome(outcome_id))
    recruited = sum(partner.status == "recruited" for partner in trial.population.partners)
    blocked = recipe.stratum_effects and "partner" in trial.allocation.blocks
    cells = max(1, recruited) if recipe.partner_effects or blocked else 1
    for stratum in trial.allocation.strata if recipe.stratum_effects else ():
        cells *= stratum.groups if isinstance(stratum, QuantileStratum) else 1
    return cells


def plan_cluster_sizes(plan: PowerPlan, listed: tuple[int, ...]) -> tuple[int, ...]:
    """Return whole cluster sizes for a plan: the real list, or one like it.

    Without a list, sizes are the quantiles of a gamma distribution with the plan's coefficient of
    variation, stretched to its mean; a cluster has at least one participant.

    Examples
    --------
    >>> from lighttouch.core.power.example import example_trial
    >>> trial = example_trial()
    >>> sorted(set(plan_cluster_sizes(declare_plan(trial, trial.power[0]), ())))
    [15]
    """
    if listed:
        return listed
    raw = np.full(plan.units, plan.mean_size) if plan.size_cv == 0 else _spread_sizes(plan)
    edges = np.floor(np.cumsum(raw) + 0.5)
    return tuple(int(size) for size in np.maximum(np.diff(edges, prepend=0.0), 1))


def share_units(units: int, shares: tuple[float, ...], first: int) -> tuple[int, ...]:
    """Split whole units by shares, remainders to the largest fractions, ties to ``first``.

    Examples
    --------
    >>> share_units(13, (0.5, 0.5), first=1)
    (6, 7)
    """
    exact = [units * share for share in shares]
    whole = [int(value + 1e-9) for value in exact]
    order = sorted(
        range(len(shares)), key=lambda i: (-round(exact[i] - whole[i], 9), i != first, i)
    )
    for index in order[: units - sum(whole)]:
        whole[index] += 1
    return tuple(whole)


def _count_terms(trial: Trial, outcome_id: str) -> int:
    return len(adjusting_covariates(trial, outcome_id)) + int(adjusts_baseline(trial, outcome_id))


def _spread_sizes(plan: PowerPlan) -> npt.NDArray[np.float64]:
    shape = 1 / plan.size_cv**2
    ranks = (np.arange(plan.units) + 0.5) / plan.units
    quantiles = stats.gamma.ppf(ranks, shape)
    centred = (quantiles - quantiles.mean()) / quantiles.std()
    sizes = plan.mean_size * (1 + plan.size_cv * centred)
    return np.asarray(np.maximum(sizes, 1.0))


def _residual_share(trial: Trial, assumptions: PowerAssumptions) -> float:
    share = 1.0
    if adjusts_baseline(trial, assumptions.outcome):
        share *= 1 - assumptions.baseline_correlation**2
    if adjusting_covariates(trial, assumptions.outcome):
        share *= 1 - assumptions.covariate_r2
    return share


def _resolve_sizes(trial: Trial, given: PowerAssumptions) -> tuple[int, float, float]:
    if not trial.clustered:
        return _count_participants(given), 1.0, 0.0
    if given.cluster_sizes:
        sizes = np.asarray(given.cluster_sizes, dtype=float)
        return len(sizes), float(sizes.mean()), float(sizes.std() / sizes.mean())
    mean = given.mean_cluster_size
    if mean is None and given.participants is not None and given.clusters is not None:
        mean = given.participants / given.clusters
    if given.clusters is None or mean is None:
        raise _no_size("Give cluster_sizes, or clusters with mean_cluster_size")
    return given.clusters, mean, given.cluster_size_cv


def _count_participants(given: PowerAssumptions) -> int:
    if given.participants is not None:
        return given.participants
    if given.cluster_sizes:
        return sum(given.cluster_sizes)
    if given.clusters is not None and given.mean_cluster_size is not None:
        return ceil(given.clusters * given.mean_cluster_size)
    raise _no_size("Give participants")


def _no_size(remedy: str) -> ProtocolError:
    return ProtocolError(Fault("the power assumptions do not give a size", "power", remedy))
