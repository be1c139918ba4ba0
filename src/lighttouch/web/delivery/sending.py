"""Send what is due: each delivery claimed by one worker and handed over once.

Before anything is handed over, the row says so in a committed transaction. A worker that dies
before leaves the row free for another; one that dies after leaves it not known, and nobody but a
person decides what becomes of that.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from lighttouch.core.errors import InputError
from lighttouch.web.delivery import turns
from lighttouch.web.delivery.composing import Material, Reach, compose, gather
from lighttouch.web.delivery.deciding import LOOK_AGAIN, Decision, Verdict, decide, look_up
from lighttouch.web.delivery.lanes import Lanes
from lighttouch.web.delivery.models import Delivery, Mailing, Passage, Pause, Route, State
from lighttouch.web.delivery.packs.models import CARRIERS
from lighttouch.web.delivery.reaching import CHANNELS, reach_people
from lighttouch.web.delivery.transports import transport_for
from lighttouch.web.delivery.transports.base import Message, Outcome, Result, Transport
from lighttouch.web.protocols.queries import holding_protocols

logger = logging.getLogger("lighttouch.web.delivery")

LEASE = timedelta(minutes=10)
"""Far longer than any transport may take over what is left of a batch; see :data:`MARGIN`."""
MARGIN = timedelta(minutes=5)
"""Nothing is handed over with less than this left of the lease."""
AT_ONCE = 200
MOST_ATTEMPTS = 10
LONGEST_PAUSE = timedelta(hours=6)
A_LIMIT = timedelta(hours=1)
"""Whoever asks to wait so long has reached a limit of the day: that is no failed attempt."""
ENOUGH_TEXTS = "this number had enough texts today"
DIED = "the work stopped while this was being handed over"
BROKE_DOWN = "the program broke down while this was being handed over"
Transports = Callable[..., Transport]
Stopped = Callable[[], bool]

_PAUSED = Pause.objects.filter(resumed_at=None, trial=OuterRef("step__trial"))


@dataclass(slots=True)
class Round:
    """What one round did."""

    claimed: int = 0
    handed_over: int = 0
    is_more: bool = False
    """Whether it ended before everything that was due had its turn."""


def make_due(now: datetime) -> int:
    """Move to due what is planned for now, signed off, and not paused; say how many.

    A letter is for us only where the partner's own service prints letters.
    """
    agreed = Mailing.objects.filter(signed_off_at__isnull=False)
    printed = agreed.filter(partner__notify__letters=True).values("pk")
    ours = Q(route__in=(Route.EMAIL, Route.TEXT), mailing__in=agreed.values("pk"))
    ours |= Q(route=Route.LETTER, mailing__in=printed)
    return Delivery.objects.filter(
        ~Exists(_PAUSED), ours, state=State.PLANNED, due_at__lte=now
    ).update(state=State.DUE)


def find_lost(now: datetime) -> int:
    """Take back what dead workers held; say how many are not known.

    What was only claimed can safely be claimed by another. What had begun to be handed over may or
    may not have arrived, so it is marked as not known.
    """
    Delivery.objects.filter(state=State.CLAIMED, lease_until__lt=now).update(
        state=State.DUE, claim=None, lease_until=None
    )
    with transaction.atomic():
        lost = list(
            Delivery.objects.select_for_update()
            .filter(state=State.SENT, lease_until__lt=now)
            .exclude(transport__in=CARRIERS.values())
            .values_list("pk", flat=True)
        )
        Delivery.objects.filter(pk__in=lost, state=State.SENT).update(
            state=State.UNKNOWN, trouble=DIED
        )
        _note(lost, State.UNKNOWN, now, DIED)
    if lost:
        logger.error("deliveries are in doubt", extra={"count": len(lost)})
    return len(lost)


def claim(now: datetime, at_once: int = AT_ONCE) -> uuid.UUID | None:
    """Claim some of what is due, for one transport at one partner; nobody else can have them."""
    name = uuid.uuid4()
    with transaction.atomic():
        due = Delivery.objects.filter(~Exists(_PAUSED), state=State.DUE, due_at__lte=now)
        locked = due.order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            locked = locked.select_for_update(skip_locked=True, of=("self",))
        first = locked.first()
        if first is None:
            return None
        numbers = list(
            locked.filter(mailing=first.mailing_id, route=first.route).values_list("pk", flat=True)[
                :at_once
            ]
        )
        Delivery.objects.filter(pk__in=numbers, state=State.DUE).update(
            state=State.CLAIMED, claim=name, lease_until=timezone.now() + LEASE
        )
    return name


def send_due(
    now: datetime,
    *,
    transports: Transports = transport_for,
    seconds: float = 20.0,
    stopped: Stopped = lambda: False,
) -> Round:
    """Send what is due, batch by batch, for some seconds or until told to stop."""
    done, began = Round(), time.monotonic()
    find_lost(timezone.now())
    make_due(now)
    while (passed := time.monotonic() - began) < seconds and not stopped():
        moment = now + timedelta(seconds=passed)
        name = claim(moment, AT_ONCE)
        if name is None:
            return done
        batch = _read(name)
        done.claimed += len(batch)
        with holding_protocols():
            done.handed_over += _send_batch(batch, moment, transports, stopped)
        if stopped():
            _let_go(name)
    done.is_more = True
    return done


def _read(name: uuid.UUID) -> list[Delivery]:
    return list(
        Delivery.objects.filter(claim=name, state=State.CLAIMED)
        .select_related(
            "mailing__partner",
            "mailing__step",
            "mailing__signed_off_by",
            "participant__partner",
            "step__trial__programme",
            "step__survey__trial__programme",
        )
        .order_by("due_at", "pk")
    )


def _send_batch(
    batch: list[Delivery], now: datetime, transports: Transports, stopped: Stopped
) -> int:
    """Decide about each, and hand over those that still go."""
    trial, mailing, partner = batch[0].step.trial, batch[0].mailing, batch[0].mailing.partner
    known = look_up(trial, batch, now)
    going = [one for one in batch if _settle(one, decide(one, known, now), now)]
    if not going:
        return 0
    people = reach_people(trial.slug, partner.code, going)
    material = gather(mailing, [one.participant for one in going])
    sent = 0
    channel = CHANNELS[Route(going[0].route)]
    with Lanes(lambda: transports(partner, channel), len(going)) as lanes:
        try:
            for delivery in going:
                message = _write(delivery, material, people.get(delivery.pk), now)
                if message is None or not _has_turn(delivery, message, now):
                    continue
                sent += _keep_all(lanes.make_room(), now)
                if stopped():
                    break
                if begin(delivery, lanes.name, now):
                    lanes.hand_over(delivery, message)
                else:
                    _give_turn_back(delivery)
        finally:
            sent += _keep_all(lanes.drain(), now)
    return sent


def _keep_all(answered: Iterable[tuple[Delivery, Future[Outcome]]], now: datetime) -> int:
    """Write what became of each; say how many were accepted."""
    accepted, broken = 0, None
    for delivery, answer in answered:
        if error := answer.exception():
            broken = error
            keep(delivery, Outcome(Result.UNKNOWN, BROKE_DOWN), now)
        else:
            keep(delivery, answer.result(), now)
            if answer.result().result in (Result.LATER, Result.REFUSED):
                _give_turn_back(delivery)
            accepted += answer.result().result is Result.ACCEPTED
    if broken is not None:
        raise broken
    return accepted


def _has_turn(delivery: Delivery, message: Message, now: datetime) -> bool:
    """Put off a text to a number that had enough of them today."""
    is_text = delivery.route == Route.TEXT
    if not is_text or turns.take(delivery.pk, str(message.address), now):
        return True
    _finish(delivery, State.PLANNED, ENOUGH_TEXTS, now, due_at=now + LOOK_AGAIN)
    return False


def _give_turn_back(delivery: Delivery) -> None:
    if delivery.route == Route.TEXT:
        turns.give_back(delivery.pk)


def _let_go(name: uuid.UUID) -> None:
    """Leave to others what was claimed and not begun."""
    Delivery.objects.filter(claim=name, state=State.CLAIMED).update(
        state=State.DUE, claim=None, lease_until=None
    )


def _settle(delivery: Delivery, decision: Decision, now: datetime) -> bool:
    """Act on a decision; say whether the delivery goes."""
    if decision.verdict is Verdict.CANCEL:
        _finish(delivery, State.CANCELLED, decision.because, now)
    elif decision.verdict is Verdict.PUT_OFF:
        _finish(delivery, State.PLANNED, decision.because, now, due_at=decision.until)
    return decision.verdict is Verdict.SEND


def _write(
    delivery: Delivery, material: Material, reach: Reach | None, now: datetime
) -> Message | None:
    """Write one message; leave it as failed, with the reason, where that cannot be done."""
    try:
        return compose(delivery, material, reach)
    except InputError as error:
        _finish(delivery, State.FAILED, error.faults[0].what, now)
        return None


def begin(delivery: Delivery, transport: str, now: datetime) -> bool:
    """Write that handing over begins, unless somebody paused, cancelled or took it back."""
    with transaction.atomic():
        mine = Delivery.objects.filter(
            ~Exists(_PAUSED),
            pk=delivery.pk,
            state=State.CLAIMED,
            claim=delivery.claim,
            lease_until__gt=timezone.now() + MARGIN,
        ).update(
            state=State.SENT, transport=transport, handed_over_at=now, attempts=F("attempts") + 1
        )
        if mine:
            delivery.attempts += 1
            _note([delivery.pk], State.SENT, now, transport)
        else:
            Delivery.objects.filter(
                pk=delivery.pk, state=State.CLAIMED, claim=delivery.claim
            ).update(state=State.DUE, claim=None, lease_until=None)
    return bool(mine)


def keep(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Write what became of an attempt; put off what was not taken, and in the end give up."""
    wait = outcome.wait or timedelta()
    if outcome.result is Result.ACCEPTED:
        _finish(delivery, State.ACCEPTED, "", now, provider_id=outcome.provider_id)
    elif outcome.result is Result.UNKNOWN:
        _finish(delivery, State.UNKNOWN, outcome.trouble, now, provider_id=outcome.provider_id)
    elif outcome.result is Result.LATER and wait >= A_LIMIT:
        again = {
            "due_at": now + wait,
            "handed_over_at": None,
            "attempts": F("attempts") - 1,
        }
        _finish(delivery, State.PLANNED, outcome.trouble, now, **again)
    elif outcome.result is Result.REFUSED or delivery.attempts >= MOST_ATTEMPTS:
        _finish(delivery, State.FAILED, outcome.trouble, now)
    else:
        pause = min(timedelta(minutes=2 ** (delivery.attempts - 1)), LONGEST_PAUSE)
        due_at = now + max(pause, wait)
        _finish(delivery, State.PLANNED, outcome.trouble, now, due_at=due_at, handed_over_at=None)


def _finish(delivery: Delivery, state: State, trouble: str, now: datetime, **more: object) -> None:
    """Leave a delivery in a state, if it is still ours; an answer that comes late still counts."""
    ours = (State.CLAIMED, State.SENT, State.UNKNOWN)
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state__in=ours)
        if mine.update(state=state, trouble=trouble, lease_until=None, **more):
            _note([delivery.pk], state, now, trouble)


def _note(numbers: list[int], state: State, at: datetime, note: str = "") -> None:
    Passage.objects.bulk_create(
        [Passage(delivery_id=pk, state=state, at=at, note=note) for pk in numbers]
    )
