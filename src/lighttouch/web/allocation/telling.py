"""Tell people by e-mail that a draw or an unblinding waits for a second person."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, has_right
from lighttouch.web.notices.actions import send
from lighttouch.web.programmes.models import Trial

SUBJECTS = {
    "proposed": "A draw waits for a second person",
    "drawn": "The allocation is drawn",
    "unblinding": "An unblinding waits for a second person",
}
PAGES = {
    "proposed": "allocation:confirm",
    "drawn": "allocation:page",
    "unblinding": "allocation:unblind",
}


def people_with(right: Right, trial: Trial, *, but: User | None = None) -> list[User]:
    """Return who has a right in a trial, without one of them."""
    people = User.objects.filter(
        is_active=True, grants__ended_at=None, grants__programme=trial.programme
    )
    scope = Scope(trial.programme, trial)
    return [
        person
        for person in people.distinct().order_by("pk")
        if person != but and has_right(person, right, scope)
    ]


def tell(
    what: str,
    people: list[User],
    trial: Trial,
    *,
    about: int,
    by: User,
    now: datetime,
    roster: str = "",
) -> None:
    """Put one e-mail to each in the outbox, in the transaction at hand.

    Parameters
    ----------
    about
        The key of the row it is about, so that each is told of it once.
    roster
        The hash of the roster, where it is about one.
    """
    for person in people:
        context = {
            "person": person,
            "trial": trial,
            "roster": roster,
            "address": settings.SITE_URL + reverse(PAGES[what], args=[trial.slug]),
        }
        send(
            to=person,
            kind=f"allocation.{what}",
            subject=SUBJECTS[what],
            body=render_to_string(f"allocation/mail/{what}.txt", context),
            key=f"allocation.{what}:{about}:{person.pk}",
            by=by,
            now=now,
        )
