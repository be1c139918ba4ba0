"""Pages for those who are in a meeting: type the letters on a slip, and go to one's own page.

Nothing here says whether somebody is in the team, and nothing is answered by address alone.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.limits import count_attempt, network_of
from lighttouch.web.accounts.permissions import public
from lighttouch.web.meetings import actions
from lighttouch.web.meetings.forms import ShortForm, SlipForm
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.meetings.queries import find_by_short, find_by_token, path_of
from lighttouch.web.surveys.door import HEADERS
from lighttouch.web.surveys.queries import address_of

PER_MEETING = 200
"""Tries an hour: a large team's, with slips of the finger. A guess is right once in 10¹¹."""
PER_NETWORK = 600
"""A council's people share one network address, and many teams meet in the same hour."""
WRONG_LETTERS = "These letters did not work. Look at your slip again, or scan its code instead"
WRONG_CODE = "These letters do not lead to a meeting that is on. Look at the screen again"

Page = Callable[..., HttpResponseBase]


def kept_private(page: Page) -> Page:
    """Let anybody in, have nobody but the browser keep the page, and let no address leave it."""

    @public
    @wraps(page)
    def guarded(request: HttpRequest, **rest: object) -> HttpResponseBase:
        response = page(request, **rest)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return guarded


@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponseBase:
    """Ask for the letters that lead to a meeting, and go there."""
    form = ShortForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if not count_attempt(f"meetings:{network_of(request)}", PER_NETWORK, now):
            return render(request, "meetings/too_often.html", status=429)
        meeting = find_by_short(form.cleaned_data["code"], now)
        if meeting is not None:
            return redirect(path_of(meeting))
        form.add_error("code", WRONG_CODE)
    return render(request, "meetings/find.html", {"form": form})


@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take the letters on a slip and go to its owner's page; or keep that it is not today."""
    now = timezone.now()
    meeting = find_by_token(token, now)
    if meeting is None:
        return _over(request)
    form = SlipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not _may_try(request, meeting):
            return render(request, "meetings/too_often.html", status=429)
        try:
            onward = _go_on(request, meeting, token, form.cleaned_data["letters"])
        except InputError:  # it ended at this moment
            return _over(request)
        if onward is not None:
            return onward
        form.add_error("letters", WRONG_LETTERS)
    context = {"meeting": meeting, "survey": meeting.survey, "form": form}
    return render(request, "meetings/join.html", context)


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "meetings/over.html", status=404)


def _may_try(request: HttpRequest, meeting: Meeting) -> bool:
    """Count a try, right or wrong, against the meeting and the network."""
    now = timezone.now()
    of_meeting = count_attempt(f"meeting:{meeting.reference}", PER_MEETING, now)
    return of_meeting & count_attempt(f"meetings:{network_of(request)}", PER_NETWORK, now)


def _go_on(
    request: HttpRequest, meeting: Meeting, token: str, typed: str
) -> HttpResponseBase | None:
    now = timezone.now()
    if "not_today" in request.POST:
        known = actions.say_not_today(meeting=meeting, typed=typed, now=now)
        return redirect("meetings:not-today", token=token) if known else None
    link = actions.pick_up(meeting=meeting, typed=typed, now=now)
    return redirect(address_of(link)) if link is not None else None


@kept_private
@require_safe
def not_today(request: HttpRequest, token: str) -> HttpResponse:
    """Say that it is all right, and how to answer later."""
    return render(request, "meetings/not_today.html", {"token": token})
