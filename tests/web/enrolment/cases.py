"""What the tests of enrolment do again and again."""

from datetime import date, timedelta

from lighttouch.web.enrolment.actions import Recorded, record_happening
from lighttouch.web.enrolment.models import Event, Happening, Participant
from lighttouch.web.enrolment.telling import Told
from lighttouch.web.programmes.models import Partner
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.protocols.models import Version
from tests.web.cast import Cast
from tests.web.studies import FROZEN_AT

LATER = FROZEN_AT + timedelta(days=30)
DAY = date(2026, 4, 20)


def somebody(cast: Cast, partner: Partner | None = None, *, at: int = 0) -> Participant:
    """One of those enrolled at a partner: Dudley if none is named."""
    people = Participant.objects.filter(
        trial=cast.trial, partner=partner or cast.dudley, excluded_because=""
    )
    return people.select_related("partner", "trial").order_by("staff_id")[at]


def told(
    person: Participant,
    event: Event = Event.LEFT,
    *,
    on: date = DAY,
    detail: str = "",
    team: str = "",
    building: str = "",
) -> Told:
    """What somebody says happened to a person."""
    return Told(person.staff_id, event, on, detail, team, building)


def tell(cast: Cast, what: Told, partner: Partner | None = None) -> Recorded:
    """Record it as the coordinator."""
    return record_happening(
        trial=cast.trial,
        partner=partner or cast.dudley,
        told=what,
        by=cast["coordinator"],
        now=LATER,
    )


def happened(person: Participant) -> Happening:
    """The last thing recorded about a person."""
    return person.happenings.latest("pk")


def amend(cast: Cast, *changes: tuple[str, str], reason: str = "Lost before launch.") -> None:
    """Put an amended protocol in force."""
    last = Version.objects.filter(trial=cast.trial).latest("number")
    text = last.text
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    version = protocols.save_version(
        trial=cast.trial,
        text=text,
        note=reason,
        after=last.number,
        by=cast["researcher"],
        now=LATER,
    )
    protocols.submit(version=version, by=cast["researcher"], now=LATER)
    protocols.approve(version=version, by=cast["second"], now=LATER)
    version.refresh_from_db()
    protocols.amend(
        trial=cast.trial, version=version, reason=reason, by=cast["trial_manager"], now=LATER
    )
    cast.trial.refresh_from_db()


LOSE_BRACKNELL = ('id = "bracknell_forest"', 'status = "cancelled"\nid = "bracknell_forest"')
