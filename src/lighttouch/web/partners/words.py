"""What must not stand in the words people write here: names, addresses, numbers, formulas."""

from collections.abc import Mapping

import polars as pl

from lighttouch.core.archive.guarding import REMEDY, find_personal
from lighttouch.core.errors import Fault, InputError

FORMULA = ("=", "+", "-", "@", "\t")
"""How a cell begins that a spreadsheet program would run."""


def find_faults(words: Mapping[str, str]) -> dict[str, str]:
    """Say which texts hold what looks personal, in a sentence that does not repeat them.

    Parameters
    ----------
    words
        Texts by what they are called on the page.
    """
    found: dict[str, str] = {}
    for label, text in words.items():
        for line in text.splitlines():
            for kind in find_personal(pl.Series([line], dtype=pl.String)):
                found.setdefault(label, f"This looks like it holds {kind}. {REMEDY}.")
    return found


def refuse_personal(**words: str) -> None:
    """Raise if a text looks personal; the fault names the text's label, never the text."""
    if found := find_faults(words):
        raise InputError(
            Fault(said.rstrip("."), label.replace("_", " ").capitalize())
            for label, said in found.items()
        )


def refuse_formula(**words: str) -> None:
    """Raise if a text that goes into a table begins as a spreadsheet's formula does."""
    faults = [
        Fault(
            "the text begins like a spreadsheet formula",
            label.capitalize(),
            "Begin with a letter, a digit or a quotation mark",
        )
        for label, text in words.items()
        if text.startswith(FORMULA)
    ]
    if faults:
        raise InputError(faults)
