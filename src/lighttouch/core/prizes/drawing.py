"""The draw of prizes: committed to before anybody answers, and repeated by anybody after.

The same method as the allocation. The hash of a secret is published when the survey opens; the
list of entries is fixed when it has closed; the seed follows from both. So nobody could choose
the winners: whoever knew the secret did not know the entries, and cannot change it afterwards.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lighttouch.core.allocation.seeding import derive_seed, open_generator
from lighttouch.core.errors import InputError

ALGORITHM = "lighttouch-prizes-1"
"""Name and version of the draw; any change of output changes it."""

HEADING = "entry"


@dataclass(frozen=True, slots=True)
class Winner:
    """An entry that won, and its place in the list of entries, counted from 1."""

    place: int
    entry: str


def entries_bytes(entries: Iterable[str]) -> bytes:
    r"""Return the list of entries as it is hashed and kept: one to a line, in order, each once.

    Examples
    --------
    >>> entries_bytes(["b", "a", "b"])
    b'entry\na\nb\n'
    """
    listed = sorted(set(entries))
    if any(set(one) & set('\n\r",') or one != one.strip() or not one for one in listed):
        raise InputError("an entry cannot be written on a line of its own", where="the entries")
    return "".join(f"{one}\n" for one in [HEADING, *listed]).encode()


def read_entries(content: bytes) -> tuple[str, ...]:
    """Return the entries of a list that was kept.

    Raises
    ------
    InputError
        If it is not as :func:`entries_bytes` writes it.
    """
    entries = tuple(content.decode("utf-8", "replace").split("\n")[1:-1])
    if entries_bytes(entries) != content:
        raise InputError("the list of entries is not as the draw wrote it", where="the entries")
    return entries


def entries_sha256(entries: Iterable[str]) -> str:
    """Return the hash of the list of entries."""
    return hashlib.sha256(entries_bytes(entries)).hexdigest()


def draw_winners(
    entries: Sequence[str], number: int, *, secret: bytes, protocol_sha256: str
) -> tuple[Winner, ...]:
    """Draw so many winners, each entry with the same chance; all win if there are no more.

    Parameters
    ----------
    entries
        What was entered, in any order.
    number
        How many prizes there are.
    secret
        The secret committed to when the survey opened.
    protocol_sha256
        Hash of the registered trial file.

    Returns
    -------
    tuple of Winner
        In the order drawn; a function of the set of entries, the secret and the protocol alone.

    Examples
    --------
    >>> draw_winners(["b", "a"], 5, secret=bytes(32), protocol_sha256="a" * 64)[0]
    Winner(place=1, entry='a')
    """
    listed = sorted(set(entries))
    seed = derive_seed(
        secret=secret,
        roster_sha256=entries_sha256(listed),
        protocol_sha256=protocol_sha256,
        algorithm=ALGORITHM,
    )
    order = open_generator(seed).permutation(len(listed))
    return tuple(Winner(int(at) + 1, listed[at]) for at in order[:number])
