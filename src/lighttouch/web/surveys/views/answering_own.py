"""Somebody's own page: what is held, take it along, correct it, withdraw, delete."""

import csv
import io

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from lighttouch.web.enrolment.models import Withdrawal
from lighttouch.web.enrolment.queries import Standing, standing
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys import actions
from lighttouch.web.surveys.asking import pages_of
from lighttouch.web.surveys.queries import answers_seen_from, own_answers
from lighttouch.web.surveys.views.visits import COOKIE, Visit, visiting

TEMPLATES = "surveys/answering"
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


@require_GET
@visiting
def mine(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what is held and what can be done about it."""
    if visit.elsewhere:
        return redirect("surveys:start", token=visit.token)
    own, elsewhere = answers_seen_from(visit.device) if visit.device else ({}, set())
    stands = standing(visit.link.participant, today_of(visit.now))
    context = {
        "visit": visit,
        "held": len({*own, *elsewhere}),
        "here": len(own),
        "stands": stands,
        "may_correct": visit.answering and visit.open and stands.collection,
        "asks": [(how.value, *words) for how, words in ASKS.items() if _is_further(stands, how)],
    }
    return render(request, f"{TEMPLATES}/mine.html", context)


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
    if visit.elsewhere:
        return redirect("surveys:start", token=visit.token)
    kind = Withdrawal(how)
    if request.method == "POST":
        actions.withdraw(link=visit.link, how=kind, now=visit.now)
        return redirect("surveys:mine", token=visit.token)
    heading, words = ASKS[kind]
    context = {"visit": visit, "heading": heading, "words": words, "button": heading}
    return render(request, f"{TEMPLATES}/confirm.html", context)


@visiting
def delete(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what deleting does; delete when confirmed."""
    if visit.elsewhere:
        return redirect("surveys:start", token=visit.token)
    if request.method == "POST":
        actions.erase(link=visit.link, now=visit.now)
        return redirect("surveys:mine", token=visit.token)
    context = {
        "visit": visit,
        "heading": "Delete my answers to this survey",
        "words": "Every answer you gave to this survey is deleted, at once. Only a note stays that "
        "there was a response, so that numbers add up. You cannot answer this survey again.",
        "button": "Delete my answers",
    }
    return render(request, f"{TEMPLATES}/confirm.html", context)


@require_GET
@visiting
def download(_request: HttpRequest, visit: Visit, kind: str) -> HttpResponse:
    """Give somebody the answers they gave on this device, and no others."""
    if visit.device is None or visit.erased:
        return redirect("surveys:mine", token=visit.token)
    own = own_answers(visit.device)
    rows = [
        {"item": item.id, "question": item.text, "answer": own[item.id] or "Prefer not to say"}
        for page in pages_of(visit.survey, visit.link.variant)
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
    response = redirect("surveys:start", token=visit.token)
    response.delete_cookie(COOKIE, path="/s/")
    return response
