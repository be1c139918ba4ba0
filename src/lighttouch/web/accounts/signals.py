"""Note in the session when a second factor was given: at sign-in, or by adding one."""

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from lighttouch.web.accounts.middleware import FACTOR, SINCE

RECORDS = "account_authentication_methods"


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, **_more: Any) -> None:
    """Start the session's clock, and note a second factor if one was asked for."""
    now = timezone.now().isoformat()
    request.session[SINCE] = now
    methods = request.session.get(RECORDS, [])
    if any(one.get("method") == "mfa" for one in methods):
        request.session[FACTOR] = now


@receiver(authenticator_added)
def note_added(request: HttpRequest, **_more: Any) -> None:
    """Adding a second factor shows that one has it."""
    request.session[FACTOR] = timezone.now().isoformat()
