"""How units are allocated, and when data are collected."""

from typing import Annotated, Literal

from pydantic import Field

from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.offsets import Offset


class ValueStratum(Part):
    """Balance within each value of a baseline column (of the unit)."""

    by: Literal["value"]
    column: Identifier


class QuantileStratum(Part):
    """Balance within quantile groups of a number.

    ``of`` says which number: the unit's own ``value`` of ``column``, the ``cluster_mean`` of
    ``column`` over its members, or the ``cluster_size``. Cut points are taken within each partner
    or over the whole trial.
    """

    by: Literal["quantile"]
    of: Literal["value", "cluster_mean", "cluster_size"]
    column: Identifier | None = None
    groups: int = Field(ge=2, le=20)
    within: Literal["partner", "trial"] = "partner"


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
    unit: Identifier = "participant"
    blocks: tuple[Identifier, ...] = ("partner",)
    strata: tuple[Stratum, ...] = ()
    design: Literal["blocked", "bernoulli", "undeclared"] = "blocked"
    rationale: str = ""


class ReturnWindow(Part):
    """The administrative return of a wave: look-back period and due date, relative to launch.

    The period runs from ``starts`` (included) to ``ends`` (excluded).
    """

    starts: Offset
    ends: Offset
    due: Offset


class SurveyWindow(Part):
    """The survey of a wave, relative to launch."""

    questionnaire: Identifier
    opens: Offset
    closes: Offset
    minutes: int | None = Field(default=None, ge=1)
    reminders: tuple[Offset, ...] = ()
    incentive: str = ""


class GivenTable(Part):
    """One table of a trial randomised elsewhere: one row per participant, columns named here.

    ``partner``, ``cluster``, ``stratum`` and ``weight`` may be left out. ``missing`` lists cell
    values that mean missing; an empty cell always does.
    """

    file: Text
    participant: Text
    arm: Text | None = None
    partner: Text | None = None
    cluster: Text | None = None
    stratum: Text | None = None
    weight: Text | None = None
    missing: tuple[str, ...] = ()


class Wave(Part):
    """One moment of collection."""

    id: Identifier
    label: Text
    collect: ReturnWindow | None = Field(default=None, alias="return")
    survey: SurveyWindow | None = None
    table: GivenTable | None = None
