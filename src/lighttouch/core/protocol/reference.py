"""The reference of every key of a trial file, written from the model itself."""

from collections.abc import Iterator
from typing import Any

from lighttouch.core.protocol.schema import Node, load_schema

_INTRODUCTION = """\
# The trial file, key by key

A trial file is one [TOML](https://toml.io) file that holds the complete definition of a trial. It
is strict: an unknown key, a missing decision or parts that do not agree are errors, each with its
line and a remedy. This page is written from the model that reads the file, and a test keeps the
two in step. How to write one, step by step: [../howto/trial-file.md](../howto/trial-file.md).

Words used below:

- **text** is in quotation marks; **identifier** is text of small letters, digits and underscores
  that starts with a letter, such as `goal_setting`.
- **span of time** is counted from the partner's launch and written like `"-12 months"`,
  `"6 weeks"` or `"0 days"`; negative is before launch.
- **date** is written without quotation marks: `2019-10-07`.
- A key with a *default* may be left out; one marked **needed** may not; the others are optional.
"""

_SAME_AS_ABOVE = "outcomes.baseline.derive"

_OUTLINE = """\
## Checks between parts

Beyond the shape below, reading a file checks that its parts agree: every wave, arm, covariate,
composite, outcome and column that is named exists; identifiers and labels are used once; there is
one reference arm; a wave collects what its outcomes are derived from; baselines and covariates end
by launch; returns and surveys end after they start; indicative thresholds are weaker than every
registered one; no outcome is in two families; the variance fits what is allocated; Westfall–Young
has a declared design to draw again from; the size under `power` is said in one way that fits the
unit; a questionnaire asks every own instrument, and a wave every own questionnaire; nothing is
asked twice at a wave; what only some arms are asked is asked after launch and is no outcome; every
`assumed` key leads to something in the file. `lighttouch check` also looks up instruments and
questionnaires in the library, whose names own ones may not have, and prints cautions about what is
allowed but deserves a second look.

Proved by `tests/unit/protocol` and `tests/property/test_protocol_property.py`.
"""


def render_reference() -> str:
    """Return the reference of the trial file as Markdown.

    Examples
    --------
    >>> render_reference().splitlines()[0]
    '# The trial file, key by key'
    """
    tables = [_table("(top of the file)", load_schema())]
    tables += [_table(place, node) for place, node in _walk(load_schema(), "")]
    return "\n".join([_INTRODUCTION, _OUTLINE, *tables])


def _walk(node: Node, place: str) -> Iterator[tuple[str, Node]]:
    """Yield every table of the file with its heading, in the order of the file."""
    for key, child in node["properties"].items():
        path = f"{place}.{key}" if place else key
        repeated = child.get("type") == "array"
        if path == _SAME_AS_ABOVE:
            continue
        for option in _tables(child.get("items", child) if repeated else child):
            yield f"[[{path}]]" if repeated else f"[{path}]", option
            yield from _walk(option, path)


def _tables(node: Node) -> list[Node]:
    """Return the tables a value may be; several for a union told apart by a tag."""
    if "$ref" in node:
        return [_definition(node)]
    return [_definition(option) for option in node.get("oneOf", ())]


def _definition(node: Node) -> Node:
    definition: Node = load_schema()["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return definition


def _table(place: str, node: Node) -> str:
    about = node["description"].replace("``", "`")
    telling = ("kind",) if place.endswith(".response]") else ("from", "by")
    tags = (_tag(k, p) for k, p in node["properties"].items() if k in telling)
    tag = next((one for one in tags if one), "")
    lines = [f"## `{place}`{tag}", "", about, "", "| Key | Holds | Meaning |", "|---|---|---|"]
    needed = node.get("required", [])
    for key, part in node["properties"].items():
        holds = _type(part) + _condition(part, needed=key in needed)
        lines.append(f"| `{key}` | {holds} | {_meaning(part)} |")
    return "\n".join(lines) + "\n"


def _tag(key: str, part: Node) -> str:
    """Return the value, or values, of the key that tells the tables of a union apart."""
    if "const" not in part and key != "kind":
        return ""
    values = [part["const"]] if "const" in part else part["enum"]
    return " with " + " or ".join(f'{key} = "{value}"' for value in values)


def _meaning(part: Node) -> str:
    text = str(part["description"]).replace("\n", " ").rstrip(".")
    return text[:1].upper() + text[1:]


def _condition(part: Node, *, needed: bool) -> str:
    if needed:
        return "; **needed**"
    default = part.get("default")
    if default in (None, "", []) or isinstance(default, dict):
        return ""
    return f"; default {_value(default)}"


def _value(default: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(default, list):
        return f"`[{', '.join(_value(item).strip('`') for item in default)}]`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default:g}`"


def _type(part: Node) -> str:
    """Return what a value is, in words."""
    if "enum" in part:
        return ", ".join(_value(choice) for choice in part["enum"])
    if "const" in part:
        return _value(part["const"])
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(option) for option in part["anyOf"]))
    if "$ref" in part or "oneOf" in part:
        return "table"
    if part["type"] == "array":
        inner = _type(part["items"])
        return "tables" if inner == "table" else f"list of {inner}"
    return _scalar(part)


def _scalar(part: Node) -> str:
    if part["type"] == "string":
        if part.get("format") == "date":
            return "date"
        pattern = part.get("pattern", "")
        if "week" in pattern:
            return "span of time"
        return "identifier" if pattern else "text"
    words = {"integer": "whole number", "number": "number", "boolean": "true or false"}
    bounds = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    limits = [f"{said} {part[key]:,}" for key, said in bounds.items() if key in part]
    return " ".join([words[part["type"]], " and ".join(limits)]).strip()
