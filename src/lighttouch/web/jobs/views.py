"""Pages about long work: how far it is, and what to do if it failed."""

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires, signed_in
from lighttouch.web.jobs import actions, queries
from lighttouch.web.jobs.models import Job, State, Worker

MOST_SHOWN = 50


@signed_in
@never_cache
@require_safe
def progress(request: HttpRequest, job: UUID) -> HttpResponse:
    """Show how far a job is; go on by itself when it is done."""
    found = _find(request, job)
    if found.state == State.DONE and found.then:
        return redirect(found.then)
    return render(request, "jobs/progress.html", {"job": found})


@signed_in
@never_cache
@require_safe
def state(request: HttpRequest, job: UUID) -> HttpResponse:
    """Answer with the part of the page that changes, or with the same as JSON."""
    found = _find(request, job)
    if request.headers.get("X-Fragment"):
        return render(request, "jobs/state.html", {"job": found})
    return JsonResponse(
        {
            "state": found.state,
            "what": found.what,
            "done": found.done,
            "total": found.total,
            "then": found.then if found.state == State.DONE else "",
            "faults": found.faults,
        }
    )


@signed_in
@require_POST
def again(request: HttpRequest, job: UUID) -> HttpResponse:
    """Start a failed job again."""
    found = _find(request, job)
    fresh = actions.retry(job=found, by=cast("User", request.user), now=timezone.now())
    return redirect("jobs:progress", job=fresh.uuid)


@requires(Right.RUN_SERVICE)
@require_safe
def queue(request: ScopedRequest) -> HttpResponse:
    """Show the work of the whole service."""
    context = {
        "queue": queries.queue_state(),
        "unfinished": queries.unfinished()[:MOST_SHOWN],
        "failed": queries.failed()[:MOST_SHOWN],
        "workers": Worker.objects.all(),
        "alive_since": timezone.now() - queries.ALIVE_WITHIN,
    }
    return render(request, "jobs/queue.html", context)


def _find(request: HttpRequest, number: UUID) -> Job:
    """Return a job; to those who may not see it, it is not there."""
    job = get_object_or_404(Job.objects.select_related("trial__programme", "partner"), uuid=number)
    if not queries.may_see(cast("User", request.user), job):
        raise Http404
    return job
