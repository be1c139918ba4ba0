"""The private address at which somebody stops further messages; known to us by its hash."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

from django.conf import settings

BYTES = 16


def opt_out_token(reference: UUID) -> str:
    """Return the secret part of the address in one delivery; the same each time."""
    about = f"opt-out:{reference}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), about, hashlib.sha256).digest()
    return urlsafe_b64encode(made[:BYTES]).rstrip(b"=").decode("ascii")


def digest_of(token: str) -> str:
    """Return what a delivery is found by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
