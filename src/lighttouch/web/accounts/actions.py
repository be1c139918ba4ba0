"""Invite people, let them in, give and end roles."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import Grant, Link, Role, User
from lighttouch.web.accounts.rights_to_give import may_give
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.audit.actors import Actor
from lighttouch.web.programmes.models import Partner, Programme, Trial

LINK_LIVES = {
    Link.Purpose.SIGN_IN: timedelta(minutes=15),
    Link.Purpose.INVITATION: timedelta(days=7),
}
TOKEN_BYTES = 16
LINKS_AN_HOUR = 5


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    role: Role,
    by: Actor,
    now: datetime,
    programme: Programme | None = None,
    trial: Trial | None = None,
    partner: Partner | None = None,
    team: str = "",
) -> tuple[User, str]:
    """Give somebody a role, with an account if they have none, and make their invitation.

    Returns
    -------
    User, str
        The person, and the token of the link to send them.

    Raises
    ------
    InputError
        If whoever invites may not give this role there.
    """
    grant = Grant(
        role=role, programme=programme, trial=trial, partner=partner, team=team, granted_at=now
    )
    if isinstance(by, User) and not may_give(by, grant):
        raise InputError(
            "you may not give this role here",
            where="role",
            remedy="Ask an administrator, or a trial manager of the programme",
        )
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User(email=email.strip(), name=name.strip(), created_at=now)
        user.full_clean()
        user.save()
    grant.user = user
    if not _has_already(grant):
        grant.full_clean(validate_constraints=False)
        grant.save()
        _record("role.given", grant, by=by, now=now)
    return user, make_link(user=user, purpose=Link.Purpose.INVITATION, by=by, now=now)


@transaction.atomic
def make_link(*, user: User, purpose: Link.Purpose, by: Actor, now: datetime) -> str:
    """Make a link that signs somebody in once, and return its token.

    Only the token's hash is kept: the link cannot be read out of the database.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Link.objects.create(
        user=user,
        purpose=purpose,
        token_sha256=hash_token(token),
        created_at=now,
        expires_at=now + LINK_LIVES[purpose],
    )
    record(act="link.made", by=by, now=now, details={"user": user.actor, "purpose": purpose.value})
    return token


@transaction.atomic
def use_link(*, token: str, now: datetime) -> User:
    """Use a link up and return whom it lets in; every older link of theirs ends too.

    Raises
    ------
    InputError
        If the link is unknown, used or past its time; which of these is not said.
    """
    link = (
        Link.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(token_sha256=hash_token(token), used_at=None, expires_at__gt=now)
        .filter(user__is_active=True)
        .first()
    )
    if link is None:
        raise InputError(
            "this link does not work any more",
            remedy="Ask for a new one; each link works once and for a short time",
        )
    older = Q(pk=link.pk) | Q(user=link.user, created_at__lte=link.created_at)
    Link.objects.filter(older, used_at=None).update(used_at=now)
    record(act="account.signed_in", by=link.user, now=now, details={"purpose": link.purpose})
    return link.user


@transaction.atomic
def end_role(*, grant: Grant, by: User, now: datetime) -> Grant:
    """End somebody's role.

    Raises
    ------
    InputError
        If whoever asks could not have given it, or it is the last administrator's.
    """
    if not may_give(by, grant):
        raise InputError(
            "you may not end this role",
            where="role",
            remedy="Ask an administrator, or a trial manager of the programme",
        )
    if grant.role == Role.ADMINISTRATOR and _is_last_administrator(grant):
        raise InputError(
            "this is the last administrator",
            where="role",
            remedy="Make somebody else administrator first",
        )
    grant.ended_at = now
    grant.save(update_fields=("ended_at",))
    _record("role.ended", grant, by=by, now=now)
    return grant


@transaction.atomic
def sign_out_everywhere(*, user: User, by: Actor, now: datetime) -> User:
    """End every session of somebody, on every device."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.epoch += 1
    user.save(update_fields=("epoch",))
    record(act="account.signed_out_everywhere", by=by, now=now, details={"user": user.actor})
    return user


def hash_token(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _has_already(grant: Grant) -> bool:
    return Grant.objects.filter(
        user=grant.user,
        role=grant.role,
        programme=grant.programme,
        trial=grant.trial,
        partner=grant.partner,
        team=grant.team,
        ended_at=None,
    ).exists()


def _is_last_administrator(grant: Grant) -> bool:
    others = Grant.objects.select_for_update().filter(role=Role.ADMINISTRATOR, ended_at=None)
    return not [one for one in others if one.pk != grant.pk]


def _record(act: str, grant: Grant, *, by: Actor, now: datetime) -> None:
    details: dict[str, Detail] = {"user": grant.user.actor, "role": grant.role}
    record(
        act=act,
        by=by,
        now=now,
        programme=grant.programme.slug if grant.programme else "",
        trial=grant.trial.slug if grant.trial else "",
        partner=grant.partner.code if grant.partner else "",
        details=details,
    )
