"""The trial file's shape as a JSON Schema, for editors and for naming the keys a table may hold."""

import json
from functools import cache
from typing import Any

from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.trial import Trial

Node = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def export_json_schema() -> str:
    """Return the JSON Schema (draft 2020-12) of a trial file, as indented text.

    Editors that know TOML (by a ``#:schema`` line at the top of the file) use it to complete keys
    and mark mistakes. It holds the shape only; :func:`check_trial` says whether the parts agree.

    Examples
    --------
    >>> export_json_schema().startswith('{')
    True
    """
    return json.dumps(load_schema(), indent=2, ensure_ascii=False) + "\n"


@cache
def load_schema() -> Node:
    """Return the schema as nested dictionaries; TOML has no null, so no key may be null."""
    schema: Node = {"$schema": _DIALECT, **_drop_null(Trial.model_json_schema(by_alias=True))}
    schema["title"] = "Lighttouch trial file"
    return schema


def _drop_null(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, list):
        return [_drop_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _drop_null(value) for key, value in node.items() if value is not None}
    options = plain.get("anyOf")
    if not isinstance(options, list) or {"type": "null"} not in options:
        return plain
    kept = [option for option in options if option != {"type": "null"}]
    if len(kept) > 1:
        return {**plain, "anyOf": kept}
    plain.pop("anyOf")
    return {**plain, **kept[0]}


def keys_at(path: Path, data: object) -> tuple[str, ...]:
    """Return the keys a table may hold, given the file's data; empty where it is not a table.

    Examples
    --------
    >>> keys_at(("analysis", "missing"), {"analysis": {"missing": {}}})
    ('covariates', 'baseline_outcome', 'outcome', 'items')
    """
    node = _resolve(load_schema(), data)
    for part in path:
        data = _step(data, part)
        node = (
            node.get("items", {})
            if isinstance(part, int)
            else node.get("properties", {}).get(part, {})
        )
        node = _resolve(node, data)
    return tuple(node.get("properties", ()))


def _step(data: object, part: str | int) -> object:
    if isinstance(part, int):
        return data[part] if isinstance(data, list | tuple) and part < len(data) else None
    return data.get(part) if isinstance(data, dict) else None


def _resolve(node: Node, data: object) -> Node:
    """Follow a reference; among the tables of a union take the one the data's tag names."""
    if "discriminator" in node:
        tag = data.get(node["discriminator"]["propertyName"]) if isinstance(data, dict) else None
        reference = node["discriminator"]["mapping"].get(tag) if isinstance(tag, str) else None
        node = {"$ref": reference} if reference else {}
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        definition: Node = load_schema()["$defs"][name]
        return definition
    return node
