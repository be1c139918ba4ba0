"""What may be known of the vault without opening it: how many, and until when."""

from dataclasses import dataclass
from datetime import date, datetime

from lighttouch.web.contacts.models import PartnerKey


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for a partner, or was."""

    people: int
    since: datetime
    destroy_on: date
    destroyed_at: datetime | None


def held_for(trial: str, partner: str) -> list[Held]:
    """Return what is and was held for a partner, newest first."""
    keys = PartnerKey.objects.filter(trial=trial, partner=partner).order_by("-pk")
    return [
        Held(key.contacts.count(), key.created_at, key.destroy_on, key.destroyed_at) for key in keys
    ]


def past_their_day(today: date) -> list[tuple[str, str]]:
    """Return the trials and partners whose contacts are to be destroyed by today."""
    keys = PartnerKey.objects.filter(destroyed_at=None, destroy_on__lte=today)
    return [(key.trial, key.partner) for key in keys]
