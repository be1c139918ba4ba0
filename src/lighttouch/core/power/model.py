"""What is said about power before launch: plans, points on curves, and the whole report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """A sample size resolved from the trial file, ready for the formula.

    Parameters
    ----------
    outcome
        Identifier of the outcome.
    unit
        Its unit, fit to print.
    arms, shares, reference
        Arm identifiers in file order, their shares (summing to 1), and the reference arm.
    clustered
        Whether clusters are allocated.
    units
        Clusters when ``clustered``, else participants.
    mean_size, size_cv
        Mean and coefficient of variation of cluster size (1 and 0 for participants).
    icc
        Intra-cluster correlation of the outcome; 0 for participants.
    residual_share
        Share of the outcome's variance left after adjustment, in (0, 1].
    analysed_share
        Share of participants whose outcome is analysed, in (0, 1].
    cells
        Blocks times strata that are known from the trial file.
    terms
        Regression terms about participants (baseline outcome, covariates).
    sd, effect
        In the outcome's unit.
    power, significance
        Target power and two-sided significance level.
    """

    outcome: str
    unit: str
    arms: tuple[str, ...]
    shares: tuple[float, ...]
    reference: str
    clustered: bool
    units: int
    mean_size: float
    size_cv: float
    icc: float
    residual_share: float
    analysed_share: float
    cells: int
    terms: int
    sd: float
    effect: float
    power: float
    significance: float

    @property
    def design_effect(self) -> float:
        """Variance of the clustered trial over that of one allocating as many people.

        1 + q[(CV² + 1)m̄ − 1]ρ, where q thins clusters at random (1 when everyone is analysed).
        """
        spread = (self.size_cv**2 + 1) * self.mean_size - 1
        return 1 + self.analysed_share * spread * self.icc


@dataclass(frozen=True, slots=True)
class FormulaPower:
    """Power of one arm against the reference, by formula.

    Parameters
    ----------
    outcome, arm, reference
        Identifiers in the trial file.
    analysed_arm, analysed_reference
        Expected participants analysed.
    clusters_arm, clusters_reference
        Clusters; ``None`` when people are allocated.
    design_effect
        Inflation of the variance by clustering; 1 when people are allocated.
    standard_error
        Of the effect, in the outcome's unit.
    degrees_of_freedom
        Of the t reference.
    effect, power
        The assumed effect and the power to find it.
    minimum_detectable_effect
        Effect found with the target power, in the outcome's unit.
    minimum_detectable_standardised
        The same in standard deviations.
    """

    outcome: str
    arm: str
    reference: str
    analysed_arm: float
    analysed_reference: float
    clusters_arm: int | None
    clusters_reference: int | None
    design_effect: float
    standard_error: float
    degrees_of_freedom: float
    effect: float
    power: float
    minimum_detectable_effect: float
    minimum_detectable_standardised: float


@dataclass(frozen=True, slots=True)
class EffectPoint:
    """Power at one effect size; ``simulated`` is ``None`` where only the formula was asked."""

    arm: str
    effect: float
    power: float
    simulated: float | None = None


@dataclass(frozen=True, slots=True)
class SizePoint:
    """Minimum detectable effect at one number of clusters (or participants)."""

    arm: str
    units: int
    minimum_detectable_effect: float


@dataclass(frozen=True, slots=True)
class SimulatedPower:
    """Power of one arm by simulating the declared design through the registered analysis.

    Parameters
    ----------
    outcome, arm
        Identifiers in the trial file.
    draws, failed
        Trials simulated, and those of them the analysis could not estimate (counted as not
        rejecting).
    power, type_one_error
        Shares rejecting at the assumed effect and at no effect (where 1 less the share is the
        coverage of the interval).
    power_error, type_one_standard_error
        Their Monte-Carlo standard errors.
    mean_standard_error, sd_of_estimates
        The standard error the analysis reports on average, and the spread it should describe.
    mean_degrees_of_freedom
        Of the t reference.
    minimum_detectable_effect, minimum_detectable_interval
        Smallest effect found with the target power, and where it lies given the Monte-Carlo
        error (95 %); ``None`` when even large effects miss the target.
    """

    outcome: str
    arm: str
    draws: int
    failed: int
    power: float
    power_error: float
    type_one_error: float
    type_one_standard_error: float
    mean_standard_error: float
    sd_of_estimates: float
    mean_degrees_of_freedom: float
    minimum_detectable_effect: float | None
    minimum_detectable_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class OutcomePower:
    """Everything about the power of one outcome; arms in file order, reference left out."""

    plan: PowerPlan
    formula: tuple[FormulaPower, ...]
    simulated: tuple[SimulatedPower, ...]
    by_effect: tuple[EffectPoint, ...]
    by_size: tuple[SizePoint, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PowerReport:
    """Power of a trial before launch; ``seed`` and ``draws`` are ``None`` without simulation."""

    trial: str
    title: str
    outcomes: tuple[OutcomePower, ...]
    seed: int | None = None
    draws: int | None = None
