"""A partner's task list for a trial."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.partners import actions, queries
from lighttouch.web.partners.forms_working import MoveTaskForm
from lighttouch.web.partners.models import Task
from lighttouch.web.partners.views.common import (
    act_once,
    may,
    partner_of,
    partner_trail,
    posted,
    show,
    trial_of,
)
from lighttouch.web.ui import pieces
from lighttouch.web.ui.dates import day_of, say_date, say_distance
from lighttouch.web.ui.forms import Form

TO_DO = "To\u00a0do"
"""On one line, however narrow the column of states is."""


@requires(Right.READ_TASKS)
@require_safe
def tasks(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show what is late, what is to do, and what is done, by whom and when."""
    trial, partner = trial_of(request), partner_of(request)
    found, today = queries.tasks_of(trial, partner), day_of(timezone.now())
    can_do = may(request, Right.DO_TASKS)
    context = {
        "trial": trial,
        "partner": partner,
        "crumbs": partner_trail(trial, partner, ("Tasks", "")),
        "to_do": [_line(one, today, can_do) for one in found if one.done_at is None],
        "done": [_line(one, today, can_do) for one in found if one.done_at is not None],
        "late": sum(one.is_late(today) for one in found),
        "launch": queries.agreement(partner, trial).launch_on,
    }
    return render(request, "partners/tasks.html", context)


def _line(task: Task, today: date, can_do: bool) -> pieces.Task:
    own = reverse("partners:task", args=[task.trial.slug, task.partner.code, task.pk])
    href = task.href or (own if can_do else "")
    if task.done_at is not None:
        who = f", by {task.done_by.name}" if task.done_by else ""
        return pieces.Task(task.title, "done", "Done", href, f"{say_date(task.done_at)}{who}.")
    if task.due_on is None:
        return pieces.Task(task.title, "waiting", TO_DO, href, task.hint)
    moved = " It was moved." if task.moved_reason else ""
    when = f"Due {say_date(task.due_on)}, {say_distance(task.due_on, today)}."
    late = task.is_late(today)
    words = "Late" if late else TO_DO
    hint = f"{when}{moved} {task.hint}".strip()
    return pieces.Task(task.title, "late" if late else "doing", words, href, hint)


@requires(Right.DO_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def task(request: ScopedRequest, task: int, **_where: str) -> HttpResponse:
    """Show one task; tick it off, or say that it is not done after all."""
    found = _find(request, task)
    form = Form(posted(request))
    if request.method == "POST" and form.is_valid():
        answer = act_once(request, form, lambda: _tick(request, found), done="The list is saved.")
        if answer is not None:
            return answer
    trail = partner_trail(found.trial, found.partner, ("Tasks", _list_of(found)), (found.title, ""))
    return show(
        request,
        form,
        title=found.title,
        trail=trail,
        template="partners/task.html",
        button="Mark as not done" if found.done_at else "Mark as done",
        task=found,
        late=found.is_late(day_of(timezone.now())),
        can_move=may(request, Right.MANAGE_PROGRAMME) and found.done_at is None,
    )


def _tick(request: ScopedRequest, found: Task) -> str:
    """Do what the button said: the form carries it, so that a stale page does not flip it back."""
    if found.href:
        raise InputError(
            "this task is done on its own page", remedy="Open the page that the task links to"
        )
    now, by = timezone.now(), request.user
    act = actions.reopen_task if request.POST.get("verb") == "reopen" else actions.complete_task
    act(trial=found.trial, partner=found.partner, key=found.key, by=by, now=now)
    return _list_of(found)


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: ScopedRequest, task: int, **_where: str) -> HttpResponse:
    """Give a task another day, with a reason."""
    found = _find(request, task)
    form = MoveTaskForm(posted(request), initial=_of(found))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> str:
            actions.move_task(
                task=found,
                due_on=given["due_on"],
                reason=given["reason"],
                revision=given["revision"],
                by=request.user,
                now=timezone.now(),
            )
            return _list_of(found)

        if answer := act_once(request, form, act, done="The task has its new day."):
            return answer
    trail = partner_trail(
        found.trial, found.partner, ("Tasks", _list_of(found)), ("Another day", "")
    )
    title = f"Another day for: {found.title}"
    return show(request, form, title=title, trail=trail, caption=found.partner.name)


def _of(found: Task) -> dict[str, object]:
    return {"due_on": found.due_on, "reason": found.moved_reason, "revision": found.revision}


def _find(request: ScopedRequest, task: int) -> Task:
    return get_object_or_404(
        Task.objects.select_related("trial__programme", "partner", "done_by"),
        pk=task,
        trial=trial_of(request),
        partner=partner_of(request),
    )


def _list_of(found: Task) -> str:
    return reverse("partners:tasks", args=[found.trial.slug, found.partner.code])
