"""Transports, each in a folder of its own, and which one serves a partner."""

from collections.abc import Callable

from django.conf import settings

from lighttouch.web.delivery.transports.base import Channel, Transport
from lighttouch.web.delivery.transports.file import FileTransport
from lighttouch.web.delivery.transports.notify.offering import offer as notify
from lighttouch.web.delivery.transports.smtp import SmtpTransport
from lighttouch.web.programmes.models import Partner

Offer = Callable[[Partner, Channel], Transport | None]
"""Gives a transport if it serves the partner by that channel."""

OFFERS: list[Offer] = [notify]
"""Transports that a partner has of its own, asked first, in order."""


def transport_for(partner: Partner, channel: Channel) -> Transport:
    """Return what sends to a partner's people: its own service, the site's mail server, or files.

    Where no mail server is set up, e-mail is written into the data folder: for trying things out.
    """
    for offer in OFFERS:
        if (own := offer(partner, channel)) is not None:
            return own
    if channel == Channel.EMAIL and _has_mail_server():
        return SmtpTransport()
    return FileTransport(settings.DATA_FOLDER / "sent")


def _has_mail_server() -> bool:
    return str(settings.EMAIL_BACKEND).endswith("smtp.EmailBackend")
