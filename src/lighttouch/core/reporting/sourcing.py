"""Writing with sources: a cursor into the results from which names and numbers are quoted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from lighttouch.core.reporting.document import (
    Form,
    Name,
    Number,
    Run,
    Runs,
    Sign,
    Style,
    Words,
)
from lighttouch.core.reporting.results import ArmText, Results
from lighttouch.core.reporting.serialising import to_tree

DASH = Words("–")


@dataclass(frozen=True, slots=True)
class At:
    """A place in the tree of ``results.json``: its JSON Pointer and the value there.

    Examples
    --------
    >>> at = At("", {"flow": {"randomised": 345}})
    >>> (at / "flow" / "randomised").whole().keys
    ('/flow/randomised',)
    """

    key: str
    value: Any

    def __truediv__(self, step: str | int) -> "At":
        escaped = str(step).replace("~", "~0").replace("/", "~1")
        return At(f"{self.key}/{escaped}", self.value[step])

    def __iter__(self) -> Iterator["At"]:
        steps = self.value if isinstance(self.value, dict) else range(len(self.value))
        return (self / step for step in steps)

    def __bool__(self) -> bool:
        return self.value is not None

    def whole(self) -> Number:
        """Quote a count."""
        return Number((self.key,), "whole")

    def fixed(self, decimals: int, sign: Sign = "plain") -> Number:
        """Quote with so many decimals."""
        return Number((self.key,), "fixed", decimals, sign=sign)

    def significant(self) -> Number:
        """Quote with three significant digits."""
        return Number((self.key,), "significant")

    def as_form(self, form: Form, decimals: int = 0, sign: Sign = "plain") -> Number:
        """Quote in any other form."""
        return Number((self.key,), form, decimals, sign=sign)

    def name(self, style: Style = "") -> Name:
        """Quote protocol text as it stands."""
        return Name(self.key, style)

    def inline(self) -> Name:
        """Quote protocol text inside a sentence."""
        return Name(self.key, inline=True)

    def spaced(self) -> Name:
        """Quote a code of the data, with its underscores as spaces."""
        return Name(self.key, spaced=True)

    def own_key(self) -> Name:
        """Quote the key itself, such as a reason for exclusion."""
        return Name(self.key, of_key=True)


@dataclass(frozen=True, slots=True)
class Source:
    """The results with the tree they are written as."""

    results: Results
    top: At

    def arm(self, arm_id: str, *, style: Style = "") -> Name:
        """Quote an arm's label."""
        return Name(f"/trial/arms/{self.arm_place(arm_id)}/label", style)

    def arm_place(self, arm_id: str) -> int:
        """Return the place of an arm in the trial file."""
        return [arm.id for arm in self.results.trial.arms].index(arm_id)

    def colour_place(self, arm_id: str) -> int:
        """Return the place of an arm's colour: nought for the reference, then the treated arms."""
        ids = [self.reference.id, *(arm.id for arm in self.treated)]
        return ids.index(arm_id)

    @property
    def reference(self) -> ArmText:
        """The arm others are compared with."""
        arms = self.results.trial.arms
        return next((arm for arm in arms if arm.reference), arms[0])

    @property
    def treated(self) -> tuple[ArmText, ...]:
        """Every arm but the reference."""
        return tuple(arm for arm in self.results.trial.arms if arm.id != self.reference.id)


def open_source(results: Results) -> Source:
    """Make a source of results."""
    return Source(results, At("", to_tree(results)))


def say(template: str, **parts: Run | Runs | str) -> Runs:
    """Make running text: words, with ``{parts}`` put in their places.

    Examples
    --------
    >>> say("{n} took part", n=Number(("/flow/randomised",), "whole"))[1]
    Words(text=' took part', style='')
    """
    runs: list[Run] = []
    for text, field, _, _ in Formatter().parse(template):
        if text:
            runs.append(Words(text))
        if field is not None:
            runs.extend(_as_runs(parts[field]))
    return tuple(runs)


def _as_runs(part: Run | Runs | str) -> Runs:
    if isinstance(part, str):
        return (Words(part),) if part else ()
    return part if isinstance(part, tuple) else (part,)


def strong(text: str) -> Words:
    """Make words stand out."""
    return Words(text, "strong")


def join(items: Sequence[Runs], last: str = "and") -> Runs:
    """Join runs into a list in words: first, second and third.

    Examples
    --------
    >>> "".join(run.text for run in join([(Words("a"),), (Words("b"),), (Words("c"),)]))
    'a, b and c'
    """
    runs: list[Run] = []
    for place, item in enumerate(items):
        if place:
            runs.append(Words(f" {last} " if place == len(items) - 1 else ", "))
        runs.extend(item)
    return tuple(runs)
