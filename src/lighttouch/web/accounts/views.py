"""Pages for signing in, for one's own account, and for people and their roles."""

from typing import cast

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts import actions, limits, posting, queries
from lighttouch.web.accounts.forms import AskForLink, Invite
from lighttouch.web.accounts.models import Grant, Link, Role, User
from lighttouch.web.accounts.permissions import (
    SECOND_FACTOR,
    Right,
    ScopedRequest,
    live_grants,
    public,
    requires,
    signed_in,
)
from lighttouch.web.audit import once

NEXT = "next_after_sign_in"


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same whether or not the address is known."""
    if request.user.is_authenticated:
        return redirect("overview:home")
    form = AskForLink(request.POST or None)
    wanted = request.GET.get("next", "")
    if wanted.startswith("/") and not wanted.startswith("//"):
        request.session[NEXT] = wanted
    if not form.is_valid():
        return render(request, "accounts/sign_in.html", {"form": form})
    now, email = timezone.now(), form.cleaned_data["email"]
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if limits.may_ask(request, email, now) and user is not None:
        token = actions.make_link(user=user, purpose=Link.Purpose.SIGN_IN, by=user, now=now)
        posting.post(user=user, purpose=Link.Purpose.SIGN_IN, token=token, by=user, now=now)
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
        return render(request, "accounts/use_link.html", {"token": token})
    try:
        user = actions.use_link(token=token, now=timezone.now())
    except InputError:
        return render(request, "accounts/link_over.html", status=410)
    wanted = request.session.get(NEXT) or reverse("overview:home")
    answer = perform_login(request, user, email_verification="none", redirect_url=wanted)
    return cast("HttpResponse", answer)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("overview:home")


@signed_in
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show somebody their own account."""
    user = cast("User", request.user)
    grants = [(Role(g.role).label, queries.say_scope(g)) for g in live_grants(user)]
    return render(request, "accounts/account.html", {"grants": grants})


@signed_in
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Say why a second factor is needed, and which there are."""
    needed = any(Role(g.role) in SECOND_FACTOR for g in live_grants(cast("User", request.user)))
    return render(request, "accounts/second_factor.html", {"needed": needed})


@signed_in
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this account, this one too."""
    user = cast("User", request.user)
    actions.sign_out_everywhere(user=user, by=user, now=timezone.now())
    logout(request)
    messages.success(request, "You are signed out on every device.")
    return redirect("accounts:sign-in")


@requires(Right.INVITE)
@require_safe
def people(request: ScopedRequest) -> HttpResponse:
    """List the roles somebody could give or end."""
    rows = [
        {"grant": g, "role": Role(g.role).label, "where": queries.say_scope(g)}
        for g in queries.roles_within_reach(request.user)
    ]
    return render(request, "accounts/people.html", {"rows": rows})


@requires(Right.INVITE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: ScopedRequest) -> HttpResponse:
    """Invite somebody, or give somebody another role."""
    form = Invite(request.POST or None, giver=request.user)
    if not form.is_valid():
        context = {"form": form, "once": once.token()}
        return render(request, "accounts/invite.html", context)
    data = form.cleaned_data

    def act() -> str:
        now = timezone.now()
        user, token = actions.invite(
            email=data["email"],
            name=data["name"],
            role=Role(data["role"]),
            team=data["team"],
            programme=data["programme"],
            trial=data["trial"],
            partner=data["partner"],
            by=request.user,
            now=now,
        )
        posting.post(
            user=user, purpose=Link.Purpose.INVITATION, token=token, by=request.user, now=now
        )
        return reverse("accounts:people")

    return once.guard(request, act, done="The role is given, and an invitation is on its way.")


@requires(Right.INVITE)
@require_http_methods(["GET", "HEAD", "POST"])
def end_role(request: ScopedRequest, grant: int) -> HttpResponse:
    """End a role, after asking."""
    found = _within_reach(request.user, grant)
    if request.method == "POST":
        actions.end_role(grant=found, by=request.user, now=timezone.now())
        messages.success(request, "The role is ended.")
        return redirect("accounts:people")
    lines = [
        f"{found.user.name} is {Role(found.role).label.lower()} for {queries.say_scope(found)}.",
        "They lose the right to everything that comes with it at once. What they did stays.",
    ]
    context: dict[str, object] = {"title": "End this role?", "lines": lines}
    context |= {"button": "End the role", "warning": True, "back": reverse("accounts:people")}
    return render(request, "ui/confirm.html", context)


@requires(Right.INVITE)
@require_POST
def send_again(request: ScopedRequest, grant: int) -> HttpResponse:
    """Send somebody a fresh invitation."""
    found, now = _within_reach(request.user, grant), timezone.now()
    token = actions.make_link(
        user=found.user, purpose=Link.Purpose.INVITATION, by=request.user, now=now
    )
    posting.post(
        user=found.user, purpose=Link.Purpose.INVITATION, token=token, by=request.user, now=now
    )
    messages.success(request, "A fresh invitation is on its way.")
    return redirect("accounts:people")


def _within_reach(user: User, grant: int) -> Grant:
    for one in queries.roles_within_reach(user):
        if one.pk == grant:
            return one
    raise Http404
