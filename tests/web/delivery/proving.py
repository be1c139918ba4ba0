"""Kill workers at random while a peer has bad days, and compare its log with what is known here."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from lighttouch.web.delivery import queries
from lighttouch.web.delivery.models import Delivery, Kind, Mailing, Passage, State
from lighttouch.web.delivery.sending import DIED
from lighttouch.web.delivery.transports.notify.actions import set_service
from lighttouch.web.delivery.transports.notify.receipts import TROUBLE
from lighttouch.web.enrolment.models import Participant
from tests.web.cast import NOW, Cast
from tests.web.delivery.cases import keep_first, open_survey, people_of, plan, seal, sign_off
from tests.web.delivery.notify import server
from tests.web.delivery.peers import SEED, MailServer, NotifyServer, Peer
from tests.web.processes import environment_of_tests
from tests.web.studies import world

UNSETTLED = (State.PLANNED, State.DUE, State.CLAIMED, State.SENT)
TAKEN = (State.ACCEPTED, State.DELIVERED, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Run:
    """How large a run is. ``faster`` is by how much the workers' clock is."""

    deliveries: int
    kills: int
    workers: int
    faster: int = 100
    broken: str = ""
    """What is wrong with the sender, to see that it is found: see ``work.py``."""


@dataclass(slots=True)
class Record:
    """What came of a run."""

    peer: str
    run: Run
    killed: int = 0
    seconds: float = 0.0
    taken: int = 0
    states: dict[str, int] = field(default_factory=dict)
    died: int = 0
    """How many were in doubt since a worker was killed while it handed them over."""
    troubles: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """The troubles that never came up."""
    faults: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Return it for writing down."""
        return asdict(self)


class Crew:
    """Workers that are hired, and killed without warning."""

    def __init__(self, environment: dict[str, str], arguments: list[str]) -> None:
        self._office = subprocess.Popen(
            [sys.executable, "-m", "tests.web.delivery.work", *arguments],
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


def prove(kind: str, run: Run, data: Path) -> Record:
    """Run until everything is settled, and say what was found; needs empty databases."""
    cast = world("enrolled")
    deliveries, start = make_ready(cast, run.deliveries)
    with listening(kind, cast) as peer:
        record = Record(peer.name, run)
        began = time.monotonic()
        work(peer, run, start, data, record)
        record.seconds = time.monotonic() - began
    known = Delivery.objects.filter(pk__in=deliveries)
    record.taken = len(peer.log)
    record.states = dict(sorted(Counter(known.values_list("state", flat=True)).items()))
    record.died = Passage.objects.filter(delivery__in=deliveries, note=DIED).count()
    record.troubles = dict(sorted(peer.troubles.items()))
    record.missing = sorted(peer.missing())
    record.faults = faults_of(cast, deliveries, peer)
    return record


@contextmanager
def listening(kind: str, cast: Cast) -> Iterator[Peer]:
    """Have the peer serve; where it is Notify, the partner has its own service there."""
    if kind == "smtp":
        with MailServer().listening() as mail:
            yield mail
        return
    service = set_service(
        partner=cast.dudley,
        key=server.KEY,
        email_template=server.EMAIL_TEMPLATE,
        by=cast["coordinator"],
        now=NOW,
    )
    with NotifyServer().listening(service) as notify:
        yield notify


def make_ready(cast: Cast, count: int) -> tuple[list[int], datetime]:
    """So many invitations that are due, and the moment they are."""
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
    return [one.pk for one in keep_first(cast, count)], due + timedelta(minutes=1)


def work(peer: Peer, run: Run, start: datetime, data: Path, record: Record) -> None:
    """Keep the crew complete, and kill until enough were killed."""
    chance = random.Random(SEED)
    deadline = time.monotonic() + 60 + run.deliveries
    arguments = [start.isoformat(), str(time.time()), "--faster", str(run.faster)]
    arguments += ["--broken", run.broken] if run.broken else []
    crew = Crew(environment_of_tests(data, **peer.environment()), arguments + peer.arguments())
    try:
        while left() and time.monotonic() < deadline:
            while len(crew.workers) < run.workers:
                crew.hire()
            time.sleep(chance.uniform(0.02, 0.1))
            while record.killed < run.kills and is_time_to_kill(peer, run, record.killed):
                crew.kill(chance.randrange(len(crew.workers)))
                crew.hire()
                record.killed += 1
    finally:
        crew.dismiss()


def is_time_to_kill(peer: Peer, run: Run, killed: int) -> bool:
    """Spread the kills over most of the run."""
    return peer.seen > killed * run.deliveries * 0.7 / run.kills


def left() -> int:
    """How many deliveries are not settled yet."""
    return Delivery.objects.filter(state__in=UNSETTLED).count()


def faults_of(cast: Cast, deliveries: list[int], peer: Peer) -> list[str]:
    """Everything in which the peer's log and what is known here do not agree; none if all is well.

    Numbers only, so that nobody is named.
    """
    rows = list(Delivery.objects.filter(pk__in=deliveries))
    known = {str(one.reference): one for one in rows}
    taken = Counter(peer.log)
    told = {name for name, one in known.items() if one.trouble in TROUBLE.values()}
    found = {
        "sent twice": [name for name, times in taken.items() if times > 1],
        "taken, and not ours": [name for name in taken if name not in known],
        "lost on the way": [name for name, one in known.items() if one.state in UNSETTLED],
        "called sent, and never taken": [
            name for name, one in known.items() if one.state in TAKEN and name not in taken
        ],
        "taken, and called neither sent nor in doubt": [
            name
            for name in taken.keys() & known.keys()
            if known[name].state not in (*TAKEN, State.UNKNOWN)
            and not (peer.may_fail_afterwards and name in told)
        ],
        "in doubt, and not shown": sorted(in_doubt(rows) ^ shown_in_doubt(cast)),
        "with another history": with_another_history(rows),
    }
    return [f"{len(those)} {what}" for what, those in found.items() if those]


def in_doubt(rows: list[Delivery]) -> set[UUID]:
    """The deliveries nobody knows about."""
    return {one.reference for one in rows if one.state == State.UNKNOWN}


def shown_in_doubt(cast: Cast) -> set[UUID]:
    """What the pages show to be in doubt; a count that does not fit its list shows nothing."""
    shown: set[UUID] = set()
    for line in queries.calendar(cast.trial):
        listed = {
            one.reference
            for one in queries.deliveries_of(line.mailing)
            if one.state == State.UNKNOWN
        }
        shown |= listed if len(listed) == line.in_doubt else set()
    return shown


def with_another_history(rows: list[Delivery]) -> list[UUID]:
    """Deliveries whose history does not hold every attempt and where they are now."""
    passed: dict[int, list[str]] = {one.pk: [] for one in rows}
    for delivery, state in Passage.objects.filter(delivery__in=passed).values_list(
        "delivery", "state"
    ):
        passed[delivery].append(state)
    return [
        one.reference
        for one in rows
        if passed[one.pk].count(State.SENT) != one.attempts or one.state not in passed[one.pk]
    ]
