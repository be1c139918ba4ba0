"""Codes that people type: letters that look like no other, and make no words."""

import hashlib
import hmac

from django.conf import settings

from lighttouch.web.surveys.models import Link

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Consonants only, as RFC 8628 (section 6.1) has them for codes typed from another screen."""
SLIP_LETTERS = 10
"""Twenty to the tenth: 43 bits, tried against the few dozen people of one team."""
GROUP = 5


def letters_for(about: str, count: int) -> str:
    """Return so many letters made from the site's key; the same each time."""
    made = hmac.new(settings.SECRET_KEY.encode(), about.encode(), hashlib.sha256).digest()
    number = int.from_bytes(made, "big")
    letters = []
    for _ in range(count):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def slip_code(link: Link) -> str:
    """Return the letters on somebody's slip; a renewed link has others."""
    about = f"survey-slip:{link.survey_id}:{link.participant_id}:{link.number}"
    return letters_for(about, SLIP_LETTERS)


def in_groups(letters: str, size: int = GROUP) -> str:
    """Return letters as they are printed.

    Examples
    --------
    >>> in_groups("BCDFGHJKLM")
    'BCDFG HJKLM'
    """
    return " ".join(letters[start : start + size] for start in range(0, len(letters), size))


def read_letters(typed: str) -> str:
    """Return the letters somebody typed, whatever stands between them and in either case.

    Examples
    --------
    >>> read_letters(" bcdfg-hjklm ")
    'BCDFGHJKLM'
    """
    return "".join(one for one in typed.upper() if one in LETTERS)
