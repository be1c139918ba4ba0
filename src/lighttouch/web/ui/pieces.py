"""Facts, tasks and tables as pages show them, for views to make and templates to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Look = Literal["done", "doing", "wrong", "late", "waiting", "closed"]

COLOURS: dict[str, str] = {
    "done": "green",
    "doing": "blue",
    "wrong": "red",
    "late": "orange",
    "waiting": "grey",
    "closed": "grey",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a summary list; ``href`` is where to change it."""

    key: str
    value: object
    href: str = ""
    action: str = "Change"

    @property
    def what(self) -> str:
        """What the action is about, for people who hear only the link."""
        return self.key[:1].lower() + self.key[1:]


@dataclass(frozen=True, slots=True)
class Task:
    """A line of a task list; ``words`` says its state and ``look`` how it is coloured."""

    title: str
    look: Look
    words: str
    href: str = ""
    hint: str = ""

    @property
    def done(self) -> bool:
        """Whether it is done; done tasks carry plain words, so that the others stand out."""
        return self.look == "done"

    @property
    def closed(self) -> bool:
        """Whether it cannot be started yet."""
        return self.look == "closed"

    @property
    def colour(self) -> str:
        """The colour of its tag."""
        return COLOURS[self.look]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its heading.

    Parameters
    ----------
    numeric
        The places of columns of numbers, counted from 0; they align right.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    heading: str
    numeric: bool
