"""Note sign-ins and second factors: in the session, in the log, and by e-mail."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from lighttouch.web.accounts import actions
from lighttouch.web.accounts.middleware import FACTOR, SINCE
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record_alone

RECORDS = "account_authentication_methods"


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **_more: Any) -> None:
    """Start the session's clock, and note a second factor if one was asked for."""
    now = timezone.now()
    request.session[SINCE] = now.isoformat()
    methods = request.session.get(RECORDS, [])
    has_given = any(one.get("method") == "mfa" for one in methods)
    if has_given:
        request.session[FACTOR] = now.isoformat()
    details = {"second_factor": has_given}
    record_alone(act="account.signed_in", by=user, now=now, details=details)


@receiver(authenticator_added)
def note_added(
    request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any
) -> None:
    """Adding a second factor shows that one has it: nobody is asked for it again at once."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    now = timezone.now()
    request.session[FACTOR] = now.isoformat()
    record_authentication(
        request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True
    )
    actions.note_second_factor(user=user, act="added", kind=authenticator.type, now=now)


@receiver(authenticator_removed)
def note_removed(user: User, authenticator: Authenticator, **_more: Any) -> None:
    """Tell somebody, and the log, that a second factor of theirs is gone."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    now = timezone.now()
    actions.note_second_factor(user=user, act="removed", kind=authenticator.type, now=now)


@receiver(authenticator_reset)
def note_new_codes(user: User, **_more: Any) -> None:
    """Log that recovery codes were made anew."""
    record_alone(act="recovery_codes.made", by=user, now=timezone.now())


@receiver(authentication_failed)
def note_failure(user: User, authenticator: Authenticator, **_more: Any) -> None:
    """Log that a wrong code was given for an account."""
    details = {"kind": str(authenticator.type)}
    record_alone(act="second_factor.refused", by=user, now=timezone.now(), details=details)
