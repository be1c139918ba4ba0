"""The JSON Schema of ``results.json``, derived from the results object itself."""

import json
import re
from dataclasses import fields, is_dataclass
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lighttouch.core.reporting.results import OPTIONAL, SCHEMA, Results

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def export_results_schema() -> str:
    """Write the JSON Schema (draft 2020-12) that every ``results.json`` satisfies.

    Returns
    -------
    str
        JSON text ending in a newline; one definition per kind of result, each described.

    Examples
    --------
    >>> schema = json.loads(export_results_schema())
    >>> schema["$defs"]["Flow"]["properties"]["screened"]
    {'type': 'integer'}
    """
    definitions: dict[str, Any] = {}
    _describe(Results, definitions)
    top = definitions.pop("Results")
    top["properties"]["schema"] = {"const": SCHEMA}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lighttouch results",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _describe(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    if is_dataclass(kind):
        return _describe_dataclass(kind, definitions)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        some = next(option for option in parts if option is not NoneType)
        return {"anyOf": [_describe(some, definitions), {"type": "null"}]}
    if origin is tuple and parts[-1] is Ellipsis:
        return {"type": "array", "items": _describe(parts[0], definitions)}
    if origin is tuple:
        items = [_describe(part, definitions) for part in parts]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "items": False}
    if origin is dict:
        return {"type": "object", "additionalProperties": _describe(parts[1], definitions)}
    return {"enum": list(parts)} if origin is Literal else {"type": _PLAIN[kind]}


def _describe_dataclass(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    hints = get_type_hints(kind)
    definitions[kind.__name__] = {
        "description": re.sub(r"\s+", " ", getdoc(kind) or "").strip(),
        "type": "object",
        "properties": {key: _describe(hint, definitions) for key, hint in hints.items()},
        "required": [field.name for field in fields(kind) if not field.metadata.get(OPTIONAL)],
        "additionalProperties": False,
    }
    return {"$ref": f"#/$defs/{kind.__name__}"}
