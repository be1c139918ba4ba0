"""Tell people by e-mail that something about a protocol waits for them, or is done."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from lighttouch.web.accounts.models import User
from lighttouch.web.notices.actions import send
from lighttouch.web.protocols.models import Version
from lighttouch.web.protocols.queries import reviewers_of

SUBJECTS = {
    "submitted": "A protocol waits for your review",
    "approved": "Your protocol is approved",
    "sent_back": "Your protocol was sent back",
    "registered": "The protocol is registered",
    "amended": "The protocol is amended",
}


def tell_reviewers(version: Version, *, by: User, now: datetime) -> None:
    """Tell those who may review a version that it waits."""
    _tell("submitted", reviewers_of(version), version, by=by, now=now)


def tell_authors(happening: str, version: Version, *, by: User, now: datetime) -> None:
    """Tell whoever wrote or submitted a version what became of it, but not who did it."""
    people = (version.author, version.submitted_by)
    _tell(happening, [one for one in people if one], version, by=by, now=now)


def tell_everybody(happening: str, version: Version, *, by: User, now: datetime) -> None:
    """Tell author, submitter and reviewer, but not who did it."""
    people = (version.author, version.submitted_by, version.reviewed_by)
    _tell(happening, [one for one in people if one], version, by=by, now=now)


def _tell(
    happening: str, people: Iterable[User], version: Version, *, by: User, now: datetime
) -> None:
    page = "protocols:review" if happening == "submitted" else "protocols:protocol"
    address = settings.SITE_URL + reverse(page, args=[version.trial.slug])
    for person in {one.pk: one for one in people if one.pk != by.pk}.values():
        context = {"person": person, "version": version, "address": address}
        send(
            to=person,
            kind=f"protocols.{happening}",
            subject=SUBJECTS[happening],
            body=render_to_string(f"protocols/mail/{happening}.txt", context),
            key=f"protocols.{happening}:{version.pk}:{person.pk}",
            by=by,
            now=now,
        )
