"""Pages for putting contacts into the vault and destroying them; nobody can look inside."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import Fault, InputError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.contacts import actions, queries, reading
from lighttouch.web.contacts.forms import SendKey
from lighttouch.web.partners.models import ContactRoute
from lighttouch.web.partners.queries import contact_route
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.returns.uploads import takes_file


@requires(Right.MANAGE_CONTACTS)
@takes_file
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: ScopedRequest, trial: str, partner: str) -> HttpResponse:
    """Show what is held and until when; take the key."""
    study, place = _places(request)
    form = SendKey(request.POST or None, request.FILES or None)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            people = actions.store_contacts(
                trial=study,
                partner=place,
                filename=given.name,
                content=given.read(),
                destroy_on=form.cleaned_data["destroy_on"],
                by=request.user,
                now=timezone.now(),
            )
        except InputError as error:
            faults = error.faults
        else:
            messages.success(request, f"The details of {people:,} people are sealed.")
            return redirect("contacts:page", trial, partner)
    context = {
        "trial": study,
        "partner": place,
        "form": form,
        "faults": faults,
        "vault": contact_route(study, place) == ContactRoute.VAULT,
        "held": queries.held_for(trial, partner),
    }
    return render(request, "contacts/page.html", context, status=422 if faults else 200)


@requires(Right.MANAGE_CONTACTS)
@require_safe
def template(
    request: ScopedRequest,  # noqa: ARG001 - every view has one
    trial: str,  # noqa: ARG001 - in the scope
    partner: str,
) -> HttpResponse:
    """Hand over an empty key."""
    answer = HttpResponse(reading.template_csv(), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="{partner}-who-is-who.csv"'
    return answer


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def destroy(request: ScopedRequest, trial: str, partner: str) -> HttpResponse:
    """Destroy what is held, after asking."""
    study, place = _places(request)
    if request.method == "POST":
        gone = actions.destroy_contacts(
            trial=study, partner=place, by=request.user, now=timezone.now()
        )
        messages.success(request, f"The details of {gone:,} people and their key are destroyed.")
        return redirect("contacts:page", trial, partner)
    lines = [
        "The names and addresses, and the key that sealed them, are deleted at once.",
        "Nothing can be sent to these people from here afterwards. Your own list stays with you.",
    ]
    context = {"title": "Destroy these contact details?", "lines": lines, "warning": True}
    context |= {"button": "Destroy them", "back": reverse("contacts:page", args=[trial, partner])}
    return render(request, "ui/confirm.html", context)


def _places(request: ScopedRequest) -> tuple[Trial, Partner]:
    assert request.scope.trial is not None
    assert request.scope.partner is not None
    return request.scope.trial, request.scope.partner
