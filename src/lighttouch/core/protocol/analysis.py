"""The registered analysis, the power assumptions, and what happens to the data afterwards."""

from typing import Literal

from pydantic import Field

from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.offsets import Offset


class RandomisationInference(Part):
    """Whether and how allocations are drawn again for a p-value."""

    use: bool = True
    """Whether the randomisation test is run."""
    draws: int = Field(default=2000, ge=100, le=1_000_000)
    """How many allocations are drawn again when there are too many to list."""


class Family(Part):
    """Outcomes whose error rate is controlled together; named by role or one by one."""

    id: Identifier
    """Its name in the file and in tables."""
    roles: tuple[Literal["primary", "secondary", "mechanism", "exploratory"], ...] = ()
    """Every outcome with one of these roles belongs to it."""
    outcomes: tuple[Identifier, ...] = ()
    """Further outcomes that belong to it, one by one."""
    method: Literal["westfall_young", "holm", "sharpened_q", "none"]
    """How p-values are corrected within it."""


class HouseSpecification(Part):
    """The programme's own ordinary-least-squares specification, printed beside the honest one.

    Classical standard errors, no clustering, no strata; the switches say which terms enter.
    """

    covariates: tuple[Identifier, ...] = ()
    """Covariates that enter."""
    baseline_outcome: bool = False
    """Whether the outcome's baseline enters."""
    without_baseline: tuple[Identifier, ...] = Field(
        default=(), description="outcomes whose house model has no baseline term all the same"
    )
    partner_effects: bool = True
    """Whether partners enter."""
    note: str = ""
    """What a reader must know beside the numbers."""


class MissingData(Part):
    """What is done about missing values; none of it after looking at results."""

    covariates: Literal["indicator", "complete_cases"] = "indicator"
    """Missing covariate: a constant with an indicator, or the participant is left out."""
    baseline_outcome: Literal["indicator", "complete_cases"] = "indicator"
    """Missing baseline outcome: the same choice."""
    outcome: Literal["complete_cases"] = "complete_cases"
    """Missing outcome: the participant is left out of that outcome."""
    items: Literal["complete", "prorate_half"] = "complete"
    """Missing items of a scale: no score, or prorated when at least half are answered."""


class FurtherAnalysis(Part):
    """An analysis planned beyond the outcomes, so that leaving it out shows as a deviation."""

    id: Identifier
    """Its name in the file."""
    kind: Literal["cost_benefit", "cost_effectiveness", "qualitative", "subgroup", "other"]
    """What kind of analysis it is."""
    plan: Text
    """What will be done, in a sentence or two."""


class Analysis(Part):
    """The registered analysis.

    ``variance = "design"`` follows the allocation: HC2 when people were allocated, CR2 with
    Satterthwaite degrees of freedom when clusters were.
    """

    estimator: Literal["regression", "difference_in_means"] = "regression"
    """Regression on arm, or the plain difference in means."""
    estimand: Literal["participant_average", "cluster_average"] = "participant_average"
    """Whether participants or clusters count equally."""
    variance: Literal["design", "HC2", "HC3", "CR2", "CR3"] = "design"
    """By the design, or a named variance."""
    covariates: tuple[Identifier, ...] = ()
    """Covariates that enter every regression."""
    partner_effects: bool = True
    """Whether partners enter."""
    stratum_effects: bool = True
    """Whether the strata of the allocation enter."""
    baseline_outcome: bool = True
    """Whether the outcome's baseline enters, where it has one."""
    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    """Of every interval."""
    thresholds: tuple[float, ...] = (0.05, 0.01, 0.001)
    """Registered significance thresholds."""
    indicative_thresholds: tuple[float, ...] = ()
    """Weaker marks, printed as indicative only; none unless declared."""
    randomisation_inference: RandomisationInference = RandomisationInference()
    """The randomisation test."""
    families: tuple[Family, ...] = ()
    """Outcomes corrected together."""
    missing: MissingData = MissingData()
    """What is done about missing values."""
    house: HouseSpecification | None = None
    """The programme's own specification, printed beside the registered one."""
    balance: tuple[Identifier, ...] = Field(
        default=(), description="covariates and baseline outcomes in the balance table; empty: all"
    )
    further: tuple[FurtherAnalysis, ...] = ()
    """Analyses planned beyond the outcomes."""


class PowerAssumptions(Part):
    """What the sample size rests on. Rates are shares between 0 and 1.

    ``effect`` and ``sd`` are in the outcome's unit. Sizes: give ``participants`` (individual
    trials), or ``cluster_sizes`` one by one, or ``clusters`` with ``mean_cluster_size`` and
    ``cluster_size_cv``.
    """

    outcome: Identifier
    """The outcome the size is reckoned for."""
    effect: float = Field(gt=0)
    """Effect to be detected, in the outcome's unit."""
    sd: float = Field(gt=0)
    """Standard deviation of the outcome, in its unit."""
    participants: int | None = Field(default=None, ge=4)
    """People allocated, when people are allocated."""
    clusters: int | None = Field(default=None, ge=2)
    """Clusters allocated, with mean_cluster_size."""
    mean_cluster_size: float | None = Field(default=None, ge=1)
    """Mean number of participants in a cluster."""
    cluster_size_cv: float = Field(default=0.0, ge=0)
    """Standard deviation of cluster size over its mean."""
    cluster_sizes: tuple[int, ...] = ()
    """The size of every cluster, in place of clusters and mean_cluster_size."""
    icc: float = Field(default=0.0, ge=0, lt=1)
    """Intraclass correlation: how alike members of a cluster are."""
    baseline_correlation: float = Field(default=0.0, ge=0, lt=1)
    """Correlation of the outcome with its baseline."""
    covariate_r2: float = Field(default=0.0, ge=0, lt=1)
    """Share of the remaining variance that covariates explain."""
    response: float = Field(default=1.0, gt=0, le=1)
    """Share of participants who answer."""
    attrition: float = Field(default=0.0, ge=0, lt=1)
    """Share of participants lost before the outcome."""
    power: float = Field(default=0.8, gt=0, lt=1)
    """The power aimed for."""
    significance: float = Field(default=0.05, gt=0, lt=1)
    """Two-sided threshold the power is reckoned at."""


class Retention(Part):
    """When the data are destroyed and who holds the key."""

    delete_after: Offset
    """How long the data are kept."""
    counted_from: Literal["end_of_analysis", "end_of_trial", "publication"] = "end_of_analysis"
    """From when."""
    key_holder: Text
    """Who holds the key between codes and people."""
    controller: str = ""
    """The controller of the data, with an address for questions."""
    lawful_basis: str = ""
    """Lawful basis of processing."""
    withdrawal: str = Field(
        default="", description="how a participant withdraws or has data put right"
    )


class Registration(Part):
    """Where the plan is registered and which committees looked at it."""

    registry: str = ""
    """Where the plan is registered."""
    ethics: tuple[Text, ...] = ()
    """Committees that reviewed the trial."""
    hypotheses: tuple[Text, ...] = ()
    """What is expected, one sentence each."""
    consent: str = ""
    """How participants agree, and what they are told of their answers."""
    stopping_rule: str = ""
    """When collection ends early, if ever."""
    blinding: str = ""
    """Who does not know the arm."""
    sources: tuple[Text, ...] = ()
    """What the trial file rests on."""


class Assumed(Part):
    """A choice the source material left open; ``key`` is the dotted path of the choice."""

    key: Text
    """Dotted path of the choice; elements of lists by identifier or by position from 0."""
    reason: Text
    """Why it was made so."""
