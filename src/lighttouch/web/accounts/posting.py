"""The e-mails that carry links."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from lighttouch.web.accounts.actions import hash_token
from lighttouch.web.accounts.models import Link, User
from lighttouch.web.audit.actors import Actor
from lighttouch.web.notices.actions import send
from lighttouch.web.notices.models import Notice

SUBJECTS = {
    Link.Purpose.SIGN_IN: "Your link to sign in to Lighttouch",
    Link.Purpose.INVITATION: "You are invited to Lighttouch",
}


def address_of(token: str) -> str:
    """Return the whole address of a link."""
    return f"{settings.SITE_URL}{reverse('accounts:use-link', args=[token])}"


def post(*, user: User, purpose: Link.Purpose, token: str, by: Actor, now: datetime) -> Notice:
    """Put the e-mail that carries a link in the outbox."""
    return send(
        to=user,
        kind=purpose.value,
        subject=SUBJECTS[purpose],
        body=render_to_string(f"accounts/{purpose.value}.txt", {"address": address_of(token)}),
        key=f"link:{hash_token(token)}",
        by=by,
        now=now,
    )
