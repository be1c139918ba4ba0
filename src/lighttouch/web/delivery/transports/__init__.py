"""Transports, each in a folder of its own, and which one serves a partner."""

from collections.abc import Callable

from django.conf import settings

from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result, Transport
from lighttouch.web.delivery.transports.file import FileTransport
from lighttouch.web.delivery.transports.notify.offering import offer as notify
from lighttouch.web.delivery.transports.smtp import SmtpTransport
from lighttouch.web.programmes.models import Partner

Offer = Callable[[Partner, Channel], Transport | None]
"""Gives a transport if it serves the partner by that channel."""

OFFERS: list[Offer] = [notify]
"""Transports that a partner has of its own, asked first, in order."""


class NoTransport:
    """Stands where nothing carries a channel: each message fails, and says what is to be done."""

    name = "none"
    channels: frozenset[Channel] = frozenset()

    def send(self, message: Message) -> Outcome:
        """Refuse a message."""
        return Outcome(
            Result.REFUSED,
            f"nothing sends {message.channel}s here: the partner has to set up GOV.UK Notify",
        )

    def close(self) -> None:
        """Nothing is kept open."""


def transport_for(partner: Partner, channel: Channel) -> Transport:
    """Return what sends to a partner's people: its own service, the site's mail server, or files.

    Where no mail server is set up, everything is written into the data folder: for trying things
    out. Where one is, texts and letters need the partner's own service.
    """
    for offer in OFFERS:
        if (own := offer(partner, channel)) is not None:
            return own
    if not _has_mail_server():
        return FileTransport(settings.DATA_FOLDER / "sent")
    return SmtpTransport() if channel == Channel.EMAIL else NoTransport()


def _has_mail_server() -> bool:
    return str(settings.EMAIL_BACKEND).endswith("smtp.EmailBackend")
