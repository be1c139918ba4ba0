"""Who takes part: partners, the population, who is left out, and what arms they may join."""

from datetime import date
from typing import Literal

from pydantic import Field

from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.offsets import Offset

Nation = Literal["england", "wales", "scotland", "northern_ireland"]


class Partner(Part):
    """An organisation that takes part."""

    id: Identifier
    name: Text
    nation: Nation = "england"
    launch: date | None = None
    status: Literal["recruited", "cancelled"] = "recruited"
    note: str = ""


class Condition(Part):
    """A test on one column of the baseline return or given table; exactly one test is set.

    ``before_launch`` is met when the column holds a date before the partner's launch.
    """

    column: Identifier
    equals: str | float | bool | None = None
    one_of: tuple[str | float, ...] | None = None
    missing: bool | None = None
    below: float | None = None
    at_least: float | None = None
    before_launch: bool | None = None


class Exclusion(Part):
    """A reason for leaving people out before allocation.

    Either ``when`` (about the participant) or ``cluster_smaller_than`` (about the whole cluster,
    counted after earlier exclusions in file order).
    """

    id: Identifier
    reason: Text
    when: Condition | None = None
    cluster_smaller_than: int | None = Field(default=None, ge=2)


class ExtraColumn(Part):
    """A column the trial asks for in the return beyond the standard ones."""

    id: Identifier
    heading: Text
    kind: Literal["text", "number", "date", "yes_no", "choice"]
    choices: tuple[Text, ...] = ()
    help: str = ""
    waves: tuple[Identifier, ...] = ("baseline",)


class Population(Part):
    """Who is eligible, where, and who is left out and why."""

    description: Text
    setting: Text
    roles: tuple[Identifier, ...] = ()
    partners: tuple[Partner, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    extra_columns: tuple[ExtraColumn, ...] = ()


class Arm(Part):
    """What a unit is allocated to."""

    id: Identifier
    label: Text
    description: str = ""
    share: float = Field(default=1.0, gt=0)
    reference: bool = False
    waitlist: bool = False
    code: str | None = Field(default=None, description="value in a given table that means this arm")


class Step(Part):
    """One scheduled act of an intervention."""

    id: Identifier
    at: Offset
    sender: Text
    recipient: Text
    channel: Literal["letter", "email", "text_message", "online", "in_person", "object", "diary"]
    content: Text
    every: Offset | None = None
    times: int = Field(default=1, ge=1)


class Uptake(Part):
    """A use of the intervention that is counted: at least so many of one recorded event."""

    id: Identifier
    label: Text
    event: Identifier
    at_least: int = Field(default=1, ge=1)


class Intervention(Part):
    """What an arm gets, in the terms of a TIDieR description."""

    id: Identifier
    arm: Identifier
    label: Text
    why: Text
    what: Text
    duration: Offset | None = None
    tailoring: str = ""
    fidelity: str = ""
    steps: tuple[Step, ...] = ()
    uptake: tuple[Uptake, ...] = ()
