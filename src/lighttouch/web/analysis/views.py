"""Pages of the archive and of the report."""

import mimetypes

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.analysis import actions, queries
from lighttouch.web.analysis.forms import AttachTable
from lighttouch.web.audit import once
from lighttouch.web.audit.actions import record
from lighttouch.web.jobs.actions import start
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.storage.queries import read_bytes

REPORT_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "connect-src": ["'none'"],
    "form-action": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:", "'self'"],
    "font-src": ["data:"],
    "sandbox": ["allow-same-origin allow-popups"],
}
"""The report carries its own styles, since it must open from a folder; it runs no script."""


@requires(Right.EXPORT_ARCHIVE)
@require_safe
def archive(request: ScopedRequest, trial: str) -> HttpResponse:  # noqa: ARG001 - in the scope
    """Show what the archive is, when it was last built, and what was handed in."""
    found = _trial(request)
    context = {
        "trial": found,
        "build": queries.newest_build(found),
        "tables": queries.newest_tables(found),
        "imported": queries.is_imported(found),
        "ready": found.has_reached(Stage.ALLOCATED),
        "locked": found.has_reached(Stage.LOCKED),
        "once": once.token(),
    }
    return render(request, "analysis/archive.html", context)


@requires(Right.EXPORT_ARCHIVE)
@require_POST
def build(request: ScopedRequest, trial: str) -> HttpResponse:
    """Build the archive in the background."""
    found = _trial(request)
    job = start(
        kind="archive.build",
        key=found.slug,
        by=request.user,
        now=timezone.now(),
        arguments={"trial": found.slug},
        trial=found,
        then=reverse("analysis:archive", args=[trial]),
    )
    return redirect("jobs:progress", job.uuid)


@requires(Right.EXPORT_ARCHIVE)
@require_POST
def download(request: ScopedRequest, trial: str) -> HttpResponse:  # noqa: ARG001 - in the scope
    """Hand the archive over, and say in the log who took it."""
    found = _trial(request)
    built = queries.newest_build(found)
    if built is None:
        raise Http404
    if built.with_results and found.unblinded_at is None:
        raise PermissionDenied
    with transaction.atomic():
        record(
            act="archive.exported",
            by=request.user,
            now=timezone.now(),
            programme=found.programme.slug,
            trial=found.slug,
            details={"manifest": built.manifest_sha256},
        )
    return _file(read_bytes(built.file), f"{found.slug}-archive.zip", as_download=True)


@requires(Right.MANAGE_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: ScopedRequest, trial: str) -> HttpResponse:
    """Take a table that was collected elsewhere."""
    found = _trial(request)
    form = AttachTable(request.POST or None, request.FILES or None)
    faults: tuple[object, ...] = ()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.attach_table(
                trial=found,
                name=data["name"],
                content=data["file"],
                by=request.user,
                now=timezone.now(),
            )
        except LighttouchError as error:
            faults = error.faults
        else:
            messages.success(request, "The table is taken.")
            return redirect("analysis:archive", trial)
    context = {"trial": found, "form": form, "faults": faults}
    return render(request, "analysis/attach.html", context, status=422 if faults else 200)


@requires(Right.READ_RESULTS)
@require_safe
def report(request: ScopedRequest, trial: str) -> HttpResponse:  # noqa: ARG001 - in the scope
    """Show where the report is."""
    found = _trial(request)
    built = queries.newest_build(found, with_results=True)
    names = [n for n in queries.names_in(built) if n.startswith("report/")] if built else []
    parts = [name.removeprefix("report/") for name in names]
    context = {"trial": found, "build": built, "parts": parts}
    return render(request, "analysis/report.html", context)


@requires(Right.READ_RESULTS)
@require_safe
@csp_replace(REPORT_POLICY)  # type: ignore[arg-type]
def report_file(request: ScopedRequest, trial: str, name: str) -> HttpResponse:  # noqa: ARG001
    """Hand over one file of the report, as it is in the archive."""
    built = queries.newest_build(_trial(request), with_results=True)
    content = queries.read_from(built, f"report/{name}") if built else None
    if content is None:
        raise Http404
    return _file(content, name.rsplit("/", 1)[-1], as_download=False)


def _file(content: bytes, name: str, *, as_download: bool) -> HttpResponse:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = HttpResponse(content, content_type=kind)
    if as_download:
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _trial(request: ScopedRequest) -> Trial:
    assert request.scope.trial is not None
    return request.scope.trial
