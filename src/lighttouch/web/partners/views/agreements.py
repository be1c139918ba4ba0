"""What was agreed with a partner for a trial, and whom we may write to there."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.partners import actions, queries
from lighttouch.web.partners.forms_working import AgreementForm, OfficerForm
from lighttouch.web.partners.models import Agreement, ContactRoute, Officer, Signing
from lighttouch.web.partners.views.common import (
    act_once,
    may,
    partner_of,
    partner_trail,
    posted,
    show,
    trial_of,
)
from lighttouch.web.ui.dates import say_date
from lighttouch.web.ui.forms import Form
from lighttouch.web.ui.pieces import Fact

LOOKS = {Signing.DRAFT: "waiting", Signing.SENT: "doing", Signing.SIGNED: "done"}


@requires(Right.READ_TASKS)
@require_safe
def agreement(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show how far the agreement is, the launch agreed, and who holds contact details."""
    trial, partner = trial_of(request), partner_of(request)
    found = queries.agreement(partner, trial)
    context = {
        "trial": trial,
        "partner": partner,
        "crumbs": partner_trail(trial, partner, ("Agreement", "")),
        "facts": _facts(found),
        "look": LOOKS[Signing(found.state)],
        "said": Signing(found.state).label,
        "can_change": may(request, Right.MANAGE_PROGRAMME),
        "officers": queries.officers(partner, trial) if _may_see_officers(request) else [],
        "sees_officers": _may_see_officers(request),
    }
    return render(request, "partners/agreement.html", context)


def _facts(found: Agreement) -> list[Fact]:
    route = ContactRoute(found.contact_route).label if found.contact_route else "Not agreed yet"
    facts = [
        Fact("Reference", found.reference or "None yet"),
        Fact("Sent", say_date(found.sent_on) if found.sent_on else "Not yet"),
        Fact("Signed", say_date(found.signed_on) if found.signed_on else "Not yet"),
        Fact("Launch", say_date(found.launch_on) if found.launch_on else "No day agreed yet"),
        Fact("Contact details of staff", route),
    ]
    return facts if found.state != Signing.DRAFT else facts[3:]


def _may_see_officers(request: ScopedRequest) -> bool:
    return may(request, Right.DO_TASKS) or may(request, Right.MANAGE_PROGRAMME)


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Record how far the agreement has come."""
    trial, partner = trial_of(request), partner_of(request)
    home = reverse("partners:agreement", args=[trial.slug, partner.code])
    form = AgreementForm(posted(request), initial=_of(queries.agreement(partner, trial)))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.save_agreement(
                trial=trial,
                partner=partner,
                terms=_terms(given),
                revision=given["revision"],
                by=request.user,
                now=timezone.now(),
            )
            return home

        if answer := act_once(request, form, act, done="The agreement is saved."):
            return answer
    trail = partner_trail(trial, partner, ("Agreement", home), ("Record", ""))
    return show(
        request,
        form,
        title="Record what was agreed",
        trail=trail,
        caption=partner.name,
        cancel=home,
    )


def _of(found: Agreement) -> dict[str, object]:
    return {name: getattr(found, name) for name in AgreementForm.base_fields}


def _terms(given: dict[str, object]) -> actions.Terms:
    route = str(given["contact_route"] or "")
    return actions.Terms(
        state=Signing(str(given["state"])),
        reference=str(given["reference"]),
        sent_on=given["sent_on"],  # type: ignore[arg-type]
        signed_on=given["signed_on"],  # type: ignore[arg-type]
        launch_on=given["launch_on"],  # type: ignore[arg-type]
        contact_route=ContactRoute(route) if route else None,
    )


@requires(Right.DO_TASKS, Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def officers(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Name people at the partner we may write to; only those who need them see them."""
    trial, partner = trial_of(request), partner_of(request)
    form = OfficerForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.add_officer(
                trial=trial, partner=partner, by=request.user, now=timezone.now(), **given
            )
            return request.path

        if answer := act_once(request, form, act, done="They are on the list."):
            return answer
    return show(
        request,
        form,
        title="People we should write to",
        trail=partner_trail(trial, partner, ("People we should write to", "")),
        template="partners/officers.html",
        button="Add them",
        caption=f"{partner.name}: {trial.title}",
        trial=trial,
        partner=partner,
        officers=queries.officers(partner, trial),
    )


@requires(Right.DO_TASKS, Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def remove_officer(request: ScopedRequest, officer: int, **_where: str) -> HttpResponse:
    """Delete somebody's name and address."""
    trial, partner = trial_of(request), partner_of(request)
    back = reverse("partners:officers", args=[trial.slug, partner.code])
    found = get_object_or_404(
        Officer.objects.select_related("trial__programme", "partner"),
        pk=officer,
        trial=trial,
        partner=partner,
    )
    form = Form(posted(request))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.remove_officer(officer=found, by=request.user, now=timezone.now())
            return back

        if answer := act_once(request, form, act, done="Their name and address are deleted."):
            return answer
    trail = partner_trail(trial, partner, ("People we should write to", back), ("Remove", ""))
    lines = ["Their name, role and address are deleted at once. No copy is kept."]
    title = f"Remove {found.name}?"
    return show(
        request,
        form,
        title=title,
        trail=trail,
        lines=lines,
        button="Remove",
        cancel=back,
        warning=True,
    )
