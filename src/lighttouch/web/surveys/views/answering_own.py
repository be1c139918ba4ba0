"""Somebody's own page: what is held, take it along, correct it, withdraw, delete."""

import csv
import io
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from lighttouch.web.enrolment.models import Withdrawal
from lighttouch.web.enrolment.queries import Standing, standing
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys import actions
from lighttouch.web.surveys.devices import new_cookie
from lighttouch.web.surveys.models import Response
from lighttouch.web.surveys.posted import first, read_form
from lighttouch.web.surveys.views.visits import Visit, forget, keep_claim, keep_cookie, visiting

KINDS = ("csv", "json")
ASKS = {
    Withdrawal.STOP_CONTACT: (
        "Stop messages to me",
        "You get no more messages or reminders from this trial. Answers you gave are kept.",
    ),
    Withdrawal.STOP_COLLECTION: (
        "Stop collecting anything about me",
        "No more messages, and nothing more is collected about you, by survey or from staff "
        "records. What was collected before is kept.",
    ),
    Withdrawal.ERASE: (
        "Leave the trial and erase my answers",
        "No more messages, nothing more is collected, and every answer you gave in this trial is "
        "deleted. This cannot be undone.",
    ),
}


@visiting
def mine(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what is held and what can be done about it, once somebody says that it is theirs."""
    if request.method == "POST":
        return _claim(request, visit)
    if not visit.known:
        return visit.show(request, "gate")
    own, elsewhere = visit.answers
    stands = standing(visit.link.participant, today_of(visit.now))
    return visit.show(
        request,
        "mine",
        held=len({*own, *elsewhere}),
        here=len(own),
        stands=stands,
        erased_at=_erased_at(visit),
        may_correct=visit.answering and visit.open and stands.collection,
        asks=[(how.value, *words) for how, words in ASKS.items() if _is_further(stands, how)],
    )


def _claim(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Open the page to a browser whose person says that the link is theirs."""
    response = visit.go("mine/")
    if first(read_form(request), "mine") != "yes":
        return response
    if visit.elsewhere:
        cookie = visit.cookie or new_cookie()
        actions.join_device(link=visit.link, cookie=cookie, now=visit.now)
        keep_cookie(response, cookie)
    keep_claim(response, visit)
    return response


def _erased_at(visit: Visit) -> datetime | None:
    if visit.said is None:
        return None
    return Response.objects.values_list("erased_at", flat=True).get(pk=visit.said.response)


def _is_further(stands: Standing, how: Withdrawal) -> bool:
    """Say whether a withdrawal goes further than what was said already."""
    return {
        Withdrawal.STOP_CONTACT: stands.contact,
        Withdrawal.STOP_COLLECTION: stands.collection,
        Withdrawal.ERASE: not stands.erased,
    }[how]


@visiting
def withdraw(request: HttpRequest, visit: Visit, how: str) -> HttpResponse:
    """Say what a withdrawal does; record it when confirmed."""
    if how not in Withdrawal.values:
        raise Http404
    if not visit.known:
        return visit.go("mine/")
    kind = Withdrawal(how)
    if request.method == "POST":
        actions.withdraw(link=visit.link, how=kind, now=visit.now)
        return _back_to_mine(visit)
    heading, words = ASKS[kind]
    return visit.show(request, "confirm", heading=heading, words=words, button=heading)


@visiting
def delete(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what deleting does; delete when confirmed."""
    if not visit.known:
        return visit.go("mine/")
    if request.method == "POST":
        actions.erase(link=visit.link, now=visit.now)
        return _back_to_mine(visit)
    return visit.show(
        request,
        "confirm",
        heading="Delete my answers to this survey",
        words="Every answer you gave to this survey is deleted, at once. Only a note stays that "
        "there was a response, so that numbers add up. You cannot answer this survey again.",
        button="Delete my answers",
    )


def _back_to_mine(visit: Visit) -> HttpResponse:
    """Go to their own page; what is deleted knows no browser any more, so this one is told."""
    response = visit.go("mine/")
    keep_claim(response, visit)
    return response


@require_GET
@visiting
def download(_request: HttpRequest, visit: Visit, kind: str) -> HttpResponse:
    """Give somebody the answers they gave on this device, and no others."""
    if kind not in KINDS:
        raise Http404
    if visit.device is None or visit.erased:
        return visit.go("mine/")
    own, _ = visit.answers
    rows = [
        {"item": item.id, "question": item.text, "answer": own[item.id] or "Prefer not to say"}
        for page in visit.asked.pages
        for item in page.items
        if item.id in own
    ]
    response = (
        JsonResponse(rows, safe=False, json_dumps_params={"ensure_ascii": False, "indent": 2})
        if kind == "json"
        else HttpResponse(_as_csv(rows), content_type="text/csv; charset=utf-8")
    )
    response["Content-Disposition"] = f'attachment; filename="my-answers.{kind}"'
    return response


def _as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ("item", "question", "answer"))
    writer.writeheader()
    # A spreadsheet takes what begins like a formula for one.
    writer.writerows(
        {key: f"'{text}" if text[:1] in "=+-@" else text for key, text in row.items()}
        for row in rows
    )
    return out.getvalue()


@require_POST
@visiting
def leave(_request: HttpRequest, visit: Visit) -> HttpResponse:
    """Have this browser forget that it answered: for one that is shared."""
    response = visit.go()
    forget(response, visit)
    return response
