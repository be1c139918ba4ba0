"""How long a session lasts, and nobody of weight without a second factor."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from lighttouch.web.accounts.queries import needs_second_factor

Respond = Callable[[HttpRequest], HttpResponse]
SINCE = "signed_in_at"
SEEN = "seen_at"
FACTOR = "second_factor_at"
RENEWED_EVERY = timedelta(minutes=10)
"""A session's idle time starts again this often, rather than with a write for every page."""

OPEN_WITHOUT = frozenset(
    {
        "health",
        "account_login",
        "account_logout",
        "mfa_index",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "accounts:sign-in",
        "accounts:sent",
        "accounts:use-link",
        "accounts:sign-out",
        "accounts:second-factor",
        "overview:about",
        "overview:privacy",
        "overview:accessibility",
    }
)
"""Pages for giving or adding a second factor, for signing out, and for anybody at all."""


class SessionLimits:
    """End a session a day after it began, however busy; and eight hours after its last use."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End the session if its time is over; otherwise let its idle time start again."""
        if request.user.is_authenticated:
            now = timezone.now()
            began = request.session.setdefault(SINCE, now.isoformat())
            if now - datetime.fromisoformat(began) > settings.LONGEST_SESSION:
                logout(request)
            elif "X-Fragment" not in request.headers:  # a page that renews itself is not use
                _renew(request, now)
        return self.get_response(request)


def _renew(request: HttpRequest, now: datetime) -> None:
    seen = request.session.get(SEEN)
    if seen is None or now - datetime.fromisoformat(seen) >= RENEWED_EVERY:
        request.session[SEEN] = now.isoformat()


class SecondFactorRequired:
    """Send people whose roles need a second factor to set one up before anything else."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Ask for the second factor, unless it was given or the page is for giving it."""
        if settings.DEMONSTRATION or not request.user.is_authenticated:
            return None
        if request.session.get(FACTOR):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN_WITHOUT or not needs_second_factor(request.user):
            return None
        return redirect("accounts:second-factor")
