"""Files to take away: the template, the marked workbook, the list of findings."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.returns.template import write_template
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.jobs import actions as jobs
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns import marking
from lighttouch.web.returns.convert import findings_of
from lighttouch.web.returns.models import Return, Version
from lighttouch.web.returns.resting import empty_folder
from lighttouch.web.returns.views.common import address, find, find_version
from lighttouch.web.storage.queries import read_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Right.READ_RETURNS)
@require_safe
def template(request: ScopedRequest, wave: str, **_where: str) -> HttpResponse:
    """Write the blank return of this partner for this wave."""
    sent = find(request, wave)
    with empty_folder() as folder:
        path = folder / "template.xlsx"
        write_template(
            declared(sent.trial), partner_id=sent.partner.code, wave_id=sent.wave, path=path
        )
        return _download(path.read_bytes(), XLSX, f"{_name(sent)}.xlsx")


@requires(Right.SEND_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def marked(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponseBase:
    """Give the file back with every finding marked; a large one is marked in the background."""
    version = find_version(request, wave, number)
    if version.original_id is None:
        raise Http404
    if request.method == "POST":
        return once.guard(request, lambda: _start(request, version))
    if version.marked is not None:
        content = read_bytes(version.marked)
    elif not marking.is_quick(version):
        return redirect(address("version", version.for_return, number=number))
    else:
        content = marking.mark(version)
    return _download(content, XLSX, f"{_name(version.for_return)}-{number}-findings.xlsx")


def _start(request: ScopedRequest, version: Version) -> str:
    sent = version.for_return
    job = jobs.start(
        kind="return.mark",
        key=f"version-{version.pk}",
        by=request.user,
        now=timezone.now(),
        arguments={"version": version.pk},
        trial=sent.trial,
        partner=sent.partner,
        then=address("version", sent, number=version.number),
    )
    return reverse("jobs:progress", args=(job.uuid,))


@requires(Right.SEND_RETURN)
@require_safe
def findings(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponse:
    """Give the list of findings, which says places and no values, as a table."""
    version = find_version(request, wave, number)
    text = marking.write_list(findings_of(version))
    name = f"{_name(version.for_return)}-{number}-findings.csv"
    return _download(text.encode(), "text/csv; charset=utf-8", name)


def _name(sent: Return) -> str:
    return f"{sent.trial.slug}-{sent.partner.code}-{sent.wave}"


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    """Answer with a file; its name is made of codes, which need no quoting."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=kind, headers=headers)
