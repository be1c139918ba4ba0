"""Look at a protocol: where it stands, its versions, what differs between two."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.protocols import queries
from lighttouch.web.protocols.comparing import compare_texts
from lighttouch.web.protocols.convert import check_text
from lighttouch.web.protocols.models import Version
from lighttouch.web.protocols.steps import next_step
from lighttouch.web.protocols.views.common import may, newest_of, placed, trial_of


@requires(Right.READ_PROTOCOL)
@require_safe
def protocol(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show where the protocol stands and what to do next."""
    newest = newest_of(request)
    trial = newest.trial
    checked = check_text(newest.text, slug=trial.slug)
    registration = queries.registration_of(trial)
    context = {
        "trial": trial,
        "newest": newest,
        "versions": queries.list_versions(trial),
        "registration": registration,
        "amendments": queries.list_amendments(registration) if registration else [],
        "step": next_step(
            newest,
            faults=checked.faults,
            registered=registration is not None,
            user=request.user,
        ),
        "may_write": may(request, Right.WRITE_PROTOCOL),
        **placed(checked),
    }
    return render(request, "protocols/protocol.html", context)


@requires(Right.READ_PROTOCOL)
@require_safe
def version(request: ScopedRequest, number: int, **_where: str) -> HttpResponse:
    """Show one version: what it declares and its text."""
    found = _find(request, number)
    checked = check_text(found.text, slug=found.trial.slug)
    context = {
        "trial": found.trial,
        "version": found,
        "newest": newest_of(request),
        "may_write": may(request, Right.WRITE_PROTOCOL),
        **placed(checked, text=found.text),
    }
    return render(request, "protocols/version.html", context)


@requires(Right.READ_PROTOCOL)
@require_safe
def version_file(request: ScopedRequest, number: int, **_where: str) -> HttpResponse:
    """Hand over the text of one version as a file."""
    found = _find(request, number)
    name = f"{found.trial.slug}-version-{found.number}.toml"
    return as_file(found.text.encode(), name)


@requires(Right.READ_PROTOCOL)
@require_safe
def compare(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Say what differs between two versions, in words and line by line."""
    versions = queries.list_versions(trial_of(request))
    numbers = [one.number for one in versions]
    after = _choose(request.GET.get("after", ""), numbers, numbers[0])
    before = _choose(request.GET.get("before", ""), numbers, max(after - 1, 1))
    first, second = _find(request, before), _find(request, after)
    context = {
        "trial": trial_of(request),
        "versions": versions,
        "before": first,
        "after": second,
        "compared": compare_texts(first.text, second.text),
    }
    return render(request, "protocols/compare.html", context)


def as_file(content: bytes, name: str) -> HttpResponse:
    """Return bytes as a download, never to be shown or run by a browser."""
    answer = HttpResponse(content, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _find(request: ScopedRequest, number: int) -> Version:
    return get_object_or_404(
        Version.objects.select_related("author", "submitted_by", "reviewed_by", "trial__programme"),
        trial=trial_of(request),
        number=number,
    )


def _choose(text: str, numbers: list[int], otherwise: int) -> int:
    return int(text) if text in map(str, numbers) else otherwise
