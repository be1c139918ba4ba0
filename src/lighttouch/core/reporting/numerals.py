"""How a value of ``results.json`` is found and printed."""

import math
from datetime import date
from typing import Any

from lighttouch.core.errors import ReportError
from lighttouch.core.reporting.document import Number

MINUS = "\u2212"
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
SMALLEST_P = 0.001
"""p-values below this are printed as being below it."""


def find_value(tree: Any, pointer: str) -> Any:  # noqa: ANN401 - a JSON value
    """Return the value a JSON Pointer (RFC 6901) names.

    Raises
    ------
    ReportError
        If there is no such value.

    Examples
    --------
    >>> find_value({"flow": {"a/b": [7]}}, "/flow/a~1b/0")
    7
    """
    value = tree
    try:
        for step in split_pointer(pointer):
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (KeyError, IndexError, TypeError, ValueError):
        raise ReportError("the report names a result that is not there", where=pointer) from None
    return value


def split_pointer(pointer: str) -> list[str]:
    """Return the steps of a JSON Pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def format_number(number: Number, tree: Any) -> str:  # noqa: ANN401 - a JSON value
    r"""Return a number as it is printed.

    Raises
    ------
    ReportError
        If a value it names is missing or is not a number (or date).

    Examples
    --------
    >>> format_number(Number(("/d",), "fixed", 2), {"d": -0.31})
    '−0.31'
    >>> format_number(Number(("/a", "/b"), "percent", 1, "share"), {"a": 66, "b": 345})
    '19.1%'
    >>> format_number(Number(("/p",), "p"), {"p": 0.00004})
    '<\xa00.001'
    >>> format_number(Number(("/t",), "date"), {"t": "2019-08-30T09:12:00+00:00"})
    '30 August 2019'
    """
    if number.form == "date":
        return _print_date(find_value(tree, number.keys[0]), number.keys[0])
    value = compute_number(number, tree)
    if number.sign == "absolute":
        value = abs(value)
    text = _print(value, number)
    signed = number.sign == "signed" and value > 0 and any(digit in text for digit in "123456789")
    return ("+" if signed else "") + text.replace("-", MINUS)


def compute_number(number: Number, tree: Any) -> float:  # noqa: ANN401 - a JSON value
    """Return the value a number stands for, before it is printed."""
    values = [find_value(tree, key) for key in number.keys]
    if number.operation == "length":
        return len(values[0])
    for key, value in zip(number.keys, values, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ReportError("the report prints a result that is not a number", where=key)
    numbers = [float(value) for value in values]
    if number.operation == "sum":
        return sum(numbers)
    if number.operation == "share" and numbers[1] == 0:
        raise ReportError("the report prints a share of nothing", where=number.keys[1])
    return numbers[0] / numbers[1] if number.operation == "share" else numbers[0]


def decimals_for(spread: float | None) -> int:
    """Return how many decimals suit numbers of this spread: about three significant digits.

    Examples
    --------
    >>> [decimals_for(sd) for sd in (None, 60.0, 14.0, 2.1, 0.9, 0.04)]
    [2, 1, 1, 2, 2, 4]
    """
    if not spread:
        return 2
    return min(max(2 - math.floor(math.log10(spread)), 1), 4) - (0.1 <= spread < 1)


def _print(value: float, number: Number) -> str:
    if number.form == "whole":
        return f"{value:,.0f}"
    if number.form == "plain":
        return f"{value:g}"
    if number.form in ("p", "p_cell"):
        return _print_p(value, number.form == "p")
    if number.form == "significant":
        return _strip_zero(f"{value:,.{_significant_decimals(value)}f}")
    scale = 100 if number.form in ("percent", "points") else 1
    sign = "%" if number.form in ("percent", "percentage") else ""
    return _strip_zero(f"{value * scale:,.{number.decimals}f}") + sign


def _strip_zero(text: str) -> str:
    """Print minus nought as nought."""
    return text[1:] if text.startswith("-") and not any(d in text for d in "123456789") else text


def _print_p(value: float, with_sign: bool) -> str:
    small = value < SMALLEST_P
    text = f"{SMALLEST_P}" if small else f"{value:.3f}"
    if with_sign:
        return f"<\u00a0{text}" if small else f"=\u00a0{text}"
    return f"<{text}" if small else text


def _significant_decimals(value: float) -> int:
    if value == 0:
        return 0
    return min(max(2 - math.floor(math.log10(abs(value))), 0), 6)


def _print_date(value: object, key: str) -> str:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ReportError("the report prints a result that is not a date", where=key) from None
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
