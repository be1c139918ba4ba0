"""Put contacts into the vault, and destroy them."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.contacts.models import Contact, PartnerKey
from lighttouch.web.contacts.reading import Person, read_people
from lighttouch.web.partners.models import ContactRoute
from lighttouch.web.partners.queries import contact_route
from lighttouch.web.programmes.models import Partner, Trial

VAULT = "contacts"
CHUNK = 2000


def store_contacts(
    *,
    trial: Trial,
    partner: Partner,
    filename: str,
    content: bytes,
    destroy_on: date,
    by: User,
    now: datetime,
) -> int:
    """Seal a partner's contacts with a fresh key of its own; what was there before is destroyed.

    Parameters
    ----------
    destroy_on
        The day that was promised; the key is destroyed then, whatever else happens.

    Returns
    -------
    int
        How many people.

    Raises
    ------
    InputError
        If the partner holds its contacts itself, the day is past, or the file has faults.
    """
    if contact_route(trial, partner) != ContactRoute.VAULT:
        raise InputError(
            "this partner holds its contacts itself, so none are taken",
            where=partner.code,
            remedy="Change the agreement first, if staff were told so",
        )
    if destroy_on <= now.date():
        raise InputError("the day is past", where="day of destruction", remedy="Give a later day")
    people = read_people(filename, content)
    with transaction.atomic(), transaction.atomic(using=VAULT):
        _destroy(PartnerKey.objects.filter(trial=trial.slug, partner=partner.code), now)
        key = Fernet.generate_key()
        kept = PartnerKey.objects.create(
            trial=trial.slug,
            partner=partner.code,
            sealed_key=_vault_keys().encrypt(key),
            created_at=now,
            destroy_on=destroy_on,
        )
        Contact.objects.bulk_create(_seal(kept, Fernet(key), people), batch_size=CHUNK)
        _note("contacts.stored", trial, partner, by=by, now=now, people=len(people))
    return len(people)


def destroy_contacts(*, trial: Trial, partner: Partner, by: Actor, now: datetime) -> int:
    """Destroy a partner's contacts and the key that sealed them; say how many people's."""
    with transaction.atomic(), transaction.atomic(using=VAULT):
        gone = _destroy(PartnerKey.objects.filter(trial=trial.slug, partner=partner.code), now)
        _note("contacts.destroyed", trial, partner, by=by, now=now, people=gone)
    return gone


def _destroy(keys: Iterable[PartnerKey], now: datetime) -> int:
    gone = 0
    for key in keys:
        if key.destroyed_at is None:
            gone += Contact.objects.filter(key=key).delete()[0]
            key.sealed_key, key.destroyed_at = b"", now
            key.save(update_fields=("sealed_key", "destroyed_at"))
    return gone


def _seal(key: PartnerKey, box: Fernet, people: list[Person]) -> list[Contact]:
    return [
        Contact(
            key=key,
            staff_id=person.staff_id,
            sealed=box.encrypt(json.dumps(asdict(person)).encode()),
        )
        for person in people
    ]


def _vault_keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])


def _note(
    act: str, trial: Trial, partner: Partner, *, by: Actor, now: datetime, people: int
) -> None:
    record(
        act=act,
        by=by,
        now=now,
        programme=trial.programme.slug,
        trial=trial.slug,
        partner=partner.code,
        details={"people": people},
    )
