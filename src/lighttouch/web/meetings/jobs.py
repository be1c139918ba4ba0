"""What this stage does at intervals."""

from datetime import datetime, timedelta

from lighttouch.web.jobs.registry import periodic
from lighttouch.web.meetings.actions import forget_expired


@periodic("meetings.forget", every=timedelta(minutes=15))
def forget(now: datetime) -> None:
    """End the meetings that are past their hours, and forget who was there."""
    forget_expired(now=now)
