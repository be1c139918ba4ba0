"""What the pages of a protocol share."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import queries
from lighttouch.web.protocols.actions import MovedOnError
from lighttouch.web.protocols.comparing import compare_texts
from lighttouch.web.protocols.convert import Checked, PlacedFault, place_fault
from lighttouch.web.protocols.models import Version

MOST_FAULTS_SHOWN = 40
"""As many as the command line shows."""


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


def placed(checked: Checked) -> dict[str, object]:
    """Return what the list of faults shows of a check."""
    shown: list[PlacedFault] = [place_fault(fault) for fault in checked.faults]
    return {
        "checked": checked,
        "faults": shown[:MOST_FAULTS_SHOWN],
        "more_faults": max(0, len(shown) - MOST_FAULTS_SHOWN),
        "fault_lines": {fault.line for fault in shown},
        "outline": [line.strip().partition(":")[::2] for line in checked.outline[1:]],
    }


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
