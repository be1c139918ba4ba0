"""Several messages under way at once, from one worker to one partner's transport.

A worker that sends waits for its peer nearly all the time, so handing over runs in threads, each
with a connection of its own. Everything in the database stays with the thread that owns the lanes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Protocol, runtime_checkable

from lighttouch.web.delivery.models import Delivery
from lighttouch.web.delivery.transports.base import Message, Outcome, Transport


@runtime_checkable
class TakesTurns(Protocol):
    """A transport whose turn to send is given out by the database."""

    def take_turn(self) -> None:
        """Take the turn that the next message waits for."""


WIDTHS = {"notify": 10, "smtp": 6}
"""How many messages are under way at once, by transport; one where nothing is said."""


class Lanes:
    """Connections to one transport, and what is under way on them.

    Parameters
    ----------
    make
        Opens one more connection; called by the thread that owns the lanes.
    most
        How many messages there are: no more connections are opened.
    """

    def __init__(self, make: Callable[[], Transport], most: int) -> None:
        self._make = make
        self._idle = [make()]
        self._all = list(self._idle)
        self.name = self._all[0].name
        self.width = max(1, min(WIDTHS.get(self.name, 1), most))
        self._under_way: dict[Future[Outcome], tuple[Delivery, Transport]] = {}
        self._pool = ThreadPoolExecutor(self.width, "lane") if self.width > 1 else None

    def __enter__(self) -> "Lanes":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        for transport in self._all:
            transport.close()

    def hand_over(self, delivery: Delivery, message: Message) -> None:
        """Set a message on its way; there must be room for it."""
        if not self._idle:
            self._idle.append(self._make())
            self._all.append(self._idle[-1])
        transport = self._idle.pop()
        if isinstance(transport, TakesTurns):
            transport.take_turn()
        started = self._start(transport, message)
        self._under_way[started] = (delivery, transport)

    def make_room(self) -> Iterator[tuple[Delivery, Future[Outcome]]]:
        """Give back what was answered, until there is room for one more."""
        return self._answered(self.width - 1)

    def drain(self) -> Iterator[tuple[Delivery, Future[Outcome]]]:
        """Give back everything under way, as it is answered."""
        return self._answered(0)

    def _answered(self, most: int) -> Iterator[tuple[Delivery, Future[Outcome]]]:
        done = [one for one in self._under_way if one.done()]
        while done or len(self._under_way) > most:
            done = done or list(wait(self._under_way, return_when=FIRST_COMPLETED).done)
            for one in done:
                delivery, transport = self._under_way.pop(one)
                self._idle.append(transport)
                yield delivery, one
            done = []

    def _start(self, transport: Transport, message: Message) -> Future[Outcome]:
        if self._pool is not None:
            return self._pool.submit(transport.send, message)
        answered: Future[Outcome] = Future()
        try:
            answered.set_result(transport.send(message))
        except Exception as error:  # kept for whoever asks, as a thread would
            answered.set_exception(error)
        return answered
