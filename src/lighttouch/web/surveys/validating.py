"""Answers checked by the core's rules before they are kept."""

from collections.abc import Mapping

from lighttouch.core.errors import Fault, InputError
from lighttouch.core.instruments.allowing import check_answer
from lighttouch.core.instruments.model import Response

LONGEST = 2000
LONGEST_SECONDS = 86_400


class AnswerError(InputError):
    """An answer that the question does not allow."""


def check_values(allowed: Mapping[str, Response], values: Mapping[str, str]) -> dict[str, str]:
    """Return answers with the spaces around them gone.

    Parameters
    ----------
    allowed
        How each item that is asked is answered.
    values
        By item; empty for ``Prefer not to say``.

    Raises
    ------
    AnswerError
        With every fault by item; never the answer.
    """
    kept: dict[str, str] = {}
    faults: list[Fault] = []
    for item, value in values.items():
        text = value.strip().replace("\r\n", "\n").replace("\x00", "")
        if item not in allowed:
            faults.append(Fault("this survey has no such question", "the page", "Open it again"))
        elif len(text) > LONGEST:
            what = f"the answer is longer than {LONGEST:,} characters"
            faults.append(Fault(what, item, "Make it shorter"))
        elif text and (wrong := check_answer(text, allowed[item])):
            faults.append(Fault(wrong, item, "Change it, or leave it out"))
        else:
            kept[item] = text
    if faults:
        raise AnswerError(faults)
    return kept


def check_seconds(value: int | None) -> int | None:
    """Return how long a question was in sight, if that can be so."""
    return value if value is not None and 0 <= value <= LONGEST_SECONDS else None
