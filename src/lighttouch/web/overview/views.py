"""Where everything stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lighttouch.web.accounts.permissions import (
    Right,
    ScopedRequest,
    has_right,
    public,
    requires,
)
from lighttouch.web.allocation.queries import may_see_partner_arms
from lighttouch.web.overview import places, queries
from lighttouch.web.programmes.models import Stage


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show somebody their work; show everybody else what this is."""
    if not request.user.is_authenticated:
        context = {"protocols": places.registered()}
        return render(request, "overview/home.html", context)
    user = request.user
    sections = [
        ("Trials", places.trials_overseen(user)),
        ("Your organisation", places.partners_served(user)),
        ("Draws", places.draws_trusted(user)),
        ("Your team", places.teams_led(user)),
    ]
    tools = places.tools(user)
    nothing = not tools and not any(found for _, found in sections)
    found = {"sections": sections, "tools": tools, "nothing": nothing}
    return render(request, "overview/home.html", found)


@requires(Right.SEE_OVERVIEW)
@require_safe
def trial(request: ScopedRequest, trial: str) -> HttpResponse:  # noqa: ARG001 - in the scope
    """Show where a trial stands, and what to do next."""
    assert request.scope.trial is not None
    found = queries.trial_overview(request.scope.trial, request.user, timezone.now())
    return render(request, "overview/trial.html", {"trial": request.scope.trial, "o": found})


@requires(Right.READ_TASKS, Right.READ_RETURNS)
@require_safe
def partner(
    request: ScopedRequest,
    trial: str,  # noqa: ARG001 - in the scope
    partner: str,  # noqa: ARG001 - in the scope
) -> HttpResponse:
    """Show what is asked of a partner, and what comes next."""
    scope = request.scope
    assert scope.trial is not None
    assert scope.partner is not None
    found = queries.partner_overview(scope.trial, scope.partner, timezone.now())
    context = {
        "trial": scope.trial,
        "partner": scope.partner,
        "o": found,
        "own": has_right(request.user, Right.MANAGE_CONTACTS, scope),
        "tasks": has_right(request.user, Right.READ_TASKS, scope),
        "enrolled": scope.trial.has_reached(Stage.ENROLLED)
        and has_right(request.user, Right.RECORD_EVENT, scope),
        "allocated": scope.trial.has_reached(Stage.ALLOCATED)
        and may_see_partner_arms(request.user, scope.trial, scope.partner),
    }
    return render(request, "overview/partner.html", context)


@public
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say how trials here work."""
    return render(request, "overview/about.html")


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept of whom."""
    return render(request, "overview/privacy.html")


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say for whom the site should work, and how that is known."""
    return render(request, "overview/accessibility.html")
