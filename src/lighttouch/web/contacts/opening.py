"""Opening contacts: for delivery alone, one batch for one purpose."""

import json
from collections.abc import Iterable

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

from lighttouch.web.contacts.models import Contact, PartnerKey
from lighttouch.web.contacts.reading import Person


def open_contacts(trial: str, partner: str, staff_ids: Iterable[str]) -> dict[str, Person]:
    """Return how to reach some of a partner's staff, by code; those not in the vault are left out.

    Only delivery may call this; the import contracts hold it to that.
    """
    key = PartnerKey.objects.filter(trial=trial, partner=partner, destroyed_at=None).first()
    if key is None:
        return {}
    keys = MultiFernet([Fernet(one) for one in settings.VAULT_KEYS])
    box = Fernet(keys.decrypt(bytes(key.sealed_key)))
    rows = Contact.objects.filter(key=key, staff_id__in=list(staff_ids))
    return {row.staff_id: Person(**json.loads(box.decrypt(bytes(row.sealed)))) for row in rows}
