"""Pages for people and their roles: invite, send again, end, reset a second factor."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts import actions, queries
from lighttouch.web.accounts.forms import ChooseRole, Invite
from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, requires
from lighttouch.web.accounts.rights_to_give import may_give
from lighttouch.web.accounts.words import MEANINGS, say_role
from lighttouch.web.audit import once

ON_A_PAGE = 50


@requires(Right.INVITE)
@require_safe
def people(request: ScopedRequest) -> HttpResponse:
    """List the roles somebody could give or end."""
    form = ChooseRole(request.GET or None)
    role = form.cleaned_data["role"] if form.is_valid() else ""
    lines = queries.roles_within_reach(request.user, role)
    context = {
        "page": Paginator(lines, ON_A_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "role": role,
        "may_reset": has_right(request.user, Right.MANAGE_ACCOUNTS),
    }
    return render(request, "accounts/people.html", context)


@requires(Right.INVITE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: ScopedRequest) -> HttpResponse:
    """Invite somebody, or give somebody another role."""
    form = Invite(request.POST or None, giver=request.user)
    if form.is_valid():
        try:
            return once.guard(
                request,
                lambda: _invite(request, form),
                done="The role is given, and an invitation is on its way.",
            )
        except InputError as error:
            fault = error.faults[0]
            form.add_error(
                fault.where if fault.where in form.fields else None,
                f"{fault.what.capitalize()}. {fault.remedy}",
            )
    context = {
        "form": form,
        "once": once.token(),
        "meanings": [(Role(value).label, MEANINGS[Role(value)]) for value, _ in form.roles_to_give],
    }
    return render(request, "accounts/invite.html", context)


@requires(Right.INVITE)
@require_http_methods(["GET", "HEAD", "POST"])
def end_role(request: ScopedRequest, grant: int) -> HttpResponse:
    """End a role, after asking."""
    found = _within_reach(request.user, grant)
    if request.method == "POST":
        actions.end_role(grant=found, by=request.user, now=timezone.now())
        messages.success(request, "The role is ended.")
        return redirect("accounts:people")
    whose = "You are" if found.user == request.user else f"{found.user.name} is"
    lines = [
        f"{whose} {say_role(found)}.",
        "The rights that come with the role end at once. What was done in it stays.",
    ]
    context: dict[str, object] = {"title": "End this role?", "lines": lines}
    context |= {"button": "End the role", "warning": True, "back": reverse("accounts:people")}
    return render(request, "ui/confirm.html", context)


@requires(Right.INVITE)
@require_POST
def send_again(request: ScopedRequest, grant: int) -> HttpResponse:
    """Send somebody a fresh invitation."""
    found = _within_reach(request.user, grant)
    actions.invite_again(grant=found, by=request.user, now=timezone.now())
    messages.success(request, "A fresh invitation is on its way.")
    return redirect("accounts:people")


@requires(Right.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "HEAD", "POST"])
def reset_second_factor(request: ScopedRequest, person: int) -> HttpResponse:
    """Take away second factors that were lost with a phone, after asking."""
    found = get_object_or_404(User, pk=person)
    if request.method == "POST":
        actions.reset_second_factor(user=found, by=request.user, now=timezone.now())
        messages.success(request, "The second factors are taken away.")
        return redirect("accounts:people")
    lines = [
        f"{found.name} loses every passkey, app and recovery code, and is signed out everywhere.",
        "Do this only if you know it is they who ask: speak to them. They get an e-mail about it,"
        " and add a second factor when they next sign in.",
    ]
    context: dict[str, object] = {"title": "Take away the second factors?", "lines": lines}
    context |= {"button": "Take them away", "warning": True, "back": reverse("accounts:people")}
    return render(request, "ui/confirm.html", context)


@requires(Right.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: ScopedRequest, person: int) -> HttpResponse:
    """Close somebody's account, after asking."""
    found = get_object_or_404(User, pk=person)
    if request.method == "POST":
        actions.close_account(user=found, by=request.user, now=timezone.now())
        messages.success(request, "The account is closed.")
        return redirect("accounts:people")
    lines = [
        f"{found.name} loses every role and second factor, and is signed out everywhere.",
        "What they did stays in the log. To let them in again, invite them again.",
    ]
    context: dict[str, object] = {"title": "Close this account?", "lines": lines}
    context |= {"button": "Close the account", "warning": True}
    context |= {"back": reverse("accounts:people")}
    return render(request, "ui/confirm.html", context)


def _invite(request: ScopedRequest, form: Invite) -> str:
    data = form.cleaned_data
    actions.invite(
        email=data["email"],
        name=data["name"],
        role=Role(data["role"]),
        team=data["team"],
        programme=data["programme"],
        trial=data["trial"],
        partner=data["partner"],
        by=request.user,
        now=timezone.now(),
    )
    return reverse("accounts:people")


def _within_reach(user: User, key: int) -> Grant:
    """Return a role in force that somebody could give; any other is as if it were not there."""
    grants = Grant.objects.select_related("user", "programme", "trial", "partner")
    found = get_object_or_404(grants, pk=key, ended_at=None)
    if not may_give(user, found):
        raise Http404
    return found
