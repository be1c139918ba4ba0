"""What the pages of a protocol share."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from lighttouch.web.accounts.permissions import Right, ScopedRequest, View, has_right
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import queries
from lighttouch.web.protocols.actions import MovedOnError
from lighttouch.web.protocols.comparing import compare_texts
from lighttouch.web.protocols.convert import Checked, PlacedFault, place_fault
from lighttouch.web.protocols.models import Version

MOST_FAULTS_SHOWN = 40
"""As many as the command line shows."""


def refuses_large(view: View) -> View:
    """Answer 413 to a form too large to be worth reading, before anything of it is read.

    Put it below ``requires``. The check against forged forms runs here, since it reads the form.
    """
    protected = cast("Callable[..., HttpResponseBase]", csrf_protect(view))

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.LARGEST_UPLOAD:
            return render(request, "ui/too_large.html", status=413)
        return protected(request, *args, **kwargs)

    return cast("View", guarded)


def trial_of(request: ScopedRequest) -> Trial:
    """Return the trial a page is about."""
    trial = request.scope.trial
    assert trial is not None, "the address names a trial"
    return trial


def newest_of(request: ScopedRequest) -> Version:
    """Return the newest version of the trial a page is about."""
    trial = trial_of(request)
    return get_object_or_404(
        Version.objects.select_related("author", "submitted_by", "reviewed_by", "trial__programme"),
        trial=trial,
        pk=getattr(queries.newest_version(trial), "pk", None),
    )


def may(request: ScopedRequest, right: Right) -> bool:
    """Say whether whoever asks has another right where the page points."""
    return has_right(request.user, right, request.scope)


def placed(checked: Checked, *, text: str = "") -> dict[str, object]:
    """Return what the list of faults shows of a check, and the line numbers of the text."""
    shown: list[PlacedFault] = [place_fault(fault) for fault in checked.faults]
    return {
        "checked": checked,
        "faults": shown[:MOST_FAULTS_SHOWN],
        "more_faults": max(0, len(shown) - MOST_FAULTS_SHOWN),
        "fault_lines": {fault.line for fault in shown},
        "outline": _by_name(checked.outline[1:]),
        "numbers": number_lines(text, {fault.line for fault in shown}),
    }


def _by_name(outline: tuple[str, ...]) -> dict[str, list[str]]:
    """Put lines such as ``Wave: Baseline`` that begin alike together."""
    found: dict[str, list[str]] = {}
    for line in outline:
        name, _, words = line.strip().partition(":")
        found.setdefault(name, []).append(words.strip())
    return {f"{name}s" if len(words) > 1 else name: words for name, words in found.items()}


def number_lines(text: str, wrong: Collection[int | None]) -> list[tuple[str, bool]]:
    r"""Return the line numbers of a text as few pieces: runs of them, and each at fault by itself.

    Examples
    --------
    >>> number_lines("a\nb\nc", {2})
    [('1\n', False), ('2', True), ('\n3', False)]
    """
    pieces: list[tuple[str, bool]] = [("", False)]
    for number in range(1, text.count("\n") + 2):
        lead = "\n" if number > 1 else ""
        if number in wrong:
            pieces[-1] = (pieces[-1][0] + lead, False)
            pieces += [(str(number), True), ("", False)]
        else:
            pieces[-1] = (f"{pieces[-1][0]}{lead}{number}", False)
    return [piece for piece in pieces if piece[0]]


def moved_on(
    request: ScopedRequest, error: MovedOnError, *, before: str, text: str = "", note: str = ""
) -> HttpResponse:
    """Answer that a newer version was saved, show what it changed, and keep what was typed.

    Parameters
    ----------
    before
        The text that was started from.
    text, note
        What was typed; empty where nothing was.
    """
    context = {
        "trial": trial_of(request),
        "newest": error.newest,
        "compared": compare_texts(before, error.newest.text),
        "text": text,
        "note": note,
    }
    return render(request, "protocols/moved_on.html", context, status=409)
