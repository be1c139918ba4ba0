"""What a coordinator does: send a file, explain, sign off."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.jobs import actions as jobs
from lighttouch.web.returns import actions, queries
from lighttouch.web.returns.forms import ExplainForm, UploadForm, explain_form
from lighttouch.web.returns.keeping import MovedOnError
from lighttouch.web.returns.models import Return, State, Version
from lighttouch.web.returns.uploads import takes_file
from lighttouch.web.returns.views.common import (
    about,
    address,
    find,
    find_version,
    label_of,
)
from lighttouch.web.returns.views.reading import show_return
from lighttouch.web.storage.queries import read_bytes

AT_ONCE = 8 * 1024 * 1024
"""A file up to this size is checked while the browser waits, which takes a second or two for
100,000 people; a larger one waits encrypted for the background."""


@requires(Right.SEND_RETURN)
@takes_file
@require_POST
def send(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Take a file: check it, keep what may be kept, go to what was found."""
    sent = find(request, wave)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_return(request, sent, form)
    file, after = form.cleaned_data["file"], form.cleaned_data["after"]
    return _take(request, sent, file.name, file.read(), after)


@requires(Right.SEND_RETURN)
@require_POST
def check_again(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponseBase:
    """Check a version's file again, against the earlier returns as they are now."""
    version = find_version(request, wave, number)
    if version.original is None:
        return redirect(address("return", version.for_return))
    content = read_bytes(version.original)
    name = f"return{version.filename_suffix}"
    return _take(request, version.for_return, name, content, number)


def _take(
    request: ScopedRequest, sent: Return, name: str, content: bytes, after: int
) -> HttpResponseBase:
    if len(content) > AT_ONCE:
        return once.guard(request, lambda: _start(request, sent, name, content, after))
    examined = actions.look_at(sent=sent, filename=name, content=content)

    def keep() -> str:
        now = timezone.now()
        version = actions.keep_examined(sent=sent, examined=examined, by=request.user, now=now)
        _say_if_another_came(request, version, after)
        return address("version", sent, number=version.number)

    return once.guard(request, keep)


def _start(request: ScopedRequest, sent: Return, name: str, content: bytes, after: int) -> str:
    now = timezone.now()
    version = actions.receive_sealed(
        trial=sent.trial,
        partner=sent.partner,
        wave=sent.wave,
        filename=name,
        content=content,
        by=request.user,
        now=now,
    )
    _say_if_another_came(request, version, after)
    job = jobs.start(
        kind="return.check",
        key=f"version-{version.pk}",
        by=request.user,
        now=now,
        arguments={"version": version.pk},
        trial=sent.trial,
        partner=sent.partner,
        then=address("version", sent, number=version.number),
    )
    return reverse("jobs:progress", args=(job.uuid,))


def _say_if_another_came(request: ScopedRequest, version: Version, after: int) -> None:
    if version.number != after + 1:
        messages.warning(
            request,
            f"Version {version.number - 1} was sent while this page was open. Both are "
            f"kept; yours is version {version.number} and is now the current one.",
        )


@requires(Right.SEND_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def explain(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponseBase:
    """Say why what was found is right as it is, one text for each kind."""
    version = find_version(request, wave, number)
    kinds = queries.kinds_of(version) if version.state == State.TO_EXPLAIN else ()
    if not kinds:
        return redirect(address("version", version.for_return, number=number))
    said = {kind: one.text for kind, one in queries.explanations_of(version).items()}
    form = explain_form(kinds, said, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return once.guard(request, lambda: _explain(request, version, form))
        except MovedOnError:
            return _moved_on(request, version.for_return, list(form.texts().values()))
    context = about(request, version.for_return) | {
        "version": version,
        "form": form,
        "once": once.token(),
    }
    return render(request, "returns/explain.html", context)


def _explain(request: ScopedRequest, version: Version, form: ExplainForm) -> str:
    for kind, text in form.texts().items():
        actions.explain(version=version, kind=kind, text=text, by=request.user, now=timezone.now())
    return address("sign-off", version.for_return, number=version.number)


@requires(Right.SEND_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_off(request: ScopedRequest, wave: str, number: int, **_where: str) -> HttpResponseBase:
    """Check the answers, then sign the return off."""
    version = find_version(request, wave, number)
    sent = version.for_return
    if request.method == "POST":
        done = f"The staff return of {sent.partner.name} is signed off. Thank you."
        try:
            return once.guard(request, lambda: _sign_off(request, sent, number), done=done)
        except MovedOnError:
            return _moved_on(request, sent, [])
        except LighttouchError as error:
            return _show_sign_off(request, version, error)
    if version.state not in (State.CLEAN, State.TO_EXPLAIN):
        return redirect(address("version", sent, number=number))
    if queries.unexplained_kinds(version):
        return redirect(address("explain", sent, number=number))
    return _show_sign_off(request, version)


def _sign_off(request: ScopedRequest, sent: Return, number: int) -> str:
    actions.sign_off(sent=sent, number=number, by=request.user, now=timezone.now())
    return address("return", sent)


def _show_sign_off(
    request: ScopedRequest, version: Version, error: LighttouchError | None = None
) -> HttpResponse:
    sent = version.for_return
    newest = queries.current_version(sent)
    since: dict[str, Any] | None = version.counts.get("since")
    faults = {kind.id: kind.fault for kind in queries.kinds_of(version)}
    said = queries.explanations_of(version).values()
    context = about(request, sent) | {
        "version": version,
        "counts": version.counts,
        "since": since,
        "since_label": label_of(sent, since["wave"]) if since else "",
        "said": [{"fault": faults.get(one.kind, ""), "text": one.text} for one in said],
        "is_current": newest is not None and newest.pk == version.pk,
        "stale": queries.is_stale(version),
        "faults": error.faults if error else (),
        "once": once.token(),
    }
    return render(request, "returns/sign_off.html", context, status=422 if error else 200)


def _moved_on(request: ScopedRequest, sent: Return, typed: list[str]) -> HttpResponse:
    context = about(request, sent) | {"typed": typed}
    return render(request, "returns/moved_on.html", context, status=409)
