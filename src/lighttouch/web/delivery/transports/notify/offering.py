"""Sending through a partner's own service, where it has one."""

import time
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings

from lighttouch.web.delivery.transports.base import Channel, Transport
from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.delivery.transports.notify.sealing import open_key
from lighttouch.web.delivery.transports.notify.sharing import SharedPace
from lighttouch.web.programmes.models import Partner

if TYPE_CHECKING:
    from lighttouch.web.delivery.transports.notify.transport import NotifyTransport

_paces: dict[int, SharedPace] = {}
_lock = Lock()


def offer(partner: Partner, channel: Channel) -> Transport | None:
    """Return the partner's Notify service, if it has one that sends by this channel."""
    service = NotifyService.objects.filter(partner=partner).first()
    return transport_of(service) if service and sends_by(service, channel) else None


def sends_by(service: NotifyService, channel: Channel) -> bool:
    """Say whether a service is set up for a channel."""
    return {
        Channel.EMAIL: bool(service.email_template),
        Channel.TEXT: bool(service.text_template),
        Channel.LETTER: service.letters,
    }[channel]


def transport_of(service: NotifyService) -> "NotifyTransport":
    """Return what sends with a service's key, at the pace that all share who send with it."""
    # only where something is sent, so that the site starts without the client
    from lighttouch.web.delivery.transports.notify.transport import NotifyTransport, Templates
    from lighttouch.web.delivery.transports.print import set_letter

    with _lock:
        pace = _paces.setdefault(service.pk, SharedPace(service.pk))
    return NotifyTransport(
        open_key(service),
        Templates(email=service.email_template, text=service.text_template),
        pace=pace,
        set_letter=set_letter if service.letters else None,
        address=settings.NOTIFY_ADDRESS,
        clock=time.time,
    )
