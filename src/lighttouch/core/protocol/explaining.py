"""Faults of syntax and of shape in a trial file, put in plain words with a remedy."""

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lighttouch.core.errors import Fault
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.problems import Problem, dotted_key, name_choices
from lighttouch.core.protocol.schema import keys_at

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_SYNTAX = (
    (
        "Ended early",
        "the file ends inside a value",
        "Close the list, table or text that is still open",
    ),
    (
        "Invalid value",
        "the value cannot be read",
        'Put text in straight quotation marks, as in "text"; otherwise write a number, true, '
        "false or a date such as 2019-10-01",
    ),
    (
        "Cannot overwrite a value",
        "the key is written twice in one table",
        "Keep one of the two; repeated tables need double brackets, [[like_this]]",
    ),
    (
        "Cannot declare",
        "the table is written twice",
        "Join the two, or use [[like_this]] to repeat",
    ),
    ("Cannot mutate immutable", "the table is already complete", "Put its keys in one place"),
    ("Duplicate inline table key", "the key is written twice in one table", "Keep one of the two"),
    ("Unterminated string", "the quotation marks are not closed", "Close them"),
    ('Expected "\'"', "the quotation marks are not closed", "Close them"),
    ("Illegal character '\\n'", "the quotation marks are not closed", "Close them on their line"),
    ("Illegal character", "the text holds a character no file may hold", "Delete the character"),
    ("Unescaped '\\' in a string", "a backslash stands alone in a text", "Write it twice: \\\\"),
    ("Invalid hex value", "a \\u code in a text is not complete", "Write the character itself"),
    ("Escaped character", "a \\u code names no character", "Write the character itself"),
    ("Expected '=' after", "there is no = after the key", "Write key = value"),
    ("Unclosed array", "the list is not closed", "Close it with ]"),
    ("Unclosed inline table", "the table is not closed", "Close it with } on the same line"),
    ("Expected ']", "the heading is not closed", "Close it with ], or ]] if it opened with [["),
    ("Invalid initial character for a key", "no key stands here", "Write key = value"),
    ("Invalid statement", "this is neither key = value nor a [heading]", "Start comments with #"),
    ("Invalid date", "the date does not exist", "Write it as 2019-10-01"),
    (
        "Expected newline or end of document",
        "something follows the value on the same line",
        "Start a new line; write dates as 2019-10-01 and decimals as 0.5, and put text in "
        "quotation marks",
    ),
)

_WANTED = {
    "string_type": "text in quotation marks",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date without quotation marks, such as 2019-10-01",
    "tuple_type": "a list in [square brackets]",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "int_from_float": "a whole number",
    "finite_number": "an ordinary number",
}

_IDENTIFIER = "an identifier holds small letters, digits and underscores and starts with a letter"

_BOUNDS = {
    "greater_than": "the number must be above {gt}",
    "greater_than_equal": "the number must be at least {ge}",
    "less_than": "the number must be below {lt}",
    "less_than_equal": "the number must be at most {le}",
    "too_short": "the list must hold at least {min_length}",
    "string_too_long": "the text must be at most {max_length} characters long",
}


def explain_syntax(error: ValueError, text: str, source: str = "") -> Fault:
    """Return the fault behind an error of TOML syntax.

    Examples
    --------
    >>> import tomllib
    >>> try:
    ...     tomllib.loads("id = letters")
    ... except tomllib.TOMLDecodeError as error:
    ...     print(explain_syntax(error, "id = letters").where)
    line 1, column 6
    """
    message = str(error)
    place = _PLACE.search(message)
    words = _PLACE.sub("", message)
    line, column = (place[1], place[2]) if place and place[1] else (_open_line(text, words), None)
    if column is None and words == "Invalid value":
        words = "Ended early"
    what, remedy = next(
        ((what, remedy) for start, what, remedy in _SYNTAX if words.startswith(start)),
        ("the file is not TOML here", "Compare with a trial file of the library"),
    )
    places = (source, f"line {line}", f"column {column}" if column else "")
    return Fault(what, ", ".join(part for part in places if part), remedy)


def _open_line(text: str, words: str) -> str:
    """Return the line of what is still open at the end of the text: a long string, or the end."""
    opened = text.rfind('"""') if words.startswith("Unterminated") else -1
    return str(text.count("\n", 0, opened if opened >= 0 else len(text)) + 1)


def explain_shape(error: ValidationError, data: dict[str, Any]) -> tuple[Problem, ...]:
    """Return one problem for each key whose value has the wrong shape."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        by_path.setdefault(_path_in_file(detail, data), []).append(detail)
    return tuple(_explain(path, details, data) for path, details in by_path.items())


def _path_in_file(detail: ErrorDetails, data: object) -> Path:
    """Return the checker's path without the tags it adds, as far as the file goes."""
    path: list[str | int] = []
    parts = list(detail["loc"])
    for position, part in enumerate(parts):
        if _is_tag(path):
            path.append("")  # a place for the tag, taken out again below
            continue
        is_missing = detail["type"] == "missing" and position == len(parts) - 1
        if not is_missing and not _holds(data, part):
            break
        data = None if is_missing else data[part]  # type: ignore[index]
        path.append(part)
    return tuple(part for part in path if part != "")


def _is_tag(path: list[str | int]) -> bool:
    """Return whether the next part of the checker's path is a tag."""
    if not path:
        return False
    if path[-1] == "derive" or (path[0] == "instruments" and path[-1] == "response"):
        return True
    return len(path) > 1 and path[-2] == "strata" and isinstance(path[-1], int)


def _holds(data: object, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(data, list | tuple) and part < len(data)
    return isinstance(data, dict) and part in data


def _explain(path: Path, details: list[ErrorDetails], data: object) -> Problem:
    kinds = {detail["type"] for detail in details}
    if kinds <= _WANTED.keys():
        wanted = " or ".join(dict.fromkeys(_WANTED[detail["type"]] for detail in details))
        return Problem(path, f"the value must be {wanted}", f"Write {wanted}")
    detail = details[0]
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind in _BOUNDS:
        what = _BOUNDS[kind].format(**context)
        return Problem(path, what, "Correct the value")
    if kind == "missing":
        return Problem(path, "the key is missing", f"Add {path[-1]} = … to this table")
    if kind == "extra_forbidden":
        return Problem(path, "the key is unknown here", _remedy_unknown(path, data))
    return _explain_value(path, detail, context)


def _remedy_unknown(path: Path, data: object) -> str:
    """Name the nearest key, or the table further up that the key belongs to."""
    known = keys_at(path[:-1], data)
    for length in range(len(path) - 2, -1, -1):
        owner = path[:length]
        if path[-1] in keys_at(owner, data):
            place = f"to {dotted_key(owner)}" if owner else "at the top, above every [heading]"
            return f"It belongs {place}; a table runs on to the next [heading]"
    return name_choices(path[-1], known)


def _explain_value(path: Path, detail: ErrorDetails, context: dict[str, Any]) -> Problem:
    kind = detail["type"]
    if kind == "literal_error":
        expected = context["expected"]
        remedy = name_choices(detail["input"], _quoted(expected) or [expected])
        return Problem(path, "the value is not one of the choices", remedy)
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _explain_tag(path, context)
    if kind == "string_too_short":
        return Problem(
            path, "the text is empty", "Write it, or leave the key out if it is optional"
        )
    if kind == "string_pattern_mismatch":
        return Problem(path, _IDENTIFIER, "Write it like goal_setting")
    what, remedy = detail["msg"].lower(), "Correct the value"
    if kind == "value_error":
        what = str(context["error"])
        if isinstance(detail["input"], str):  # a span of time
            remedy = 'Write it like "6 weeks"'
    return Problem(path, what, remedy)


def _explain_tag(path: Path, context: dict[str, Any]) -> Problem:
    """Explain a table whose telling key (``from``, ``by``, ``kind``) is missing or unknown."""
    key = _quoted(context["discriminator"])[-1]
    if "tag" not in context:
        return Problem(path, f"the table does not say {key}", f"Add {key} = …")
    remedy = name_choices(context["tag"], _quoted(context["expected_tags"]))
    return Problem((*path, key), "the value is not one of the choices", remedy)


def _quoted(words: str) -> list[str]:
    return re.findall(r"'([^']*)'", words)
