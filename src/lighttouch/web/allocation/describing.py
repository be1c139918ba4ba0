"""What will be drawn, in words: from roster and protocol, and without an arm of anybody."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from lighttouch.core.allocation.declaring import Design, declare_design
from lighttouch.core.allocation.strata import assign_strata
from lighttouch.core.archive.layout import ROSTER
from lighttouch.core.archive.rostering import type_roster
from lighttouch.core.archive.tabular import parse_table
from lighttouch.core.protocol.describing import describe_stratum
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.enrolment.models import Roster
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import text_in_force
from lighttouch.web.storage.queries import read_bytes


@dataclass(frozen=True, slots=True)
class Size:
    """How many units an arm will get; the draw decides between the two where they differ."""

    label: str
    share: str
    least: int
    most: int
    reference: bool

    @property
    def words(self) -> str:
        """The number, or the two it can be."""
        return f"{self.least:,}" if self.least == self.most else f"{self.least:,} or {self.most:,}"


@dataclass(frozen=True, slots=True)
class Described:
    """A draw in words: sentences, and the size of each arm."""

    sentences: tuple[str, ...]
    sizes: tuple[Size, ...]
    units: str


def describe_draw(trial: Trial, roster: Roster) -> Described:
    """Say what will be drawn from a roster.

    Raises
    ------
    AllocationError
        If the design cannot be drawn from it.
    """
    return _describe(text_in_force(trial), roster.pk, roster.sha256)


@lru_cache(maxsize=32)
def _describe(text: str, roster: int, _sha256: str) -> Described:
    """Describe a draw: a function of the trial file and the roster's bytes."""
    protocol = parse_trial(text)
    file = Roster.objects.select_related("file").get(pk=roster).file
    people = type_roster(parse_table(read_bytes(file), where=ROSTER), protocol)
    design = declare_design(assign_strata(people, protocol), protocol.arms)
    enrolled = int((people["excluded_because"] == "").sum())
    unit = protocol.allocation.unit if protocol.clustered else "person"
    units = f"{unit}s" if protocol.clustered else "people"
    return Described(
        tuple(_sentences(protocol, design, enrolled, units)), _sizes(protocol, design), units
    )


def _sentences(protocol: DeclaredTrial, design: Design, enrolled: int, units: str) -> list[str]:
    number = len(design.units)
    if protocol.clustered:
        said = [f"{number:,} {units} are allocated whole, with {enrolled:,} people in them."]
    else:
        said = [f"{number:,} people are allocated, each by themselves."]
    if blocks := protocol.allocation.blocks:
        named = " and ".join(name.replace("_", " ") for name in blocks)
        count = len(set(design.blocks))
        said.append(f"A separate draw is made within each {named}: {count:,} in all.")
    for stratum in protocol.allocation.strata:
        said.append(f"The arms are balanced within {describe_stratum(stratum)}.")
    sizes = sorted(cell.size for cell in design.layout)
    between = f"{sizes[0]:,} to {sizes[-1]:,} {units}"
    if protocol.allocation.strata:
        said.append(f"That makes {len(sizes):,} strata in all, of {between} each.")
    elif len(sizes) > 1:
        said.append(f"The blocks hold {between} each.")
    return said


def _sizes(protocol: DeclaredTrial, design: Design) -> tuple[Size, ...]:
    whole, number = sum(design.weights), len(design.units)
    sizes = []
    for arm, weight in zip(protocol.arms, design.weights, strict=True):
        share = Fraction(weight, whole)
        exact = share * number
        least = exact.numerator // exact.denominator
        most = least + (exact.denominator > 1)
        reference = arm.id == protocol.reference_arm.id
        sizes.append(Size(arm.label, str(share), least, most, reference))
    return tuple(sizes)
