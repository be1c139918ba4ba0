"""The key of a partner's service, sealed; and the token that its receipts carry."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from lighttouch.core.errors import InputError
from lighttouch.web.delivery.transports.notify.models import NotifyService


def seal_key(key: str) -> bytes:
    """Encrypt a service's key with the newest key of the vault."""
    return _keys().encrypt(key.encode())


def open_key(service: NotifyService) -> str:
    """Return a service's key.

    Raises
    ------
    InputError
        If no key of the vault fits.
    """
    try:
        return _keys().decrypt(bytes(service.sealed_key)).decode()
    except InvalidToken:
        raise InputError(
            "no key opens the partner's key for GOV.UK Notify",
            where="LIGHTTOUCH_VAULT_KEYS",
            remedy="Add the key that was in force when it was set, or set it again",
        ) from None


def receipt_token(service: NotifyService) -> str:
    """Return what Notify shows when it brings a receipt; 256 bits, the same each time."""
    about = f"notify-receipts:{service.code}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), about, hashlib.sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode("ascii")


def is_from_notify(service: NotifyService, shown: str) -> bool:
    """Say whether a header of authorisation carries the token, in a time that tells nothing."""
    expected = f"Bearer {receipt_token(service)}"
    return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), expected.encode())


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])
