"""E-mail through the mail server that the site's settings name.

A mail server has a message only once it was given the dot that ends it. Whatever breaks before
that dot left, the message can safely be handed over again. Silence after it is not known: the
server may have the message, so nobody tries again by themselves.
"""

from lighttouch.web.delivery.transports.smtp.transport import SmtpTransport

__all__ = ["SmtpTransport"]
