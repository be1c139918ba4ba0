"""What the pages of the builder share."""

from collections.abc import Callable, Sequence

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import ScopedRequest
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.questionnaires import actions
from lighttouch.web.questionnaires.building import Built, Row, read_draft
from lighttouch.web.questionnaires.models import Draft
from lighttouch.web.questionnaires.queries import find_draft
from lighttouch.web.ui.forms import Form

Typed = Sequence[tuple[str, str]]


def trial_of(request: ScopedRequest) -> Trial:
    """Return the trial a page is about."""
    assert request.scope.trial is not None, "the address names a trial"
    return request.scope.trial


def draft_of(request: ScopedRequest, name: str) -> Draft:
    """Return the questionnaire a page is about, or 404."""
    draft = find_draft(trial_of(request), name)
    if draft is None:
        raise Http404
    return draft


def row_at(built: Built, place: int) -> Row:
    """Return the instrument in a place, or 404."""
    if place >= len(built.entries):
        raise Http404
    return built.rows[place]


def is_frozen(trial: Trial) -> bool:
    """Say whether what is asked can no longer be changed here."""
    return trial.stage != Stage.DRAFT


def address_of(draft: Draft) -> str:
    """Return the address of a questionnaire's page."""
    return reverse("questionnaires:one", args=[draft.trial.slug, draft.name])


def keep(
    request: ScopedRequest,
    draft: Draft,
    change: Callable[[Built], Built],
    *,
    form: Form | None = None,
    done: str = "",
    typed: Typed = (),
) -> HttpResponseBase | None:
    """Change a questionnaire once; None where that is refused, which the form then says.

    What was typed is kept on the page that says that somebody else was quicker.
    """

    def act() -> str:
        actions.change(
            draft=draft,
            built=change(read_draft(draft)),
            revision=revision_of(request),
            by=request.user,
            now=timezone.now(),
        )
        return address_of(draft)

    return act_once(request, draft, act, form=form, done=done, typed=typed)


def act_once(
    request: ScopedRequest,
    draft: Draft,
    act: Callable[[], str],
    *,
    form: Form | None,
    done: str,
    typed: Typed = (),
) -> HttpResponseBase | None:
    """Act on a form once; answer 409 where the questionnaire moved on meanwhile."""
    try:
        return once.guard(request, act, done=done)
    except actions.MovedOnError:
        return moved_on(request, draft, typed)
    except LighttouchError as error:
        if form is None:
            raise
        for fault in error.faults:
            form.add_error(None, say_fault(fault.what, fault.remedy))
        return None


def say_fault(what: str, remedy: str) -> str:
    """Return a fault as a sentence or two."""
    return f"{what[:1].upper()}{what[1:]}. {remedy}".strip()


def moved_on(request: ScopedRequest, draft: Draft, typed: Typed) -> HttpResponse:
    """Answer that somebody else changed it, with what was typed."""
    context = {"typed": [one for one in typed if one[1]], "again": address_of(draft)}
    return render(request, "questionnaires/moved_on.html", context, status=409)


def revision_of(request: ScopedRequest) -> int:
    """Return the revision a form was made from."""
    given = request.POST.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def ask(
    request: ScopedRequest, draft: Draft, form: Form, template: str, **more: object
) -> HttpResponse:
    """Show a form about a questionnaire; one that is frozen says so in its place."""
    context = {
        "trial": draft.trial,
        "draft": draft,
        "form": form,
        "once": once.token(),
        "frozen": is_frozen(draft.trial),
        **more,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, f"questionnaires/{template}.html", context, status=status)
