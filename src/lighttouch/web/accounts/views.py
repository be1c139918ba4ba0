"""Pages for signing in and out, and for one's own account."""

import time
from typing import cast

from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts import actions, limits
from lighttouch.web.accounts.forms import AskForLink, OwnName
from lighttouch.web.accounts.models import Role, User
from lighttouch.web.accounts.permissions import live_grants, public, signed_in
from lighttouch.web.accounts.queries import needs_second_factor
from lighttouch.web.accounts.words import say_scope
from lighttouch.web.audit.actors import PUBLIC

NEXT = "next_after_sign_in"


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same whether or not the address is known."""
    if request.user.is_authenticated:
        return redirect("overview:home")
    started, now = time.perf_counter(), timezone.now()
    _keep_next(request)
    form = AskForLink(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/sign_in.html", {"form": form})
    email = form.cleaned_data["email"]
    if not limits.may_ask(request, email, now):
        context = {"until": limits.next_window(now)}
        return render(request, "accounts/too_often.html", context, status=429)
    actions.send_link(email=email, by=PUBLIC, now=now)
    limits.wait_out(started)
    return redirect("accounts:sent")


@public
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Say that a link is on its way, if the address has an account."""
    return render(request, "accounts/sent.html")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button, whatever the link; let somebody in when it is pressed.

    Opening the page does nothing, since mail scanners open every link.
    """
    if request.method != "POST":
        return render(request, "accounts/use_link.html")
    try:
        user = actions.use_link(token=token, now=timezone.now())
    except InputError as error:
        context = {"fault": error.faults[0], "form": AskForLink()}
        return render(request, "accounts/link_over.html", context, status=410)
    if request.user.is_authenticated:
        logout(request)
    wanted = request.session.pop(NEXT, "") or reverse("overview:home")
    answer = perform_login(request, user, email_verification="none", redirect_url=wanted)
    return cast("HttpResponse", answer)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    messages.success(request, "You are signed out.")
    return redirect("overview:home")


@signed_in
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show somebody their own account."""
    user = cast("User", request.user)
    factors = Authenticator.objects.filter(user=user).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    context = {
        "grants": [(Role(g.role).label, say_scope(g)) for g in live_grants(user)],
        "passkeys": factors.filter(type=Authenticator.Type.WEBAUTHN).count(),
        "has_app": factors.filter(type=Authenticator.Type.TOTP).exists(),
        "needed": needs_second_factor(user),
    }
    return render(request, "accounts/account.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Let somebody correct their own name."""
    user = cast("User", request.user)
    form = OwnName(request.POST or None, initial={"name": user.name})
    if form.is_valid():
        actions.correct_name(user=user, name=form.cleaned_data["name"], by=user, now=timezone.now())
        messages.success(request, "Your name is corrected.")
        return redirect("accounts:account")
    return render(request, "accounts/name.html", {"form": form})


@signed_in
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this account, this one too."""
    user = cast("User", request.user)
    actions.sign_out_everywhere(user=user, by=user, now=timezone.now())
    logout(request)
    messages.success(request, "You are signed out on every device.")
    return redirect("accounts:sign-in")


def _keep_next(request: HttpRequest) -> None:
    """Remember the page somebody wanted, if it is one of ours."""
    wanted = request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        request.session[NEXT] = wanted
