"""The trial files one can start from, each with a sentence."""

import re
from dataclasses import dataclass
from functools import lru_cache

from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.reading import parse_trial


@dataclass(frozen=True, slots=True)
class Example:
    """A trial of the library."""

    name: str
    title: str
    sentence: str


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """Return the trials of the library with the question each asks."""
    found = []
    for name in library_names():
        trial = parse_trial(library_text(name))
        question = re.split(r"(?<=[.?!])\s", trial.summary.strip())[0]
        found.append(Example(name, trial.title, question))
    return tuple(found)
