"""A programme's call: written, published, taken down; and as the public reads it."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, public, requires
from lighttouch.web.audit import once
from lighttouch.web.partners import actions
from lighttouch.web.partners.actions.calls import FIELDS
from lighttouch.web.partners.errors import UnknownButtonError
from lighttouch.web.partners.forms_review import MEANS, CallForm, ConfirmForm
from lighttouch.web.partners.models import Call, Theme
from lighttouch.web.partners.views.common import (
    act_once,
    may,
    moved_on,
    posted,
    programme_of,
    programme_trail,
    show,
)
from lighttouch.web.programmes.models import Programme
from lighttouch.web.ui.dates import day_of


@public
@require_safe
def call(request: HttpRequest, programme: str) -> HttpResponse:
    """Show a published call to anybody."""
    found = published(programme)
    return render(request, "partners/call.html", about(found))


def published(programme: str) -> Call:
    """Return a programme's call if it is published; else there is no such page."""
    return get_object_or_404(
        Call.objects.select_related("programme"),
        programme__slug=programme,
        published_at__isnull=False,
    )


def about(found: Call, themes: Iterable[Theme] | None = None) -> dict[str, object]:
    """Return what the public page shows of a call; ``themes`` for one that is not saved.

    One that is not published is shown as it would be if it were.
    """
    today = day_of(timezone.now())
    is_before = today < found.opens_on
    return {
        "call": found,
        "is_open": not is_before and today <= found.closes_on,
        "is_before": is_before,
        "themes": found.themes.filter(retired=False) if themes is None else themes,
        "tasks": [line.strip(" -•*\t") for line in found.tasks.splitlines() if line.strip()],
        "criteria": [(one.label, meaning) for one, meaning in MEANS.items()],
    }


@requires(Right.READ_PROGRAMME)
@require_safe
def manage(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show the call as it is, and publish it or take it down."""
    programme = programme_of(request)
    found = Call.objects.filter(programme=programme).first()
    context: dict[str, object] = {
        "programme": programme,
        "crumbs": programme_trail(programme, ("Call for partners", "")),
        "can_change": may(request, Right.MANAGE_PROGRAMME),
    }
    if found is not None:
        form = ConfirmForm(initial={"revision": found.revision})
        context |= {
            **about(found),
            "is_preview": True,
            "form": form,
            "once": once.token(),
            "published": found.published_at is not None,
        }
    return render(request, "partners/call_manage.html", context)


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Write the call; look at it as it would be, then save it."""
    programme = programme_of(request)
    home = reverse("partners:call-manage", args=[programme.slug])
    found = Call.objects.filter(programme=programme).first()
    form = CallForm(posted(request), initial=_of(found, programme))
    preview: dict[str, object] = {}
    if request.method == "POST" and form.is_valid() and request.POST.get("verb") == "preview":
        preview = _preview(programme, form.text())
    elif request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.save_call(
                programme=programme,
                text=form.text(),
                revision=form.cleaned_data["revision"],
                by=request.user,
                now=timezone.now(),
            )
            return home

        if answer := act_once(request, form, act, done="The call is saved."):
            return answer
    is_shown = found is not None and found.published_at is not None
    lines = (
        ["The call is published: what you save here is on its page at once."] if is_shown else []
    )
    trail = programme_trail(programme, ("Call for partners", home), ("Write it", ""))
    return show(
        request,
        form,
        title="Write the call for partners",
        trail=trail,
        template="partners/call_edit.html",
        lines=lines,
        cancel=home,
        preview=preview,
    )


def _preview(programme: Programme, text: actions.CallText) -> dict[str, object]:
    """Return what the public page would show of a call that is not saved."""
    unsaved = Call(programme=programme, **{name: getattr(text, name) for name in FIELDS})
    themes = [Theme(title=title, meaning=meaning) for title, meaning in text.themes]
    return about(unsaved, themes)


def _of(found: Call | None, programme: Programme) -> dict[str, object]:
    if found is None:
        return {"revision": 0, "title": f"{programme.title}: a call for partners", **DRAFT}
    themes = [
        f"{one.title}: {one.meaning}" if one.meaning else one.title
        for one in found.themes.filter(retired=False)
    ]
    own = {name: getattr(found, name) for name in FIELDS}
    return {**own, "themes": "\n".join(themes), "revision": found.revision}


DRAFT = {
    "themes": (
        "Training and development\nResilience\nTime pressure\nWork-life balance\nFeeling valued"
    ),
    "tasks": (
        "Name two people we can write to.\nTell team managers what is coming.\nSend a spreadsheet "
        "before the start, after three months and after six.\nHelp staff find five minutes for a "
        "survey."
    ),
    "time": "About six months from start to end, and a few days of work for the people you name.",
    "data": (
        "A list of staff with codes instead of names: their team, absence, and whether they left."
    ),
    "handling": (
        "You keep the list that says who is behind a code. We never see it. Data about people are "
        "deleted twelve months after the analysis has been checked. Results of every trial are "
        "published, whatever they show."
    ),
}
"""What a new call begins with, to be changed."""


@requires(Right.MANAGE_PROGRAMME)
@require_POST
def publish(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Put the call on its public page, or take it down."""
    programme = programme_of(request)
    found = get_object_or_404(Call, programme=programme)
    form = ConfirmForm(request.POST)
    acts = {
        "publish": (actions.publish_call, "The call is published."),
        "unpublish": (actions.unpublish_call, "The call is taken down."),
    }
    chosen = acts.get(request.POST.get("verb", ""))
    if chosen is None or not form.is_valid():
        raise UnknownButtonError
    verb, done = chosen
    home = reverse("partners:call-manage", args=[programme.slug])

    def act() -> str:
        revision = form.cleaned_data["revision"]
        verb(call=found, revision=revision, by=request.user, now=timezone.now())
        return home

    return act_once(request, form, act, done=done) or moved_on(request, form)
