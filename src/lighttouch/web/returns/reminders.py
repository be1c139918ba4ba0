"""Reminders before and after a return is due: decided when they are sent, each sent once.

They go by calendar days in Britain. A step missed while no worker ran is made up for by the next
one that applies, never by several at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns.models import Return
from lighttouch.web.returns.queries import LONDON, today_of, waves_of
from lighttouch.web.returns.telling import coordinators_of, managers_of, write_to
from lighttouch.web.ui.dates import say_date, say_distance

STEPS = (-7, -1, 1, 3, 7)
"""Days from the due date."""

LAST_STEP_LASTS = 7
"""After the last step, so many days in which it can still be sent; an older return is past that."""

FIRST_HOUR, LAST_HOUR = 8, 18
MANAGERS_FROM = 7


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is to be said about one return now."""

    sent: Return
    step: int

    @property
    def late(self) -> bool:
        """Whether the day has passed."""
        return self.step > 0


def step_for(days_after: int) -> int | None:
    """Return which step applies so many days after the due date (before it if negative).

    Examples
    --------
    >>> [step_for(day) for day in (-8, -7, -2, 0, 1, 5, 7, 14)]
    [None, -7, -7, -1, 1, 3, 7, None]
    """
    if days_after >= STEPS[-1] + LAST_STEP_LASTS:
        return None
    return max((step for step in STEPS if step <= days_after), default=None)


def due_reminders(now: datetime) -> list[Reminder]:
    """Return what is to be said at this moment; nothing at night."""
    if not FIRST_HOUR <= now.astimezone(LONDON).hour < LAST_HOUR:
        return []
    today = today_of(now)
    first = today - timedelta(days=STEPS[-1] + LAST_STEP_LASTS)
    last = today - timedelta(days=STEPS[0])
    rows = Return.objects.filter(
        accepted=None, due_on__gt=first, due_on__lte=last, trial__registration__isnull=False
    ).exclude(trial__stage__in=("locked", "published"))
    found = []
    for row in rows.select_related("trial__programme", "partner"):
        step = step_for((today - row.due_on).days)
        if step is not None:
            found.append(Reminder(row, step))
    return found


def remind(now: datetime) -> int:
    """Send every reminder that is due and was not sent; return for how many returns.

    One that is signed off while this runs gets none.
    """
    reminders = due_reminders(now)
    for reminder in reminders:
        _remind(reminder, now)
    return len(reminders)


@transaction.atomic
def _remind(reminder: Reminder, now: datetime) -> None:
    row = Return.objects.select_for_update().get(pk=reminder.sent.pk)
    if row.accepted_id is not None or row.due_on != reminder.sent.due_on:
        return
    sent, today = reminder.sent, today_of(now)
    labels = {wave.id: wave.label for wave in waves_of(declared(sent.trial))}
    when = "was due" if reminder.late else "is due"
    distance = say_distance(sent.due_on, today)
    words = {
        "wave": labels.get(sent.wave, sent.wave),
        "when": when,
        "date": say_date(sent.due_on),
        "distance": distance,
        "began": sent.versions.exists(),
    }
    for person in coordinators_of(sent):
        _write(reminder, "reminder", person, now, words)
    if reminder.step >= MANAGERS_FROM:
        for person in managers_of(sent):
            _write(reminder, "late", person, now, words)


def _write(
    reminder: Reminder, template: str, person: User, now: datetime, words: dict[str, object]
) -> None:
    sent = reminder.sent
    write_to(
        person,
        sent,
        template=template,
        subject=f"Staff return of {sent.partner.name} ({words['wave']}) {words['when']} "
        f"{words['distance']}",
        key=f"{template}-{sent.due_on.isoformat()}-{reminder.step}",
        by=SYSTEM,
        now=now,
        **words,
    )
