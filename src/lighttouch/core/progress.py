"""How long work tells whoever waits for it how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are finished, and how many there are."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody.

    Examples
    --------
    >>> no_progress("reading", 1, 2)
    """
