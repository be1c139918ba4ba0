"""Invite people, let them in, give and end roles."""

import secrets
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from lighttouch.core.errors import InputError
from lighttouch.web.accounts import posting
from lighttouch.web.accounts.models import Grant, Link, Role, User
from lighttouch.web.accounts.rights_to_give import may_give, may_reset
from lighttouch.web.audit import once
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.audit.actors import OPERATOR, Actor
from lighttouch.web.programmes.models import Partner, Programme, Trial

LINK_LIVES = {
    Link.Purpose.SIGN_IN: timedelta(minutes=15),
    Link.Purpose.INVITATION: timedelta(days=7),
}
TOKEN_BYTES = 16
KEPT_AFTER = timedelta(days=30)
ASK = "Ask an administrator, or a trial manager of the programme"


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
    """Give somebody a role, with an account if they have none, and send their invitation.

    Returns
    -------
    User, str
        The person, and the token of the link that was sent.

    Raises
    ------
    InputError
        If whoever invites may not give this role there, or would give it to themselves.
    """
    grant = Grant(
        role=role, programme=programme, trial=trial, partner=partner, team=team, granted_at=now
    )
    if isinstance(by, User) and not may_give(by, grant):
        raise InputError("you may not give this role here", where="role", remedy=ASK)
    user = _find_or_make(email=email, name=name, by=by, now=now)
    if user == by:
        raise InputError("nobody gives themselves a role", where="email", remedy=ASK)
    grant.user = user
    if not _has_already(grant):
        _check(grant)
        if _insert(grant):
            _record("role.given", grant, by=by, now=now)
    return user, _invite_by_mail(grant, by=by, now=now)


def make_first_administrator(
    *, email: str, name: str, now: datetime, by: Actor = OPERATOR
) -> tuple[User, str]:
    """Make the administrator who invites everybody else; return them and their link's token.

    Raises
    ------
    InputError
        If there is an administrator already.
    """
    with transaction.atomic():
        if _live_administrators().exists():
            raise InputError(
                "there is an administrator already",
                where="administrator",
                remedy="Ask them for an invitation",
            )
        return invite(email=email, name=name, role=Role.ADMINISTRATOR, by=by, now=now)


@transaction.atomic
def invite_again(*, grant: Grant, by: User, now: datetime) -> str:
    """Send somebody a fresh invitation to a role they have.

    Raises
    ------
    InputError
        If whoever asks could not have given the role, or it has ended.
    """
    if not may_give(by, grant):
        raise InputError("you may not invite to this role", where="role", remedy=ASK)
    if grant.ended_at is not None:
        raise InputError("this role has ended", where="role", remedy="Give it again")
    return _invite_by_mail(grant, by=by, now=now)


@transaction.atomic
def send_link(*, email: str, by: Actor, now: datetime) -> bool:
    """Send a link to sign in, if the address has an account; say whether it has one."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        return False
    purpose = Link.Purpose.SIGN_IN
    token = make_link(user=user, purpose=purpose, by=by, now=now)
    posting.post_link(user=user, purpose=purpose, token=token, by=by, now=now)
    return True


@transaction.atomic
def make_link(*, user: User, purpose: Link.Purpose, by: Actor, now: datetime) -> str:
    """Make a link that signs somebody in once, and return its token.

    Only the token's hash is kept: the link cannot be read out of the database.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Link.objects.create(
        user=user,
        purpose=purpose,
        token_sha256=Link.hash(token),
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
        If the link is unknown, ended or past its time.
    """
    link = (
        Link.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(token_sha256=Link.hash(token), user__is_active=True)
        .first()
    )
    if link is None:
        raise InputError("this link does not work", remedy="Check that it is whole")
    if link.used_at is not None:
        raise InputError("this link was used already", remedy="Ask for a new one")
    if link.expires_at <= now:
        raise InputError("this link is too old", remedy="Ask for a new one")
    older = Q(pk=link.pk) | Q(user=link.user, created_at__lte=link.created_at)
    Link.objects.filter(older, used_at=None).update(used_at=now)
    record(act="link.used", by=link.user, now=now, details={"purpose": link.purpose})
    return link.user


@transaction.atomic
def end_role(*, grant: Grant, by: User, now: datetime) -> Grant:
    """End somebody's role.

    Raises
    ------
    InputError
        If whoever asks could not have given it, it has ended, or it is the last administrator's.
    """
    administrators = set(_live_administrators().select_for_update().values_list("pk", flat=True))
    grant = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    if not may_give(by, grant):
        raise InputError("you may not end this role", where="role", remedy=ASK)
    if grant.ended_at is not None:
        raise InputError("this role has ended already", where="role")
    if administrators == {grant.pk}:
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
    """End every session of somebody, on every device, and every link they have not used."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.epoch += 1
    user.save(update_fields=("epoch",))
    Link.objects.filter(user=user, used_at=None).update(used_at=now)
    record(act="account.signed_out_everywhere", by=by, now=now, details={"user": user.actor})
    return user


@transaction.atomic
def reset_second_factor(*, user: User, by: Actor, now: datetime) -> User:
    """Take away somebody's second factors, lost with a phone, and end their sessions.

    They add another when they next sign in.

    Raises
    ------
    InputError
        If whoever asks is not an administrator, or asks for themselves.
    """
    if isinstance(by, User) and not may_reset(by, user):
        raise InputError(
            "you may not take away this second factor",
            where="second factor",
            remedy="Ask another administrator",
        )
    count = Authenticator.objects.filter(user=user).delete()[0]
    details: dict[str, Detail] = {"user": user.actor, "count": count}
    record(act="second_factor.reset", by=by, now=now, details=details)
    posting.post_change(
        user=user, what="An administrator took away your second factors.", by=by, now=now
    )
    return sign_out_everywhere(user=user, by=by, now=now)


@transaction.atomic
def note_second_factor(*, user: User, act: str, kind: str, now: datetime) -> None:
    """Record that somebody added or removed a second factor, and tell them by e-mail."""
    verb = "removed from" if act == "removed" else "added to"
    said = {"totp": "An app for one-time codes", "webauthn": "A passkey"}[kind]
    record(act=f"second_factor.{act}", by=user, now=now, details={"kind": kind})
    posting.post_change(user=user, what=f"{said} was {verb} your account.", by=user, now=now)


def clear_up(*, now: datetime) -> int:
    """Let go of links, sessions and receipts of forms that ended long ago; return how many went."""
    links = Link.objects.filter(expires_at__lt=now - KEPT_AFTER).delete()[0]
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    return links + sessions + once.forget(before=now - KEPT_AFTER)


@transaction.atomic
def correct_name(*, user: User, name: str, by: User, now: datetime) -> User:
    """Write somebody's name as they write it themselves.

    Raises
    ------
    InputError
        If there is no name, or it is too long.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.name != name.strip():
        user.name = name.strip()
        _check(user)
        user.save(update_fields=("name",))
        record(act="account.name_corrected", by=by, now=now, details={"user": user.actor})
    return user


@transaction.atomic
def close_account(*, user: User, by: User, now: datetime) -> User:
    """Close somebody's account: their roles, sessions, links and second factors end.

    What they did stays in the log. An administrator who invites them again opens it.

    Raises
    ------
    InputError
        If whoever asks is not an administrator, or asks for themselves.
    """
    if not may_reset(by, user):
        raise InputError(
            "you may not close this account", where="account", remedy="Ask another administrator"
        )
    for grant in user.grants.filter(ended_at=None):
        end_role(grant=grant, by=by, now=now)
    Authenticator.objects.filter(user=user).delete()
    user = sign_out_everywhere(user=user, by=by, now=now)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=("is_active",))
        record(act="account.closed", by=by, now=now, details={"user": user.actor})
    return user


def _find_or_make(*, email: str, name: str, by: Actor, now: datetime) -> User:
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = User(email=email.strip(), name=name.strip(), created_at=now)
        _check(user)
        if not _insert(user):
            user = User.objects.get(email__iexact=email.strip())
    elif not user.is_active:
        if isinstance(by, User) and not may_reset(by, user):
            raise InputError("this account is closed", where="email", remedy="Ask an administrator")
        user.is_active = True
        user.save(update_fields=("is_active",))
        record(act="account.opened_again", by=by, now=now, details={"user": user.actor})
    return user


def _check(row: User | Grant) -> None:
    """Check a row before it is saved; the fault names the field, never what was given."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        where = "place" if field == NON_FIELD_ERRORS else field
        raise InputError(messages[0].rstrip("."), where=where) from None


def _insert(row: User | Grant) -> bool:
    """Save a new row; say if somebody else saved the same at the same moment."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


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


def _invite_by_mail(grant: Grant, *, by: Actor, now: datetime) -> str:
    purpose = Link.Purpose.INVITATION
    token = make_link(user=grant.user, purpose=purpose, by=by, now=now)
    posting.post_link(user=grant.user, purpose=purpose, token=token, by=by, now=now, grant=grant)
    return token


def _live_administrators() -> QuerySet[Grant]:
    return Grant.objects.filter(role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True)


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
