"""The e-mails about accounts: links, and changes that somebody should know of."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from lighttouch.web.accounts.models import Grant, Link, User
from lighttouch.web.accounts.words import say_role
from lighttouch.web.audit.actors import Actor
from lighttouch.web.notices.actions import send
from lighttouch.web.notices.models import Notice

SUBJECTS = {
    Link.Purpose.SIGN_IN: "Your link to sign in to Lighttouch",
    Link.Purpose.INVITATION: "You are invited to Lighttouch",
}
CHANGED = "The second factor of your Lighttouch account was changed"


def address_of(token: str) -> str:
    """Return the whole address of a link."""
    return f"{settings.SITE_URL}{reverse('accounts:use-link', args=[token])}"


def post_link(
    *,
    user: User,
    purpose: Link.Purpose,
    token: str,
    by: Actor,
    now: datetime,
    grant: Grant | None = None,
) -> Notice:
    """Put the e-mail that carries a link in the outbox; an invitation names the role given."""
    context = {
        "name": user.name,
        "address": address_of(token),
        "inviter": by.name if isinstance(by, User) else "",
        "role": say_role(grant) if grant else "",
    }
    return send(
        to=user,
        kind=purpose.value,
        subject=SUBJECTS[purpose],
        body=render_to_string(f"accounts/mail/{purpose.value}.txt", context),
        key=f"link:{Link.hash(token)}",
        by=by,
        now=now,
    )


def post_change(*, user: User, what: str, by: Actor, now: datetime) -> Notice:
    """Tell somebody that a way into their account was added or taken away."""
    body = render_to_string("accounts/mail/changed.txt", {"name": user.name, "what": what})
    return send(
        to=user,
        kind="second_factor",
        subject=CHANGED,
        body=body,
        key=f"second_factor:{user.pk}:{now.isoformat()}:{what}"[:200],
        by=by,
        now=now,
    )
