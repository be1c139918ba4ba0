"""Where a partner's coordinator makes a pack, takes it, and says what became of it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from lighttouch.core.errors import InputError, LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.allocation.queries import may_see_partner_arms
from lighttouch.web.audit import once
from lighttouch.web.delivery.models import Mailing
from lighttouch.web.delivery.packs import actions, queries
from lighttouch.web.delivery.packs.forms import OutcomeForm, ReturnedForm, SpoiltForm
from lighttouch.web.delivery.packs.models import Pack, PackKind
from lighttouch.web.delivery.transports.merge_pack import write_page
from lighttouch.web.ui.forms import Form

FORMS = {
    PackKind.MERGE: {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    },
    PackKind.LETTERS: {"pdf": "application/pdf"},
}
NOBODY = "Nobody needs this message from you now. There is nothing to send."


@requires(Right.MANAGE_CONTACTS)
@require_safe
def page(request: ScopedRequest, mailing: int, **_where: str) -> HttpResponse:
    """Show what there is to send, and what became of what was taken."""
    return _show(request, _mailing(request, mailing))


@requires(Right.MANAGE_CONTACTS)
@require_POST
def make(request: ScopedRequest, mailing: int, **_where: str) -> HttpResponseBase:
    """Make the pack, or find the one that is open."""
    found = _mailing(request, mailing)
    try:
        pack = actions.make_pack(mailing=found, by=request.user, now=timezone.now())
    except LighttouchError as error:
        for fault in error.faults:
            messages.error(request, f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}")
    else:
        if pack is None or pack.outcome:
            messages.info(request, NOBODY)
    return redirect(_address(found))


@requires(Right.MANAGE_CONTACTS)
@require_POST
def take(request: ScopedRequest, mailing: int, number: int, **_where: str) -> HttpResponseBase:
    """Hand the pack over as a file; nothing of it is kept here."""
    pack = _pack(request, mailing, number)
    form, kinds = request.POST.get("form", ""), FORMS[PackKind(pack.kind)]
    if form not in kinds or pack.outcome:
        raise InputError("this file cannot be had", remedy="Open the page again")
    content = actions.take_pack(pack=pack, form=form, by=request.user, now=timezone.now())
    return _hand(pack, content, kinds[form], form)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def again(request: ScopedRequest, mailing: int, number: int, **_where: str) -> HttpResponseBase:
    """Print spoilt letters once more."""
    pack = _pack(request, mailing, number)
    if pack.kind != PackKind.LETTERS:
        raise Http404
    form = SpoiltForm(request.POST)
    if form.is_valid():
        try:
            content = actions.take_pack(
                pack=pack,
                form="pdf",
                codes=form.cleaned_data["codes"],
                by=request.user,
                now=timezone.now(),
            )
        except InputError as error:
            _say(form, "codes", error)
        else:
            return _hand(pack, content, FORMS[PackKind.LETTERS]["pdf"], "again.pdf")
    return _show(request, pack.mailing, spoilt=form)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def settle(request: ScopedRequest, mailing: int, number: int, **_where: str) -> HttpResponseBase:
    """Take the coordinator's word on what became of a pack."""
    pack = _pack(request, mailing, number)
    if pack.outcome:
        return _returned(request, pack)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _show(request, pack.mailing, outcome=form)
    said = form.cleaned_data
    sent = said["sent"] == "yes"
    gone = {"came_back": said["came_back"], "unsent": said["unsent"]} if sent else {}

    def act() -> str:
        actions.record_outcome(pack=pack, sent=sent, **gone, by=request.user, now=timezone.now())
        return _address(pack.mailing)

    done = "It counts as sent." if sent else "It waits again."
    return _once(request, form, act, done) or _show(request, pack.mailing, outcome=form)


def _returned(request: ScopedRequest, pack: Pack) -> HttpResponseBase:
    form = ReturnedForm(request.POST)
    if not form.is_valid():
        return _show(request, pack.mailing, returned=form)

    def act() -> str:
        codes = form.cleaned_data["came_back"]
        actions.note_returned(pack=pack, codes=codes, by=request.user, now=timezone.now())
        return _address(pack.mailing)

    done = "They are noted as come back."
    return _once(request, form, act, done) or _show(request, pack.mailing, returned=form)


@requires(Right.MANAGE_CONTACTS)
@require_safe
def join(_request: ScopedRequest, **_where: str) -> HttpResponse:
    """Hand over the offline page that puts names to a pack."""
    return _attach(write_page(), "text/html; charset=utf-8", "put-names-to-the-pack.html")


def _once(
    request: ScopedRequest, form: Form, act: Callable[[], str], done: str
) -> HttpResponseBase | None:
    try:
        return once.guard(request, act, done=done)
    except InputError as error:
        _say(form, "came_back", error)
        return None


def _say(form: Form, field: str, error: InputError) -> None:
    for fault in error.faults:
        form.add_error(field, f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}".strip())


def _show(request: ScopedRequest, mailing: Mailing, **forms: Form) -> HttpResponse:
    now = timezone.now()
    packs = queries.packs_of(mailing)
    current = packs[0] if packs and packs[0].is_open else None
    kind = PackKind(current.pack.kind) if current else queries.kind_of(mailing)
    last = packs[0] if packs and not current and packs[0].sent + packs[0].came_back else None
    context = {
        "trial": request.scope.trial,
        "partner": request.scope.partner,
        "mailing": mailing,
        "letters": kind == PackKind.LETTERS,
        "sends": kind is not None,
        "waiting": queries.waiting(mailing, kind, now) if kind else 0,
        "not_possible": queries.not_possible(mailing) if kind == PackKind.LETTERS else [],
        "is_due": queries.end_of_day(now) > mailing.due_at,
        "is_late": current is not None and current.pack.answer_by < now,
        "current": current,
        "last": last,
        "earlier": [one for one in packs if one is not current],
        "outcome": forms.get("outcome") or OutcomeForm(),
        "returned": forms.get("returned") or ReturnedForm(),
        "spoilt": forms.get("spoilt") or SpoiltForm(),
        "once": once.token(),
    }
    return render(request, "delivery/pack.html", context, status=422 if forms else 200)


def _hand(pack: Pack, content: bytes, kind: str, ending: str) -> HttpResponse:
    step, partner = pack.mailing.step, pack.mailing.partner
    dot = "-" if "." in ending else "."
    name = f"{step.trial.slug}-{partner.code}-{step.code}-pack-{pack.number}{dot}{ending}"
    return _attach(content, kind, name)


def _attach(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)


def _mailing(request: ScopedRequest, number: int) -> Mailing:
    mailings = Mailing.objects.select_related("step__survey", "step__trial__programme", "partner")
    found = get_object_or_404(
        mailings, pk=number, step__trial=request.scope.trial, partner=request.scope.partner
    )
    gives_away_arms = found.step.survey_id is None
    if gives_away_arms and not may_see_partner_arms(request.user, found.step.trial, found.partner):
        raise InputError(
            "who gets this message gives away arms",
            where=found.step.label,
            remedy="Ask a trial manager to record that your organisation delivers",
        )
    return found


def _pack(request: ScopedRequest, mailing: int, number: int) -> Pack:
    found = queries.find_pack(_mailing(request, mailing), number)
    if found is None:
        raise Http404
    return found


def _address(mailing: Mailing) -> str:
    trial = mailing.step.trial.slug
    return reverse("delivery:pack", args=[trial, mailing.partner.code, mailing.pk])
