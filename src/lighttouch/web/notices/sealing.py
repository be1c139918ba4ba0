"""Seal and open the texts of e-mail, which can carry links that let somebody in."""

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(text: str) -> bytes:
    """Return a text encrypted with the newest key of the vault."""
    return _box().encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Return the text."""
    return _box().decrypt(sealed).decode()


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])
