"""A mail server and a GOV.UK Notify with bad days, which keep a log of what they took.

Each works through a shuffled deck of days, so that every trouble comes up and none is rare.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import ThreadingHTTPServer
from queue import Empty, Queue
from threading import Event, Lock, Thread
from typing import Any, Protocol

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connections
from django.test import Client

from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.delivery.transports.notify.sealing import receipt_token
from tests.web.delivery.notify import server
from tests.web.delivery.notify.server import Day, Notify
from tests.web.postgres import free_port

SEED = 4
SILENCE = 1.2
"""Seconds of silence; workers wait less for an answer."""


class Peer(Protocol):
    """What takes messages: what it took, how many it was asked to take, what went wrong."""

    name: str
    troubles: Counter[str]

    @property
    def log(self) -> list[str]:
        """The references taken, as often as they were."""

    @property
    def seen(self) -> int:
        """How many messages it was asked to take."""

    @property
    def may_fail_afterwards(self) -> bool:
        """Whether it may take a message and say later that it came to nothing."""

    def missing(self) -> set[str]:
        """Return the troubles that never came up."""

    def arguments(self) -> list[str]:
        """Return what workers are told in order to find it."""

    def environment(self) -> dict[str, str]:
        """Return the variables by which workers find it."""


class Deck:
    """Days in a random order, each as often as it was put in, again and again."""

    def __init__(self, days: dict[str, int], good: int) -> None:
        self._days = [*Counter(days).elements(), *[""] * good]
        self._left: list[str] = []
        self._chance = random.Random(SEED)
        self._lock = Lock()

    def draw(self) -> str:
        """Return the next day's trouble; nothing on a good day."""
        with self._lock:
            if not self._left:
                self._left = self._chance.sample(self._days, len(self._days))
            return self._left.pop()


AT_THE_ADDRESS = {"refused for now": 2, "refused for good": 2}
AT_THE_TEXT = {
    "text refused for now": 1,
    "cut off before taking it": 1,
    "cut off after taking it": 2,
    "fell silent after taking it": 1,
}


class MailServer:
    """A mail server that has something wrong one time in five."""

    name = "smtp"
    may_fail_afterwards = False

    def __init__(self) -> None:
        self.log: list[str] = []
        self.troubles: Counter[str] = Counter()
        self.seen = 0
        self._addresses = Deck(AT_THE_ADDRESS, 36)
        self._texts = Deck(AT_THE_TEXT, 25)
        self._port = free_port()

    def missing(self) -> set[str]:
        return {*AT_THE_ADDRESS, *AT_THE_TEXT} - self.troubles.keys()

    def arguments(self) -> list[str]:
        return []

    def environment(self) -> dict[str, str]:
        return {"LIGHTTOUCH_SMTP_URL": f"smtp://127.0.0.1:{self._port}"}

    def _draw(self, deck: Deck) -> str:
        trouble = deck.draw()
        if trouble:
            self.troubles[trouble] += 1
        return trouble

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        trouble = self._draw(self._addresses)
        if trouble == "refused for now":
            return "450 Try again later"
        if trouble == "refused for good":
            return "550 No such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.seen += 1
        await asyncio.sleep(0.06)
        assert isinstance(server.transport, asyncio.Transport)
        trouble = self._draw(self._texts)
        if trouble == "text refused for now":
            return "451 Busy"
        if trouble == "cut off before taking it":
            server.transport.abort()
            return "451 Gone"
        assert isinstance(envelope.content, bytes)
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.log.append(name.strip("<>").partition("@")[0])
        if trouble == "cut off after taking it":
            server.transport.abort()
        elif trouble == "fell silent after taking it":
            await asyncio.sleep(SILENCE)
        return "250 OK"

    @contextmanager
    def listening(self) -> Iterator["MailServer"]:
        """Serve on loopback."""
        controller = Controller(self, hostname="127.0.0.1", port=self._port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


DAYS = {
    Day.BUSY.name: 2,
    Day.BROKEN.name: 2,
    Day.AWAY.name: 1,
    Day.GATEWAY.name: 1,
    Day.SLOW.name: 1,
    Day.SLOW_AND_LOST.name: 1,
    Day.DROPS_BEFORE_READING.name: 1,
    Day.DROPS_AFTER_ACCEPTING.name: 3,
    Day.TALKS_NONSENSE.name: 1,
}
DEAF = "hung up when asked what it has"
RECEIPTS = {
    "no receipt": 3,
    "delivered": 8,
    "delivered delivered": 4,
    "delivered sending": 3,
    "temporary-failure delivered": 2,
    "delivered temporary-failure": 2,
    "permanent-failure permanent-failure": 1,
    "technical-failure": 1,
    "technical-failure sending": 1,
}
"""What its receipts of a message say, in the order in which they come: not that of the events."""


class NotifyServer(Notify):
    """Notify with something wrong one time in four, and receipts in any order and number."""

    name = "notify"
    may_fail_afterwards = True

    def __init__(self) -> None:
        super().__init__(slowness=SILENCE)
        self.troubles: Counter[str] = Counter()
        self.receipts: Queue[dict[str, Any]] = Queue()
        self._days = Deck(DAYS, 38)
        self._answers = Deck({DEAF: 1}, 2)
        self._says = Deck(RECEIPTS, 0)

    @property
    def log(self) -> list[str]:
        return self.references()

    @property
    def seen(self) -> int:
        return self.asked

    def missing(self) -> set[str]:
        return {*DAYS, *RECEIPTS, DEAF} - self.troubles.keys()

    def arguments(self) -> list[str]:
        return ["--notify", self.address]

    def environment(self) -> dict[str, str]:
        return {}

    def next_day(self) -> Day:
        with self.lock:
            self.asked += 1
        time.sleep(0.03)
        day = self._days.draw()
        self._count(day)
        return Day[day] if day else Day.GOOD

    def accept(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        kept = super().accept(kind, body)
        says = self._says.draw()
        self._count(says)
        for status in says.split() if says != "no receipt" else []:
            self.receipts.put({"id": kept["id"], "reference": kept["reference"], "status": status})
        return kept

    def is_deaf(self) -> bool:
        """Say whether it hangs up when asked what it has."""
        trouble = self._answers.draw()
        self._count(trouble)
        return bool(trouble)

    def _count(self, trouble: str) -> None:
        with self.lock:
            if trouble:
                self.troubles[trouble] += 1

    @contextmanager
    def listening(self, service: NotifyService) -> Iterator["NotifyServer"]:
        """Serve on loopback, and bring receipts to the site."""
        handler = type("Handler", (_Handler,), {"notify": self})
        listens = type("Server", (ThreadingHTTPServer,), {"request_queue_size": 128})
        serving = listens(("127.0.0.1", 0), handler)
        serving.daemon_threads = True
        self.address = f"http://127.0.0.1:{serving.server_address[1]}"
        over = Event()
        threads = [
            Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True),
            Thread(target=_bring, args=(self.receipts, service, over), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            serving.shutdown()
            serving.server_close()
            over.set()
            for thread in threads:
                thread.join()


class _Handler(server._Handler):
    notify: NotifyServer

    def do_GET(self) -> None:  # noqa: N802
        if self.notify.is_deaf():
            self._hang_up()
        else:
            super().do_GET()


def _bring(receipts: Queue[dict[str, Any]], service: NotifyService, over: Event) -> None:
    """Bring receipts until they are all taken, as Notify does: again later, if it has to."""
    shown = {"Authorization": f"Bearer {receipt_token(service)}"}
    browser = Client(headers=shown, raise_request_exception=False)
    address = f"/receipts/notify/{service.code}/"
    while not (over.is_set() and receipts.empty()):
        try:
            receipt = receipts.get(timeout=0.05)
        except Empty:
            continue
        if browser.post(address, receipt, content_type="application/json").status_code != 204:
            receipts.put(receipt)
    connections.close_all()
