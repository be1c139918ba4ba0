"""One fingerprint per trial file, the same on every operating system."""

import hashlib


def protocol_sha256(text: str) -> str:
    r"""Return the SHA-256 of a trial file, as 64 hexadecimal digits.

    Line endings are normalised and a byte-order mark dropped first, so that a file copied between
    Windows and Linux keeps its fingerprint; any other change to it changes the fingerprint.

    Examples
    --------
    >>> protocol_sha256("a = 1\r\n") == protocol_sha256("a = 1\n")
    True
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()
