"""What is to be sent, what was, and what is in doubt."""

from collections import Counter
from dataclasses import dataclass
from textwrap import fill

from django.db.models import Count, QuerySet
from django.utils.safestring import SafeString

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.messages import TextSize
from lighttouch.web.delivery.composing import Written, gather, measure, preview
from lighttouch.web.delivery.models import Delivery, Mailing, Pause, Route, State
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.programmes.models import Partner, Trial

TO_COME = (State.PLANNED, State.DUE, State.CLAIMED)
GONE = (State.SENT, State.ACCEPTED, State.DELIVERED)
WRONG = (State.FAILED, State.RETURNED)
WIDE = 72


@dataclass(frozen=True, slots=True)
class Line:
    """One mailing, and where its deliveries are."""

    mailing: Mailing
    states: Counter[str]
    by_partner: int
    """How many of them the partner sends itself."""

    @property
    def people(self) -> int:
        """How many people it is for, those who no longer need it too."""
        return self.states.total()

    @property
    def to_come(self) -> int:
        """How many are still to go."""
        return sum(self.states[state] for state in TO_COME)

    @property
    def gone(self) -> int:
        """How many were handed over."""
        return sum(self.states[state] for state in GONE)

    @property
    def wrong(self) -> int:
        """How many could not be sent, or came back."""
        return sum(self.states[state] for state in WRONG)

    @property
    def in_doubt(self) -> int:
        """How many may or may not have been sent."""
        return self.states[State.UNKNOWN]

    @property
    def not_needed(self) -> int:
        """How many were cancelled, each with its reason."""
        return self.states[State.CANCELLED]


def calendar(trial: Trial, partner: Partner | None = None) -> list[Line]:
    """Return every mailing of a trial, or of one partner of it, by day: two queries."""
    mailings = Mailing.objects.filter(step__trial=trial)
    if partner is not None:
        mailings = mailings.filter(partner=partner)
    found = list(mailings.select_related("step__survey", "step__trial", "partner", "signed_off_by"))
    rows = (
        Delivery.objects.filter(mailing__in=[one.pk for one in found])
        .values_list("mailing", "state", "route")
        .annotate(number=Count("pk"))
        .order_by()
    )
    states: dict[int, Counter[str]] = {one.pk: Counter() for one in found}
    packed: Counter[int] = Counter()
    for mailing, state, route, number in rows:
        states[mailing][state] += number
        packed[mailing] += number if route == Route.PACK else 0
    return [Line(one, states[one.pk], packed[one.pk]) for one in found]


@dataclass(frozen=True, slots=True)
class Shown:
    """A mailing's words as people at the partner get them, and what a text message costs."""

    written: Written
    size: TextSize | None
    html: SafeString
    plain: str


def words_of(mailing: Mailing, participant: Participant | None = None) -> Shown | None:
    """Return a mailing's words, with links masked; for one participant as they would get them.

    Raises
    ------
    InputError
        If something the words name is not known of the participant.
    """
    try:
        material = gather(mailing, [participant] if participant else [])
    except InputError:  # an amendment took the message out
        return None
    written = preview(material, participant)
    plain = "\n".join(fill(line, WIDE) for line in written.text.splitlines())
    return Shown(written, measure(material, participant), written.body(), plain)


def deliveries_of(mailing: Mailing, state: str = "") -> QuerySet[Delivery]:
    """Return a mailing's deliveries by staff code, all or those in one state."""
    found = Delivery.objects.filter(mailing=mailing).select_related("participant")
    if state:
        found = found.filter(state=state)
    return found.order_by("participant__staff_id", "pk")


def held(trial: Trial) -> Pause | None:
    """Return why nothing is sent in a trial at present, if somebody said so."""
    return Pause.objects.filter(trial=trial, resumed_at=None).select_related("paused_by").first()


def recipient(mailing: Mailing, code: str) -> Participant | None:
    """Return who gets a mailing by their staff code, if they do."""
    found = Delivery.objects.filter(mailing=mailing, participant__staff_id=code.strip())
    first = found.select_related("participant__partner").first()
    return first.participant if first else None


def failures(mailing: Mailing) -> int:
    """Return how many deliveries of a mailing failed or came back."""
    return Delivery.objects.filter(mailing=mailing, state__in=WRONG).count()
