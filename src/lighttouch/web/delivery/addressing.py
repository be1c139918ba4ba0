"""Where a message goes: what the vault holds of a person, as a channel needs it."""

import re

from lighttouch.web.contacts.numbers import read_mobile
from lighttouch.web.contacts.reading import Person
from lighttouch.web.delivery.models import Route
from lighttouch.web.delivery.transports.base import Channel

CHANNELS = {
    Route.EMAIL: Channel.EMAIL,
    Route.TEXT: Channel.TEXT,
    Route.LETTER: Channel.LETTER,
}
"""What a route needs of a transport; packs need none."""
FEWEST_LINES, MOST_LINES = 3, 7
MISSING = {
    Channel.EMAIL: "no e-mail address is held",
    Channel.TEXT: "no mobile number is held that texts can go to",
    Channel.LETTER: "no whole postal address is held",
}
REMEDY = "the partner can add it under Names and addresses"


def find_address(person: Person | None, channel: Channel) -> str | tuple[str, ...] | None:
    """Return where somebody is reached by a channel, if they can be."""
    if person is None:
        return None
    if channel is Channel.EMAIL:
        return person.email or None
    if channel is Channel.TEXT:
        return read_mobile(person.mobile) or None
    return _lines(person)


def say_missing(channel: Channel) -> str:
    """Say that somebody cannot be reached by a channel, and what helps."""
    return f"{MISSING[channel]}: {REMEDY}"


def _lines(person: Person) -> tuple[str, ...] | None:
    """Return a postal address as the post wants it: the name first, the postcode last."""
    name = f"{person.first_name} {person.last_name}".strip()
    parts = [part.strip() for part in re.split(r"[\n\r,]+", person.address)]
    middle = [part for part in parts if part and part != person.postcode]
    while len(middle) > MOST_LINES - 2:
        middle[0:2] = [f"{middle[0]}, {middle[1]}"]
    lines = (name, *middle, person.postcode)
    return lines if len(lines) >= FEWEST_LINES and all(lines) else None
