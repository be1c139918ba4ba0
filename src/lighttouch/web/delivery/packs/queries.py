"""Which packs there are, and which are to be made."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from lighttouch.web.delivery.models import WAITING, Delivery, Mailing, NotifyService, Route, State
from lighttouch.web.delivery.packs.models import Pack, PackKind, PackOutcome
from lighttouch.web.ui.dates import LONDON, day_of

ROUTES = {PackKind.MERGE: Route.PACK, PackKind.LETTERS: Route.LETTER}
MOST_SHOWN = 200
FORGOTTEN = "the partner has not said whether this was sent"


@dataclass(frozen=True, slots=True)
class Shown:
    """A pack, and where its deliveries are now."""

    pack: Pack
    states: Counter[str]

    @property
    def held(self) -> int:
        """How many of it nobody knows the end of."""
        return self.states[State.SENT] + self.states[State.UNKNOWN]

    @property
    def sent(self) -> int:
        """How many were sent."""
        return self.states[State.ACCEPTED] + self.states[State.DELIVERED]

    @property
    def came_back(self) -> int:
        """How many came back."""
        return self.states[State.RETURNED]

    @property
    def failed(self) -> int:
        """How many could not be sent."""
        return self.states[State.FAILED]

    @property
    def is_open(self) -> bool:
        """Say whether it has yet to be said what became of it."""
        return not self.pack.outcome


def open_pack(mailing: Mailing) -> Pack | None:
    """Return the pack of which nobody said yet what became of it."""
    return Pack.objects.filter(mailing=mailing, outcome="").select_related(*_ABOUT).first()


def find_pack(mailing: Mailing, number: int) -> Pack | None:
    """Return a mailing's pack by its number."""
    return Pack.objects.filter(mailing=mailing, number=number).select_related(*_ABOUT).first()


def kind_of(mailing: Mailing) -> PackKind | None:
    """Return what the partner sends of a mailing itself, if anything.

    Letters are the partner's to print unless its own service at Notify prints them.
    """
    routes = set(mailing.deliveries.order_by().values_list("route", flat=True).distinct())
    if Route.PACK in routes:
        return PackKind.MERGE
    prints = NotifyService.objects.filter(partner=mailing.partner_id, letters=True).exists()
    return PackKind.LETTERS if Route.LETTER in routes and not prints else None


def end_of_day(now: datetime) -> datetime:
    """Return when the day ends in London: what is due on a day can be sent from its morning on."""
    return datetime.combine(day_of(now) + timedelta(days=1), time(0), LONDON)


def waiting(mailing: Mailing, kind: PackKind, now: datetime) -> int:
    """Return how many deliveries of a mailing are due and in no pack yet."""
    return mailing.deliveries.filter(
        route=ROUTES[kind], state__in=WAITING, due_at__lt=end_of_day(now)
    ).count()


def packs_of(mailing: Mailing) -> list[Shown]:
    """Return a mailing's packs, newest first: two queries."""
    packs = list(
        Pack.objects.filter(mailing=mailing)
        .select_related(*_ABOUT, "made_by", "settled_by")
        .order_by("-number")
    )
    rows = Delivery.objects.filter(mailing=mailing, claim__in=[one.claim for one in packs])
    counts: dict[UUID, Counter[str]] = {one.claim: Counter() for one in packs}
    for claim, state, number in (
        rows.order_by().values_list("claim", "state").annotate(number=Count("pk"))
    ):
        counts[claim][state] += number
    return [Shown(one, counts[one.claim]) for one in packs]


def not_possible(mailing: Mailing) -> list[tuple[str, str]]:
    """Return the codes of those whose letter could not be printed, and why."""
    failed = mailing.deliveries.filter(route=Route.LETTER, state=State.FAILED)
    rows = failed.order_by("participant__staff_id").values_list("participant__staff_id", "trouble")
    return list(rows[:MOST_SHOWN])


def to_be_made(now: datetime) -> list[Mailing]:
    """Return the mailings of which a partner has something to send now, and no pack open."""
    open_ones = Pack.objects.filter(mailing=OuterRef("pk"), outcome="")
    planned = Delivery.objects.filter(
        Q(route=Route.PACK)
        | Q(route=Route.LETTER)
        & ~Exists(NotifyService.objects.filter(partner=OuterRef("mailing__partner"), letters=True)),
        mailing=OuterRef("pk"),
        state__in=WAITING,
        due_at__lte=now,
    )
    due = Mailing.objects.filter(due_at__lte=now, signed_off_at__isnull=False)
    return list(
        due.filter(Exists(planned))
        .exclude(Exists(open_ones))
        .select_related("partner", "step__trial__programme", "step__survey")
        .order_by("pk")
    )


def task_key(mailing: Mailing) -> str:
    """Return the key of the coordinator's task to send the mailing's next pack."""
    sent = Pack.objects.filter(mailing=mailing, outcome=PackOutcome.SENT).count()
    return f"pack-{mailing.pk}-{sent + 1}"


_ABOUT = (
    "mailing__partner",
    "mailing__signed_off_by",
    "mailing__step__trial__programme",
    "mailing__step__survey__trial",
)

__all__ = [
    "FORGOTTEN",
    "ROUTES",
    "PackOutcome",
    "Shown",
    "end_of_day",
    "find_pack",
    "kind_of",
    "not_possible",
    "open_pack",
    "packs_of",
    "task_key",
    "to_be_made",
    "waiting",
]
