"""Plain sentences a reader must see beside an estimate."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from lighttouch.core.estimation.fitted import Fitted
from lighttouch.core.estimation.regression import IntArray
from lighttouch.core.estimation.terms import Model

FEW_CLUSTERS = 40
"""Below about this many clusters the randomisation p-value is the p-value of record."""
FEW_DEGREES = 4.0
"""Below four Satterthwaite degrees of freedom the t reference is known to fail (Tipton 2015)."""
UNEVEN_SIZES = 0.6
"""Coefficient of variation of cluster sizes above which cluster-robust errors are doubtful."""
FEW_PEOPLE, LOPSIDED = 10, 2
"""An arm with fewer people, set against one with at least twice as many: at 5 against 60 the test
with n - k degrees of freedom finds 10 % at a nominal 5 %, at 10 against 60 it finds 6 %."""
HEAVY_LEVERAGE = 0.5
"""A participant who decides more than half of its own fitted value."""
HEAVY_CLUSTER, HEAVY_SHARE = 3.0, 0.1
"""A cluster with more than this many times the average share of what is known of the effect, and
at least this share: among hundreds of clusters three times the average is still next to nothing."""
LOW_RESPONSE = 0.5
"""Response below which those who answered are a minority."""
UNEVEN_RESPONSE = 0.05
"""A difference in response between arms that could by itself move an estimate noticeably."""
UNEVEN_CHANCE = 1e-9
"""Chances of an arm that differ by more than rounding."""


@dataclass(frozen=True, slots=True)
class Caution:
    """A sentence a reader must see, and whether it makes the redrawn p-value the one of record."""

    sentence: str
    redraw: bool = False


def list_cautions(fitted: Fitted, position: int) -> tuple[Caution, ...]:
    """List what a reader must know before believing an estimate.

    Parameters
    ----------
    fitted
        The regression.
    position
        Position of the arm's coefficient in it.
    """
    trial, plan = fitted.data.trial, fitted.plan
    clustered = plan.variance in ("CR2", "CR3")
    sentences: list[str] = []
    redraw: list[str] = []
    if trial.clustered and not clustered:
        sentences.append(
            "Clusters were allocated, but this standard error treats people as independent: "
            "it is too small, and the p-value and interval are not to be relied on."
        )
    elif trial.clustered:
        redraw += _cluster_cautions(fitted, position)
        sentences += _leverage_cautions(fitted, position)
    elif plan.variance in ("HC2", "HC3"):
        redraw += _few_people_cautions(fitted, position)
        sentences += _participant_cautions(fitted)
    if plan.specification == "registered":
        sentences += _data_cautions(fitted)
    return (*(Caution(said, redraw=True) for said in redraw), *map(Caution, sentences))


def _cluster_cautions(fitted: Fitted, position: int) -> Iterator[str]:
    """Warn where cluster-robust errors are doubtful, so that redrawing is relied on instead."""
    model = fitted.model
    degrees = float(fitted.variance.degrees_of_freedom[position])
    first, sizes = np.unique(model.clusters, return_index=True, return_counts=True)[1:]
    if len(sizes) < FEW_CLUSTERS:
        yield (
            f"Only {len(sizes)} clusters were analysed, whatever the number of people; the "
            f"uncertainty rests on {degrees:.1f} degrees of freedom, and the randomisation p-value "
            "is the one of record."
        )
    if degrees < FEW_DEGREES:
        yield (
            "With fewer than 4 degrees of freedom the t-based p-value and interval are not "
            "dependable; use the randomisation p-value."
        )
    for count, label in _count_compared(fitted, position, model.arms[first]):
        if count <= 2:
            number = "one cluster" if count == 1 else "two clusters"
            yield f"The arm {label} has only {number}: rely on the randomisation p-value alone."
        if count == 1:
            # With 1 of 10 a nominal 5 % is 46 %, with 1 of 25 it is 71 %.
            yield (
                "A single cluster cannot show how far clusters differ by chance: the standard "
                "error and interval are far too small."
            )
    variation = float(np.std(sizes) / np.mean(sizes))
    if variation > UNEVEN_SIZES:
        yield (
            f"Cluster sizes are very uneven (coefficient of variation {variation:.2f}): compare "
            "participant-average and cluster-average effects, and rely on the randomisation "
            "p-value."
        )
    if _has_pairs(model, first):
        yield (
            "Some strata hold only two clusters; with a term for each stratum the cluster-robust "
            "error is uncertain there, and the randomisation p-value is the safer one."
        )


def _count_compared(fitted: Fitted, position: int, arms: IntArray) -> list[tuple[int, str]]:
    """Count the units of the two arms compared, with the arm's label; the smaller arm first."""
    trial = fitted.data.trial
    counts = np.bincount(arms, minlength=len(trial.arms))
    pair = (trial.treated_arms[position - fitted.first_arm], trial.reference_arm)
    return sorted((int(counts[trial.arms.index(arm)]), arm.label) for arm in pair)


def _has_pairs(model: Model, first: IntArray) -> bool:
    """Whether a stratum among several holds exactly two clusters."""
    flags = [
        model.controls[first, column]
        for column, term in enumerate(model.terms)
        if term.id.startswith("stratum:")
    ]
    if not flags:
        return False
    in_base = len(first) - sum(float(flag.sum()) for flag in flags)
    return in_base == 2 or any(flag.sum() == 2 for flag in flags)


def _leverage_cautions(fitted: Fitted, position: int) -> Iterator[str]:
    """Warn of a cluster that holds much of the information on the effect (partial leverage)."""
    influence = fitted.fit.basis @ fitted.fit.inverse_root[position]
    shares = np.bincount(fitted.model.clusters, influence**2) / np.sum(influence**2)
    if shares.max() > max(HEAVY_CLUSTER / len(shares), HEAVY_SHARE):
        yield (f"One cluster carries {100 * shares.max():.0f}% of what is known about this effect.")


def _few_people_cautions(fitted: Fitted, position: int) -> Iterator[str]:
    """Warn where one of the two arms compared is small beside the other."""
    (few, small), (many, _) = _count_compared(fitted, position, fitted.model.arms)
    if few < FEW_PEOPLE and many >= LOPSIDED * few:
        yield (
            f"In the arm {small} only {few} people have this outcome, against {many}: the t-based "
            "p-value may be too small, and the randomisation p-value is the one of record."
        )


def _participant_cautions(fitted: Fitted) -> Iterator[str]:
    heavy = int(np.sum(fitted.fit.leverage > HEAVY_LEVERAGE))
    if heavy:
        people = "One participant decides" if heavy == 1 else f"{heavy} participants decide"
        yield f"{people} most of their own fitted value, as happens in very small strata."


def _data_cautions(fitted: Fitted) -> Iterator[str]:
    frame, trial, model = fitted.data.frame, fitted.data.trial, fitted.model
    used = np.bincount(model.arms, minlength=len(trial.arms))
    randomised = [int((frame["arm"] == arm.id).sum()) for arm in trial.arms]
    response = used / np.array(randomised)
    if used.sum() < LOW_RESPONSE * frame.height:
        yield (
            f"The outcome is known for {used.sum()} of {frame.height} randomised participants; "
            "they may differ from the others."
        )
    if response.max() - response.min() >= UNEVEN_RESPONSE:
        shares = ", ".join(
            f"{arm.label} {100 * share:.0f}%"
            for arm, share in zip(trial.arms, response, strict=True)
        )
        yield f"The outcome is known for unequal shares of the arms ({shares})."
    for index, arm in enumerate(trial.arms):
        if np.ptp(model.y[model.arms == index]) == 0:
            yield f"The outcome is the same for everyone in the arm {arm.label}."
    if model.weights is None and not fitted.plan.recipe.stratum_effects and _chances_differ(frame):
        yield (
            "Participants did not all have the same chance of each arm, and neither weights nor "
            "stratum terms allow for it."
        )


def _chances_differ(frame: pl.DataFrame) -> bool:
    """Whether people in the same arm had different chances of it."""
    chance = pl.col("probability")
    spread = frame.group_by("arm").agg((chance.max() - chance.min()).alias("spread"))["spread"]
    return bool((spread > UNEVEN_CHANCE).any())
