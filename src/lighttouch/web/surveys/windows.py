"""Whether a survey takes answers: from a partner on a day, and from a person at all."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet

from lighttouch.web.enrolment.models import Happening, Withdrawal
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.models import Window


def is_open(window: Window, now: datetime) -> bool:
    """Say whether a window is open: from its first day to the end of its last."""
    return window.closed_at is None and window.opens_on <= today_of(now) <= window.closes_on


def is_locked(trial: Trial) -> bool:
    """Say whether a trial's data are locked: then no survey of it takes answers."""
    return trial.has_reached(Stage.LOCKED)


def no_more_collection(participant: int | OuterRef) -> QuerySet[Happening]:
    """Return somebody's withdrawals after which nothing more is collected about them."""
    return Happening.objects.filter(
        participant=participant,
        cancelled_at=None,
        detail__in=(Withdrawal.STOP_COLLECTION, Withdrawal.ERASE),
    )
