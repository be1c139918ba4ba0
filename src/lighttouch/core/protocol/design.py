"""How units are allocated, and when data are collected."""

from typing import Annotated, Literal

from pydantic import Field

from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.messages import SurveyMessages
from lighttouch.core.protocol.offsets import Offset
from lighttouch.core.protocol.prizes import Prize


class ValueStratum(Part):
    """Balance within each value of a baseline column (of the unit)."""

    by: Literal["value"]
    """Always value."""
    column: Identifier
    """Column of the baseline return, the same for all members of a cluster."""


class QuantileStratum(Part):
    """Balance within quantile groups of a number.

    ``of`` says which number: the unit's own ``value`` of ``column``, the ``cluster_mean`` of
    ``column`` over its members, or the ``cluster_size``. Cut points are taken within each partner
    or over the whole trial.
    """

    by: Literal["quantile"]
    """Always quantile."""
    of: Literal["value", "cluster_mean", "cluster_size"]
    """Which number is cut."""
    column: Identifier | None = None
    """Column of numbers in the baseline return, or a derived measure; none for cluster_size."""
    groups: int = Field(ge=2, le=20)
    """Into how many parts of equal size."""
    within: Literal["partner", "trial"] = "partner"
    """Where the cut points are taken."""


Stratum = Annotated[ValueStratum | QuantileStratum, Field(discriminator="by")]


class Allocation(Part):
    """What is allocated, within what, and by whom.

    ``method``: ``drawn`` (Lighttouch draws it), ``given`` (randomised elsewhere; the arm is a
    column of the given table) or ``none`` (single arm). ``unit`` is ``participant`` or the name
    of the cluster column (``team``, ``building`` or a given column). ``blocks`` are columns
    within whose values separate draws are made (usually ``partner``); ``strata`` divide blocks
    further. ``design`` matters for ``given`` only: what the outside draw is declared to have been
    (``blocked``: so many of each arm within every block and stratum).
    """

    method: Literal["drawn", "given", "none"] = "drawn"
    """Drawn by Lighttouch, given from elsewhere, or none."""
    unit: Identifier = "participant"
    """participant, team, building, or a column declared in the file."""
    blocks: tuple[Identifier, ...] = ("partner",)
    """Columns within whose values separate draws are made."""
    strata: tuple[Stratum, ...] = ()
    """What divides blocks further."""
    design: Literal["blocked", "bernoulli", "undeclared"] = "blocked"
    """Given allocations only: what the outside draw is declared to have been."""
    rationale: str = ""
    """Why this unit and these strata."""


class ReturnWindow(Part):
    """The administrative return of a wave: look-back period and due date, relative to launch.

    The period runs from ``starts`` (included) to ``ends`` (excluded).
    """

    starts: Offset
    """First day of the look-back period."""
    ends: Offset
    """Day after its last."""
    due: Offset
    """When the return is due."""


class SurveyWindow(Part):
    """The survey of a wave, relative to launch."""

    questionnaire: Identifier
    """Questionnaire of the library, or of this file."""
    opens: Offset
    """When the survey opens."""
    closes: Offset
    """When it closes."""
    minutes: int | None = Field(default=None, ge=1)
    """About how long it takes."""
    reminders: tuple[Offset, ...] = ()
    """When those who have not answered are reminded."""
    invitation: str = ""
    """Who invites and who reminds, and by what means."""
    incentive: str = ""
    """What is offered for answering, if anything."""
    messages: SurveyMessages | None = None
    """Words of the invitation and the reminders, in place of the site's own."""
    prize: Prize | None = None
    """Prizes drawn among those who complete it."""


class GivenTable(Part):
    """One table of a trial randomised elsewhere: one row per participant, columns named here.

    ``partner``, ``cluster``, ``stratum`` and ``weight`` may be left out. ``missing`` lists cell
    values that mean missing; an empty cell always does.
    """

    file: Text
    """Path inside the study's folder."""
    participant: Text
    """Column of the participant's code."""
    arm: Text | None = None
    """Column of the arm's code."""
    partner: Text | None = None
    """Column of the partner."""
    cluster: Text | None = None
    """Column of the allocated cluster."""
    stratum: Text | None = None
    """Column of the stratum of the outside draw."""
    weight: Text | None = None
    """Column of sampling weights."""
    missing: tuple[str, ...] = ()
    """Cell values that mean missing."""


class Wave(Part):
    """One moment of collection."""

    id: Identifier
    """Its name in the file and in file names."""
    label: Text
    """Its name in reports."""
    collect: ReturnWindow | None = Field(default=None, alias="return")
    """The administrative return."""
    survey: SurveyWindow | None = None
    """The survey."""
    table: GivenTable | None = None
    """The table of a trial randomised elsewhere."""
