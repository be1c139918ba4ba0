"""What this stage does by itself."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from lighttouch.web.jobs.registry import periodic
from lighttouch.web.partners.actions import forget_old_applicants, seed_missing


@periodic("partners.forget", every=timedelta(days=1))
def forget_applicants(now: datetime) -> None:
    """Delete who applied to calls that closed over a year ago and did not come to take part."""
    forget_old_applicants(now=now)


@periodic("partners.seed", every=timedelta(hours=1))
def seed(now: datetime) -> None:
    """Give their first tasks to partners that came into a trial through its protocol."""
    seed_missing(now=now)


@periodic("partners.drafts", every=timedelta(hours=1))
def forget_drafts(now: datetime) -> None:
    """Delete what visitors typed and did not send, once their sessions are over."""
    Session.objects.filter(expire_date__lt=now).delete()
