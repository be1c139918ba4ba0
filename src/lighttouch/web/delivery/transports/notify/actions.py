"""Setting a partner's Notify service up, taking it away, and keeping what its receipts say."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.delivery.models import Delivery, Passage, State
from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.delivery.transports.notify.receipts import TROUBLE, Receipt, advance
from lighttouch.web.delivery.transports.notify.sealing import seal_key
from lighttouch.web.programmes.models import Partner

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KEY = re.compile(rf"\S{{1,200}}-{_UUID}-{_UUID}")


@transaction.atomic
def set_service(
    *,
    partner: Partner,
    key: str,
    email_template: str = "",
    text_template: str = "",
    letters: bool = False,
    by: User,
    now: datetime,
) -> NotifyService:
    """Send as this partner through its own service from now on.

    Parameters
    ----------
    key
        As Notify shows it; empty keeps the key that is set.

    Raises
    ------
    InputError
        If the key or a template's identifier cannot be one.
    """
    service = NotifyService.objects.select_for_update().filter(partner=partner).first()
    service = service or NotifyService(partner=partner)
    if key or not service.sealed_key:
        service.sealed_key = seal_key(_checked_key(key))
    service.email_template = _checked_template(email_template)
    service.text_template = _checked_template(text_template)
    service.letters = letters
    if not (service.email_template or service.text_template or letters):
        raise InputError("nothing can be sent without a template", remedy="Give at least one")
    service.set_at = now
    service.full_clean()
    service.save()
    channels = {"email": email_template, "text": text_template, "letter": letters}
    _record(
        "delivery.notify_set", partner, by, now, [name for name, has in channels.items() if has]
    )
    return service


@transaction.atomic
def remove_service(*, partner: Partner, by: User, now: datetime) -> None:
    """Forget a partner's service and its key; receipts under way are not taken any more."""
    gone, _ = NotifyService.objects.filter(partner=partner).delete()
    if gone:
        _record("delivery.notify_removed", partner, by, now, [])


@transaction.atomic
def keep_receipt(*, service: NotifyService, receipt: Receipt, now: datetime) -> bool:
    """Keep what a receipt says of a delivery; say whether that was news.

    A receipt proves that Notify has the message. So it counts even where the answer to handing it
    over was lost or has not been written down yet, and nothing is handed over after it.
    """
    if receipt.reference is None:
        return False
    delivery = _delivery_of(service, receipt.reference)
    if delivery is None:
        return False
    state = advance(State(delivery.state), receipt.status)
    if state == delivery.state:
        return False
    trouble = TROUBLE.get(receipt.status, "")
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state,
        trouble=trouble,
        provider_id=receipt.provider_id,
        lease_until=None,
        handed_over_at=Coalesce("handed_over_at", now),
    )
    Passage.objects.create(delivery=delivery, state=state, at=now, note=trouble)
    return True


def _delivery_of(service: NotifyService, reference: UUID) -> Delivery | None:
    """Return a delivery that was handed to this partner's service at least once."""
    return (
        Delivery.objects.select_for_update()
        .filter(reference=reference, mailing__partner=service.partner_id, attempts__gt=0)
        .first()
    )


def _checked_key(key: str) -> str:
    given = key.strip()
    if not KEY.fullmatch(given):
        raise InputError(
            "this is not a key of GOV.UK Notify",
            remedy="Copy the whole key: its name, then two long codes with hyphens",
        )
    return given


def _checked_template(template: str) -> str:
    given = template.strip().lower()
    if given and not re.fullmatch(_UUID, given):
        raise InputError(
            "this is not a template's ID",
            remedy="Copy the template ID that Notify shows under the template",
        )
    return given


def _record(act: str, partner: Partner, by: User, now: datetime, channels: list[str]) -> None:
    record(
        act=act,
        by=by,
        now=now,
        programme=partner.programme.slug,
        partner=partner.code,
        details={"channels": channels},
    )
