"""The results object: every estimate, count and table cell of a trial, in one place.

``results.json`` is this object written out. It is the only source of numbers in a report.
"""

from dataclasses import dataclass, field

from lighttouch.core.allocation.balance import BalanceRow
from lighttouch.core.estimation.model import (
    AdjustedP,
    ArmSummary,
    EffectSize,
    Estimate,
    RandomisationTest,
    WelchTest,
)

SCHEMA = 1
OPTIONAL = "optional"
"""Metadata of a field left out of ``results.json`` when empty, so that older files stay valid."""


@dataclass(frozen=True, slots=True)
class ArmText:
    """An arm as a reader meets it."""

    id: str
    label: str
    description: str
    reference: bool
    waitlist: bool


@dataclass(frozen=True, slots=True)
class TrialText:
    """What the report says of the trial in the protocol's own words; dates are ISO text."""

    id: str
    title: str
    summary: str
    status: str
    population: str
    setting: str
    unit: str
    clustered: bool
    allocation_method: str
    blocks: tuple[str, ...]
    strata: tuple[str, ...]
    arms: tuple[ArmText, ...]
    protocol_sha256: str
    registered_at: str
    amendments: int
    assumptions: tuple[tuple[str, str], ...]
    hypotheses: tuple[str, ...]
    ethics: tuple[str, ...]
    interventions: tuple[tuple[str, str, str, str], ...]
    """(arm, label, why, what) of each intervention."""


@dataclass(frozen=True, slots=True)
class FlowArm:
    """One arm's column of the flow diagram; ``clusters`` is ``None`` when people were allocated."""

    arm: str
    allocated: int
    clusters: int | None
    cluster_sizes: tuple[int, int, float] | None
    """Smallest, largest and mean cluster size."""
    received: int | None
    """Recipients of at least one delivery, where deliveries are recorded."""
    left: int
    followed_up: dict[str, int]
    """Participants with any outcome at each wave."""
    analysed: dict[str, int]
    """Participants in the registered estimate of each outcome."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Participant flow, CONSORT 2025 with the cluster extension."""

    screened: int
    screened_clusters: int | None
    excluded: dict[str, int]
    """Participants left out, by reason, in the order the reasons were applied."""
    randomised: int
    randomised_clusters: int | None
    arms: tuple[FlowArm, ...]


@dataclass(frozen=True, slots=True)
class CollectionCell:
    """What one partner gave at one wave.

    ``expected`` is the partner's randomised participants; ``returned`` and ``responded`` are how
    many of them have a row in the return (``None``: no return planned) and any survey answer
    (``None``: no survey planned).
    """

    partner: str
    partner_label: str
    wave: str
    wave_label: str
    expected: int
    returned: int | None
    responded: int | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One planned moment for one partner: ``kind`` is launch, return, survey or step; ISO dates."""

    partner: str
    partner_label: str
    kind: str
    label: str
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class CharacteristicRow:
    """A line of the sample table: a mean with SD and range, or a count in a category.

    ``category`` is empty for a numeric variable. ``values`` maps arm identifier (and ``all``) to
    the cell.
    """

    variable: str
    label: str
    category: str
    values: dict[str, "CharacteristicCell"]


@dataclass(frozen=True, slots=True)
class CharacteristicCell:
    """One cell of the sample table; the numeric half or the count half is filled."""

    n: int
    missing: int
    mean: float | None = None
    sd: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    count: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """Everything found about one outcome.

    ``points`` are (arm, value) pairs for figures that show the data, in random but fixed order,
    rounded; empty when withheld for small numbers. ``reliability`` is (alpha, omega) at the
    outcome's wave where it is an instrument.
    """

    id: str
    label: str
    role: str
    wave: str
    wave_label: str
    kind: str
    unit: str
    better: str
    derivation: str
    note: str
    smallest_effect_of_interest: float | None
    summaries: tuple[ArmSummary, ...]
    estimates: tuple[Estimate, ...]
    welch: tuple[WelchTest, ...]
    randomisation: tuple[RandomisationTest, ...]
    effect_sizes: tuple[EffectSize, ...]
    adjusted: tuple[AdjustedP, ...]
    reliability: tuple[float | None, float | None] | None
    points: tuple[tuple[str, float], ...]
    not_estimated: str = ""
    """Why there is no estimate (no data, single arm); empty when there is one."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A difference between the registered protocol and what was run."""

    scope: str
    decision: str
    planned: str
    done: str
    reason: str
    computed: bool


@dataclass(frozen=True, slots=True)
class UptakeRow:
    """Use by those offered, exposure of those not."""

    measure: str
    label: str
    arm: str
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A themed extract of what people said, cleared for printing; it names nobody."""

    theme: str
    role: str
    quote: str
    cleared_by: str


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """A stage of the recruitment of partners, and how many of them were left.

    ``share`` is of the partners at the first stage (``None``: there were none); ``lost`` is how
    many were there at the stage before and no more (``None``: the first stage).
    """

    stage: str
    partners: int
    share: float | None
    lost: int | None
    note: str


@dataclass(frozen=True, slots=True)
class DataNote:
    """Where the data came from and how they may be checked."""

    files: int
    retention: str
    key_holder: str
    controller: str
    allocation_seed_source: str
    allocation_algorithm: str
    roster_sha256: str
    secret_commitment: str
    allocation_verified: bool | None
    findings_blocking: int
    findings_advisory: int


@dataclass(frozen=True, slots=True)
class AnalysisText:
    """The registered analysis in words, for the methods section."""

    estimator: str
    estimand: str
    variance: str
    covariates: tuple[str, ...]
    terms: tuple[str, ...]
    missing: tuple[str, ...]
    thresholds: tuple[float, ...]
    indicative_thresholds: tuple[float, ...]
    confidence_level: float
    families: tuple[str, ...]
    randomisation_draws: int | None
    house: str


@dataclass(frozen=True, slots=True)
class Results:
    """All results of one trial; see :mod:`lighttouch.core.reporting.results`."""

    schema: int
    software: str
    trial: TrialText
    analysis: AnalysisText
    flow: Flow
    collection: tuple[CollectionCell, ...]
    timeline: tuple[TimelineEntry, ...]
    characteristics: tuple[CharacteristicRow, ...]
    balance: tuple[BalanceRow, ...]
    outcomes: tuple[OutcomeResult, ...]
    uptake: tuple[UptakeRow, ...]
    quotes: tuple[Quote, ...]
    deviations: tuple[Deviation, ...]
    data_note: DataNote
    warnings: tuple[str, ...]
    funnel: tuple[FunnelStage, ...] = field(default=(), metadata={OPTIONAL: True})
