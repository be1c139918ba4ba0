"""The questionnaires of a trial, one of them, and what it will look like."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Trial
from lighttouch.web.questionnaires import actions
from lighttouch.web.questionnaires.building import Built, Row, from_library, read_draft
from lighttouch.web.questionnaires.forms import StartForm
from lighttouch.web.questionnaires.placing import Desk
from lighttouch.web.questionnaires.previewing import frame_sheet, preview_of
from lighttouch.web.questionnaires.queries import (
    InFile,
    built_in_file,
    desk_of,
    drafts_of,
    find_draft,
)
from lighttouch.web.questionnaires.views.common import (
    address_of,
    draft_of,
    is_frozen,
    keep,
    say_fault,
    trial_of,
)


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """List the questionnaires of a trial, and start another."""
    trial = trial_of(request)
    desk = desk_of(trial)
    drafts = drafts_of(trial)
    names = {one.name for one in drafts}
    given = [one for one in desk.questionnaires if one[0] not in names]
    form = StartForm(request.POST or None, given=given)
    if request.method == "POST" and form.is_valid():
        try:
            return once.guard(
                request, lambda: _start(trial, form, request), done="The questionnaire is started."
            )
        except LighttouchError as error:
            for fault in error.faults:
                form.add_error(None, say_fault(fault.what, fault.remedy))
    context = {
        "trial": trial,
        "drafts": drafts,
        "in_file": [InFile(*one) for one in given],
        "form": form,
        "once": once.token(),
        "frozen": is_frozen(trial),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "questionnaires/index.html", context, status=status)


def _start(trial: Trial, form: StartForm, request: ScopedRequest) -> str:
    given = form.cleaned_data
    built = Built(title=given["title"])
    kind, _, name = given["start"].partition(":")
    found = from_library(name) if kind == "library" else None
    if kind == "file":
        found = built_in_file(trial, name)
        if found is None:
            raise Http404
    if found is not None:
        built = Built(given["title"], found.minutes, (), found.entries, found.instruments)
    draft = actions.start(
        trial=trial, name=given["name"], built=built, by=request.user, now=timezone.now()
    )
    return address_of(draft)


@dataclass(frozen=True, slots=True)
class Line:
    """One instrument in the list, with when and of whom it is asked in words."""

    row: Row
    waves: str
    arms: str
    first: bool
    last: bool


def list_lines(built: Built, desk: Desk) -> list[Line]:
    """Return what a questionnaire asks, line by line."""
    waves, arms = dict(desk.waves), dict(desk.arms)
    rows = built.rows
    return [
        Line(
            row,
            ", ".join(waves.get(one, one) for one in row.entry.waves),
            ", ".join(arms.get(one, one) for one in row.entry.arms),
            row.place == 0,
            row.place == len(rows) - 1,
        )
        for row in rows
    ]


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ScopedRequest, name: str, **_where: str) -> HttpResponseBase:
    """Show what a questionnaire asks; move and remove what is in it."""
    draft = draft_of(request, name)
    if request.method == "POST":
        answer = keep(request, draft, lambda built: _rearrange(built, request))
        assert answer is not None
        return answer
    built, desk = read_draft(draft), desk_of(draft.trial)
    waves = dict(desk.waves)
    context = {
        "trial": draft.trial,
        "draft": draft,
        "built": built,
        "waves": ", ".join(waves.get(one, one) for one in built.waves),
        "lines": list_lines(built, desk),
        "written": draft.version_revision == draft.revision,
        "frozen": is_frozen(draft.trial),
        "once": once.token(),
    }
    return render(request, "questionnaires/one.html", context)


def _rearrange(built: Built, request: ScopedRequest) -> Built:
    for act in ("up", "down", "remove"):
        place = request.POST.get(act, "")
        if not (place.isascii() and place.isdigit() and int(place[:6]) < len(built.entries)):
            continue
        if act == "remove":
            return built.remove(int(place))
        return built.move(int(place), up=act == "up")
    return built


@requires(Right.WRITE_PROTOCOL)
@require_safe
def preview(request: ScopedRequest, name: str, **_where: str) -> HttpResponse:
    """Show a questionnaire as staff will see it, at a phone's width and at a desk's."""
    trial = trial_of(request)
    draft = find_draft(trial, name)
    built = read_draft(draft) if draft else built_in_file(trial, name)
    if built is None:
        raise Http404
    desk = desk_of(trial)
    wave = _known(request.GET.get("wave", ""), desk.waves)
    arm = _known(request.GET.get("arm", ""), desk.arms)
    shown = preview_of(built, wave=wave, arm=arm)
    context = {
        "trial": trial,
        "name": name,
        "draft": draft,
        "built": built,
        "pages": shown,
        "questions": shown[-1].page.last if shown else 0,
        "desk": desk,
        "wave": wave,
        "arm": arm,
        "frozen": is_frozen(trial),
    }
    return render(request, "questionnaires/preview.html", context)


def _known(given: str, choices: tuple[tuple[str, str], ...]) -> str:
    return given if given in dict(choices) else ""


@requires(Right.WRITE_PROTOCOL)
@require_safe
def style(_request: ScopedRequest, **_where: str) -> HttpResponse:
    """Return the survey's style sheet, for the frames of a preview."""
    return HttpResponse(frame_sheet(), content_type="text/css; charset=utf-8")
