"""How often somebody may ask for a link: by address and by network address, together."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from lighttouch.web.accounts.models import Attempt

PER_ADDRESS = 5
PER_NETWORK = 30
WINDOW = timedelta(hours=1)
ANSWER_AFTER = 0.3
"""Seconds; far more than a link takes to make, so that the answer comes no sooner without one."""


def may_ask(request: HttpRequest, email: str, now: datetime) -> bool:
    """Count an attempt, and say whether it is within both limits.

    Addresses without an account count too, so a limit that was reached tells nothing.
    """
    return count_attempt(f"email:{email.casefold().strip()}", PER_ADDRESS, now) & count_attempt(
        f"network:{network_of(request)}", PER_NETWORK, now
    )


def count_attempt(what: str, most: int, now: datetime) -> bool:
    """Count an attempt of a kind in the hour; only a keyed hash of it is kept.

    The counter is a row, so the limit holds for every process together.
    """
    hour = _hour(now)
    digest = salted_hmac("lighttouch.attempt", what, algorithm="sha256").hexdigest()
    Attempt.objects.filter(hour__lt=hour - WINDOW).delete()
    Attempt.objects.get_or_create(digest=digest, hour=hour)
    Attempt.objects.filter(digest=digest, hour=hour).update(count=F("count") + 1)
    return Attempt.objects.get(digest=digest, hour=hour).count <= most


def next_window(now: datetime) -> datetime:
    """Return when counting starts again."""
    return _hour(now) + WINDOW


def network_of(request: HttpRequest) -> str:
    """Return the network address a request came from: the proxy's word, where there is one."""
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if told:
            return told
    return str(request.META.get("REMOTE_ADDR", ""))


def wait_out(started: float) -> None:
    """Wait until the answer may come, so that its time does not tell if an address is known."""
    time.sleep(max(0.0, ANSWER_AFTER - (time.perf_counter() - started)))


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
