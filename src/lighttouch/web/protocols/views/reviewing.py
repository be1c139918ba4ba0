"""Submit, review, register and amend: each after a page that shows what will happen."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lighttouch.core.errors import ProtocolError
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.protocols import actions, queries
from lighttouch.web.protocols.comparing import Compared, compare_texts
from lighttouch.web.protocols.convert import check_text
from lighttouch.web.protocols.forms import ConfirmForm, ReviewForm
from lighttouch.web.protocols.models import State, Version
from lighttouch.web.protocols.views.common import moved_on, newest_of, placed
from lighttouch.web.ui.forms import Form


@requires(Right.WRITE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Ask for the newest version to be reviewed."""
    seen = _seen(request)
    if request.method == "POST":

        def act() -> str:
            actions.submit(version=seen, by=request.user, now=timezone.now())
            return _home(seen)

        done = f"Version {seen.number} waits for review. Those who can review it are told."
        return _act(request, seen, act, done=done)
    context = {**_about(seen), "form": Form(), "reviewers": queries.reviewers_of(seen)}
    return render(request, "protocols/submit.html", context)


@requires(Right.APPROVE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Approve the newest version or send it back."""
    seen = _seen(request)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        approving = form.cleaned_data["verdict"] == "approve"
        done = f"Version {seen.number} is {'approved' if approving else 'sent back'}."
        return _act(request, seen, lambda: _decide(request, seen, form), done=done)
    own = request.user.pk in (seen.author_id, seen.submitted_by_id)
    context = {
        **_about(seen),
        "form": form,
        "own": own,
        "waiting": seen.state == State.SUBMITTED,
        "compared": _since_last(seen),
    }
    return render(request, "protocols/review.html", context, status=422 if form.errors else 200)


def _decide(request: ScopedRequest, seen: Version, form: ReviewForm) -> str:
    note, now = form.cleaned_data["note"], timezone.now()
    if form.cleaned_data["verdict"] == "approve":
        actions.approve(version=seen, note=note, by=request.user, now=now)
    else:
        actions.send_back(version=seen, note=note, by=request.user, now=now)
    return _home(seen)


@requires(Right.REGISTER_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Freeze the approved version."""
    seen = _seen(request)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.register(trial=seen.trial, version=seen, by=request.user, now=timezone.now())
            return _home(seen)

        done = "The protocol is registered, and anybody can read it."
        return _act(request, seen, act, done=done)
    context = {
        **_about(seen),
        "form": form,
        "approved": seen.state == State.APPROVED,
        "registered": queries.is_registered(seen.trial),
    }
    return render(request, "protocols/register.html", context, status=422 if form.errors else 200)


@requires(Right.REGISTER_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Put the approved version in force as an amendment, with the reason that was reviewed."""
    seen = _seen(request)
    registration = queries.find_registration(seen.trial)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            actions.amend(
                trial=seen.trial,
                version=seen,
                reason=seen.note,
                by=request.user,
                now=timezone.now(),
            )
            return _home(seen)

        return _act(request, seen, act, done="The amendment is in force and published.")
    context = {
        **_about(seen),
        "form": form,
        "registration": registration,
        "approved": seen.state == State.APPROVED,
        "compared": _since_last(seen),
    }
    return render(request, "protocols/amend.html", context, status=422 if form.errors else 200)


def _act(
    request: ScopedRequest, seen: Version, act: Callable[[], str], *, done: str
) -> HttpResponse:
    try:
        return once.guard(request, act, done=done)
    except actions.MovedOnError as error:
        return moved_on(request, error, before=seen.text)


def _home(version: Version) -> str:
    return reverse("protocols:protocol", args=[version.trial.slug])


def _seen(request: ScopedRequest) -> Version:
    """Return the version the form was about, or the newest where no form was sent."""
    newest = newest_of(request)
    number = request.POST.get("version", "")
    if request.method != "POST" or number == str(newest.number):
        return newest
    seen = Version.objects.filter(
        trial=newest.trial, number=int(number) if number.isdigit() and len(number) < 9 else 0
    ).first()
    if seen is None:
        raise ProtocolError("the form names no version", remedy="Open the page again")
    seen.trial = newest.trial
    return seen


def _since_last(version: Version) -> Compared | None:
    """Compare a version with the last one that was approved, or the first where none was."""
    trial = version.trial
    if queries.is_registered(trial):
        return compare_texts(queries.text_in_force(trial), version.text)
    earlier = (
        Version.objects.filter(trial=trial, number__lt=version.number)
        .exclude(submitted_at=None)
        .order_by("number")
        .last()
    )
    return compare_texts(earlier.text, version.text) if earlier else None


def _about(version: Version) -> dict[str, object]:
    return {
        "once": once.token(),
        "trial": version.trial,
        "version": version,
        "sha256": protocol_sha256(version.text),
        **placed(check_text(version.text, slug=version.trial.slug), text=version.text),
    }
