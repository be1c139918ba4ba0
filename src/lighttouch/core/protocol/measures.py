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
    measure: ReturnMeasure
    absence: Literal["overall", "illness"] = "overall"
    leavers: Literal["absent_after_leaving", "missing"] = "absent_after_leaving"
    missing_below_months: float | None = Field(default=None, ge=0)
    prorate_below_months: float | None = Field(default=None, gt=0)


class FromInstrument(Part):
    """The score of an instrument, or of one of its subscales, at the outcome's wave."""

    source: Literal["instrument"] = Field(alias="from")
    instrument: Identifier
    subscale: Identifier | None = None


class FromComposite(Part):
    """A standardised composite index declared in ``composites``."""

    source: Literal["composite"] = Field(alias="from")
    composite: Identifier


class FromColumn(Part):
    """A column of the given table, as it stands; ``scale`` multiplies it."""

    source: Literal["column"] = Field(alias="from")
    column: Text
    scale: float = 1.0


Derivation = Annotated[
    FromReturn | FromInstrument | FromComposite | FromColumn, Field(discriminator="source")
]


class Component(Part):
    """One ingredient of a composite; ``weight`` -1 turns a harmful scale round."""

    instrument: Identifier
    subscale: Identifier | None = None
    weight: float = 1.0


class Composite(Part):
    """A standardised index.

    Each component is made a z-score by the mean and standard deviation of the group named by
    ``standardise_by`` (at the same wave, or at baseline), then combined. ``missing_components``:
    ``complete`` makes the index missing if any component is; ``available`` uses those present.
    """

    id: Identifier
    label: Text
    components: tuple[Component, ...] = Field(min_length=2)
    standardise_by: Literal["reference_arm", "everyone", "reference_arm_at_baseline"]
    combine: Literal["sum", "mean", "inverse_covariance"] = "sum"
    missing_components: Literal["complete", "available"] = "complete"


class Baseline(Part):
    """The same outcome before launch; ``derive`` only if it is derived differently."""

    wave: Identifier
    derive: Derivation | None = None


class Outcome(Part):
    """A variable the trial is judged on."""

    id: Identifier
    label: Text
    role: Literal["primary", "secondary", "mechanism", "exploratory"]
    wave: Identifier
    derive: Derivation
    kind: Literal["continuous", "binary", "count"] = "continuous"
    better: Literal["higher", "lower", "neither"] = "higher"
    unit: Text
    baseline: Baseline | None = None
    covariates: tuple[Identifier, ...] | None = Field(
        default=None, description="in place of the trial's covariates, for this outcome only"
    )
    smallest_effect_of_interest: float | None = Field(default=None, gt=0)
    note: str = ""


class Covariate(Part):
    """A baseline variable for adjustment or description.

    ``numeric`` uses the number; ``indicator`` is 1 where the column equals ``value``;
    ``categorical`` gives one indicator per category but ``reference``. ``column`` is a column of
    the baseline return, an extra column, or a column of the given table.
    """

    id: Identifier
    label: Text
    column: Text
    wave: Identifier = "baseline"
    coding: Literal["numeric", "indicator", "categorical"]
    value: str | float | None = None
    reference: str | None = None
    unit: str = ""
