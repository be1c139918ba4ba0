"""Change a questionnaire: its title and waves, its instruments, its own questions."""

from dataclasses import replace

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from lighttouch.core.instruments.library import read_library
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.questionnaires.building import read_draft
from lighttouch.web.questionnaires.forms import (
    AskedForm,
    DescribeForm,
    QuestionForm,
    read_question,
)
from lighttouch.web.questionnaires.models import Draft
from lighttouch.web.questionnaires.queries import desk_of, search_library
from lighttouch.web.questionnaires.views.common import (
    ask,
    draft_of,
    is_frozen,
    keep,
    row_at,
)


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: ScopedRequest, name: str, **_where: str) -> HttpResponseBase:
    """Say a questionnaire's title, its length and the waves that ask it."""
    draft = draft_of(request, name)
    start = {
        "revision": draft.revision,
        "title": draft.title,
        "minutes": draft.minutes,
        "waves": draft.waves,
    }
    form = DescribeForm(request.POST or None, initial=start, waves=desk_of(draft.trial).waves)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        answer = keep(
            request,
            draft,
            lambda built: replace(
                built,
                title=given["title"],
                minutes=given["minutes"],
                waves=tuple(given["waves"]),
            ),
            form=form,
            done="The change is kept.",
            typed=[("Title", given["title"])],
        )
        if answer is not None:
            return answer
    return ask(request, draft, form, "describe")


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def library(request: ScopedRequest, name: str, **_where: str) -> HttpResponseBase:
    """Look through the library's instruments and add one."""
    draft = draft_of(request, name)
    if request.method == "POST":
        chosen = request.POST.get("add", "")
        if chosen not in read_library().instruments:
            return redirect(request.path)
        done = f"Added: {read_library().instrument(chosen).name}."
        answer = keep(request, draft, lambda built: built.add(chosen), done=done)
        assert answer is not None
        return answer
    words = request.GET.get("words", "")[:100]
    context = {
        "trial": draft.trial,
        "draft": draft,
        "words": words,
        "found": search_library(words),
        "asked": {entry.instrument for entry in read_draft(draft).entries},
        "frozen": is_frozen(draft.trial),
        "once": once.token(),
    }
    return render(request, "questionnaires/library.html", context)


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def new_question(request: ScopedRequest, name: str, **_where: str) -> HttpResponseBase:
    """Add a question of the trial's own."""
    draft = draft_of(request, name)
    form = _question_form(request, draft, None)
    return _keep_question(request, draft, form)


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: ScopedRequest, name: str, place: int, **_where: str) -> HttpResponseBase:
    """Change a question of the trial's own."""
    draft = draft_of(request, name)
    form = _question_form(request, draft, place)
    return _keep_question(request, draft, form)


def _question_form(request: ScopedRequest, draft: Draft, place: int | None) -> QuestionForm:
    built = read_draft(draft)
    known = None if place is None else row_at(built, place).own
    if place is not None and known is None:
        raise Http404
    taken = {
        *read_library().instruments,
        *(one.id for one in built.instruments),
        *(item.id.rpartition("_")[0] for one in built.instruments for item in one.items),
    }
    start = {"revision": draft.revision, **(read_question(known) if known else {})}
    return QuestionForm(request.POST or None, initial=start, taken=taken, known=known)


def _keep_question(request: ScopedRequest, draft: Draft, form: QuestionForm) -> HttpResponseBase:
    if request.method == "POST" and form.is_valid() and form.made is not None:
        made = form.made
        answer = keep(
            request,
            draft,
            lambda built: built.put(made),
            form=form,
            done="The question is kept.",
            typed=[("The question", form.cleaned_data["words"])],
        )
        if answer is not None:
            return answer
    return ask(request, draft, form, "question", known=form.known)


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def asked_of(request: ScopedRequest, name: str, place: int, **_where: str) -> HttpResponseBase:
    """Say at which waves and of which arms an instrument is asked."""
    draft = draft_of(request, name)
    row = row_at(read_draft(draft), place)
    desk = desk_of(draft.trial)
    start = {
        "revision": draft.revision,
        "waves": list(row.entry.waves),
        "arms": list(row.entry.arms),
    }
    form = AskedForm(request.POST or None, initial=start, waves=desk.waves, arms=desk.arms)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        answer = keep(
            request,
            draft,
            lambda built: built.ask_of(
                place, waves=tuple(given["waves"]), arms=tuple(given["arms"])
            ),
            form=form,
            done="The change is kept.",
        )
        if answer is not None:
            return answer
    return ask(request, draft, form, "asked", row=row)
