"""Setting letters as pages of a PDF."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from lighttouch.core.errors import InputError
from lighttouch.web.delivery.transports.base import Message

FEWEST_LINES, MOST_LINES = 3, 7
"""Lines of an address, as the post and GOV.UK Notify want them."""
TITLE = "Letters"
_REFUSED = re.compile(r"(address|length) of letter (\d+)")
_WRONG = {
    "address": ("an address is too wide for the envelope's window", "Shorten its longest line"),
    "length": ("a letter is too long for one page", "Shorten the message"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, for one person.

    Parameters
    ----------
    reference
        Printed at the end, so that a letter that comes back can be told.
    lines
        The address, three to seven lines, with the name first.
    paragraphs
        The text; a line break inside a paragraph is kept.
    """

    reference: str
    lines: tuple[str, ...] = field(repr=False)
    subject: str
    paragraphs: tuple[str, ...] = field(repr=False)


def letter_of(message: Message) -> Letter:
    """Return a delivery's message as a letter.

    Raises
    ------
    TypeError
        If its address is not that of a house.
    """
    if isinstance(message.address, str):
        raise TypeError("a letter goes to the lines of a postal address")
    parts = (part.strip() for part in message.text.split("\n\n"))
    return Letter(
        message.reference, message.address, message.subject, tuple(part for part in parts if part)
    )


def set_letter(message: Message) -> bytes:
    """Set one delivery's letter, as GOV.UK Notify takes it; see :func:`set_letters`."""
    return set_letters([letter_of(message)])


def set_letters(letters: Sequence[Letter]) -> bytes:
    """Set letters as a PDF, a page each, in the order given.

    Raises
    ------
    InputError
        If there are none, or if one of them cannot be printed whole; it is named by its place.
    """
    if not letters:
        raise InputError("there are no letters to print")
    for number, letter in enumerate(letters, 1):
        _check(letter, number)
    import typst  # only where letters are printed

    content = json.dumps([asdict(letter) for letter in letters], ensure_ascii=False)
    try:
        made: bytes = typst.compile(  # type: ignore[misc]
            (files(__package__) / "letters.typ").read_bytes(),
            font_paths=[str(_fonts())],
            ignore_system_fonts=True,
            sys_inputs={"letters": content, "title": TITLE},
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    except typst.TypstError as error:
        raise _explain(str(error.message)) from None
    return made


def _check(letter: Letter, number: int) -> None:
    """Refuse what would be printed with something missing."""
    where = f"letter {number}"
    lines = [line for line in letter.lines if line.strip()]
    if len(lines) != len(letter.lines) or not FEWEST_LINES <= len(lines) <= MOST_LINES:
        raise InputError(
            "an address has too few, too many or empty lines",
            where=where,
            remedy=f"Give {FEWEST_LINES} to {MOST_LINES} lines, the last with the postcode",
        )
    said = "".join((*letter.lines, letter.subject, *letter.paragraphs, letter.reference))
    if not {ord(sign) for sign in said} - {ord("\n")} <= _printable():
        raise InputError(
            "a letter has a sign that cannot be printed",
            where=where,
            remedy="Send this one by other means",
        )


def _explain(message: str) -> InputError:
    found = _REFUSED.search(message)
    if found is None:
        return InputError("the letters cannot be printed")
    wrong, remedy = _WRONG[found[1]]
    return InputError(wrong, where=f"letter {found[2]}", remedy=remedy)


def _fonts() -> Path:
    """Return the folder of the fonts that come with matplotlib, without loading it."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise RuntimeError("the fonts of matplotlib are not installed")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@cache
def _printable() -> frozenset[int]:
    """Return every sign that both the plain and the bold font have."""
    from fontTools.ttLib import TTFont  # only where letters are printed

    known = [
        set(TTFont(_fonts() / name).getBestCmap())
        for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
    ]
    return frozenset(set.intersection(*known))
