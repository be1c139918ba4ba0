"""Pages of the log; they live here since the log itself knows nothing of rights."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lighttouch.web.accounts.forms import ChooseEvents
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit.queries import Line, find_events, write_lines
from lighttouch.web.programmes.models import Partner, Trial

ON_A_PAGE = 50


@requires(Right.RUN_SERVICE)
@require_safe
def log(request: ScopedRequest) -> HttpResponse:
    """Show the whole log."""
    return _show(request)


@requires(Right.READ_AUDIT)
@require_safe
def trial(request: ScopedRequest, trial: str) -> HttpResponse:
    """Show what was done in one trial."""
    return _show(request, trial)


def _say_places(lines: list[Line], trial: str) -> list[str]:
    """Name the trial, unless the page is about it, and the partner of each event."""
    trials = {line.event.trial for line in lines} - {"", trial}
    partners = {line.event.partner for line in lines} - {""}
    titles = dict(Trial.objects.filter(slug__in=trials).values_list("slug", "title"))
    names = dict(Partner.objects.filter(code__in=partners).values_list("code", "name"))
    return [
        ", ".join(
            part
            for part in (
                names.get(line.event.partner, line.event.partner),
                "" if line.event.trial == trial else titles.get(line.event.trial, line.event.trial),
            )
            if part
        )
        for line in lines
    ]


def _show(request: ScopedRequest, trial: str = "") -> HttpResponse:
    form = ChooseEvents(request.GET or None, trial=trial)
    chosen = form.chosen
    page = Paginator(find_events(**({"trial": trial} | chosen)), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    lines = write_lines(page.object_list)
    context = {
        "form": form,
        "page": page,
        "rows": list(zip(lines, _say_places(lines, trial), strict=True)),
        "trial": request.scope.trial,
        "is_filtered": bool(chosen),
    }
    return render(request, "audit/log.html", context)
