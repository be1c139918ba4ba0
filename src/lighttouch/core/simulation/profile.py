"""What a simulated workforce is like: a profile is data, read as strictly as a trial file."""

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from lighttouch.core.protocol.base import Identifier, Part, Text

Shares = dict[str, float]
Format = Literal["xlsx", "ods", "csv", "csv_semicolon", "csv_windows"]
TREATED = "treated"


class Skewed(Part):
    """A right-skewed amount by its mean, standard deviation and largest value."""

    mean: float = Field(gt=0)
    sd: float = Field(gt=0)
    maximum: float = Field(gt=0)


class Workforce(Part):
    """Who works there. Shares are between 0 and 1; ``missing`` is the share of empty cells."""

    roles: Shares
    genders: Shares
    contracts: Shares
    full_time: float = Field(ge=0, le=1)
    tenure: Skewed
    missing: Shares = Field(default_factory=dict)


class Clusters(Part):
    """How people divide into teams or buildings; ``cv`` is of the sizes above the minimum."""

    mean_size: float = Field(ge=1)
    cv: float = Field(ge=0)
    minimum: int = Field(ge=1)


class Absence(Part):
    """How people are away: spells in a year at work, their length in working days, and leave.

    ``spells_cv`` and ``cluster_cv`` are the spread of spell rates between people and clusters;
    ``wellbeing_slope`` is the change of the log rate for one standard deviation of well-being.
    """

    spells_per_year: float = Field(ge=0)
    spells_cv: float = Field(gt=0)
    cluster_cv: float = Field(ge=0)
    short_spell: float = Field(ge=1)
    long_spell: float = Field(ge=1)
    long_share: float = Field(ge=0, le=1)
    leave_per_year: float = Field(ge=0)
    leave_cv: float = Field(ge=0)
    wellbeing_slope: float = 0.0


class Leaving(Part):
    """How people leave: the rate in a year, and the share gone between extract and launch."""

    per_year: float = Field(ge=0)
    before_launch: float = Field(default=0.0, ge=0, le=1)
    wellbeing_slope: float = 0.0


class Rows(Part):
    """Which rows a later return holds: the shares of stayers and leavers kept, and of joiners."""

    kept: float = Field(default=1.0, ge=0, le=1)
    leavers_kept: float = Field(default=1.0, ge=0, le=1)
    joiners: float = Field(default=0.0, ge=0, le=1)


class Response(Part):
    """Who answers a survey: the share, and what moves the log odds of answering.

    ``items`` is the share of respondents who answer an item, by item or instrument; ``other`` and
    ``background`` are the shares for every other scale and for background questions.
    """

    rate: float = Field(gt=0, lt=1)
    wellbeing_slope: float = 0.0
    habit: float = Field(default=1.0, ge=0)
    arms: Shares = Field(default_factory=dict)
    items: Shares = Field(default_factory=dict)
    other: float = Field(default=1.0, ge=0, le=1)
    background: float = Field(default=1.0, ge=0, le=1)


class Wellbeing(Part):
    """The latent well-being everything hangs on: shares of its variance and its steadiness."""

    cluster_share: float = Field(default=0.0, ge=0, lt=1)
    steadiness: float = Field(default=0.6, ge=0, le=1)


class Effect(Part):
    """What receiving an arm's intervention does.

    ``illness_ratio`` and ``leaving_ratio`` multiply the rate of spells and of leaving;
    ``instruments`` shift a scale's latent trait, in its standard deviations; ``columns`` add to a
    number of a given table, or to the share of ones.
    """

    illness_ratio: float = Field(default=1.0, gt=0)
    leaving_ratio: float = Field(default=1.0, gt=0)
    instruments: Shares = Field(default_factory=dict)
    columns: Shares = Field(default_factory=dict)


class Reach(Part):
    """How far an intervention gets: shares of clusters passing it on, and of people reached.

    In the reference arm ``people`` is the share that meets the first treated arm's intervention
    all the same. ``steps`` are the steps recorded for each recipient; none named means every
    step from launch on.
    """

    clusters: float = Field(default=1.0, ge=0, le=1)
    people: float = Field(default=1.0, ge=0, le=1)
    steps: tuple[Identifier, ...] = ()


class Use(Part):
    """What people do with what they are offered, counted by one recorded event.

    ``ever`` and ``fully`` are shares of those allocated to the arm: who has the event at all, and
    who has it ``most`` times, which also gives them the event ``completion``. The others who start
    have it ``typical`` times on average. Events are ``every_days`` apart.
    """

    arm: Identifier
    event: Identifier
    ever: float = Field(ge=0, le=1)
    fully: float = Field(ge=0, le=1)
    typical: float = Field(ge=1)
    most: int = Field(ge=2)
    every_days: int = Field(ge=1)
    completion: Identifier | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        """Finishing takes starting, and starters who do not finish do less."""
        if self.fully > self.ever:
            raise ValueError("fully is larger than ever")
        if self.typical >= self.most:
            raise ValueError("typical is not below most")
        return self


class Recall(Part):
    """How a question about the intervention is answered by those it reached and those it missed.

    Shares are by option of the question. In the record of use, whoever answered has the event
    ``asked``, and whoever chose one of ``counts`` the event ``event``.
    """

    item: Identifier
    asked: Identifier
    event: Identifier
    counts: tuple[str, ...]
    reached: Shares
    missed: Shares


class GivenColumn(Part):
    """A column of a given table.

    A ``number`` has a mean, a standard deviation and bounds; a ``binary`` is 1 for the share
    ``mean``, and where ``only_if`` names an earlier binary, only among its ones; a ``category``
    has shares; a ``product`` is 1 where all of the binaries it is ``of`` are. ``by_cluster``
    makes it the same for everyone in a cluster; otherwise clusters hold ``cluster_share`` of its
    latent variance. ``missing`` is a share of empty cells.
    """

    name: Text
    kind: Literal["number", "binary", "category", "product"]
    mean: float = 0.0
    sd: float = Field(default=1.0, gt=0)
    minimum: float | None = None
    maximum: float | None = None
    shares: Shares = Field(default_factory=dict)
    of: tuple[Text, ...] = ()
    only_if: Text | None = None
    by_cluster: bool = False
    cluster_share: float = Field(default=0.0, ge=0, lt=1)
    missing: float = Field(default=0.0, ge=0, le=1)


class PartnerProfile(Part):
    """What is particular to one partner.

    ``sizes`` gives the sizes of the allocated clusters one by one. ``recorded`` adds, by wave, a
    share of the working days to the absence recorded. ``withheld`` lists waves whose return never
    came, ``unsurveyed`` waves without a survey there, ``lacks`` columns the partner does not hold.
    """

    id: Identifier
    people: int | None = Field(default=None, ge=2)
    sizes: tuple[int, ...] = ()
    format: Format | None = None
    illness_ratio: float = Field(default=1.0, gt=0)
    recorded: Shares = Field(default_factory=dict)
    withheld: tuple[Identifier, ...] = ()
    unsurveyed: tuple[Identifier, ...] = ()
    lacks: tuple[Identifier, ...] = ()


class Quote(Part):
    """A sentence written for the simulation, standing where a cleared extract would."""

    theme: Text
    role: Text
    quote: Text


class Reason(Part):
    """Why the trial departed from its protocol."""

    scope: Text
    decision: Text
    reason: Text


class Stage(Part):
    """A stage of recruitment, and how many partners were left at it."""

    stage: Text
    partners: int = Field(ge=0)
    note: str = ""


class Extra(Part):
    """A column the trial adds to the return: a share of yes, shares of choices, or a number."""

    id: Identifier
    yes: float | None = Field(default=None, ge=0, le=1)
    shares: Shares = Field(default_factory=dict)
    number: Skewed | None = None
    by_cluster: bool = False


class Profile(Part):
    """A synthetic programme's workforce, behaviour and accidents; see the packaged profiles.

    ``returns`` and ``response`` are by wave, ``effects`` and ``reach`` by arm; the
    keys ``every`` and ``treated`` stand for any wave and any treated arm without its own entry.
    """

    version: Literal[1]
    id: Identifier
    summary: Text
    people: int = Field(ge=2)
    workforce: Workforce
    teams: Clusters
    buildings: Clusters
    units: Clusters | None = None
    wellbeing: Wellbeing = Wellbeing()
    absence: Absence
    leaving: Leaving
    returns: dict[str, Rows] = Field(default_factory=dict)
    response: dict[str, Response] = Field(default_factory=dict)
    effects: dict[str, Effect] = Field(default_factory=dict)
    reach: dict[str, Reach] = Field(default_factory=dict)
    use: tuple[Use, ...] = ()
    recall: tuple[Recall, ...] = ()
    extras: tuple[Extra, ...] = ()
    columns: tuple[GivenColumn, ...] = ()
    withdrawals: float = Field(default=0.0, ge=0, le=1)
    partners: tuple[PartnerProfile, ...] = ()
    quotes: tuple[Quote, ...] = ()
    deviations: tuple[Reason, ...] = ()
    funnel: tuple[Stage, ...] = ()

    @model_validator(mode="after")
    def _check_funnel(self) -> Self:
        """Recruitment only loses partners."""
        if any(after.partners > before.partners for before, after in pairwise(self.funnel)):
            raise ValueError("the funnel has more partners at a stage than at the one before")
        return self

    def partner(self, partner_id: str) -> PartnerProfile:
        """Return what is particular to this partner: nothing unless the profile says so."""
        found = (partner for partner in self.partners if partner.id == partner_id)
        return next(found, PartnerProfile(id=partner_id))

    def rows(self, wave_id: str) -> Rows:
        """Return which rows this wave's returns hold."""
        return self.returns.get(wave_id, self.returns.get("every", Rows()))

    def answering(self, wave_id: str) -> Response:
        """Return who answers this wave's survey."""
        return self.response.get(wave_id, self.response.get("every", Response(rate=0.5)))

    def effect(self, arm_id: str) -> Effect:
        """Return what a treated arm's intervention does to those it reaches."""
        return self.effects.get(arm_id, self.effects.get(TREATED, Effect()))

    def reaching(self, arm_id: str, *, reference: bool) -> Reach:
        """Return how far an arm's intervention gets."""
        default = Reach(people=0.0) if reference else self.reach.get(TREATED, Reach())
        return self.reach.get(arm_id, default)
