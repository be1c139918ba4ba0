"""What differs between two versions: in words, and line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lighttouch.core.protocol.comparing import compare_trials
from lighttouch.web.protocols.convert import check_text

CONTEXT = 2
"""Unchanged lines shown around a change."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison; a number is ``None`` where the version lacks the line."""

    kind: str
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions compared; ``sentences`` is ``None`` where one has faults and says nothing."""

    sentences: tuple[str, ...] | None
    lines: tuple[Line, ...]


def compare_texts(before: str, after: str) -> Compared:
    """Compare two texts of one trial file."""
    first, second = check_text(before).trial, check_text(after).trial
    sentences = None
    if first is not None and second is not None:
        sentences = tuple(one.sentence for one in compare_trials(first, second))
    return Compared(sentences, tuple(_compare_lines(before.split("\n"), after.split("\n"))))


def _compare_lines(before: list[str], after: list[str]) -> Iterator[Line]:
    groups = SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT)
    for number, group in enumerate(groups):
        if number:
            yield Line("gap", None, None, "")
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                for shift in range(end - start):
                    place = start + shift
                    yield Line("same", place + 1, new_start + shift + 1, before[place])
                continue
            for place in range(start, end):
                yield Line("gone", place + 1, None, before[place])
            for place in range(new_start, new_end):
                yield Line("new", None, place + 1, after[place])
