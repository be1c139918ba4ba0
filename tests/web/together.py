"""Do things at the same moment, as people and workers do them."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connections

from lighttouch.core.errors import LighttouchError

PATIENCE = 60.0


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do each act in a thread with connections of its own; give what came of each, in order.

    What came of an act that failed is its error.
    """
    ready = threading.Barrier(len(acts))
    outcomes: list[Any] = [TimeoutError("it did not end")] * len(acts)

    def run(place: int) -> None:
        try:
            ready.wait(PATIENCE)
            outcomes[place] = acts[place]()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return outcomes


def errors(outcomes: Iterable[Any]) -> list[Exception]:
    """Return the errors among what came of several acts."""
    return [one for one in outcomes if isinstance(one, Exception)]


def refusals(outcomes: Iterable[Any]) -> list[str]:
    """Return how each act ended, sorted: "done", or what was refused; other errors are raised."""
    said: list[str] = []
    for one in outcomes:
        if isinstance(one, Exception) and not isinstance(one, LighttouchError):
            raise one
        said.append(one.faults[0].what if isinstance(one, LighttouchError) else "done")
    return sorted(said)
