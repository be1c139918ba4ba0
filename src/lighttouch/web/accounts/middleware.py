"""How long a session lasts, and nobody of weight without a second factor."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from lighttouch.web.accounts.models import Role
from lighttouch.web.accounts.permissions import SECOND_FACTOR, live_grants

Respond = Callable[[HttpRequest], HttpResponse]
SINCE = "signed_in_at"
FACTOR = "second_factor_at"
OPEN_WITHOUT = (
    "mfa_",
    "account_",
    "accounts:sign-out",
    "accounts:sign-in",
    "accounts:second-factor",
    "health",
)


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
            elif request.method == "POST":
                request.session.modified = True
        return self.get_response(request)


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
        if name.startswith(OPEN_WITHOUT):
            return None
        if not any(Role(grant.role) in SECOND_FACTOR for grant in live_grants(request.user)):
            return None
        return redirect("accounts:second-factor")
