"""Where people are reached, from the vault: for the worker that sends, and nobody else."""

import re

from lighttouch.web.contacts.numbers import read_mobile
from lighttouch.web.contacts.opening import open_contacts
from lighttouch.web.contacts.reading import Person
from lighttouch.web.delivery.composing import Reach
from lighttouch.web.delivery.models import Delivery, Route
from lighttouch.web.delivery.transports.base import Channel

CHANNELS = {
    Route.EMAIL: Channel.EMAIL,
    Route.TEXT: Channel.TEXT,
    Route.LETTER: Channel.LETTER,
}
"""What a route needs of a transport; packs need none."""
FEWEST_LINES, MOST_LINES = 3, 7


def reach_people(trial: str, partner: str, going: list[Delivery]) -> dict[int, Reach]:
    """Return how to reach each delivery's person by its route; those who cannot be are left out."""
    people = open_contacts(trial, partner, [one.participant.staff_id for one in going])
    found: dict[int, Reach] = {}
    for one in going:
        person = people.get(one.participant.staff_id)
        address = find_address(person, CHANNELS[Route(one.route)])
        if person and address:
            found[one.pk] = Reach(address, person.first_name)
    return found


def find_address(person: Person | None, channel: Channel) -> str | tuple[str, ...]:
    """Return where somebody is reached by a channel; nothing if they cannot be."""
    if person is None:
        return ""
    if channel is Channel.EMAIL:
        return person.email
    if channel is Channel.TEXT:
        return read_mobile(person.mobile)
    return _lines(person)


def _lines(person: Person) -> tuple[str, ...]:
    """Return a postal address as the post wants it: the name first, the postcode last."""
    name = f"{person.first_name} {person.last_name}".strip()
    parts = [part.strip() for part in re.split(r"[\n\r,;]+", person.address)]
    middle = [part for part in parts if part and part != person.postcode]
    while len(middle) > MOST_LINES - 2:
        middle[0:2] = [f"{middle[0]}, {middle[1]}"]
    lines = (name, *middle, person.postcode)
    return lines if len(lines) >= FEWEST_LINES and all(lines) else ()
