"""Contacts are destroyed on the day that was promised, by themselves."""

from datetime import datetime, timedelta

from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.contacts.actions import destroy_contacts
from lighttouch.web.contacts.queries import past_their_day
from lighttouch.web.jobs.registry import periodic
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.ui.dates import day_of


@periodic("contacts.destroy", every=timedelta(hours=1))
def destroy_on_the_day(now: datetime) -> None:
    """Destroy what is past its day."""
    for slug, code in past_their_day(day_of(now)):
        trial = Trial.objects.select_related("programme").get(slug=slug)
        partner = Partner.objects.get(programme=trial.programme, code=code)
        destroy_contacts(trial=trial, partner=partner, by=SYSTEM, now=now)
