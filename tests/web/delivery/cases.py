"""A survey at one partner whose contacts are in the vault, ready to be sent."""

from datetime import date, datetime, timedelta

from lighttouch.web.accounts.models import User
from lighttouch.web.contacts.actions import store_contacts
from lighttouch.web.contacts.reading import HEADINGS
from lighttouch.web.delivery import actions
from lighttouch.web.delivery.models import Delivery, Kind, Mailing
from lighttouch.web.delivery.planning import plan_survey
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Partner
from lighttouch.web.protocols.queries import declared
from lighttouch.web.surveys.links import digest_of, token_for
from lighttouch.web.surveys.models import Link, Survey, Window
from lighttouch.web.ui.dates import LONDON
from tests.web.cast import NOW, Cast

WAVE = "baseline"
SITE = "http://127.0.0.1:8000"


def people_of(cast: Cast, partner: Partner) -> list[Participant]:
    """Everybody enrolled at a partner, in order."""
    found = Participant.objects.filter(trial=cast.trial, partner=partner, excluded_because="")
    return list(found.order_by("pk"))


def open_day(cast: Cast, partner: Partner) -> date:
    """The day the trial file opens the baseline survey at a partner."""
    protocol = declared(cast.trial)
    place = next(one for one in protocol.population.partners if one.id == partner.code)
    wave = next(one.survey for one in protocol.waves if one.id == WAVE)
    assert wave is not None
    assert place.launch is not None
    return wave.opens.after(place.launch)


def morning(day: date, hour: int = 10) -> datetime:
    """An hour of a day in London."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=LONDON)


def seal(cast: Cast, partner: Partner, by: User, more: str = ",,") -> None:
    """Put an e-mail address for everybody enrolled into the vault.

    ``more`` is everybody's mobile number, address and postcode, with commas between them.
    """
    Agreement.objects.update_or_create(
        trial=cast.trial, partner=partner, defaults={"contact_route": ContactRoute.VAULT}
    )
    rows = [
        f"{one.staff_id},Ann,Example,{one.staff_id.lower()}@example.org,{more}"
        for one in people_of(cast, partner)
    ]
    store_contacts(
        trial=cast.trial,
        partner=partner,
        filename="key.csv",
        content="\r\n".join([",".join(HEADINGS), *rows]).encode(),
        destroy_on=(NOW + timedelta(days=900)).date(),
        by=by,
        now=NOW,
    )


def open_survey(cast: Cast, *partners: Partner, least: int | None = None) -> Survey:
    """A survey with a window and a link for everybody (or the first few) at these partners."""
    survey = Survey.objects.create(
        trial=cast.trial,
        wave=WAVE,
        questionnaire="letters",
        title="Staff survey",
        asked=[],
        statement={},
        sha256="0" * 64,
        minutes=5,
        consent_version="1",
        opened_at=NOW,
        opened_by=cast["trial_manager"],
    )
    for partner in partners:
        opens = open_day(cast, partner)
        Window.objects.create(
            survey=survey, partner=partner, opens_on=opens, closes_on=opens + timedelta(days=20)
        )
        Link.objects.bulk_create(
            Link(
                survey=survey,
                participant=one,
                digest=digest_of(token_for(survey.pk, one.pk, 1)),
                made_at=NOW,
            )
            for one in people_of(cast, partner)[:least]
        )
    return survey


def plan(cast: Cast, survey: Survey, now: datetime = NOW) -> None:
    """Plan what a survey sends."""
    plan_survey(survey=survey, by=cast["trial_manager"], now=now)


def sign_off(cast: Cast, partner: Partner) -> None:
    """The partner's coordinator agrees to everything planned there."""
    planned = Mailing.objects.filter(partner=partner).values_list("pk", "due_at")
    actions.sign_off(
        trial=cast.trial, partner=partner, mailings=planned, by=cast["coordinator"], now=NOW
    )


def ready(cast: Cast, more: str = ",,") -> Survey:
    """Dudley's survey: planned, signed off, contacts sealed."""
    seal(cast, cast.dudley, cast["coordinator"], more)
    survey = open_survey(cast, cast.dudley)
    plan(cast, survey)
    sign_off(cast, cast.dudley)
    return survey


def invitations(cast: Cast) -> list[Delivery]:
    """Dudley's invitations, in order."""
    found = Delivery.objects.filter(step__kind=Kind.INVITATION, mailing__partner=cast.dudley)
    return list(found.select_related("participant", "step", "mailing").order_by("pk"))


def keep_first(cast: Cast, count: int) -> list[Delivery]:
    """Leave only the first few deliveries of Dudley's invitation waiting; return them."""
    first = invitations(cast)[:count]
    others = Delivery.objects.exclude(pk__in=[one.pk for one in first])
    others.update(state="cancelled", claim=None, lease_until=None)
    return first
