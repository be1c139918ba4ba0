"""Tell named people, once a day, that messages failed, came back, are in doubt or overdue."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.delivery.troubles import Trouble, trials_in_trouble, troubles
from lighttouch.web.notices.actions import send
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.ui.dates import LONDON, day_of

FROM_HOUR = 8


def tell_troubles(now: datetime) -> int:
    """Write to trial managers and to the coordinators concerned; say how many hear of it."""
    if now.astimezone(LONDON).hour < FROM_HOUR:
        return 0
    told = 0
    for trial in trials_in_trouble(now):
        found = troubles(trial, now)
        page = reverse("delivery:trial", args=[trial.slug])
        for person in _people(Role.TRIAL_MANAGER, trial) if found else ():
            told += _tell(person, trial, found, page, now)
        for one in found:
            page = reverse("delivery:partner", args=[trial.slug, one.partner.code])
            for person in _people(Role.COORDINATOR, trial, one.partner):
                told += _tell(person, trial, [one], page, now)
    return told


def _tell(person: User, trial: Trial, found: list[Trouble], page: str, now: datetime) -> int:
    context = {"trial": trial, "troubles": found, "address": settings.SITE_URL + page}
    where = found[0].partner.code if len(found) == 1 else ""
    send(
        to=person,
        kind="delivery.troubles",
        subject=f"Messages need you to see to them: {trial.title}"[:180],
        body=render_to_string("delivery/mail/troubles.txt", context).strip() + "\n",
        key=f"delivery.troubles:{trial.pk}:{where}:{person.pk}:{day_of(now)}",
        by=SYSTEM,
        now=now,
    )
    return 1


def _people(role: Role, trial: Trial, partner: Partner | None = None) -> list[User]:
    grants = Grant.objects.filter(
        Q(trial=None) | Q(trial=trial),
        role=role,
        programme=trial.programme,
        partner=partner,
        ended_at=None,
        user__is_active=True,
    )
    return list({one.user_id: one.user for one in grants.select_related("user")}.values())
