"""Results to JSON text and back: the file another program reads and every report is made from.

Floats are written at ten significant digits, keys in the order of the dataclasses, and nothing
that is not a number is ever written as one.
"""

import json
import math
import sys
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lighttouch.core.errors import Fault, ReportError
from lighttouch.core.reporting.results import OPTIONAL, SCHEMA, Results

SIGNIFICANT_DIGITS = 10
"""Enough to recompute any printed number; few enough to be the same on every machine."""


def results_to_json(results: Results) -> str:
    """Write results as JSON text.

    Parameters
    ----------
    results
        The results of one trial; every float must be finite (a missing number is ``None``).

    Returns
    -------
    str
        UTF-8 text ending in a newline; the same results always give the same bytes. Reading it
        back gives the results with floats rounded to ten significant digits, and writing those
        gives the same text again.

    Raises
    ------
    ReportError
        If a number is infinite or not a number, naming every such key.

    Examples
    --------
    >>> print(to_text({"p": 0.1 + 0.2, "n": 3, "interval": (-0.0, 1e-7)}).strip())
    {
     "p": 0.3,
     "n": 3,
     "interval": [0.0, 1e-07]
    }
    """
    # Read back before writing: a value of the wrong type is refused, a whole float stays a float.
    return to_text(_read_all(to_tree(results)))


def results_from_json(text: str) -> Results:
    """Read results from JSON text written by :func:`results_to_json`.

    Raises
    ------
    ReportError
        If the text is not JSON, is of another schema version, or has a missing, unknown or
        wrongly typed key; all faults at once, each with its key.

    Examples
    --------
    >>> results_from_json('{"schema": 99}')
    Traceback (most recent call last):
    lighttouch.core.errors.ReportError: schema: these results are of schema version 99 ...
    """
    try:
        tree = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ReportError(
            "the results file is not JSON",
            where=f"line {error.lineno}, column {error.colno}",
            remedy="Make it again from the archive",
        ) from error
    _check_version(tree)
    return _read_all(tree)


def to_tree(value: object) -> Any:  # noqa: ANN401 - a JSON value has no narrower type
    """Turn results, or any part of them, into plain JSON values with rounded floats.

    Raises
    ------
    ReportError
        If a number is infinite or not a number.
    """
    faults: list[Fault] = []
    tree = _write(value, "", faults)
    if faults:
        raise ReportError(faults)
    return tree


def to_text(tree: object) -> str:
    """Write a JSON value with one key a line and arrays of plain values on one line."""
    return _lay_out(to_tree(tree), 0) + "\n"


def _read_all(tree: object) -> Results:
    faults: list[Fault] = []
    results = _read(tree, Results, "", faults)
    if faults:
        raise ReportError(faults)
    return results  # type: ignore[no-any-return]


def _refuse_constant(name: str) -> float:
    raise ReportError(
        "the results file holds something that is not a number",
        where=name,
        remedy="Make it again from the archive",
    )


def _check_version(tree: object) -> None:
    version = tree.get("schema") if isinstance(tree, dict) else None
    if type(version) is int and version == SCHEMA:
        return
    said = f"schema version {version}" if isinstance(version, int | str) else "no schema version"
    raise ReportError(
        f"these results are of {said} and this software reads version {SCHEMA}",
        where="schema",
        remedy="Make the results again from the archive with this version of the software",
    )


def _write(value: object, key: str, faults: list[Fault]) -> Any:  # noqa: ANN401
    if isinstance(value, bool | int | str | NoneType):
        return value
    if isinstance(value, float):
        return _round(value, key, faults)
    if isinstance(value, dict):
        return {name: _write(item, f"{key}/{name}", faults) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_write(item, f"{key}/{place}", faults) for place, item in enumerate(value)]
    return {
        field.name: _write(getattr(value, field.name), f"{key}/{field.name}", faults)
        for field in fields(value)  # type: ignore[arg-type]
        if getattr(value, field.name) or not field.metadata.get(OPTIONAL)
    }


def _round(value: float, key: str, faults: list[Fault]) -> float | None:
    # float() takes numpy scalars too; adding zero turns -0.0 into 0.0.
    rounded = float(f"{float(value):.{SIGNIFICANT_DIGITS}g}") + 0.0
    if math.isfinite(rounded):
        return rounded
    faults.append(Fault("a result is not a finite number", key, "Give no value instead"))
    return None


def _lay_out(tree: object, depth: int) -> str:
    nested = isinstance(tree, dict | list) and _holds_parts(tree)
    if not nested:
        return json.dumps(tree, ensure_ascii=False, allow_nan=False)
    inner = "\n" + " " * (depth + 1)
    if isinstance(tree, dict):
        lines = [f"{json.dumps(k)}: {_lay_out(v, depth + 1)}" for k, v in tree.items()]
        return "{" + inner + ("," + inner).join(lines) + "\n" + " " * depth + "}"
    parts = [_lay_out(item, depth + 1) for item in tree]  # type: ignore[attr-defined]
    return "[" + inner + ("," + inner).join(parts) + "\n" + " " * depth + "]"


def _holds_parts(tree: dict[str, object] | list[object]) -> bool:
    if isinstance(tree, dict):
        return bool(tree)
    return any(isinstance(item, dict | list) for item in tree)


def _read(tree: object, kind: Any, key: str, faults: list[Fault]) -> Any:  # noqa: ANN401
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _read_dataclass(tree, kind, key, faults)
    if origin in (Union, UnionType):
        some = next(option for option in get_args(kind) if option is not NoneType)
        return None if tree is None else _read(tree, some, key, faults)
    if origin is tuple:
        return _read_tuple(tree, get_args(kind), key, faults)
    if origin is dict:
        return _read_dict(tree, get_args(kind)[1], key, faults)
    return _read_plain(tree, kind, key, faults)


def _read_dataclass(tree: object, kind: Any, key: str, faults: list[Fault]) -> Any:  # noqa: ANN401
    if not isinstance(tree, dict):
        faults.append(Fault("an object belongs here", key))
        return None
    hints = get_type_hints(kind)
    optional = {field.name for field in fields(kind) if field.metadata.get(OPTIONAL)}
    missing = [name for name in hints if name not in tree and name not in optional]
    unknown = [name for name in tree if name not in hints]
    faults.extend(Fault("the key is missing", f"{key}/{name}") for name in missing)
    faults.extend(Fault("the key is unknown", f"{key}/{name}") for name in unknown)
    values = {
        name: _read(tree[name], hint, f"{key}/{name}", faults)
        for name, hint in hints.items()
        if name in tree
    }
    return None if missing else kind(**values)


def _read_tuple(tree: object, items: tuple[Any, ...], key: str, faults: list[Fault]) -> object:
    if not isinstance(tree, list):
        faults.append(Fault("an array belongs here", key))
        return None
    kinds = items[:1] * len(tree) if items[-1] is Ellipsis else items
    if len(kinds) != len(tree):
        faults.append(Fault(f"an array of {len(kinds)} belongs here", key))
        return None
    return tuple(
        _read(item, kind, f"{key}/{place}", faults)
        for place, (item, kind) in enumerate(zip(tree, kinds, strict=True))
    )


def _read_dict(tree: object, kind: Any, key: str, faults: list[Fault]) -> object:  # noqa: ANN401
    if not isinstance(tree, dict):
        faults.append(Fault("an object belongs here", key))
        return None
    return {name: _read(item, kind, f"{key}/{name}", faults) for name, item in tree.items()}


def _read_plain(tree: object, kind: Any, key: str, faults: list[Fault]) -> object:  # noqa: ANN401
    if get_origin(kind) is Literal:
        fits = tree in get_args(kind)
    elif kind is float:
        fits = type(tree) in (int, float) and abs(tree) <= sys.float_info.max  # type: ignore[arg-type]
        tree = float(tree) if fits else tree  # type: ignore[arg-type]
    else:
        fits = type(tree) is kind
    if not fits:
        faults.append(Fault(f"a value of type {getattr(kind, '__name__', kind)} belongs here", key))
    return tree
