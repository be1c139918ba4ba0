"""What an estimate is: the estimand's value with its uncertainty, and how it was got."""

from dataclasses import dataclass
from typing import Literal

Specification = Literal["registered", "difference_in_means", "house", "sensitivity"]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One term of a regression; ``None`` where the term was dropped as collinear or empty."""

    term: str
    label: str
    estimate: float | None
    standard_error: float | None
    statistic: float | None
    degrees_of_freedom: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect of one arm against the reference on one outcome.

    Parameters
    ----------
    outcome, arm, reference
        Identifiers in the trial file.
    specification
        ``registered`` (the plan's own), ``difference_in_means``, ``house`` or ``sensitivity``.
    estimand
        In words, e.g. ``participant-average intention-to-treat effect``.
    method, variance
        In words fit to print, e.g. ``OLS regression`` and ``CR2, Satterthwaite``.
    estimate, standard_error, interval
        In the outcome's unit; the interval at ``confidence_level``.
    degrees_of_freedom, statistic, p_value
        Two-sided t reference with these degrees of freedom.
    n, n_by_arm
        Participants used, in all and by arm identifier (file order).
    clusters, clusters_by_arm
        Allocated clusters used; ``None`` and empty when people were allocated.
    coefficients
        Every term, for regression tables; empty for a difference in means.
    warnings
        Plain sentences a reader must see beside the number.
    redraw_of_record
        Whether the p-value of record is that of randomisation inference, where it could be run:
        clusters are few, uneven or paired, or people few in one arm and many in the other.
    """

    outcome: str
    arm: str
    reference: str
    specification: Specification
    estimand: str
    method: str
    variance: str
    estimate: float
    standard_error: float
    degrees_of_freedom: float
    statistic: float
    p_value: float
    interval: tuple[float, float]
    confidence_level: float
    n: int
    n_by_arm: dict[str, int]
    clusters: int | None = None
    clusters_by_arm: dict[str, int] | None = None
    r_squared: float | None = None
    coefficients: tuple[Coefficient, ...] = ()
    warnings: tuple[str, ...] = ()
    redraw_of_record: bool = False


@dataclass(frozen=True, slots=True)
class RandomisationTest:
    """A p-value from the allocations the declared design could have produced.

    ``p_value`` is (1 + #)/(1 + R) for R random draws, or an exact share when every allocation is
    enumerated. ``smallest_p`` is the smallest value the design could give. ``interval`` is by
    inversion, ``None`` if not asked for. When the design is not declared the test is not run and
    ``reason_not_run`` says so.
    """

    outcome: str
    arm: str
    p_value: float | None
    draws: int
    allocations: int | None
    enumerated: bool
    smallest_p: float | None
    statistic: str
    interval: tuple[float, float] | None = None
    reason_not_run: str = ""


@dataclass(frozen=True, slots=True)
class EffectSize:
    """Hedges' g with its interval, and the percentage difference with its base named."""

    outcome: str
    arm: str
    hedges_g: float | None
    g_standard_error: float | None
    g_interval: tuple[float, float] | None
    percentage: float | None
    percentage_base: str
    percentage_base_value: float | None


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """Unadjusted description of an outcome in one arm; spread is the n - 1 standard deviation."""

    arm: str
    randomised: int
    n: int
    mean: float | None
    sd: float | None
    standard_error: float | None
    minimum: float | None
    quartiles: tuple[float, float, float] | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class WelchTest:
    """Welch's unequal-variance t-test between one arm and the reference."""

    outcome: str
    arm: str
    difference: float
    standard_error: float
    statistic: float
    degrees_of_freedom: float
    p_value: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class AdjustedP:
    """A p-value adjusted for a family of outcomes."""

    outcome: str
    arm: str
    family: str
    method: str
    p_value: float
    adjusted: float
