"""Programmes: the list, a new one, and where the recruitment of one stands."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.partners import actions, queries
from lighttouch.web.partners.forms_review import EditProgrammeForm, NewProgrammeForm
from lighttouch.web.partners.models import Phase
from lighttouch.web.partners.queries import matching
from lighttouch.web.partners.queries import programmes as reading
from lighttouch.web.partners.views.common import (
    act_once,
    may,
    posted,
    programme_of,
    programme_trail,
    show,
)
from lighttouch.web.programmes.models import Programme
from lighttouch.web.ui.charts import draw_funnel
from lighttouch.web.ui.dates import day_of


@requires(Right.READ_PROGRAMME)
@require_safe
def programmes(request: ScopedRequest) -> HttpResponse:
    """List the programmes somebody may read."""
    context = {
        "programmes": reading.programmes_with(request.user, Right.READ_PROGRAMME),
        "can_start": reading.may_start_programme(request.user),
    }
    return render(request, "partners/programmes.html", context)


@requires(Right.MANAGE_PROGRAMME, Right.RUN_SERVICE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ScopedRequest) -> HttpResponse:
    """Start a programme; whoever starts it manages its trials."""
    if not reading.may_start_programme(request.user):
        raise PermissionDenied
    form = NewProgrammeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            made = actions.create_programme(by=request.user, now=timezone.now(), **given)
            return reverse("partners:programme", args=[made.slug])

        if answer := act_once(request, form, act, done="The programme is there. You manage it."):
            return answer
    trail = [
        {"text": "Programmes", "href": reverse("partners:programmes")},
        {"text": "New programme", "href": ""},
    ]
    return show(request, form, title="Start a programme", trail=trail, button="Start it")


@requires(Right.READ_PROGRAMME)
@require_safe
def programme(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show where recruitment stands, and what to do next."""
    found, today = programme_of(request), day_of(timezone.now())
    stages = [(one.label, one.partners) for one in queries.funnel(found)]
    standing = reading.standing(found, request.user, today)
    manages = may(request, Right.MANAGE_PROGRAMME)
    context = {
        "programme": found,
        "crumbs": [*programme_trail(found)[:-1], {"text": found.title, "href": ""}],
        "standing": standing,
        "next": _next_steps(found, standing, manages=manages),
        "chart": draw_funnel("Partners at each stage", stages)
        if any(n for _, n in stages)
        else None,
        "trials": reading.trials_of(found),
        "conflicts": matching.conflicts(found),
        "manages": manages,
        "reviews": may(request, Right.REVIEW_PARTNERS),
        "writes": may(request, Right.WRITE_PROTOCOL),
    }
    return render(request, "partners/programme.html", context)


def _next_steps(
    found: Programme, standing: reading.Standing, *, manages: bool
) -> list[tuple[str, str]]:
    """Say what waits, with where it is done, the most pressing first."""
    where = [found.slug]
    expressions = reverse("partners:expressions", args=where)
    steps = [
        (standing.late, "{} past the day", reverse("partners:matching", args=where)),
        (standing.unassessed, "{} for you to assess", f"{expressions}?mine=1"),
        (standing.to_decide, "{} to be decided", f"{expressions}?state=received"),
    ]
    nouns = (
        ("task of a partner is", "tasks of partners are"),
        ("expression", "expressions"),
        ("expression", "expressions"),
    )
    found_steps = [
        (words.format(f"{count:,} {one if count == 1 else many}"), href)
        for (count, words, href), (one, many) in zip(steps, nouns, strict=True)
        if count
    ]
    if not manages:
        return found_steps
    call = reverse("partners:call-edit", args=where)
    if standing.call is None:
        found_steps.append(("Write the call for partners", call))
    elif standing.phase == Phase.UNPUBLISHED:
        found_steps.append(("Publish the call", reverse("partners:call-manage", args=where)))
    if standing.unmatched:
        found_steps.append(("Match partners that are in no trial", steps[0][2]))
    if standing.unsigned:
        found_steps.append(("Have the missing agreements signed", steps[0][2]))
    return found_steps


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Change a programme's title and summary."""
    found = programme_of(request)
    home = reverse("partners:programme", args=[found.slug])
    initial = {"title": found.title, "summary": found.summary, "was": reading.fingerprint(found)}
    form = EditProgrammeForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.edit_programme(programme=found, by=request.user, now=timezone.now(), **given)
            return home

        if answer := act_once(request, form, act, done="The programme is saved."):
            return answer
    trail = programme_trail(found, ("Change its words", ""))
    return show(request, form, title="Change the programme's words", trail=trail, cancel=home)
