"""What a trial manager sees and does: the collection grid, and opening a return again."""

from datetime import date

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, requires
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols.queries import is_registered
from lighttouch.web.returns import actions, marking, queries
from lighttouch.web.returns.forms import ReopenForm
from lighttouch.web.returns.models import Return
from lighttouch.web.returns.queries import Grid, Progress, Standing
from lighttouch.web.returns.views.common import LOOKS, about, address, find
from lighttouch.web.ui.charts import Cell, Row, draw_grid
from lighttouch.web.ui.dates import say_date

COLUMNS = ("Partner", "Collection", "Due", "State", "Late", "Version", "People", "To explain")


@requires(Right.READ_RETURNS)
@require_safe
def grid(request: ScopedRequest, trial: str) -> HttpResponse:  # noqa: ARG001
    """Every return of a trial: partners down, waves across."""
    return _render_grid(request, "returns/grid.html")


@requires(Right.READ_RETURNS)
@require_safe
def grid_live(request: ScopedRequest, trial: str) -> HttpResponse:  # noqa: ARG001
    """The grid alone, for renewing it in place."""
    return _render_grid(request, "returns/_grid.html")


@requires(Right.READ_RETURNS)
@require_safe
def grid_csv(request: ScopedRequest, trial: str) -> HttpResponse:
    """The grid as a table."""
    found = _find_grid(_trial(request))
    rows = [_csv_row(standing) for standing in found.standings] if found else []
    text = marking.write_table(COLUMNS, rows)
    return HttpResponse(
        text.encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{trial}-returns.csv"'},
    )


@requires(Right.MANAGE_RETURNS)
@require_POST
def ask(request: ScopedRequest, trial: str) -> HttpResponseBase:
    """Ask the partners for their returns now, rather than within the hour."""

    def act() -> str:
        actions.open_wave_returns(trial=_trial(request), by=request.user, now=timezone.now())
        return reverse("returns:grid", args=(trial,))

    return once.guard(request, act, done="The partners are asked for their returns.")


@requires(Right.MANAGE_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Open a signed-off return again, with a reason."""
    sent = find(request, wave)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once.guard(
                request, lambda: _reopen(request, sent, form), done="The return is open again."
            )
        except LighttouchError as error:
            form.add_error("reason", str(error))
    context = about(request, sent) | {
        "form": form,
        "fixed": queries.why_not_reopened(sent),
        "once": once.token(),
    }
    return render(request, "returns/reopen.html", context)


def _reopen(request: ScopedRequest, sent: Return, form: ReopenForm) -> str:
    reason = form.cleaned_data["reason"]
    actions.reopen(sent=sent, reason=reason, by=request.user, now=timezone.now())
    return address("return", sent)


def _trial(request: ScopedRequest) -> Trial:
    trial = request.scope.trial
    assert trial is not None  # the address names it
    return trial


def _find_grid(trial: Trial) -> Grid | None:
    return queries.collection_grid(trial, timezone.now()) if is_registered(trial) else None


def _render_grid(request: ScopedRequest, template: str) -> HttpResponse:
    trial = _trial(request)
    found = _find_grid(trial)
    context: dict[str, object] = {
        "trial": trial,
        "grid": found,
        "now": timezone.now(),
        "may_manage": has_right(request.user, Right.MANAGE_RETURNS, request.scope),
        "once": once.token(),
    }
    if found is not None and found.rows:
        context |= {
            "chart": _draw(trial, found),
            "signed_off": found.count(Progress.SIGNED_OFF),
            "ready": found.count(Progress.READY) + found.count(Progress.TO_EXPLAIN),
            "sent_back": found.count(Progress.SENT_BACK),
            "asked": len(found.standings),
        }
    return render(request, template, context)


def _draw(trial: Trial, found: Grid) -> object:
    columns = [wave.label for wave in found.waves]
    rows = [
        Row(
            row.partner.name,
            tuple(_cell(label, cell) for label, cell in zip(columns, row.cells, strict=True)),
            reverse("returns:partner", args=(trial.slug, row.partner.code)),
        )
        for row in found.rows
    ]
    return draw_grid("Returns by partner and collection", columns, rows)


def _cell(label: str, standing: Standing | None) -> Cell:
    if standing is None:
        return Cell(label, "waiting", "Not asked for")
    look = LOOKS[standing.progress]
    if standing.late and look != "wrong":
        look = "late"
    return Cell(label, look, _words(standing), address("return", standing.of), _note(standing))  # type: ignore[arg-type]


def _words(standing: Standing) -> str:
    label = standing.progress.label
    if standing.late and standing.progress != Progress.LATE:
        return f"{label}, late"
    return label


def _note(standing: Standing) -> str:
    if standing.progress == Progress.SIGNED_OFF:
        return f"{standing.people:,} people"
    if standing.progress == Progress.NOT_OPEN:
        return f"opens {_short(standing.of.opens_on)}"
    return f"due {_short(standing.of.due_on)}"


def _short(day: date) -> str:
    return " ".join(say_date(day).split()[1:])


def _csv_row(standing: Standing) -> tuple[object, ...]:
    return (
        standing.of.partner.name,
        standing.wave_label,
        standing.of.due_on.isoformat(),
        standing.progress.label,
        "yes" if standing.late else "no",
        standing.number or None,
        standing.people or None,
        standing.unexplained or None,
    )
