"""Codes of a meeting: 128 bits to scan and eight letters to type, kept as hashes."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

from django.conf import settings

from lighttouch.web.surveys.slip_codes import letters_for

BYTES = 16
SHORT_LETTERS = 8
"""35 bits; behind it is only a form that asks for the letters on a slip."""


def token_for(reference: UUID) -> str:
    """Return the secret part of a meeting's address."""
    return urlsafe_b64encode(_keyed(f"meeting:{reference}")[:BYTES]).rstrip(b"=").decode("ascii")


def short_for(reference: UUID) -> str:
    """Return the letters that lead to a meeting when typed."""
    return letters_for(f"meeting-short:{reference}", SHORT_LETTERS)


def digest_of(code: str) -> str:
    """Return what a meeting is found by."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def mark_for(reference: UUID, participant: int) -> str:
    """Return what stands for somebody in one meeting, and in no other."""
    return _keyed(f"meeting-presence:{reference}:{participant}").hex()


def _keyed(about: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), about.encode(), hashlib.sha256).digest()
