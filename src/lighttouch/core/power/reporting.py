"""The whole power report of a trial: formula, simulation if asked for, curves and warnings."""

from dataclasses import replace

import numpy as np

from lighttouch.core.errors import ProtocolError
from lighttouch.core.power.checking import check_power
from lighttouch.core.power.formula import (
    compute_effect_curve,
    compute_formula_power,
    compute_size_curve,
)
from lighttouch.core.power.model import EffectPoint, OutcomePower, PowerReport
from lighttouch.core.power.planning import declare_plan
from lighttouch.core.power.simulating import NullDraws, simulate_power, summarise_draws
from lighttouch.core.power.workforce import declare_setting
from lighttouch.core.progress import Progress, no_progress
from lighttouch.core.protocol.analysis import PowerAssumptions
from lighttouch.core.protocol.trial import Trial


def compute_power_report(
    trial: Trial,
    *,
    draws: int | None = None,
    seed: int = 0,
    workers: int = -1,
    progress: Progress = no_progress,
) -> PowerReport:
    """Return the power of every outcome the trial file makes assumptions about.

    Parameters
    ----------
    trial
        The trial file.
    draws
        Trials to simulate for each outcome; ``None`` for the formula alone.
    seed
        Seed of the simulation. The same seed gives the same report on any number of cores.
    workers
        Processes; -1 is every core.
    progress
        Told how far the simulation of an outcome has come.

    Raises
    ------
    ProtocolError
        If the trial file makes no power assumptions, or they give no size.

    Examples
    --------
    >>> from lighttouch.core.power.example import example_trial
    >>> report = compute_power_report(example_trial())
    >>> round(report.outcomes[0].formula[0].power, 2)
    0.88
    """
    if not trial.power:
        raise ProtocolError(
            "the trial file makes no power assumptions", where="power", remedy="Add [[power]]"
        )
    by_formula = tuple(_report_formula(trial, assumptions) for assumptions in trial.power)
    if draws is None:
        return PowerReport(trial.id, trial.title, by_formula)
    seeds = np.random.SeedSequence(seed).spawn(len(trial.power))
    outcomes: list[OutcomePower] = []
    for found, assumptions, own in zip(by_formula, trial.power, seeds, strict=True):
        setting = declare_setting(trial, assumptions, found.plan)
        drawn = simulate_power(setting, draws=draws, seed=own, workers=workers, progress=progress)
        outcomes.append(
            replace(
                found,
                simulated=summarise_draws(setting, drawn),
                by_effect=_add_simulated(found, drawn),
            )
        )
    return PowerReport(trial.id, trial.title, tuple(outcomes), seed, draws)


def _report_formula(trial: Trial, assumptions: PowerAssumptions) -> OutcomePower:
    plan = declare_plan(trial, assumptions)
    return OutcomePower(
        plan=plan,
        formula=compute_formula_power(plan),
        simulated=(),
        by_effect=compute_effect_curve(plan),
        by_size=compute_size_curve(plan),
        warnings=check_power(trial, assumptions, plan),
    )


def _add_simulated(found: OutcomePower, drawn: NullDraws) -> tuple[EffectPoint, ...]:
    plan = found.plan
    arms = [arm for arm in plan.arms if arm != plan.reference]
    return tuple(
        replace(
            point,
            simulated=float(
                drawn.reject_at(point.effect, plan.significance)[arms.index(point.arm)]
            ),
        )
        for point in found.by_effect
    )
