"""A large file while it waits for its check: encrypted, for it may hold names."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from lighttouch.core.errors import InputError


def seal_file(content: bytes, suffix: str) -> bytes:
    """Encrypt a file and the ending of its name with the newest key of the vault."""
    return _keys().encrypt(suffix.encode() + b"\0" + content)


def open_file(sealed: bytes) -> tuple[bytes, str]:
    """Return the file and the ending of its name.

    Raises
    ------
    InputError
        If no key of the vault fits.
    """
    try:
        suffix, _, content = _keys().decrypt(sealed).partition(b"\0")
    except InvalidToken:
        raise InputError(
            "no key opens a file that waits for its check",
            where="LIGHTTOUCH_VAULT_KEYS",
            remedy="Add the key that was in force when it was sent, or have it sent again",
        ) from None
    return content, suffix.decode()


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])
