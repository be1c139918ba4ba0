"""How often somebody may ask for a link: by address and by network address, together."""

import hashlib
from datetime import datetime, timedelta

from django.db.models import F
from django.http import HttpRequest

from lighttouch.web.accounts.models import Attempt

PER_ADDRESS = 5
PER_NETWORK = 30
WINDOW = timedelta(hours=1)


def may_ask(request: HttpRequest, email: str, now: datetime) -> bool:
    """Count an attempt, and say whether it is within both limits."""
    return count_attempt(f"email:{email.lower().strip()}", PER_ADDRESS, now) & count_attempt(
        f"network:{request.META.get('REMOTE_ADDR', '')}", PER_NETWORK, now
    )


def count_attempt(what: str, most: int, now: datetime) -> bool:
    """Count an attempt of a kind in the hour; only a hash of it is kept.

    The counter is a row, so the limit holds for every process together.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    digest = hashlib.sha256(what.encode()).hexdigest()
    Attempt.objects.filter(hour__lt=hour - WINDOW).delete()
    Attempt.objects.get_or_create(digest=digest, hour=hour)
    Attempt.objects.filter(digest=digest, hour=hour).update(count=F("count") + 1)
    return Attempt.objects.get(digest=digest, hour=hour).count <= most
