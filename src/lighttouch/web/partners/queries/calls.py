"""Calls as the public sees them."""

from datetime import datetime

from lighttouch.web.partners.models import Call
from lighttouch.web.ui.dates import day_of


def published_calls(now: datetime) -> list[Call]:
    """Return the calls open at a moment, the first to close first, with their programmes."""
    today = day_of(now)
    return list(
        Call.objects.filter(published_at__isnull=False, opens_on__lte=today, closes_on__gte=today)
        .select_related("programme")
        .order_by("closes_on", "title")
    )
