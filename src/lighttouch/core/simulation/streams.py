"""Named streams of random numbers: every purpose draws from its own, so none disturbs another."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Streams:
    """The tree of random streams of one simulated programme.

    Each purpose is a child of one ``numpy.random.SeedSequence``: its spawn key is its name, so
    adding a purpose leaves every other stream as it was.

    Parameters
    ----------
    seed
        A whole number of at least 0.

    Examples
    --------
    >>> first = Streams(1).open("workforce", "north").random()
    >>> first == Streams(1).open("workforce", "north").random()
    True
    >>> first == Streams(1).open("workforce", "south").random()
    False
    """

    seed: int

    def open(self, *purpose: str) -> np.random.Generator:
        """Return the generator of a purpose, at its beginning."""
        key = tuple("/".join(purpose).encode())
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key))
        )
