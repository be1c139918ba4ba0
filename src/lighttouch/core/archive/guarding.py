"""Nothing that looks personal enters an archive through a cell somebody filled in by hand."""

from collections.abc import Iterator

import polars as pl

from lighttouch.core.errors import Fault
from lighttouch.core.returns.personal import (
    PERSONAL_WORDS,
    Strictness,
    classify_personal,
    find_suspects,
)

REMEDY = "Take it out, or put a role or a code in its place"


def find_personal(cells: pl.Series, strictness: Strictness = "text") -> dict[str, pl.Series]:
    """Say which cells hold what looks personal.

    Parameters
    ----------
    cells
        Text; null is nothing.
    strictness
        What the cells are for: see :mod:`lighttouch.core.returns.personal`.

    Returns
    -------
    dict
        Boolean series aligned with ``cells``, by what they look like in words; kinds that are not
        there are left out.

    Examples
    --------
    >>> found = find_personal(pl.Series(["It was kind.", "ann@place.example", None]))
    >>> {words: rows.to_list() for words, rows in found.items()}
    {'an e-mail address': [False, True, False]}
    """
    suspects = find_suspects(cells.str.strip_chars())
    kinds = classify_personal(suspects, strictness)
    stripped = cells.str.strip_chars()
    return {
        words: stripped.is_in(suspects.filter(kinds == kind).implode()).fill_null(value=False)
        for kind, words in PERSONAL_WORDS.items()
        if (kinds == kind).any()
    }


def check_words(words: dict[str, str], where: str) -> Iterator[Fault]:
    """Find texts that look personal; the fault names the text's key and never the text.

    Examples
    --------
    >>> [print(fault) for fault in check_words({"by": "Ann Lee"}, "--by")]
    --by: by looks like the name of a person. Take it out, or put a role or a code in its place.
    [None]
    """
    for key, text in words.items():
        for kind in find_personal(pl.Series([text], dtype=pl.String)):
            yield Fault(f"{key} looks like {kind}", where, REMEDY)
