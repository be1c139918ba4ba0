"""Workers killed at random, and a mail server with bad days: nothing twice, nothing lost.

``benchmarks/prove_delivery.py`` runs the same with as many deliveries and kills as it is told.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lighttouch.web.delivery.models import Delivery, Kind, Mailing, State
from lighttouch.web.delivery.sending import DIED
from lighttouch.web.enrolment.models import Participant
from tests.web.cast import NOW
from tests.web.delivery.cases import keep_first, open_survey, people_of, plan, seal, sign_off
from tests.web.postgres import free_port
from tests.web.processes import environment_of_tests
from tests.web.studies import world

DELIVERIES = int(os.environ.get("PROVE_DELIVERIES", "200"))
KILLS = int(os.environ.get("PROVE_KILLS", "20"))
WORKERS = int(os.environ.get("PROVE_WORKERS", "3"))
PATIENCE = 60 + DELIVERIES
SEED = 4
OPEN = (State.PLANNED, State.DUE, State.CLAIMED, State.SENT)


class BadDays:
    """A mail server that keeps a log of what it took, and has something wrong one time in four."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.troubles: Counter[str] = Counter()
        self.seen = 0
        self._chance = random.Random(SEED)

    def _has(self, trouble: str, share: float) -> bool:
        if self._chance.random() >= share:
            return False
        self.troubles[trouble] += 1
        return True

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._has("refused for now", 0.05):
            return "450 Try again later"
        if self._has("refused for good", 0.05):
            return "550 No such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.seen += 1
        await asyncio.sleep(0.06)
        assert isinstance(server.transport, asyncio.Transport)
        if self._has("text refused for now", 0.03):
            return "451 Busy"
        if self._has("cut off before taking it", 0.03):
            server.transport.abort()
            return "451 Gone"
        assert isinstance(envelope.content, bytes)
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.log.append(name.strip("<>").partition("@")[0])
        if self._has("cut off after taking it", 0.05):
            server.transport.abort()
        elif self._has("fell silent after taking it", 0.03):
            await asyncio.sleep(1.2)
        return "250 OK"


class Crew:
    """Workers that are hired, and killed without warning."""

    def __init__(self, environment: dict[str, str], start: datetime) -> None:
        self._office = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.web.delivery.work",
                start.isoformat(),
                str(time.time()),
            ],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.workers: list[int] = []

    def _ask(self, order: str) -> int:
        assert self._office.stdin is not None
        assert self._office.stdout is not None
        self._office.stdin.write(f"{order}\n")
        self._office.stdin.flush()
        return int(self._office.stdout.readline())

    def hire(self) -> None:
        self.workers.append(self._ask("hire"))

    def kill(self, place: int) -> None:
        number = self.workers.pop(place)
        os.kill(number, signal.SIGKILL)
        self._ask(f"wait {number}")

    def dismiss(self) -> None:
        while self.workers:
            self.kill(0)
        assert self._office.stdin is not None
        self._office.stdin.close()
        self._office.wait(timeout=10)
        assert self._office.stdout is not None
        self._office.stdout.close()


@contextmanager
def listening(peer: BadDays) -> Iterator[int]:
    """Serve on loopback; give the port."""
    controller = Controller(peer, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()


def make_ready(count: int) -> tuple[list[Delivery], datetime]:
    """So many invitations that are due, and the moment they are."""
    cast = world("enrolled")
    missing = max(0, count - len(people_of(cast, cast.dudley)))
    Participant.objects.bulk_create(
        Participant(trial=cast.trial, partner=cast.dudley, staff_id=f"N{number:06}")
        for number in range(missing)
    )
    seal(cast, cast.dudley, cast["coordinator"])
    survey = open_survey(cast, cast.dudley)
    plan(cast, survey, NOW)
    sign_off(cast, cast.dudley)
    due = Mailing.objects.get(partner=cast.dudley, step__kind=Kind.INVITATION).due_at
    return keep_first(cast, count), due + timedelta(minutes=1)


def left() -> int:
    """How many deliveries are not settled yet."""
    return Delivery.objects.filter(state__in=OPEN).count()


@pytest.mark.django_db(transaction=True, databases=["default", "contacts"])
def test_workers_killed_at_random_send_nothing_twice_and_lose_nothing(tmp_path: Path) -> None:
    deliveries, start = make_ready(DELIVERIES)
    peer, chance = BadDays(), random.Random(SEED)
    killed, deadline = 0, time.monotonic() + PATIENCE
    with listening(peer) as port:
        environment = environment_of_tests(tmp_path, LIGHTTOUCH_SMTP_URL=f"smtp://127.0.0.1:{port}")
        crew = Crew(environment, start)
        try:
            while left() and time.monotonic() < deadline:
                while len(crew.workers) < WORKERS:
                    crew.hire()
                time.sleep(chance.uniform(0.02, 0.1))
                if killed < KILLS and peer.seen > killed * DELIVERIES * 0.7 / KILLS:
                    crew.kill(chance.randrange(WORKERS))
                    killed += 1
        finally:
            crew.dismiss()
    assert left() == 0, "something was lost on the way"
    assert killed >= KILLS * 0.75
    check_against_the_log(deliveries, peer)


def check_against_the_log(deliveries: list[Delivery], peer: BadDays) -> None:
    """What the mail server took agrees with what is known here."""
    again = [reference for reference, times in Counter(peer.log).items() if times > 1]
    assert not again, f"{len(again)} were sent twice"
    now = Delivery.objects.filter(pk__in=[one.pk for one in deliveries])
    known = {str(one.reference): State(one.state) for one in now}
    taken = set(peer.log)
    assert taken <= known.keys()
    sent = {reference for reference, state in known.items() if state == State.ACCEPTED}
    doubtful = {reference for reference, state in known.items() if state == State.UNKNOWN}
    failed = {reference for reference, state in known.items() if state == State.FAILED}
    assert sent <= taken, "something is called sent that was not"
    assert not failed & taken, "something is called failed that was sent"
    assert taken == sent | (doubtful & taken)
    assert len(sent) + len(doubtful) + len(failed) == len(deliveries)
    died = [one for one in now if one.state == State.UNKNOWN and one.trouble == DIED]
    assert died, "no worker was killed while it handed something over, so nothing was tried"
    assert len(peer.troubles) == 6, peer.troubles
