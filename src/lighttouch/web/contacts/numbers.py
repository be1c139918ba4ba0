"""Telephone numbers that a text can go to."""

import re

SIGNS = re.compile(r"[\s().\-\u2010-\u2015]")
BRITISH = re.compile(r"(?:\+44|0044|44)?0?(7\d{9})")
NO_MOBILES = re.compile(r"70|76(?!24)")
"""Personal numbers and pagers begin with these; 07624 is the Isle of Man's mobiles."""
ABROAD = re.compile(r"(?:\+|00)([1-9]\d{7,14})")


def read_mobile(text: str) -> str:
    """Return a number as networks write it, or nothing if no text can go there.

    Without a country it is taken for British, also where a spreadsheet dropped the first nought.

    Examples
    --------
    >>> read_mobile("07700 900123"), read_mobile("7700900123"), read_mobile("020 7946 0000")
    ('+447700900123', '+447700900123', '')
    """
    plain = SIGNS.sub("", text)
    if found := BRITISH.fullmatch(plain):
        return "" if NO_MOBILES.match(found[1]) else f"+44{found[1]}"
    abroad = ABROAD.fullmatch(plain)
    return f"+{abroad[1]}" if abroad and not abroad[1].startswith("44") else ""
