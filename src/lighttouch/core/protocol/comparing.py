"""Every difference between two versions of a trial, in words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from lighttouch.core.protocol.paths import element_name
from lighttouch.core.protocol.trial import Trial

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two versions.

    Parameters
    ----------
    key
        Dotted path; elements of lists by their identifier, so that moving one is not a change.
    before, after
        The two values as JSON; empty where the key was not there.
    sentence
        The difference in words.
    """

    key: str
    before: str
    after: str
    sentence: str


def compare_trials(before: Trial, after: Trial) -> tuple[Difference, ...]:
    """Return every difference between two versions, in the order of the file.

    A key left out counts as its default, so writing a default out is no difference.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> text = library_text("letters")
    >>> later = text.replace('closes = "12 weeks"', 'closes = "13 weeks"')
    >>> later = later.replace('due = "12 weeks"', 'due = "13 weeks"')
    >>> for difference in compare_trials(parse_trial(text), parse_trial(later)):
    ...     print(difference.sentence)
    waves.endline.return.due changed from "12 weeks" to "13 weeks".
    waves.endline.survey.closes changed from "12 weeks" to "13 weeks".
    """
    first, second = (t.model_dump(mode="json", by_alias=True) for t in (before, after))
    return tuple(_compare(first, second, ""))


def _compare(before: object, after: object, key: str) -> Iterator[Difference]:
    if before == after:
        return
    if before is None or after is None:
        yield _describe(key, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare_tables(before, after, key)
    elif _holds_tables(before) and _holds_tables(after):
        yield from _compare_lists(before, after, key)
    else:
        yield _describe(key, before, after)


def _compare_tables(
    before: Mapping[str, object], after: Mapping[str, object], key: str
) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        place = f"{key}.{name}" if key else name
        yield from _compare(before.get(name), after.get(name), place)


def _compare_lists(
    before: Sequence[object], after: Sequence[object], key: str
) -> Iterator[Difference]:
    first, second = _by_name(before), _by_name(after)
    yield from _compare_tables(first, second, key)
    shared = [name for name in first if name in second], [name for name in second if name in first]
    if shared[0] != shared[1]:
        words = ", ".join(shared[0]), ", ".join(shared[1])
        sentence = f"The order of {key} changed from {words[0]} to {words[1]}."
        yield Difference(key, json.dumps(shared[0]), json.dumps(shared[1]), sentence)


def _by_name(elements: Sequence[object]) -> dict[str, object]:
    """Return the elements by identifier, or by position where identifiers repeat."""
    names = [element_name(element, index) for index, element in enumerate(elements)]
    if len(set(names)) < len(names):
        names = [str(index) for index in range(len(elements))]
    return dict(zip(names, elements, strict=True))


def _holds_tables(value: object) -> TypeGuard[list[Mapping[str, object]]]:
    return isinstance(value, list) and all(isinstance(element, Mapping) for element in value)


def _describe(key: str, before: object, after: object) -> Difference:
    first, second = (
        "" if value is None else json.dumps(value, ensure_ascii=False) for value in (before, after)
    )
    if not first:
        sentence = f"{key} was added: {_shorten(second)}."
    elif not second:
        sentence = f"{key} was removed; it was {_shorten(first)}."
    else:
        sentence = f"{key} changed from {_shorten(first)} to {_shorten(second)}."
    return Difference(key, first, second, sentence)


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
