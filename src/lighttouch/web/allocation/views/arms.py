"""Arms of people, for those who may know them; every look is written down."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.allocation import actions, queries
from lighttouch.web.allocation.forms import DeliveringForm, SearchForm
from lighttouch.web.allocation.models import Assignment
from lighttouch.web.allocation.views.common import act_once, address, partner_of, trial_of
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Partner, Stage
from lighttouch.web.returns.marking import write_table
from lighttouch.web.returns.queries import today_of

PER_PAGE = 50
HEADINGS = ("Staff ID", "Team ID", "Building ID", "Arm", "Note")


@requires(Right.SEE_ARMS)
@require_http_methods(["GET", "HEAD", "POST"])
def arms(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Who got which arm, a page at a time.

    A search is posted, so that no code gets into an address.
    """
    trial = trial_of(request)
    if not trial.has_reached(Stage.ALLOCATED):
        return redirect("allocation:page", trial=trial.slug)
    partners = [row.participation.partner for row in queries.list_delivering(trial)]
    form = SearchForm(request.POST or None, partners=partners)
    wanted: dict[str, str] = form.cleaned_data if form.is_valid() else {}
    chosen = next((p for p in partners if p.code == wanted.get("partner")), None)
    found = queries.assignments(trial, partner=chosen, code=wanted.get("code", ""))
    pages: Paginator[Assignment] = Paginator(found, PER_PAGE)
    page = pages.get_page(request.POST.get("page"))
    now = timezone.now()
    rows = queries.tell_arms(trial, list(page), today_of(now))
    what = "search" if wanted.get("code") else "list"
    actions.note_look(trial=trial, what=what, people=len(rows), by=request.user, now=now)
    context = {"trial": trial, "form": form, "page": page, "rows": rows, "chosen": wanted}
    return render(request, "allocation/arms.html", context)


@requires(Right.SEE_PARTNER_ARMS)
@require_safe
def partner(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Who got which arm at one partner, for whoever delivers there."""
    trial, own = trial_of(request), partner_of(request)
    context: dict[str, object] = {"trial": trial, "partner": own}
    if not trial.has_reached(Stage.ALLOCATED):
        return render(request, "allocation/partner_early.html", context)
    if not queries.may_see_partner_arms(request.user, trial, own):
        return render(request, "allocation/partner_blind.html", context, status=403)
    pages: Paginator[Assignment] = Paginator(queries.assignments(trial, partner=own), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    now = timezone.now()
    rows = queries.tell_arms(trial, list(page), today_of(now))
    _note(request, own, "partner's list", len(rows))
    return render(request, "allocation/partner.html", context | {"page": page, "rows": rows})


@requires(Right.SEE_PARTNER_ARMS)
@require_safe
def partner_csv(request: ScopedRequest, **_where: str) -> HttpResponse:
    """The same as a file."""
    trial, own = trial_of(request), partner_of(request)
    if not trial.has_reached(Stage.ALLOCATED):
        return redirect("allocation:partner", trial=trial.slug, partner=own.code)
    if not queries.may_see_partner_arms(request.user, trial, own):
        raise PermissionDenied
    found = list(queries.assignments(trial, partner=own))
    seen = queries.tell_arms(trial, found, today_of(timezone.now()))
    rows = [(one.staff_id, one.team, one.building, one.arm, one.note) for one in seen]
    _note(request, own, "partner's file", len(rows))
    name = f"{trial.slug}-{own.code}-arms.csv"
    return HttpResponse(
        write_table(HEADINGS, rows).encode(),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@requires(Right.SEE_BALANCE)
@require_safe
def balance(request: ScopedRequest, **_where: str) -> HttpResponse:
    """How alike the arms were at baseline."""
    trial = trial_of(request)
    allocation = queries.find_allocation(trial)
    if allocation is None:
        return redirect("allocation:page", trial=trial.slug)
    compared = queries.compare_arms(trial, allocation)
    return render(request, "allocation/balance.html", {"trial": trial, "compared": compared})


@requires(Right.MANAGE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def delivering(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Say which partners deliver what the arms get."""
    trial = trial_of(request)
    rows = queries.list_delivering(trial)
    if not rows:
        return redirect("enrolment:page", trial=trial.slug)
    partners = [row.participation.partner for row in rows]
    ticked = [row.participation.partner.code for row in rows if row.by_partner]
    sent = request.POST if request.method == "POST" else None
    form = DeliveringForm(sent, partners=partners, initial={"partners": ticked})
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            for one in partners:
                actions.decide_delivering(
                    trial=trial,
                    partner=one,
                    by_partner=one.code in form.cleaned_data["partners"],
                    by=request.user,
                    now=timezone.now(),
                )
            return address("page", trial)

        answer = act_once(request, form, act, done="Who delivers is kept.")
        if answer is not None:
            return answer
    context = {"trial": trial, "form": form, "once": once.token()}
    return render(request, "allocation/delivering.html", context)


def _note(request: ScopedRequest, own: Partner, what: str, people: int) -> None:
    actions.note_look(
        trial=trial_of(request),
        partner=own.code,
        what=what,
        people=people,
        by=request.user,
        now=timezone.now(),
    )
