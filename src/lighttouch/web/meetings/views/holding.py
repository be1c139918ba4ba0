"""Pages for whoever holds a meeting: the code to show, five quiet minutes, how many are done."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, requires
from lighttouch.web.meetings import actions
from lighttouch.web.meetings.codes import short_for
from lighttouch.web.meetings.counting import count_shown
from lighttouch.web.meetings.forms import TeamForm
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.meetings.paper import draw_code, render_sheet
from lighttouch.web.meetings.queries import (
    Team,
    find_meeting,
    path_of,
    running,
    takes_answers,
    teams_at,
    teams_for,
)
from lighttouch.web.surveys.models import Window
from lighttouch.web.surveys.slip_codes import in_groups
from lighttouch.web.surveys.views.managing import partner_of, trial_of, window_of
from lighttouch.web.ui.dates import say_time

HELD_BY = (Right.DO_TASKS, Right.SEE_TEAM)
SHORT_GROUP = 4


@requires(*HELD_BY)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Open a team's meeting, or go back to one that is on."""
    window = window_of(request, wave)
    teams = _own_teams(request, window)
    now = timezone.now()
    form = TeamForm(request.POST or None, teams=teams)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = actions.open_meeting(
                window=window, team=form.chosen, by=request.user, now=now
            )
        except InputError as error:
            form.add_error(None, f"{error.faults[0].what[:1].upper()}{error.faults[0].what[1:]}")
        else:
            return _to_screen(window, meeting.reference)
    own = {one.code for one in teams}
    context = {
        **_about(request, window),
        "form": form,
        "teams": teams,
        "only": teams[0] if len(teams) == 1 else None,
        "on": [(one, say_time(one.expires_at)) for one in running(window, now) if one.team in own],
        "open": takes_answers(window, now),
    }
    return render(request, "meetings/page.html", context)


@requires(*HELD_BY)
@require_safe
def screen(request: ScopedRequest, wave: str, meeting: UUID, **_where: str) -> HttpResponse:
    """Show the code to everybody in the room."""
    window, found = _meeting_of(request, wave, meeting)
    return render(request, "meetings/screen.html", _shown(request, window, found))


@requires(*HELD_BY)
@require_safe
def count(request: ScopedRequest, wave: str, meeting: UUID, **_where: str) -> HttpResponse:
    """Show again how many are done; a piece of the page before."""
    window, found = _meeting_of(request, wave, meeting)
    response = render(request, "meetings/_count.html", _shown(request, window, found))
    response["Cache-Control"] = "no-store"
    return response


@requires(*HELD_BY)
@require_POST
def quiet(request: ScopedRequest, wave: str, meeting: UUID, **_where: str) -> HttpResponseBase:
    """Begin five quiet minutes."""
    window, found = _meeting_of(request, wave, meeting)
    try:
        actions.begin_quiet(meeting=found, by=request.user, now=timezone.now())
    except InputError:
        messages.error(request, "The meeting is over. Open another.")
    return _to_screen(window, meeting)


@requires(*HELD_BY)
@require_POST
def end(request: ScopedRequest, wave: str, meeting: UUID, **_where: str) -> HttpResponseBase:
    """End the meeting."""
    window, found = _meeting_of(request, wave, meeting)
    actions.end_meeting(meeting=found, by=request.user, now=timezone.now())
    messages.success(request, "The meeting has ended. Its code leads nowhere any more.")
    return redirect(
        "meetings:page",
        trial=window.survey.trial.slug,
        partner=window.partner.code,
        wave=window.survey.wave,
    )


@requires(*HELD_BY)
@require_safe
def sheet(request: ScopedRequest, wave: str, meeting: UUID, **_where: str) -> HttpResponse:
    """Hand over the code as one page to print."""
    _, found = _meeting_of(request, wave, meeting)
    if _is_over(found):
        raise Http404
    content = render_sheet(found, _address(found), _short(found), _site())
    name = f"{trial_of(request).slug}-{partner_of(request).code}-{wave}-meeting.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _own_teams(request: ScopedRequest, window: Window) -> list[Team]:
    """Return the teams whose meetings somebody may hold; nobody else comes this far."""
    teams = teams_for(request.user, request.scope, teams_at(window))
    if not teams and not has_right(request.user, Right.DO_TASKS, request.scope):
        raise PermissionDenied
    return teams


def _meeting_of(request: ScopedRequest, wave: str, reference: UUID) -> tuple[Window, Meeting]:
    window = window_of(request, wave)
    own = {one.code for one in _own_teams(request, window)}
    found = find_meeting(window, reference)
    if found is None or found.team not in own:
        raise Http404
    return window, found


def _about(request: ScopedRequest, window: Window) -> dict[str, object]:
    return {
        "trial": trial_of(request),
        "partner": partner_of(request),
        "window": window,
        "survey": window.survey,
        "oversees": has_right(request.user, Right.DO_TASKS, request.scope),
    }


def _shown(request: ScopedRequest, window: Window, meeting: Meeting) -> dict[str, object]:
    now = timezone.now()
    over = _is_over(meeting)
    until = meeting.quiet_from + actions.QUIET if meeting.quiet_from else None
    left = (until - now).total_seconds() if until else 0
    return {
        **_about(request, window),
        "meeting": meeting,
        "over": over,
        "picture": "" if over else draw_code(_address(meeting)),
        "site": _site(),
        "short": _short(meeting),
        "shown": None if over else count_shown(meeting, now),
        "until": say_time(meeting.expires_at),
        "quiet_until": say_time(until) if until else "",
        "quiet_left": max(0, round(left)),
        "quiet_minutes": max(1, round(left / 60)),
        "quiet_passed": round(actions.QUIET.total_seconds() - max(0, left)),
        "quiet_whole": round(actions.QUIET.total_seconds()),
    }


def _is_over(meeting: Meeting) -> bool:
    return meeting.ended_at is not None or meeting.expires_at <= timezone.now()


def _address(meeting: Meeting) -> str:
    return settings.SITE_URL.rstrip("/") + path_of(meeting)


def _short(meeting: Meeting) -> str:
    return in_groups(short_for(meeting.reference), SHORT_GROUP)


def _site() -> str:
    """Return the address to type, without what browsers add themselves."""
    return settings.SITE_URL.rstrip("/").partition("://")[2] + "/m"


def _to_screen(window: Window, reference: UUID) -> HttpResponseBase:
    return redirect(
        "meetings:screen",
        trial=window.survey.trial.slug,
        partner=window.partner.code,
        wave=window.survey.wave,
        meeting=reference,
    )
