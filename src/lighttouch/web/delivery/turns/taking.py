"""Taking a turn at a number, and giving it back."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from lighttouch.web.delivery.turns.models import TextTurn
from lighttouch.web.ui.dates import day_of

MOST_A_DAY = 3
KEPT = timedelta(days=2)


@transaction.atomic
def take(delivery: int, number: str, now: datetime) -> bool:
    """Take one of the day's turns at a number; a delivery that has one keeps it.

    The database's constraint gives each turn to one worker alone.
    """
    day, known = day_of(now), _hash(number)
    own = TextTurn.objects.filter(delivery=delivery)
    if own.filter(number=known, day=day).exists():
        return True
    own.delete()
    taken = set(TextTurn.objects.filter(number=known, day=day).values_list("place", flat=True))
    for place in range(1, MOST_A_DAY + 1):
        if place in taken:
            continue
        try:
            with transaction.atomic():
                TextTurn.objects.create(delivery_id=delivery, number=known, day=day, place=place)
        except IntegrityError:  # another worker took it meanwhile
            continue
        return True
    return False


def give_back(delivery: int) -> None:
    """Let others have the turn of a text that did not go."""
    TextTurn.objects.filter(delivery=delivery).delete()


def forget(now: datetime) -> int:
    """Forget the turns of days gone by; say how many."""
    return TextTurn.objects.filter(day__lt=day_of(now - KEPT)).delete()[0]


def _hash(number: str) -> str:
    about = f"text-turn:{number}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), about, hashlib.sha256).hexdigest()
