"""Pages that show where a return is, what was found in it and what changed since the last."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lighttouch.core.returns.checking import place_return
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns import marking, queries
from lighttouch.web.returns.convert import Kind, without_codes
from lighttouch.web.returns.forms import UploadForm
from lighttouch.web.returns.models import Return, State, Version
from lighttouch.web.returns.views.common import (
    LOOKS,
    about,
    find,
    find_version,
    label_of,
    may_send,
    scope_of,
)

MOST_ROWS_SHOWN = 12
MOST_CODES_SHOWN = 500


@requires(Right.READ_RETURNS)
@require_safe
def partner(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Every return of a partner."""
    trial, own = scope_of(request)
    standings = queries.returns_of_partner(trial, own, timezone.now())
    rows = [{"standing": s, "look": LOOKS[s.progress]} for s in standings]
    return render(request, "returns/partner.html", {"trial": trial, "partner": own, "rows": rows})


@requires(Right.READ_RETURNS)
@require_safe
def one(request: ScopedRequest, wave: str, **_where: str) -> HttpResponse:
    """One return: what is asked, what to do next, every version."""
    return show_return(request, find(request, wave))


def show_return(
    request: ScopedRequest, sent: Return, form: UploadForm | None = None, status: int = 200
) -> HttpResponse:
    """Show a return's page, with a form that has errors if there is one."""
    versions = list(queries.list_versions(sent).defer("findings"))
    current = versions[0] if versions else None
    standing = queries.standing_of(sent, timezone.now())
    _, period = place_return(declared(sent.trial), sent.partner.code, sent.wave)
    context = about(request, sent) | {
        "versions": versions,
        "current": current,
        "standing": standing,
        "look": LOOKS[standing.progress],
        "period": period,
        "closed": queries.why_closed(sent),
        "fixed": queries.why_not_reopened(sent),
        "form": form or UploadForm(initial={"after": current.number if current else 0}),
        "once": once.token(),
    }
    return render(request, "returns/return.html", context, status=status)


@requires(Right.READ_RETURNS)
@require_safe
def version(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponse:
    """One version: what was found, kind by kind, and what to do about it."""
    shown = find_version(request, wave, number)
    sent = shown.for_return
    newest = queries.current_version(sent)
    kinds = _shown_kinds(request, shown)
    said = queries.explanations_of(shown)
    context = about(request, sent) | {
        "version": shown,
        "is_current": newest is not None and newest.pk == shown.pk,
        "is_accepted": sent.accepted_id == shown.pk,
        "newest": newest,
        "blocking": [_line(kind) for kind in kinds if kind.blocks],
        "advisory": [_line(k) | {"said": said.get(k.id)} for k in kinds if not k.blocks],
        "unexplained": len(queries.unexplained_kinds(shown)),
        "since": _since(sent, shown),
        "closed": queries.why_closed(sent),
        "can_mark": marking.is_quick(shown),
        "form": UploadForm(initial={"after": newest.number if newest else 0}),
        "once": once.token(),
    }
    return render(request, "returns/version.html", context)


@requires(Right.READ_RETURNS)
@require_safe
def progress(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponse:
    """Say whether a version is still being checked; a piece of the version's page."""
    shown = find_version(request, wave, number)
    return render(
        request, "returns/_progress.html", about(request, shown.for_return) | {"version": shown}
    )


@requires(Right.SEND_RETURN)
@require_safe
def changes(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponse:
    """Who joined, left or moved team since the last wave, by code: for the partner alone."""
    shown = find_version(request, wave, number)
    if shown.state not in (State.CLEAN, State.TO_EXPLAIN):
        raise Http404
    found = queries.difference_from_earlier(shown)
    if found is None:
        raise Http404
    earlier, change = found
    lists = [
        {"title": title, "codes": codes[:MOST_CODES_SHOWN], "count": len(codes)}
        for title, codes in (
            ("Joined", change.joined),
            ("Left", change.left),
            ("Moved to another team", change.moved_team),
        )
    ]
    context = about(request, shown.for_return) | {
        "version": shown,
        "earlier": label_of(shown.for_return, earlier),
        "change": change,
        "lists": lists,
    }
    return render(request, "returns/changes.html", context)


def _shown_kinds(request: ScopedRequest, shown: Version) -> tuple[Kind, ...]:
    """Return what was found: with places and codes only for the partner's own coordinator."""
    kinds = queries.kinds_of(shown)
    if may_send(request):
        return kinds
    return tuple(without_codes(kind) for kind in kinds)


def _line(kind: Kind) -> dict[str, Any]:
    rows = kind.rows
    listed = rows[:MOST_ROWS_SHOWN] if len(rows) > MOST_ROWS_SHOWN + 2 else rows
    return {
        "kind": kind,
        "rows": ", ".join(f"{row:,}" for row in listed),
        "one": len(rows) == 1,
        "noun": _noun(kind),
        "counted": kind.count > 1 and kind.code != "missing_cells",
        "more": kind.count - len(listed) if rows else 0,
        "each": kind.findings if not rows and len(kind.findings) > 1 else (),
    }


def _noun(kind: Kind) -> str:
    if kind.code == "vanished_id":
        return "code,codes"
    return "row,rows" if kind.rows else "time,times"


def _since(sent: Return, shown: Version) -> dict[str, Any] | None:
    found = shown.counts.get("since")
    if not found:
        return None
    return dict(found) | {"label": label_of(sent, str(found["wave"]))}
