"""Who hears of what happened to a return, by e-mail."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.audit.actors import Actor
from lighttouch.web.notices import actions as notices
from lighttouch.web.programmes.models import Partner
from lighttouch.web.returns.models import Return, Version


def coordinators_of(sent: Return) -> list[User]:
    """Return whoever coordinates a return's partner in its trial."""
    return _people(Role.COORDINATOR, sent, partner=sent.partner)


def managers_of(sent: Return) -> list[User]:
    """Return whoever manages a return's trial."""
    return _people(Role.TRIAL_MANAGER, sent, partner=None)


def write_to(
    person: User,
    sent: Return,
    *,
    template: str,
    subject: str,
    key: str,
    by: Actor,
    now: datetime,
    **words: object,
) -> None:
    """Put an e-mail about a return in the outbox, once for each key and person."""
    link = settings.SITE_URL + address_of(sent)
    body = render_to_string(
        f"returns/mail/{template}.txt",
        {"sent": sent, "trial": sent.trial, "partner": sent.partner, "link": link, **words},
    )
    notices.send(
        to=person,
        kind=f"return.{template}",
        subject=subject,
        body=body.strip() + "\n",
        key=f"return-{sent.pk}-{key}-{person.pk}",
        by=by,
        now=now,
    )


def tell_whoever_sent_before(version: Version, *, by: User, now: datetime) -> None:
    """Tell whoever sent the version before that a colleague's is now the current one."""
    before = (
        version.for_return.versions.filter(number__lt=version.number)
        .select_related("uploaded_by")
        .last()
    )
    if before is None or before.uploaded_by_id == by.pk or not before.uploaded_by.is_active:
        return
    write_to(
        before.uploaded_by,
        version.for_return,
        template="another_version",
        subject=f"Staff return of {version.for_return.partner.name}: a colleague sent another file",
        key=f"version-{version.number}",
        by=by,
        now=now,
        number=version.number,
        before=before.number,
    )


def tell_opened_again(sent: Return, reason: str, *, by: Actor, now: datetime) -> None:
    """Tell the coordinators that a return they signed off is open again, and why."""
    for person in coordinators_of(sent):
        write_to(
            person,
            sent,
            template="opened_again",
            subject=f"Staff return of {sent.partner.name} was opened again",
            key=f"opened-{now.isoformat()}",
            by=by,
            now=now,
            reason=reason,
        )


def address_of(sent: Return) -> str:
    """Return the address of a return's page."""
    where = {"trial": sent.trial.slug, "partner": sent.partner.code, "wave": sent.wave}
    return reverse("returns:return", kwargs=where)


def _people(role: Role, sent: Return, *, partner: Partner | None) -> list[User]:
    grants = Grant.objects.filter(
        Q(trial=None) | Q(trial=sent.trial),
        role=role,
        programme=sent.trial.programme,
        partner=partner,
        ended_at=None,
        user__is_active=True,
    )
    return list({g.user_id: g.user for g in grants.select_related("user")}.values())
