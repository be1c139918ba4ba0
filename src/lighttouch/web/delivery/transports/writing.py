"""Writing a message as an e-mail, for the transports that hand over whole e-mails."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from lighttouch.web.delivery.transports.base import Message


def write_email(message: Message) -> EmailMultiAlternatives:
    """Return the e-mail: the same name at every attempt, and one click to have no more.

    Raises
    ------
    ValueError
        If it cannot be written as an e-mail; nothing was handed over then.
    """
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    headers = {"Message-ID": f"<{message.reference}@{domain}>", "Auto-Submitted": "auto-generated"}
    if message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if not isinstance(message.address, str):
        raise TypeError("an e-mail goes to one address")
    email = EmailMultiAlternatives(
        message.subject,
        message.text,
        to=[message.address],
        headers=headers,
        reply_to=[message.reply_to] if message.reply_to else None,
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    email.message()
    return email
