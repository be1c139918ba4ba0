"""The registered analysis, the power assumptions, and what happens to the data afterwards."""

from typing import Literal

from pydantic import Field

from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.offsets import Offset


class RandomisationInference(Part):
    """Whether and how allocations are drawn again for a p-value."""

    use: bool = True
    draws: int = Field(default=2000, ge=100, le=1_000_000)


class Family(Part):
    """Outcomes whose error rate is controlled together; named by role or one by one."""

    id: Identifier
    roles: tuple[Literal["primary", "secondary", "mechanism", "exploratory"], ...] = ()
    outcomes: tuple[Identifier, ...] = ()
    method: Literal["westfall_young", "holm", "sharpened_q", "none"]


class HouseSpecification(Part):
    """The programme's own ordinary-least-squares specification, printed beside the honest one.

    Classical standard errors, no clustering, no strata; the switches say which terms enter.
    """

    covariates: tuple[Identifier, ...] = ()
    baseline_outcome: bool = False
    without_baseline: tuple[Identifier, ...] = Field(
        default=(), description="outcomes whose house model has no baseline term all the same"
    )
    partner_effects: bool = True
    note: str = ""


class MissingData(Part):
    """What is done about missing values; none of it after looking at results."""

    covariates: Literal["indicator", "complete_cases"] = "indicator"
    baseline_outcome: Literal["indicator", "complete_cases"] = "indicator"
    outcome: Literal["complete_cases"] = "complete_cases"
    items: Literal["complete", "prorate_half"] = "complete"


class FurtherAnalysis(Part):
    """An analysis planned beyond the outcomes, so that leaving it out shows as a deviation."""

    id: Identifier
    kind: Literal["cost_benefit", "cost_effectiveness", "qualitative", "subgroup", "other"]
    plan: Text


class Analysis(Part):
    """The registered analysis.

    ``variance = "design"`` follows the allocation: HC2 when people were allocated, CR2 with
    Satterthwaite degrees of freedom when clusters were.
    """

    estimator: Literal["regression", "difference_in_means"] = "regression"
    estimand: Literal["participant_average", "cluster_average"] = "participant_average"
    variance: Literal["design", "HC2", "HC3", "CR2", "CR3"] = "design"
    covariates: tuple[Identifier, ...] = ()
    partner_effects: bool = True
    stratum_effects: bool = True
    baseline_outcome: bool = True
    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    thresholds: tuple[float, ...] = (0.05, 0.01, 0.001)
    indicative_thresholds: tuple[float, ...] = ()
    randomisation_inference: RandomisationInference = RandomisationInference()
    families: tuple[Family, ...] = ()
    missing: MissingData = MissingData()
    house: HouseSpecification | None = None
    balance: tuple[Identifier, ...] = Field(
        default=(), description="covariates and baseline outcomes in the balance table; empty: all"
    )
    further: tuple[FurtherAnalysis, ...] = ()


class PowerAssumptions(Part):
    """What the sample size rests on. Rates are shares between 0 and 1.

    ``effect`` and ``sd`` are in the outcome's unit. Sizes: give ``participants`` (individual
    trials), or ``cluster_sizes`` one by one, or ``clusters`` with ``mean_cluster_size`` and
    ``cluster_size_cv``.
    """

    outcome: Identifier
    effect: float = Field(gt=0)
    sd: float = Field(gt=0)
    participants: int | None = Field(default=None, ge=4)
    clusters: int | None = Field(default=None, ge=2)
    mean_cluster_size: float | None = Field(default=None, ge=1)
    cluster_size_cv: float = Field(default=0.0, ge=0)
    cluster_sizes: tuple[int, ...] = ()
    icc: float = Field(default=0.0, ge=0, lt=1)
    baseline_correlation: float = Field(default=0.0, ge=0, lt=1)
    covariate_r2: float = Field(default=0.0, ge=0, lt=1)
    response: float = Field(default=1.0, gt=0, le=1)
    attrition: float = Field(default=0.0, ge=0, lt=1)
    power: float = Field(default=0.8, gt=0, lt=1)
    significance: float = Field(default=0.05, gt=0, lt=1)


class Retention(Part):
    """When the data are destroyed and who holds the key."""

    delete_after: Offset
    counted_from: Literal["end_of_analysis", "end_of_trial", "publication"] = "end_of_analysis"
    key_holder: Text
    controller: str = ""
    lawful_basis: str = ""
    withdrawal: str = Field(
        default="", description="how a participant withdraws or has data put right"
    )


class Registration(Part):
    """Where the plan is registered and which committees looked at it."""

    registry: str = ""
    ethics: tuple[Text, ...] = ()
    hypotheses: tuple[Text, ...] = ()
    stopping_rule: str = ""
    blinding: str = ""
    sources: tuple[Text, ...] = ()


class Assumed(Part):
    """A choice the source material left open; ``key`` is the dotted path of the choice."""

    key: Text
    reason: Text
