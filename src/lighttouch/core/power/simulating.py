"""Power by simulation: the declared design drawn, the registered analysis run, many times.

Effects are constant and the analysis is linear in the outcome, so adding an effect to a treated
arm moves its estimate by exactly that effect and leaves its standard error alone. One set of
trials without any effect therefore gives the power at every effect, the type I error and the
minimum detectable effect.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from lighttouch.core.allocation.declaring import Design, declare_design
from lighttouch.core.allocation.drawing import draw_allocation
from lighttouch.core.errors import EstimationError
from lighttouch.core.estimation.fitted import NO_SPREAD
from lighttouch.core.estimation.fitting import fit_effect
from lighttouch.core.power.model import SimulatedPower
from lighttouch.core.power.parallel import run_jobs
from lighttouch.core.power.workforce import (
    FloatArray,
    IntArray,
    Setting,
    Workforce,
    declare_units,
    simulate_workforce,
)
from lighttouch.core.progress import Progress, no_progress

DRAWS_PER_JOB = 25
"""Part of the algorithm: the split of draws into seeded jobs fixes the random stream."""
_Z95 = 1.96


@dataclass(frozen=True, slots=True)
class SimulationJob:
    """Some simulated trials and the seed they come from."""

    setting: Setting
    seed: np.random.SeedSequence
    draws: int


@dataclass(frozen=True, slots=True)
class NullDraws:
    """Registered analyses of trials without an effect; arrays have shape (draws, treated arms).

    A trial that could not be analysed is ``nan`` in all three.
    """

    estimates: FloatArray
    standard_errors: FloatArray
    degrees_of_freedom: FloatArray

    def critical_values(self, significance: float) -> FloatArray:
        """Return how far an estimate must lie from zero to be significant."""
        reference = stats.t.isf(significance / 2, self.degrees_of_freedom)
        return np.asarray(reference * self.standard_errors)

    def reject_at(self, effect: float, significance: float) -> FloatArray:
        """Return the share of trials, per arm, that would reject at a true effect."""
        with np.errstate(invalid="ignore"):
            found = np.abs(self.estimates + effect) > self.critical_values(significance)
        return np.asarray(found.mean(axis=0))


def simulate_power(
    setting: Setting,
    *,
    draws: int,
    seed: np.random.SeedSequence,
    workers: int = -1,
    progress: Progress = no_progress,
) -> NullDraws:
    """Draw and analyse trials without an effect.

    Parameters
    ----------
    setting
        From :func:`lighttouch.core.power.workforce.declare_setting`.
    draws
        How many trials.
    seed
        Source of every job's own seed.
    workers
        Processes; -1 is every core. The result does not depend on it.
    progress
        Told after every job.

    Examples
    --------
    >>> from lighttouch.core.power.example import example_trial
    >>> from lighttouch.core.power.planning import declare_plan
    >>> from lighttouch.core.power.workforce import declare_setting
    >>> trial = example_trial()
    >>> plan = declare_plan(trial, trial.power[0])
    >>> setting = declare_setting(trial, trial.power[0], plan)
    >>> simulate_power(setting, draws=3, seed=np.random.SeedSequence(1), workers=1).estimates.shape
    (3, 1)
    """
    counts = [DRAWS_PER_JOB] * (draws // DRAWS_PER_JOB)
    counts += [draws % DRAWS_PER_JOB] if draws % DRAWS_PER_JOB else []
    seeds = seed.spawn(len(counts))
    jobs = [SimulationJob(setting, own, count) for own, count in zip(seeds, counts, strict=True)]
    parts = run_jobs(simulate_job, jobs, workers=workers, progress=progress)
    return NullDraws(
        np.concatenate([part.estimates for part in parts]),
        np.concatenate([part.standard_errors for part in parts]),
        np.concatenate([part.degrees_of_freedom for part in parts]),
    )


def simulate_job(job: SimulationJob) -> NullDraws:
    """Run one job's trials from its own seed."""
    rng = np.random.default_rng(job.seed)
    shape = (job.draws, len(job.setting.trial.arms) - 1)
    drawn = NullDraws(*(np.full(shape, np.nan) for _ in range(3)))
    design: Design | None = None
    for index in range(job.draws):
        workforce = simulate_workforce(job.setting, rng)
        if design is None or job.setting.strata_follow_baseline:
            design = declare_design(declare_units(job.setting, workforce), job.setting.trial.arms)
        _analyse_trial(job.setting, workforce, design, rng, drawn, index)
    return drawn


def summarise_draws(setting: Setting, drawn: NullDraws) -> tuple[SimulatedPower, ...]:
    """Return power, type I error and minimum detectable effect of every treated arm."""
    plan = setting.plan
    treated = [arm for arm in plan.arms if arm != plan.reference]
    power = drawn.reject_at(plan.effect, plan.significance)
    type_one = drawn.reject_at(0.0, plan.significance)
    found: list[SimulatedPower] = []
    for index, arm in enumerate(treated):
        whole = np.isfinite(drawn.estimates[:, index])
        detectable, interval = _detectable_effect(plan.power, drawn, plan.significance, index)
        found.append(
            SimulatedPower(
                outcome=plan.outcome,
                arm=arm,
                draws=len(whole),
                failed=int((~whole).sum()),
                power=float(power[index]),
                power_error=_monte_carlo_error(float(power[index]), len(whole)),
                type_one_error=float(type_one[index]),
                type_one_standard_error=_monte_carlo_error(float(type_one[index]), len(whole)),
                mean_standard_error=_mean(drawn.standard_errors[whole, index]),
                sd_of_estimates=_spread(drawn.estimates[whole, index]),
                mean_degrees_of_freedom=_mean(drawn.degrees_of_freedom[whole, index]),
                minimum_detectable_effect=detectable,
                minimum_detectable_interval=interval,
            )
        )
    return tuple(found)


def _analyse_trial(
    setting: Setting,
    workforce: Workforce,
    design: Design,
    rng: np.random.Generator,
    drawn: NullDraws,
    index: int,
) -> None:
    """Allocate, lose the people who do not answer, analyse, and write the result at ``index``."""
    arms = _by_unit(design, draw_allocation(design, rng))[workforce.unit]
    analysed = rng.random(len(arms)) < setting.plan.analysed_share
    if not analysed.any():
        return
    unit = workforce.unit[analysed]
    reference = setting.plan.arms.index(setting.plan.reference)
    treated = [k for k in range(len(setting.plan.arms)) if k != reference]
    try:
        fit = fit_effect(
            workforce.outcome[analysed],
            (arms[analysed, None] == np.asarray(treated)).astype(float),
            _controls(setting, workforce, design, analysed),
            clusters=unit if setting.plan.clustered else None,
            weights=1 / np.bincount(unit)[unit] if setting.cluster_average else None,
            variance=setting.variance,
        )
    except EstimationError:
        return
    smallest = NO_SPREAD * setting.plan.sd
    if np.any(fit.standard_errors <= smallest) or np.isnan(fit.degrees_of_freedom).any():
        return
    drawn.estimates[index] = fit.estimates
    drawn.standard_errors[index] = fit.standard_errors
    drawn.degrees_of_freedom[index] = fit.degrees_of_freedom


def _controls(
    setting: Setting, workforce: Workforce, design: Design, analysed: npt.NDArray[np.bool_]
) -> FloatArray | None:
    columns: list[FloatArray] = []
    if setting.baseline:
        columns.append(workforce.baseline[analysed])
    if setting.covariates:
        columns.append(workforce.covariate[analysed])
    if setting.partner_effects:
        columns += _indicators(np.asarray(setting.partners)[workforce.unit[analysed]])
    if setting.stratum_effects:
        cells = _by_unit(design, np.asarray(design.cells))
        columns += _indicators(cells[workforce.unit[analysed]])
    return np.column_stack(columns) if columns else None


def _by_unit(design: Design, values: IntArray) -> IntArray:
    """Put values aligned with the design's units, which are in text order, in order of number."""
    ordered = np.empty_like(values)
    ordered[[int(unit.rpartition("/")[2]) for unit in design.units]] = values
    return ordered


def _indicators(labels: npt.NDArray[np.generic]) -> list[FloatArray]:
    """Return an indicator of every label present but the first."""
    return [(labels == label).astype(float) for label in np.unique(labels)[1:]]


def _detectable_effect(
    power: float, drawn: NullDraws, significance: float, index: int
) -> tuple[float | None, tuple[float, float] | None]:
    """Return the effect at which the wanted share of trials reject on the right side."""
    reach = drawn.critical_values(significance)[:, index] - drawn.estimates[:, index]
    reach = np.sort(np.where(np.isfinite(reach), reach, np.inf))
    error = _Z95 * _monte_carlo_error(power, len(reach))
    low, middle, high = (
        float(reach[int(np.clip(np.ceil(share * len(reach)) - 1, 0, len(reach) - 1))])
        for share in (power - error, power, power + error)
    )
    if not np.isfinite(middle):
        return None, None
    return middle, (low, high) if np.isfinite(high) else None


def _monte_carlo_error(share: float, draws: int) -> float:
    return float(np.sqrt(share * (1 - share) / draws))


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _spread(values: FloatArray) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
