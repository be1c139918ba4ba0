"""Pages of second factors that the library leaves to us."""

from typing import cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import signed_in
from lighttouch.web.accounts.queries import needs_second_factor


@signed_in
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Say why a second factor is needed, and which there are."""
    needed = needs_second_factor(cast("User", request.user))
    return render(request, "accounts/second_factor.html", {"needed": needed})


@signed_in
def passkeys(_request: HttpRequest) -> HttpResponse:
    """Go to the page of all second factors, which lists passkeys too."""
    return redirect("mfa_index")


@signed_in
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a passkey, unless it is the last second factor of somebody who needs one."""
    passkey = get_object_or_404(
        Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN
    )
    adapter = get_adapter()
    if not adapter.can_delete_authenticator(passkey):
        messages.error(request, f"{adapter.error_messages['cannot_delete_authenticator']}.")
        return redirect("mfa_index")
    return cast("HttpResponse", webauthn.remove_webauthn(request, pk=pk))
