"""Whether one answer is allowed; the same rules as for a file of them, without a table."""

import re

from lighttouch.core.instruments.model import (
    CHOICE_SEPARATOR,
    ChoiceResponse,
    NumberResponse,
    Response,
    ScaleResponse,
    TextResponse,
)

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


def check_answer(value: str, response: Response) -> str:
    """Say what is wrong with one answer, in plain words without the answer.

    Parameters
    ----------
    value
        As written in a response file.
    response
        How the item is answered.

    Returns
    -------
    str
        Empty if the answer is allowed.

    Examples
    --------
    >>> scale = ScaleResponse(kind="integer_scale", min=0, max=10, anchors=())
    >>> check_answer("7", scale)
    ''
    >>> check_answer("11", scale)
    'the answer is not a whole number from 0 to 10'
    """
    return "" if _is_allowed(value.strip(), response) else state_requirement(response)


def state_requirement(response: Response) -> str:
    """Say what an answer that is not allowed should have been."""
    if isinstance(response, ScaleResponse):
        return f"the answer is not a whole number from {response.min} to {response.max}"
    if isinstance(response, NumberResponse):
        whole = "whole number" if response.kind == "count" else "number"
        return f"the answer is not a {whole} of at least {response.min}"
    return "the answer is not among the options"


def _is_allowed(value: str, response: Response) -> bool:
    if isinstance(response, TextResponse):
        return True
    if isinstance(response, ChoiceResponse):
        return _is_chosen(value, response)
    if not _NUMBER.fullmatch(value):
        return False
    number = float(value)
    within = response.min <= number
    if isinstance(response, ScaleResponse):
        within = within and number <= response.max
    return within and (response.kind == "number" or number.is_integer())


def _is_chosen(value: str, response: ChoiceResponse) -> bool:
    if response.kind == "single_choice":
        return _is_option(value, response)
    return all(_is_option(one.strip(), response) for one in value.split(CHOICE_SEPARATOR))


def _is_option(value: str, response: ChoiceResponse) -> bool:
    other = response.other_option
    own_words = bool(other) and (value == other or value.startswith(f"{other}:"))
    return own_words or value in response.options
