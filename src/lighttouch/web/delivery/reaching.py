"""Where people are reached, from the vault: for the worker that sends, and nobody else."""

from lighttouch.web.contacts.opening import open_contacts
from lighttouch.web.contacts.reading import Person
from lighttouch.web.delivery.composing import Reach
from lighttouch.web.delivery.models import Delivery, Route


def reach_people(trial: str, partner: str, going: list[Delivery]) -> dict[int, Reach]:
    """Return how to reach each delivery's person by its route; those who cannot be are left out."""
    people = open_contacts(trial, partner, [one.participant.staff_id for one in going])
    found: dict[int, Reach] = {}
    for one in going:
        person = people.get(one.participant.staff_id)
        address = _address(person, one.route) if person else ""
        if person and address:
            found[one.pk] = Reach(address, person.first_name)
    return found


def _address(person: Person, route: str) -> str | tuple[str, ...]:
    if route == Route.EMAIL:
        return person.email
    if route == Route.TEXT:
        return person.mobile
    if not person.address:
        return ""
    name = f"{person.first_name} {person.last_name}".strip()
    places = [part.strip() for part in person.address.replace(";", ",").split(",")]
    return tuple(line for line in (name, *places, person.postcode) if line)
