"""The allocation secret, kept so that reading the database is not enough to know it."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from lighttouch.core.errors import InputError


def seal(secret: bytes) -> bytes:
    """Encrypt a secret with the newest key of the vault."""
    return _keys().encrypt(secret)


def unseal(sealed: bytes) -> bytes:
    """Decrypt a secret with whichever key of the vault sealed it.

    Raises
    ------
    InputError
        If no key fits.
    """
    try:
        return _keys().decrypt(sealed)
    except InvalidToken:
        raise InputError(
            "no key opens the allocation secret",
            where="LIGHTTOUCH_VAULT_KEYS",
            remedy="Add the key that was in force when the trial was registered",
        ) from None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])
