"""Dotted paths into a trial file, as ``[[assumed]]`` and comparisons write them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_NAMES = ("id", "outcome", "key")
"""Keys by which an element of a list of tables may be addressed, in order of preference."""


@dataclass(frozen=True, slots=True)
class MissingKey:
    """The first part of a path that leads nowhere, and what could stand in its place."""

    name: str
    known: tuple[str, ...]


def element_name(element: object, index: int) -> str:
    """Return how an element of a list is addressed: by its identifier, else by its position.

    Examples
    --------
    >>> element_name({"id": "endline"}, 1), element_name({"by": "value"}, 0)
    ('endline', '0')
    """
    if isinstance(element, Mapping):
        for key in _NAMES:
            if isinstance(element.get(key), str):
                return str(element[key])
    return str(index)


def resolve_key(key: str, data: object) -> MissingKey | None:
    """Return ``None`` if a dotted path leads to something in the data, else where it goes wrong.

    Elements of lists are addressed by identifier or by position from 0.

    Examples
    --------
    >>> data = {"waves": [{"id": "endline", "label": "Endline"}]}
    >>> resolve_key("waves.endline.label", data) is None
    True
    >>> resolve_key("waves.endlin", data)
    MissingKey(name='endlin', known=('endline',))
    """
    for part in re.split(r"\.|\[|\]\.?", key.removesuffix("]")):
        named, numbered = _children(data)
        if part not in named and part not in numbered:
            return MissingKey(part, tuple(named))
        data = named[part] if part in named else numbered[part]
    return None


def _children(data: object) -> tuple[dict[str, object], dict[str, object]]:
    """Return what a table or list holds, by name and by position."""
    if isinstance(data, Mapping):
        return {str(key): value for key, value in data.items()}, {}
    if not isinstance(data, Sequence) or isinstance(data, str):
        return {}, {}
    numbered = {str(index): element for index, element in enumerate(data)}
    return {element_name(element, index): element for index, element in enumerate(data)}, numbered
