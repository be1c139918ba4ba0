"""What went wrong with sending and nobody has seen to yet: counted, and told to a named person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from lighttouch.web.delivery.models import WAITING, Delivery, Passage, Pause, Route, State
from lighttouch.web.jobs.queries import queue_state
from lighttouch.web.programmes.models import Partner, Trial

LATE = timedelta(days=1)
"""What waits longer than this past its time is overdue."""
SILENT = timedelta(minutes=15)
"""A worker that has not been heard of for this long is taken to have stopped."""
WRONG = (State.FAILED, State.RETURNED, State.UNKNOWN)
NOT_RUNNING = "Messages are due, and the program that sends them has not run for 15 minutes"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong at one partner."""

    partner: Partner
    failed: int
    returned: int
    unknown: int
    overdue: int

    @property
    def words(self) -> str:
        """What went wrong, in numbers only."""
        parts = (
            (self.failed, "{} failed"),
            (self.returned, "{} came back"),
            (self.unknown, "{} in doubt"),
            (self.overdue, "{} overdue"),
        )
        return ", ".join(said.format(f"{number:,}") for number, said in parts if number)

    @property
    def total(self) -> int:
        """How many messages it is about."""
        return self.failed + self.returned + self.unknown + self.overdue

    @property
    def title(self) -> str:
        """What went wrong, as a line on a page."""
        noun = "message" if self.total == 1 else "messages"
        return f"{self.total:,} {noun} to see to: {self.words}"


def troubles(trial: Trial, now: datetime, partner: Partner | None = None) -> list[Trouble]:
    """Return what is unsettled in a trial, by partner: two queries."""
    found = Delivery.objects.filter(_unsettled(now), step__trial=trial)
    if Pause.objects.filter(trial=trial, resumed_at=None).exists():
        found = found.filter(state__in=WRONG)
    if partner is not None:
        found = found.filter(mailing__partner=partner)
    rows = found.order_by().values_list("mailing__partner", "state").annotate(n=Count("pk"))
    counts: dict[int, dict[str, int]] = {}
    for pk, state, number in rows:
        by_state = counts.setdefault(pk, dict.fromkeys((*WRONG, "overdue"), 0))
        by_state[state if state in WRONG else "overdue"] += number
    partners = Partner.objects.filter(pk__in=counts).order_by("name")
    return [_trouble(one, counts[one.pk]) for one in partners]


def _trouble(partner: Partner, counts: dict[str, int]) -> Trouble:
    failed, returned, unknown = (counts[state] for state in WRONG)
    return Trouble(partner, failed, returned, unknown, counts["overdue"])


def _unsettled(now: datetime) -> Q:
    """What failed or came back since somebody last saw to it, is in doubt, or is overdue."""
    since = Passage.objects.filter(
        delivery=OuterRef("pk"), state=OuterRef("state"), at__gt=OuterRef("mailing__seen_at")
    )
    wrong = Q(state__in=(State.FAILED, State.RETURNED))
    unseen = Q(mailing__seen_at=None) | Exists(since)
    overdue = Q(state__in=WAITING, due_at__lt=now - LATE)
    return Q(state=State.UNKNOWN) | (wrong & unseen) | overdue


def is_silent(trial: Trial, now: datetime) -> bool:
    """Say whether something is due in a trial and no worker is there to send it."""
    due = Delivery.objects.filter(
        step__trial=trial,
        state__in=WAITING,
        due_at__lte=now - SILENT,
        mailing__signed_off_at__isnull=False,
    ).exclude(route=Route.PACK)
    held = Pause.objects.filter(trial=trial, resumed_at=None)
    if held.exists() or not due.exists():
        return False
    seen = queue_state().worker_seen_at
    return seen is None or seen < now - SILENT


def lines_for(trial: Trial, now: datetime, partner: Partner | None = None) -> Iterator[str]:
    """Yield what a page says in red while it is so."""
    found = troubles(trial, now, partner)
    for one in found:
        yield one.title if partner else f"{one.partner.name}: {one.title}"
    if is_silent(trial, now):
        yield NOT_RUNNING


def trials_in_trouble(now: datetime) -> list[Trial]:
    """Return the trials in which something is unsettled."""
    found = Delivery.objects.filter(_unsettled(now)).order_by().values("step__trial").distinct()
    return list(Trial.objects.filter(pk__in=found).select_related("programme").order_by("pk"))
