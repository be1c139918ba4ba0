"""Reviewing expressions of interest: the list, one expression, and every decision about it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.partners import actions
from lighttouch.web.partners.actions.reviews import DECISIONS
from lighttouch.web.partners.forms_review import (
    AssessForm,
    DecideForm,
    FilterForm,
    NoteForm,
    PartnerForm,
)
from lighttouch.web.partners.models import Criterion, Expression, State
from lighttouch.web.partners.queries import expressions as reading
from lighttouch.web.partners.views.common import (
    Crumb,
    act_once,
    may,
    posted,
    programme_of,
    programme_trail,
    show,
)
from lighttouch.web.ui.forms import Form

TO_A_PAGE = 25
LOOKS = {
    State.RECEIVED: "waiting",
    State.SHORTLISTED: "done",
    State.DECLINED: "closed",
    State.WITHDRAWN: "closed",
}


@requires(Right.REVIEW_PARTNERS)
@require_safe
def expressions(request: ScopedRequest, **_where: str) -> HttpResponse:
    """List expressions, filtered, without who sent them."""
    programme = programme_of(request)
    form = FilterForm(request.GET, themes=reading.themes_asked(programme))
    asked = form.cleaned_data if form.is_valid() else {}
    theme = asked.get("theme")
    found = reading.list_expressions(
        programme,
        request.user,
        state=asked.get("state", ""),
        theme=theme.pk if theme else None,
        workforce=asked.get("workforce", ""),
        mine=asked.get("mine", False),
    )
    page = Paginator(found, TO_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "programme": programme,
        "crumbs": programme_trail(programme, ("Expressions of interest", "")),
        "page": page,
        "rows": [(one, LOOKS[State(one.state)]) for one in page.object_list],
        "filters": form,
        "filtered": any(asked.values()),
        "any": bool(page.paginator.count),
    }
    return render(request, "partners/expressions.html", context)


@requires(Right.REVIEW_PARTNERS)
@require_safe
def expression(request: ScopedRequest, reference: str, **_where: str) -> HttpResponse:
    """Show one expression, who sent it, what was learnt and what reviewers think."""
    found = _find(request, reference)
    manages = may(request, Right.MANAGE_PROGRAMME)
    undecided = found.state in (State.RECEIVED, State.SHORTLISTED)
    panel = reading.panel(found, request.user)
    context = {
        "programme": found.call.programme,
        "crumbs": _trail(found),
        "expression": found,
        "look": LOOKS[State(found.state)],
        "applicant": reading.applicant(found),
        "keep_until": actions.keep_until(found.call.closes_on),
        "notes": found.notes.select_related("author"),
        "panel": panel,
        "can_assess": undecided and not panel.own,
        "manages": manages,
        "can_make": manages and found.state == State.SHORTLISTED and found.partner is None,
    }
    return render(request, "partners/expression.html", context)


@requires(Right.REVIEW_PARTNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: ScopedRequest, reference: str, **_where: str) -> HttpResponse:
    """Note what was learnt from an organisation."""
    found = _find(request, reference)
    form = NoteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.add_note(expression=found, by=request.user, now=timezone.now(), **given)
            return _page(found)

        if answer := act_once(request, form, act, done="The note is kept."):
            return answer
    return _show(request, found, form, title="Add a note")


@requires(Right.REVIEW_PARTNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: ScopedRequest, reference: str, **_where: str) -> HttpResponse:
    """Judge an expression by the four criteria, without having seen what others think."""
    found = _find(request, reference)
    form = AssessForm(posted(request))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.assess(
                expression=found,
                judgements=_judgements(form.cleaned_data),
                by=request.user,
                now=timezone.now(),
            )
            return _page(found)

        if answer := act_once(request, form, act, done="Thank you. You now see the others'."):
            return answer
    lines = [
        "You give it once, before you see what others think. It cannot be changed afterwards; "
        "a note can say that you think otherwise."
    ]
    return _show(request, found, form, title="Your assessment", lines=lines, button="Give it")


def _judgements(given: dict[str, Any]) -> dict[Criterion, actions.Judgement]:
    return {
        one: actions.Judgement(int(given[f"score_{one.value}"]), given[f"reason_{one.value}"])
        for one in Criterion
    }


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: ScopedRequest, reference: str, **_where: str) -> HttpResponse:
    """Shortlist or decline, note a withdrawal, or put it back; with a reason."""
    found = _find(request, reference)
    states = DECISIONS[State(found.state)]
    if request.method == "POST":
        states = tuple(DECISIONS)  # A stale form is told so, not that its answer is unknown.
    form = DecideForm(posted(request), states=states, initial={"revision": found.revision})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.decide(
                expression=found,
                state=State(given["state"]),
                reason=given["reason"],
                revision=given["revision"],
                by=request.user,
                now=timezone.now(),
            )
            return _page(found)

        if answer := act_once(request, form, act, done="The decision is kept, with its reason."):
            return answer
    return _show(request, found, form, title="Decide", button="Confirm the decision")


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def make_partner(request: ScopedRequest, reference: str, **_where: str) -> HttpResponse:
    """Turn a shortlisted expression into a partner."""
    found = _find(request, reference)
    code = slugify(found.organisation).replace("-", "_")[:63]
    initial = {"name": found.organisation, "code": code, "revision": found.revision}
    form = PartnerForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            made = actions.make_partner(
                expression=found, by=request.user, now=timezone.now(), **given
            )
            match = reverse("partners:match", args=[found.call.programme.slug])
            return f"{match}?partner={made.code}"

        if answer := act_once(request, form, act, done="It is a partner now. Match it to a trial."):
            return answer
    return _show(request, found, form, title="Make it a partner", button="Make it a partner")


@requires(Right.REVIEW_PARTNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: ScopedRequest, reference: str, **_where: str) -> HttpResponse:
    """Delete who sent an expression, such as when they ask for it."""
    found = _find(request, reference)
    form = Form(posted(request))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.forget_applicant(expression=found, by=request.user, now=timezone.now())
            return _page(found)

        if answer := act_once(request, form, act, done="Their contact details are deleted."):
            return answer
    lines = [
        "Name, role and e-mail address of whoever sent it are deleted at once. What the "
        "organisation asked for stays. This cannot be undone."
    ]
    return _show(
        request, found, form, title="Delete who sent it", lines=lines, button="Delete", warning=True
    )


def _show(
    request: ScopedRequest, found: Expression, form: Form, *, title: str, **more: Any
) -> HttpResponse:
    return show(
        request,
        form,
        title=title,
        trail=_trail(found, title),
        caption=f"{found.organisation} ({found.reference})",
        cancel=_page(found),
        **more,
    )


def _find(request: ScopedRequest, reference: str) -> Expression:
    return get_object_or_404(
        Expression.objects.select_related("call__programme", "partner", "decided_by"),
        call__programme=programme_of(request),
        reference=reference,
    )


def _page(found: Expression) -> str:
    return reverse("partners:expression", args=[found.call.programme.slug, found.reference])


def _trail(found: Expression, here: str = "") -> list[Crumb]:
    programme = found.call.programme
    every = ("Expressions of interest", reverse("partners:expressions", args=[programme.slug]))
    own = (found.organisation, _page(found) if here else "")
    return programme_trail(programme, every, own, *([(here, "")] if here else []))
