"""What is measured: outcomes with their exact derivation, composites and covariates."""

from typing import Annotated, Literal

from pydantic import Field

from lighttouch.core.protocol.base import Identifier, Part, Text

ReturnMeasure = Literal[
    "days_attended",
    "absence_days",
    "illness_days",
    "illness_spells",
    "bradford_score",
    "turnover",
]


class FromReturn(Part):
    """A variable computed from the administrative return of the outcome's wave.

    ``absence`` says which absence is taken off working days in ``days_attended``. ``leavers``
    says how those who left are counted. The two tenure bounds (months) are for a look-back longer
    than some people's service: below the first the value is missing, from the first to below the
    second it is scaled up to the second.
    """

    source: Literal["return"] = Field(alias="from")
    """Always return."""
    measure: ReturnMeasure
    """What is computed."""
    absence: Literal["overall", "illness"] = "overall"
    """For days_attended: any absence, or illness only."""
    leavers: Literal["absent_after_leaving", "missing"] = "absent_after_leaving"
    """Whether days after leaving count as absent or the value is missing."""
    missing_below_months: float | None = Field(default=None, ge=0)
    """Months of service below which the value is missing."""
    prorate_below_months: float | None = Field(default=None, gt=0)
    """Months of service below which the value is scaled up."""


class FromInstrument(Part):
    """The score of an instrument, or of one of its subscales, at the outcome's wave."""

    source: Literal["instrument"] = Field(alias="from")
    """Always instrument."""
    instrument: Identifier
    """Instrument of the library."""
    subscale: Identifier | None = None
    """One of its subscales; the whole scale if left out."""


class FromComposite(Part):
    """A standardised composite index declared in ``composites``."""

    source: Literal["composite"] = Field(alias="from")
    """Always composite."""
    composite: Identifier
    """Index declared in composites."""


class FromColumn(Part):
    """A column of the given table, as it stands; ``scale`` multiplies it."""

    source: Literal["column"] = Field(alias="from")
    """Always column."""
    column: Text
    """Column of the wave's table."""
    scale: float = 1.0
    """What its values are multiplied by."""


Derivation = Annotated[
    FromReturn | FromInstrument | FromComposite | FromColumn, Field(discriminator="source")
]


class Component(Part):
    """One ingredient of a composite; ``weight`` -1 turns a harmful scale round."""

    instrument: Identifier
    """Instrument of the library."""
    subscale: Identifier | None = None
    """One of its subscales; the whole scale if left out."""
    weight: float = 1.0
    """What its z-score is multiplied by."""


class Composite(Part):
    """A standardised index.

    Each component is made a z-score by the mean and standard deviation of the group named by
    ``standardise_by`` (at the same wave, or at baseline), then combined. ``missing_components``:
    ``complete`` makes the index missing if any component is; ``available`` uses those present.
    """

    id: Identifier
    """Its name in the file."""
    label: Text
    """Its name in reports."""
    components: tuple[Component, ...] = Field(min_length=2)
    """What it is made of."""
    standardise_by: Literal["reference_arm", "everyone", "reference_arm_at_baseline"]
    """Whose mean and standard deviation make the z-scores."""
    combine: Literal["sum", "mean", "inverse_covariance"] = "sum"
    """How the z-scores are put together."""
    missing_components: Literal["complete", "available"] = "complete"
    """What happens when a component is missing."""


class Baseline(Part):
    """The outcome before launch; ``derive`` only if it is derived differently."""

    wave: Identifier
    """Wave it is taken from."""
    derive: Derivation | None = None
    """How it is derived, a table like outcomes.derive; as the outcome is, if left out."""


class Outcome(Part):
    """A variable the trial is judged on."""

    id: Identifier
    """Its name in the file and in tables."""
    label: Text
    """Its name in reports."""
    role: Literal["primary", "secondary", "mechanism", "exploratory"]
    """What it is to the trial."""
    wave: Identifier
    """Wave it is measured at."""
    derive: Derivation
    """How it is got."""
    kind: Literal["continuous", "binary", "count"] = "continuous"
    """What values it takes."""
    better: Literal["higher", "lower", "neither"] = "higher"
    """Which direction is good."""
    unit: Text
    """What its numbers count."""
    baseline: Baseline | None = None
    """The same before launch."""
    covariates: tuple[Identifier, ...] | None = Field(
        default=None, description="in place of the trial's covariates, for this outcome only"
    )
    smallest_effect_of_interest: float | None = Field(default=None, gt=0)
    """Effect, in its unit, below which nobody would act."""
    note: str = ""
    """What a reader must know beside it."""


class Covariate(Part):
    """A baseline variable for adjustment or description.

    ``numeric`` uses the number; ``indicator`` is 1 where the column equals ``value``;
    ``categorical`` gives one indicator per category but ``reference``. ``column`` is a column of
    the baseline return, an extra column, or a column of the given table.
    """

    id: Identifier
    """Its name in the file and in tables."""
    label: Text
    """Its name in reports."""
    column: Text
    """Column it is read from."""
    wave: Identifier = "baseline"
    """Wave it is read at, before launch."""
    coding: Literal["numeric", "indicator", "categorical"]
    """How it enters a regression."""
    value: str | float | None = None
    """For indicators: the value that counts as 1."""
    reference: str | None = None
    """For categories: the one compared with."""
    unit: str = ""
    """What its numbers count."""
