"""The choices of a column: how they are shown, and which spellings mean them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.returns.columns import Column
from lighttouch.core.returns.headings import normalise_heading

_LABELS: Mapping[str, str] = {
    "newly_qualified": "Newly qualified social worker",
    "student": "Student social worker",
    "assistant": "Social worker assistant",
    "fixed_term": "Fixed term",
    "not_stated": "Not stated",
}

_ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "role": {
        "social_worker": (
            "children s social worker", "childrens social worker", "csw", "sw",
            "qualified social worker", "experienced social worker",
        ),
        "senior_practitioner": (
            "senior social worker", "advanced practitioner", "snr practitioner", "senior prac",
            "advanced social work practitioner", "consultant social worker",
        ),
        "newly_qualified": ("nqsw", "asye", "newly qualified sw", "social worker asye"),
        "student": ("student sw", "trainee social worker", "social work student"),
        "assistant": (
            "social work assistant", "sw assistant", "swa", "assistant social worker",
            "family support worker", "support worker",
        ),
        "manager": ("team manager", "practice manager", "assistant team manager", "team leader"),
        "other": ("other role",),
    },
    "gender": {
        "female": ("f", "woman", "women"),
        "male": ("m", "man", "men"),
        "other": ("non binary", "nonbinary", "x", "self described"),
        "not_stated": ("prefer not to say", "unknown", "not disclosed", "u"),
    },
    "contract": {
        "permanent": ("perm", "substantive", "p"),
        "fixed_term": ("temporary", "temp", "ftc", "fixed term contract"),
        "agency": ("locum", "agency worker", "agency staff", "a"),
    },
}  # fmt: skip


def choice_label(choice: str) -> str:
    """Return how a choice reads in the spreadsheet.

    Examples
    --------
    >>> choice_label("social_worker"), choice_label("newly_qualified")
    ('Social worker', 'Newly qualified social worker')
    """
    if choice in _LABELS or choice.islower():
        return _LABELS.get(choice, choice.replace("_", " ").capitalize())
    return choice


def _meanings(column: Column | ExtraColumn) -> dict[str, str]:
    aliases = _ALIASES.get(column.id, {})
    meanings: dict[str, str] = {}
    for choice in column.choices:
        for text in (*aliases.get(choice, ()), choice_label(choice), choice):
            meanings[normalise_heading(text)] = choice
    return meanings


def map_choices(texts: Iterable[str], column: Column | ExtraColumn) -> list[str | None]:
    """Return the choice each text means, in archive spelling, or None.

    Examples
    --------
    >>> from lighttouch.core.returns.columns import STANDARD
    >>> map_choices(["NQSW", "Team Manager", "astronaut"], STANDARD[3])
    ['newly_qualified', 'manager', None]
    """
    meanings = _meanings(column)
    return [meanings.get(normalise_heading(text)) for text in texts]


def nearest_choice(text: str, column: Column | ExtraColumn) -> str | None:
    """Return the label of the choice a misspelling comes nearest to, or None if none is near.

    Examples
    --------
    >>> from lighttouch.core.returns.columns import STANDARD
    >>> nearest_choice("Socail worker", STANDARD[3])
    'Social worker'
    """
    meanings = _meanings(column)
    near = get_close_matches(normalise_heading(text), meanings, n=1, cutoff=0.6)
    return choice_label(meanings[near[0]]) if near else None
