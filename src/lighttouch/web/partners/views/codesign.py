"""The log of co-design, and what people said."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.partners import actions, queries
from lighttouch.web.partners.errors import UnknownButtonError
from lighttouch.web.partners.forms_working import EntryForm, QuoteForm
from lighttouch.web.partners.models import CodesignEntry, Kind, Quote
from lighttouch.web.partners.queries import codesign as reading
from lighttouch.web.partners.views.common import (
    act_once,
    may,
    posted,
    programme_of,
    programme_trail,
    show,
)
from lighttouch.web.programmes.models import Programme

TO_A_PAGE = 20


@requires(Right.READ_PROGRAMME)
@require_safe
def log(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show the log, newest first, and the themes people spoke of."""
    programme = programme_of(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    found = reading.entries(programme, kind=kind)
    themes = reading.themes(programme)
    context = {
        "programme": programme,
        "crumbs": programme_trail(programme, ("Co-design", "")),
        "page": Paginator(found, TO_A_PAGE).get_page(request.GET.get("page")),
        "kinds": Kind.choices,
        "kind": kind,
        "themes": themes,
        "cleared": sum(one.cleared for one in themes),
        "can_write": may(request, Right.REVIEW_PARTNERS),
    }
    return render(request, "partners/codesign.html", context)


@requires(Right.READ_PROGRAMME)
@require_safe
def quotes_file(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Hand out the cleared quotes as the archive keeps them."""
    headers = {"Content-Disposition": 'attachment; filename="quotes.csv"'}
    content = queries.quotes_csv(programme_of(request))
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Right.REVIEW_PARTNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Add a workshop, an interview or a decision."""
    programme = programme_of(request)
    home = reverse("partners:codesign", args=[programme.slug])
    form = EntryForm(posted(request), programme=programme)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            entry = actions.log_entry(
                programme=programme,
                by=request.user,
                now=timezone.now(),
                **{**given, "kind": Kind(given["kind"])},
            )
            return _page(entry)

        if answer := act_once(request, form, act, done="The entry is in the log."):
            return answer
    trail = programme_trail(programme, ("Co-design", home), ("New entry", ""))
    return show(
        request,
        form,
        title="Add to the co-design log",
        trail=trail,
        caption=programme.title,
        cancel=home,
    )


@requires(Right.READ_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: ScopedRequest, entry: int, **_where: str) -> HttpResponse:
    """Show an entry and its quotes; add one."""
    programme = programme_of(request)
    found = _find(programme, entry)
    can_write = may(request, Right.REVIEW_PARTNERS)
    form = QuoteForm(posted(request))
    if request.method == "POST" and not can_write:
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            given = form.cleaned_data
            actions.add_quote(entry=found, by=request.user, now=timezone.now(), **given)
            return _page(found)

        if answer := act_once(request, form, act, done="The quote is kept. It is not cleared yet."):
            return answer
    home = reverse("partners:codesign", args=[programme.slug])
    return show(
        request,
        form,
        title=found.title,
        trail=programme_trail(programme, ("Co-design", home), (found.title, "")),
        template="partners/codesign_entry.html",
        button="Keep the quote",
        programme=programme,
        entry=found,
        quotes=found.quotes.select_related("cleared_by"),
        can_write=can_write,
        can_clear=may(request, Right.MANAGE_PROGRAMME),
    )


@requires(Right.MANAGE_PROGRAMME)
@require_POST
def clear(request: ScopedRequest, quote: int, **_where: str) -> HttpResponse:
    """Say that a quote may be published, that it may not after all, or delete it."""
    programme = programme_of(request)
    found = get_object_or_404(
        Quote.objects.select_related("entry__programme"), pk=quote, entry__programme=programme
    )
    acts = {
        "clear": (actions.clear_quote, "The quote may be published."),
        "hold": (actions.hold_quote, "The quote is held back."),
        "delete": (actions.delete_quote, "The quote is deleted."),
    }
    chosen = acts.get(request.POST.get("verb", ""))
    if chosen is None:
        raise UnknownButtonError
    verb, done = chosen

    def act() -> str:
        verb(quote=found, by=request.user, now=timezone.now())
        return _page(found.entry)

    return once.guard(request, act, done=done)


def _find(programme: Programme, entry: int) -> CodesignEntry:
    return get_object_or_404(
        CodesignEntry.objects.select_related("programme", "trial", "partner", "author"),
        pk=entry,
        programme=programme,
    )


def _page(found: CodesignEntry) -> str:
    return reverse("partners:codesign-entry", args=[found.programme.slug, found.pk])
