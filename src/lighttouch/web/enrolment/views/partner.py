"""What a partner's coordinator records about people after the roster is frozen."""

import re
from collections import Counter

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import Fault, InputError, LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.audit import once
from lighttouch.web.enrolment import actions, queries, reading
from lighttouch.web.enrolment.forms import CancelForm, FileForm, HappeningForm
from lighttouch.web.enrolment.models import Event, Happening, Withdrawal
from lighttouch.web.enrolment.telling import Told, check_all, refuse_unless_open
from lighttouch.web.enrolment.views.common import draw_table, partner_of, trial_of
from lighttouch.web.enrolment.views.roster import say_since
from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns.queries import today_of
from lighttouch.web.ui.dates import say_date
from lighttouch.web.ui.pieces import Fact

PER_PAGE = 50
MOST_FAULTS = 100
_ROW = re.compile(r"\d+")
WHATS: dict[str, tuple[Event, str]] = {
    "left": (Event.LEFT, "Somebody left"),
    "moved": (Event.TRANSFER, "Somebody moved to another team or building"),
    "on-leave": (Event.ON_LEAVE, "Somebody went on long leave"),
    "back": (Event.RETURNED, "Somebody came back from leave"),
    "withdrew": (Event.WITHDRAWAL, "Somebody withdrew from the trial"),
}
"""What can be recorded: the last part of its address, and its words."""


@requires(Right.RECORD_EVENT)
@require_safe
def page(request: ScopedRequest, **_where: str) -> HttpResponse:
    """A partner's people since the roster was frozen: counts, and what was recorded."""
    trial, partner = trial_of(request), partner_of(request)
    context: dict[str, object] = {"trial": trial, "partner": partner}
    if not trial.has_reached(Stage.ENROLLED):
        return render(request, "enrolment/too_early.html", context)
    counts = queries.exclusions(trial).of_partner(partner)
    table, _ = draw_table(counts, "Screened and enrolled", exact=True)
    happened = Paginator(queries.happenings_of(trial, partner), PER_PAGE)
    context |= {
        "counts": counts,
        "table": table,
        "since": say_since(queries.count_since(trial, partner), exact=True),
        "happened": happened.get_page(request.GET.get("page")),
        "whats": [(what, words) for what, (_, words) in WHATS.items()],
        "locked": trial.has_reached(Stage.LOCKED),
    }
    return render(request, "enrolment/partner.html", context)


@requires(Right.RECORD_EVENT)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: ScopedRequest, what: str, **_where: str) -> HttpResponseBase:
    """Record one thing about one person: say it, check it, record it."""
    if what not in WHATS:
        raise Http404
    trial, partner = trial_of(request), partner_of(request)
    event, words = WHATS[what]
    form = HappeningForm(request.POST or None, event=event)
    refuse_unless_open(trial, event)
    context: dict[str, object] = {"title": words, "once": once.token(), "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            check_all(trial, partner, [form.told], places=(), today=today_of(timezone.now()))
            if "change" not in request.POST and "checked" in request.POST:
                return _record(request, [form.told], ())
        except LighttouchError as error:
            _explain(form, error)
        else:
            if "change" not in request.POST:
                context |= {"facts": _facts(form.told), "told": form.told}
                context["typed"] = [pair for pair in request.POST.items() if _is_typed(pair[0])]
                return _render(request, "enrolment/check.html", context)
    template = "enrolment/record.html"
    return _render(request, template, context, status=422 if form.errors else 200)


@requires(Right.RECORD_EVENT)
@require_http_methods(["GET", "HEAD", "POST"])
def many(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Record what a file tells: read it, show what it comes to, record it."""
    plain = request.POST.get("plain", "")
    form = FileForm(*((request.POST, request.FILES) if _is_sent(request) and not plain else ()))
    faults: tuple[Fault, ...] = ()
    if _is_sent(request) and (plain or form.is_valid()):
        content = plain.encode() if plain else form.cleaned_data["file"].read()
        try:
            file = reading.read_file(content)
            faults = _faults(request, file)
        except InputError as error:
            faults = error.faults
        else:
            if not faults:
                return _confirm(request, file, sure=bool(plain))
    context = {
        "form": form,
        "faults": faults[:MOST_FAULTS],
        "more_faults": max(len(faults) - MOST_FAULTS, 0),
        "words": list(reading.WHAT_HAPPENED),
        "far": list(reading.HOW_FAR),
    }
    wrong = bool(faults or form.errors)
    return _render(request, "enrolment/many.html", context, status=422 if wrong else 200)


def _faults(request: ScopedRequest, file: reading.File) -> tuple[Fault, ...]:
    """Say everything that is wrong in a file, row by row; nothing is recorded."""
    today = today_of(timezone.now())
    try:
        check_all(
            trial_of(request), partner_of(request), file.told, places=file.places, today=today
        )
    except InputError as error:
        found = (*file.faults, *error.faults)
        return tuple(sorted(found, key=lambda fault: int(_ROW.findall(fault.where)[0])))
    return file.faults


def _confirm(request: ScopedRequest, file: reading.File, *, sure: bool) -> HttpResponseBase:
    if sure:
        return _record(request, file.told, file.places)
    context: dict[str, object] = {
        "file": file,
        "sums": _sum(file.told),
        "erasing": any(one.detail == Withdrawal.ERASE for one in file.told),
        "once": once.token(),
    }
    return _render(request, "enrolment/check_many.html", context)


@requires(Right.RECORD_EVENT)
@require_safe
def template(request: ScopedRequest, **_where: str) -> HttpResponse:
    """An empty file to fill in."""
    name = f"{trial_of(request).slug}-{partner_of(request).code}-changes.csv"
    return HttpResponse(
        reading.template(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@requires(Right.RECORD_EVENT)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: ScopedRequest, happening: int, **_where: str) -> HttpResponseBase:
    """Cancel a record that was a mistake."""
    found = get_object_or_404(
        queries.happenings_of(trial_of(request), partner_of(request)), pk=happening
    )
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once.guard(
                request, lambda: _cancel(request, found, form), done="The record is cancelled."
            )
        except LighttouchError as error:
            form.add_error("reason", _say_faults(error))
    context = {
        "form": form,
        "happening": found,
        "facts": _facts(_told_by(found)),
        "once": once.token(),
    }
    return _render(request, "enrolment/cancel.html", context, status=422 if form.errors else 200)


def _cancel(request: ScopedRequest, happening: Happening, form: CancelForm) -> str:
    actions.cancel_happening(
        happening=happening,
        reason=form.cleaned_data["reason"],
        by=request.user,
        now=timezone.now(),
    )
    return _home(request)


def _record(
    request: ScopedRequest, told: list[Told], places: list[str] | tuple[()]
) -> HttpResponseBase:
    def act() -> str:
        actions.record_many(
            trial=trial_of(request),
            partner=partner_of(request),
            told=told,
            places=places,
            by=request.user,
            now=timezone.now(),
        )
        return _home(request)

    many = f"{len(told):,} records are kept." if len(told) > 1 else "The record is kept."
    return once.guard(request, act, done=f"{many} Who was enrolled does not change.")


def _home(request: ScopedRequest) -> str:
    return reverse("enrolment:partner", args=[trial_of(request).slug, partner_of(request).code])


def _render(
    request: ScopedRequest, name: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    about = {"trial": trial_of(request), "partner": partner_of(request)}
    return render(request, name, about | context, status=status)


def _is_typed(name: str) -> bool:
    return name.partition("_")[0] in ("staff", "on", "how", "team", "building")


def _is_sent(request: ScopedRequest) -> bool:
    return request.method == "POST"


def _explain(form: HappeningForm, error: LighttouchError) -> None:
    """Put each fault beside its field."""
    fields = {"staff code": "staff_id", "date": "on", "how far": "how_far"}
    for fault in error.faults:
        field = fields.get(fault.where, fault.where)
        words = f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}".strip()
        form.add_error(field if field in form.fields else None, words)


def _say_faults(error: LighttouchError) -> str:
    return " ".join(f"{f.what[:1].upper()}{f.what[1:]}. {f.remedy}".strip() for f in error.faults)


def _facts(told: Told) -> list[Fact]:
    facts = [
        Fact("Staff code", told.staff_id),
        Fact("What happened", told.event.label),
        Fact("Date", say_date(told.on)),
    ]
    if told.detail:
        facts.append(Fact("How far", Withdrawal(told.detail).label))
    places = (("New team", told.team), ("New building", told.building))
    return facts + [Fact(key, code) for key, code in places if code]


def _told_by(happening: Happening) -> Told:
    return Told(
        happening.participant.staff_id,
        Event(happening.event),
        happening.on,
        happening.detail,
        happening.team,
        happening.building,
    )


def _sum(told: list[Told]) -> list[tuple[int, str]]:
    """Count what a file tells, kind by kind."""
    kinds = Counter(Withdrawal(one.detail).label if one.detail else one.event.label for one in told)
    return [(number, words) for words, number in sorted(kinds.items())]
