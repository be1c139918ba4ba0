"""Nothing that looks personal gets into what people type here."""

import polars as pl

from lighttouch.core.archive.guarding import REMEDY, find_personal
from lighttouch.core.errors import InputError
from lighttouch.core.returns.cleaning import CODE
from lighttouch.core.returns.personal import Strictness

LONGEST_REASON = 1000


def check_words(text: str, what: str) -> str:
    """Return what somebody wrote, trimmed.

    Raises
    ------
    InputError
        If it is empty, too long, or looks personal; the text is not repeated.
    """
    words = text.strip()
    if not words:
        raise InputError(f"no {what} is given", where=what, remedy="Say it in a sentence")
    if len(words) > LONGEST_REASON:
        raise InputError(
            f"the {what} is over {LONGEST_REASON:,} characters", where=what, remedy="Shorten it"
        )
    _refuse_personal(words, what, "text")
    return words


def check_code(code: str, what: str) -> str:
    """Return the code of a team or building, trimmed; it must be one a return could hold."""
    plain = code.strip()
    if not pl.Series([plain]).str.contains(CODE)[0]:
        raise InputError(
            f"the {what} is not a code made of letters and figures",
            where=what,
            remedy="Give the code the return uses",
        )
    _refuse_personal(plain, what, "place")
    _refuse_personal(f"{what} {plain}", what, "text")  # as events.csv will have it
    return plain


def _refuse_personal(text: str, what: str, strictness: Strictness) -> None:
    for kind in find_personal(pl.Series([text], dtype=pl.String), strictness):
        raise InputError(f"the {what} looks like it holds {kind}", where=what, remedy=REMEDY)
