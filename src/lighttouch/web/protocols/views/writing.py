"""Start a trial from a file, and write the file version by version."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lighttouch.core.errors import ProtocolError
from lighttouch.core.protocol.library import library_text
from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, Scope, ScopedRequest, has_right, requires
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Programme, Stage, Trial
from lighttouch.web.protocols import actions
from lighttouch.web.protocols.convert import (
    Checked,
    check_text,
    clean_text,
    decode_upload,
    rename_trial,
)
from lighttouch.web.protocols.forms import OWN_FILE, NewTrialForm
from lighttouch.web.protocols.models import Version
from lighttouch.web.protocols.views.common import (
    moved_on,
    newest_of,
    placed,
    refuses_large,
    trial_of,
)


@requires(Right.WRITE_PROTOCOL)
@refuses_large
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ScopedRequest) -> HttpResponse:
    """Start a trial from the library or from a file."""
    programmes = _programmes(request.user)
    if not programmes:
        raise PermissionDenied
    if request.method != "POST":
        return _show_new(request, NewTrialForm(programmes=programmes))
    form = NewTrialForm(request.POST, request.FILES, programmes=programmes)
    if form.is_valid():
        try:
            return once.guard(
                request, lambda: _create(form, request.user), done="The trial is started."
            )
        except ProtocolError as error:
            field = "slug" if any(fault.where == "id" for fault in error.faults) else None
            form.add_error(field, [str(fault) for fault in error.faults])
    return _show_new(request, form, status=422)


def _show_new(request: ScopedRequest, form: NewTrialForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "once": once.token()}
    return render(request, "protocols/new.html", context, status=status)


def _create(form: NewTrialForm, user: User) -> str:
    given = form.cleaned_data
    slug = given["slug"].strip()
    if given["start"] == OWN_FILE:
        text = decode_upload(given["file"].read())
    else:
        text = library_text(given["start"])
        text = rename_trial(text, slug) if slug else text
    trial = actions.create_trial(
        programme=given["programme"], text=text, slug=slug, by=user, now=timezone.now()
    )
    return reverse("protocols:edit", args=[trial.slug])


def _programmes(user: User) -> list[Programme]:
    every = Programme.objects.order_by("title")
    return [one for one in every if has_right(user, Right.WRITE_PROTOCOL, Scope(one))]


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Edit the trial file; save it as a new version, or check it without saving."""
    newest = newest_of(request)
    if request.method != "POST":
        start = _start_from(request, newest)
        return _show_editor(request, newest, text=start.text, after=newest.number)
    text, note = request.POST.get("text", ""), request.POST.get("note", "")
    after = _number(request.POST.get("after", ""))
    if request.POST.get("do") == "check":
        return _show_editor(request, newest, text=text, note=note, after=after, asked=True)
    trial = newest.trial

    def save() -> str:
        actions.save_version(
            trial=trial, text=text, note=note, after=after, by=request.user, now=timezone.now()
        )
        return reverse("protocols:protocol", args=[trial.slug])

    try:
        return once.guard(request, save, done=f"Version {after + 1} is saved.")
    except actions.MovedOnError as error:
        before = Version.objects.filter(trial=trial, number=after).first()
        started = before.text if before else error.newest.text
        return moved_on(request, error, before=started, text=text, note=note)
    except ProtocolError as error:
        return _show_editor(request, newest, text=text, note=note, after=after, error=error)


@requires(Right.WRITE_PROTOCOL)
@require_POST
def check(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Check a text without saving it, for the editor."""
    checked = _check(request.POST.get("text", ""), trial_of(request))
    return render(request, "protocols/_checked.html", placed(checked))


def _show_editor(
    request: ScopedRequest,
    newest: Version,
    *,
    text: str,
    after: int,
    note: str = "",
    asked: bool = False,
    error: ProtocolError | None = None,
) -> HttpResponse:
    text = text.replace("\r\n", "\n")
    checked = _check(text, newest.trial)
    context = {
        "once": once.token(),
        "trial": newest.trial,
        "newest": newest,
        "text": text,
        "note": note,
        "after": after,
        "asked": asked,
        "error_faults": error.faults if error else (),
        "registered": newest.trial.stage != Stage.DRAFT,
        "rows": text.count("\n") + 2,
        "columns": max(map(len, text.split("\n")), default=80) + 2,
        **placed(checked, text=text),
    }
    return render(request, "protocols/edit.html", context, status=422 if error else 200)


def _check(text: str, trial: Trial) -> Checked:
    try:
        return check_text(clean_text(text), slug=trial.slug)
    except ProtocolError as error:
        return Checked(error.faults)


def _start_from(request: HttpRequest, newest: Version) -> Version:
    """Return the version to start from: an older one if the address names it."""
    number = request.GET.get("from", "")
    if not number:
        return newest
    return get_object_or_404(Version, trial=newest.trial, number=_number(number))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
