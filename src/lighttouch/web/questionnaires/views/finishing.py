"""Put a questionnaire into the trial file, take it along, or put it away."""

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.protocols.actions import MovedOnError as FileMovedOnError
from lighttouch.web.protocols.convert import Checked, check_text
from lighttouch.web.questionnaires import actions
from lighttouch.web.questionnaires.building import read_draft
from lighttouch.web.questionnaires.forms import DiscardForm, WriteForm
from lighttouch.web.questionnaires.models import Draft
from lighttouch.web.questionnaires.placing import place_block, write_block
from lighttouch.web.questionnaires.queries import newest_text
from lighttouch.web.questionnaires.views.common import (
    act_once,
    address_of,
    ask,
    draft_of,
    moved_on,
)


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: ScopedRequest, name: str, **_where: str) -> HttpResponseBase:
    """Show what goes into the trial file and whether the file then holds; save it."""
    draft = draft_of(request, name)
    text, number = newest_text(draft.trial)
    start = {"revision": draft.revision, "after": number}
    form = WriteForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.write(
                draft=draft,
                revision=given["revision"],
                note=given["note"] or f"Questionnaire {draft.name}.",
                after=given["after"],
                by=request.user,
                now=timezone.now(),
            )
            return reverse("protocols:protocol", args=[draft.trial.slug])

        typed = [("What did you change?", given["note"])]
        try:
            answer = act_once(
                request, draft, act, form=form, done="It is in the trial file.", typed=typed
            )
        except FileMovedOnError:
            answer = moved_on(request, draft, typed)
        if answer is not None:
            return answer
    block, checked = _try(draft, text)
    return ask(request, draft, form, "write", block=block, checked=checked, number=number + 1)


def _try(draft: Draft, text: str) -> tuple[str, Checked]:
    """Return what would go into the file, and what checking the file then comes to."""
    built = read_draft(draft)
    try:
        block = write_block(built, draft.name)
    except LighttouchError as error:
        return "", Checked(error.faults)
    try:
        return block, check_text(place_block(text, built, draft.name), slug=draft.trial.slug)
    except LighttouchError as error:
        return block, Checked(error.faults)


@requires(Right.WRITE_PROTOCOL)
@require_safe
def file(request: ScopedRequest, name: str, **_where: str) -> HttpResponse:
    """Hand out a questionnaire as a trial file would have it."""
    draft = draft_of(request, name)
    try:
        text = write_block(read_draft(draft), draft.name)
    except LighttouchError:
        text = "# Nothing is asked yet.\n"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{draft.name}.toml"'
    return response


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: ScopedRequest, name: str, **_where: str) -> HttpResponseBase:
    """Put a questionnaire away, once that is confirmed."""
    draft = draft_of(request, name)
    form = DiscardForm(request.POST or None, initial={"revision": draft.revision})
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.discard(
                draft=draft,
                revision=form.cleaned_data["revision"],
                by=request.user,
                now=timezone.now(),
            )
            return reverse("questionnaires:index", args=[draft.trial.slug])

        answer = act_once(request, draft, act, form=form, done="The questionnaire is put away.")
        if answer is not None:
            return answer
    return ask(request, draft, form, "discard", back=address_of(draft))
