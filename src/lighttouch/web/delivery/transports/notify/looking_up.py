"""Asking Notify what it knows: of what is in doubt, and of what no receipt came for.

Notify remembers for seven days. Of what it has, the true state is kept as if a receipt had come.
That it has not got something is said beside the delivery; a person then decides to send it again.
"""

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from lighttouch.core.errors import InputError, LighttouchError
from lighttouch.web.delivery.models import Delivery, Passage, State
from lighttouch.web.delivery.sending import logger
from lighttouch.web.delivery.transports.notify.actions import keep_receipt
from lighttouch.web.delivery.transports.notify.models import NotifyQuestion, NotifyService
from lighttouch.web.delivery.transports.notify.offering import transport_of
from lighttouch.web.delivery.transports.notify.receipts import Receipt, Sighting, clearest

SETTLED_AFTER = timedelta(minutes=15)
"""After so long, what Notify does not have it will not have: no request lives that long."""
MEMORY = timedelta(days=6, hours=12)
"""Notify forgets after seven days; nothing it does not have counts for anything after that."""
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
MOST_AT_ONCE = 300
SECONDS = 30.0
NOT_THERE = "GOV.UK Notify does not have it: it can be sent again"


def look_up_all(now: datetime) -> int:
    """Ask every partner's service of what is in doubt or without a receipt.

    Say of how many there was news. A service that cannot be asked keeps none of the others waiting.
    """
    clear = 0
    for service in NotifyService.objects.select_related("partner").order_by("pk"):
        try:
            clear += _look_up(service, now)
        except LighttouchError as error:
            logger.error("a Notify service cannot be asked", extra={"event": error.faults[0].what})
    return clear


def has_after_all(delivery: Delivery, now: datetime) -> bool:
    """Ask Notify, before somebody sends a delivery in doubt again, whether it has it.

    Nothing is asked where there is nobody to ask: another transport carried it, the service is
    gone, or Notify has forgotten.

    Raises
    ------
    InputError
        If it is too early to tell, or Notify does not answer.
    """
    service = NotifyService.objects.filter(partner=delivery.mailing.partner_id).first()
    handed_over = delivery.handed_over_at
    if delivery.transport != "notify" or service is None or handed_over is None:
        return False
    if handed_over < now - MEMORY:
        return False
    if handed_over > now - SETTLED_AFTER:
        raise InputError(
            "this was handed over only minutes ago, so GOV.UK Notify may still take it",
            where=f"delivery {delivery.pk}",
            remedy="Look again in a quarter of an hour",
        )
    transport = transport_of(service)
    try:
        found = transport.ask(str(delivery.reference))
    finally:
        transport.close()
    if found is None:
        raise InputError(
            "GOV.UK Notify does not answer, so nobody can tell whether it was sent",
            where=f"delivery {delivery.pk}",
            remedy="Try again later",
        )
    _keep(service, delivery, found, now)
    return bool(found)


def _look_up(service: NotifyService, now: datetime) -> int:
    rows, clear, began = list(_to_ask(service, now)[:MOST_AT_ONCE]), 0, time.monotonic()
    if not rows:
        return 0
    transport = transport_of(service)
    try:
        for row in rows:
            found = transport.ask(str(row.reference))
            if found is None or time.monotonic() - began > SECONDS:
                break
            clear += _keep(service, row, found, now)
    finally:
        transport.close()
    return clear


def _to_ask(service: NotifyService, now: datetime) -> QuerySet[Delivery]:
    """Return what Notify is to be asked of, oldest first, before it forgets."""
    in_doubt = Q(state=State.UNKNOWN, handed_over_at__lte=now - SETTLED_AFTER) & (
        Q(question=None) | Q(question__asked_at__lte=now - AN_HOUR)
    )
    without_receipt = Q(state=State.ACCEPTED, handed_over_at__lte=now - A_DAY) & (
        Q(question=None) | Q(question__asked_at__lte=now - A_DAY)
    )
    return Delivery.objects.filter(
        in_doubt | without_receipt,
        transport="notify",
        mailing__partner=service.partner_id,
        handed_over_at__gt=now - MEMORY,
    ).order_by("handed_over_at", "pk")


@transaction.atomic
def _keep(service: NotifyService, delivery: Delivery, found: list[Sighting], now: datetime) -> bool:
    """Keep what Notify answered; say whether that was news."""
    NotifyQuestion.objects.update_or_create(delivery=delivery, defaults={"asked_at": now})
    if found:
        seen = clearest(found)
        receipt = Receipt(seen.provider_id, delivery.reference, seen.status)
        return keep_receipt(service=service, receipt=receipt, now=now)
    still = Delivery.objects.filter(pk=delivery.pk, state=State.UNKNOWN).exclude(trouble=NOT_THERE)
    news = bool(still.update(trouble=NOT_THERE))
    if news:
        Passage.objects.create(delivery=delivery, state=State.UNKNOWN, at=now, note=NOT_THERE)
    return news
