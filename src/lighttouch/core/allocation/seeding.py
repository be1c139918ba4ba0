"""The seed of a draw: nobody can choose it, and anybody can recompute it.

The secret was committed to before the roster existed; the roster and the protocol were frozen
before the secret was revealed. So the seed was unknown to those who could change the roster, and
fixed for those who knew the secret.
"""

import hashlib
import hmac

import numpy as np

ALGORITHM = "lighttouch-blocks-1"
"""Name and version of seeding, rounding and drawing together; any change of output changes it."""

GENERATOR = "PCG64DXSM"
"""The numpy bit generator the seed is given to."""


def derive_seed(
    *, secret: bytes, roster_sha256: str, protocol_sha256: str, algorithm: str = ALGORITHM
) -> int:
    """Derive the seed of the draw: HMAC-SHA256 under the secret of what was frozen.

    Parameters
    ----------
    secret
        The bytes committed to at registration.
    roster_sha256, protocol_sha256
        Hashes of the frozen roster and the registered trial file (64 hexadecimal digits).
    algorithm
        What the seed is for; another draw by the same method has a name of its own.

    Returns
    -------
    int
        A whole number of 256 bits.

    Examples
    --------
    >>> seed = derive_seed(secret=b"s" * 32, roster_sha256="a" * 64, protocol_sha256="b" * 64)
    >>> seed.bit_length() > 200
    True
    """
    message = "\n".join((algorithm, roster_sha256, protocol_sha256)).encode("ascii")
    return int.from_bytes(hmac.new(secret, message, hashlib.sha256).digest(), "big")


def open_generator(seed: int) -> np.random.Generator:
    """Open the random stream of a seed with the generator named in :data:`GENERATOR`.

    Examples
    --------
    >>> type(open_generator(1).bit_generator).__name__ == GENERATOR
    True
    """
    return np.random.Generator(np.random.PCG64DXSM(seed))
