"""Who takes part: partners, the population, who is left out, and what arms they may join."""

from datetime import date
from typing import Literal

from pydantic import Field

from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.messages import Words
from lighttouch.core.protocol.offsets import Offset

Nation = Literal["england", "wales", "scotland", "northern_ireland"]


class Partner(Part):
    """An organisation that takes part."""

    id: Identifier
    """Its name in the file and in folder names."""
    name: Text
    """Its name in reports."""
    nation: Nation = "england"
    """Whose bank holidays count."""
    launch: date | None = None
    """The day all times are counted from."""
    status: Literal["recruited", "cancelled"] = "recruited"
    """Whether it takes part."""
    note: str = ""
    """What a reader must know about it."""


class Condition(Part):
    """A test on one column of the baseline return or given table; exactly one test is set.

    ``before_launch`` is met when the column holds a date before the partner's launch.
    """

    column: Identifier
    """Column tested."""
    equals: str | float | bool | None = None
    """Holds this value."""
    one_of: tuple[str | float, ...] | None = None
    """Holds one of these."""
    missing: bool | None = None
    """Is empty (true) or is not (false)."""
    below: float | None = None
    """Holds a number below this."""
    at_least: float | None = None
    """Holds a number of at least this."""
    before_launch: bool | None = None
    """Holds a date before launch."""


class Exclusion(Part):
    """A reason for leaving people out before allocation.

    Either ``when`` (about the participant) or ``cluster_smaller_than`` (about the whole cluster,
    counted after earlier exclusions in file order).
    """

    id: Identifier
    """Its name in the file."""
    reason: Text
    """The reason as the flow diagram prints it."""
    when: Condition | None = None
    """Test on the participant."""
    cluster_smaller_than: int | None = Field(default=None, ge=2)
    """Leaves out whole clusters of fewer members."""


class ExtraColumn(Part):
    """A column the trial asks for in the return beyond the standard ones."""

    id: Identifier
    """Its name in the file and in the archive."""
    heading: Text
    """Its heading in the spreadsheet."""
    kind: Literal["text", "number", "date", "yes_no", "choice"]
    """What a cell holds."""
    choices: tuple[Text, ...] = ()
    """Accepted values, for choice."""
    help: str = ""
    """One sentence for the officer who fills it in."""
    waves: tuple[Identifier, ...] = ("baseline",)
    """Waves whose return asks for it."""


class Population(Part):
    """Who is eligible, where, and who is left out and why."""

    description: Text
    """Who takes part."""
    setting: Text
    """Where."""
    roles: tuple[Identifier, ...] = ()
    """Roles of the return that are eligible; a description only, exclusions decide."""
    partners: tuple[Partner, ...] = ()
    """Organisations."""
    exclusions: tuple[Exclusion, ...] = ()
    """Who is left out before allocation, in this order."""
    extra_columns: tuple[ExtraColumn, ...] = ()
    """Columns asked for beyond the standard ones."""


class Arm(Part):
    """What a unit is allocated to."""

    id: Identifier
    """Its name in the file and in tables."""
    label: Text
    """Its name in reports."""
    description: str = ""
    """What it means to be in it."""
    share: float = Field(default=1.0, gt=0)
    """Its part of the units, relative to the other arms."""
    reference: bool = False
    """Whether others are compared with it."""
    waitlist: bool = False
    """Whether it receives the intervention later."""
    code: str | None = Field(default=None, description="value in a given table that means this arm")


class Step(Part):
    """One scheduled act of an intervention."""

    id: Identifier
    """Its name in the file."""
    at: Offset
    """When, from launch."""
    sender: Text
    """Who does it."""
    recipient: Text
    """To whom."""
    channel: Literal["letter", "email", "text_message", "online", "in_person", "object", "diary"]
    """By what means."""
    content: Text
    """What it says or is."""
    every: Offset | None = None
    """How often it is repeated."""
    times: int = Field(default=1, ge=1)
    """How many times it happens in all."""
    messages: tuple[Words, ...] = ()
    """Words sent by the site: one for all times, or one for each."""
    messages_of: str = ""
    """Another step whose messages it sends, as intervention.step."""


class Uptake(Part):
    """A use of the intervention that is counted: at least so many of one recorded event."""

    id: Identifier
    """Its name in the file."""
    label: Text
    """Its name in reports."""
    event: Identifier
    """Recorded event that is counted."""
    at_least: int = Field(default=1, ge=1)
    """How many events make it count."""


class Intervention(Part):
    """What an arm gets, in the terms of a TIDieR description."""

    id: Identifier
    """Its name in the file."""
    arm: Identifier
    """Arm that gets it."""
    label: Text
    """Its name in reports."""
    why: Text
    """Why it should work."""
    what: Text
    """What it consists of."""
    duration: Offset | None = None
    """How long it lasts."""
    tailoring: str = ""
    """What differs from person to person."""
    fidelity: str = ""
    """How it is known whether it happened."""
    steps: tuple[Step, ...] = ()
    """What happens when."""
    uptake: tuple[Uptake, ...] = ()
    """Uses that are counted."""
