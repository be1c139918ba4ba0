"""Pages about long work: how far it is, and what to do if it failed."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires, signed_in
from lighttouch.web.jobs import actions, queries
from lighttouch.web.jobs.models import Job, State, Worker
from lighttouch.web.notices import queries as outbox
from lighttouch.web.notices.actions import send_again as resend
from lighttouch.web.notices.models import Notice
from lighttouch.web.notices.models import State as Sending

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


@requires(Right.RUN_SERVICE)
@require_safe
def mail(request: ScopedRequest) -> HttpResponse:
    """Show the e-mail that went, waits or needs somebody to look."""
    chosen = request.GET.get("state", "")
    state = Sending(chosen) if chosen in Sending.values else None
    counts = outbox.counts()
    context = {
        "figures": [(one, counts[one]) for one in Sending],
        "chosen": state,
        "page": Paginator(outbox.listed(state), MOST_SHOWN).get_page(request.GET.get("page")),
        "troubled": (Sending.FAILED, Sending.UNKNOWN),
    }
    return render(request, "jobs/mail.html", context)


@requires(Right.RUN_SERVICE)
@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: ScopedRequest, notice: int) -> HttpResponse:
    """Ask first, then send an e-mail once more."""
    found = get_object_or_404(Notice.objects.select_related("to"), pk=notice)
    if request.method == "POST":
        resend(notice=found, by=request.user, now=timezone.now())
        messages.success(request, "It will be sent again.")
        return redirect("jobs:mail")
    lines = [f"“{found.subject}”, to {found.to.name}."]
    if found.state == Sending.UNKNOWN:
        lines.append("It may have arrived already. If so, they will get it twice.")
    context = {"title": "Send this e-mail again?", "lines": lines, "button": "Send it again"}
    return render(request, "ui/confirm.html", context | {"back": reverse("jobs:mail")})


def _find(request: HttpRequest, number: UUID) -> Job:
    """Return a job; to those who may not see it, it is not there."""
    job = get_object_or_404(Job.objects.select_related("trial__programme", "partner"), uuid=number)
    if not queries.may_see(cast("User", request.user), job):
        raise Http404
    return job
