"""The survey as staff meet it: landing, consent, questions, check, thanks."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from lighttouch.core.errors import LighttouchError
from lighttouch.web.surveys import actions
from lighttouch.web.surveys.asking import AskedPage, pages_of, told_count
from lighttouch.web.surveys.devices import new_cookie
from lighttouch.web.surveys.models import Consent
from lighttouch.web.surveys.posted import ShownPage, read_page, read_seconds, show_page
from lighttouch.web.surveys.queries import answers_seen_from
from lighttouch.web.surveys.validating import AnswerError, check_values
from lighttouch.web.surveys.views.visits import Visit, keep_cookie, visiting
from lighttouch.web.surveys.windows import no_more_collection

TEMPLATES = "surveys/answering"


@visiting
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what this is (changing nothing, for mail scanners look too); go on when told to."""
    if request.method != "POST":
        questions = told_count(visit.survey)
        context = {"visit": visit, "questions": questions, "state": _state(visit)}
        return render(request, f"{TEMPLATES}/start.html", context)
    cookie = visit.cookie or new_cookie()
    if visit.elsewhere:
        if request.POST.get("mine") != "yes":
            return redirect("surveys:start", token=visit.token)
        actions.join_device(link=visit.link, cookie=cookie, now=visit.now)
    response = redirect("surveys:next", token=visit.token)
    keep_cookie(response, cookie)
    return response


def _state(visit: Visit) -> str:
    """Say which landing page it is; to another browser it never tells what somebody did."""
    if visit.erased:
        return "done"
    if visit.elsewhere:
        return "elsewhere"
    if no_more_collection(visit.link.participant_id).exists():
        return "withdrawn"
    if not visit.open:
        return "early" if visit.early else "closed"
    return _how_far(visit)


def _how_far(visit: Visit) -> str:
    if visit.response is None:
        return "fresh"
    if visit.response.consent == Consent.DECLINED:
        return "declined"
    return "finished" if visit.response.finished_at else "begun"


@require_GET
@visiting
def carry_on(_request: HttpRequest, visit: Visit) -> HttpResponse:
    """Go to where the person left off."""
    if not visit.open or visit.erased:
        return redirect("surveys:mine", token=visit.token)
    if not visit.answering:
        return redirect("surveys:consent", token=visit.token)
    own, elsewhere = answers_seen_from(visit.device)
    done = {*own, *elsewhere}
    for page in pages_of(visit.survey, visit.link.variant):
        if any(item.id not in done for item in page.items):
            return redirect("surveys:page", token=visit.token, page=page.number)
    return redirect("surveys:check", token=visit.token)


@visiting
def consent(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for consent, and keep what is said."""
    if not visit.open or visit.erased or visit.elsewhere or not visit.cookie:
        return redirect("surveys:start", token=visit.token)
    said = request.POST.get("consent")
    if said not in Consent.values:
        return render(request, f"{TEMPLATES}/consent.html", {"visit": visit})
    act = actions.agree if said == Consent.AGREED else actions.decline
    try:
        act(link=visit.link, cookie=visit.cookie, now=visit.now)
    except actions.ClosedError:
        return redirect("surveys:start", token=visit.token)
    return redirect(
        "surveys:next" if said == Consent.AGREED else "surveys:start", token=visit.token
    )


@visiting
def page(request: HttpRequest, visit: Visit, page: int) -> HttpResponse:
    """Ask one page's questions; keep what the form says and go on."""
    asked = _find_page(visit, page)
    if not visit.answering or asked is None or (request.method != "POST" and not visit.open):
        return redirect("surveys:start", token=visit.token)
    own, elsewhere = answers_seen_from(visit.device)
    if request.method == "POST":
        return _keep_page(request, visit, asked, own, elsewhere)
    return _show(request, visit, show_page(asked, own, elsewhere=elsewhere))


def _keep_page(
    request: HttpRequest, visit: Visit, asked: AskedPage, own: dict[str, str], elsewhere: set[str]
) -> HttpResponse:
    """Keep what can be kept; show the page again with what was typed where something is wrong."""
    values = read_page(asked, request.POST, own)
    wrong = _faults(visit, values)
    # An answer that was saved already keeps the moment and the seconds it was given with.
    new = {item: value for item, value in values.items() if own.get(item) != value}
    right = {item: value for item, value in new.items() if item not in wrong}
    closed = False
    try:
        _answer(request, visit, asked, right)
    except actions.ClosedError:
        closed = True
    if wrong or closed:
        shown = show_page(asked, own | values, elsewhere=elsewhere, faults=wrong)
        return _show(request, visit, shown, closed=closed)
    if "back" in request.POST and asked.number > 1:
        return redirect("surveys:page", token=visit.token, page=asked.number - 1)
    if asked.number < len(pages_of(visit.survey, visit.link.variant)):
        return redirect("surveys:page", token=visit.token, page=asked.number + 1)
    return redirect("surveys:check", token=visit.token)


def _faults(visit: Visit, values: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with answers, by item, in words for whoever gave them."""
    try:
        check_values(visit.survey, values, visit.link.variant)
    except AnswerError as error:
        told = {fault.where: fault.what.removeprefix("the answer is ") for fault in error.faults}
        return {item: f"This is {what}" for item, what in told.items()}
    return {}


def _answer(request: HttpRequest, visit: Visit, asked: AskedPage, values: dict[str, str]) -> None:
    assert visit.response is not None
    assert visit.device is not None
    actions.answer(
        response=visit.response,
        values=values,
        device=visit.device,
        now=visit.now,
        seconds=read_seconds(asked, request.POST),
    )


def _show(
    request: HttpRequest, visit: Visit, shown: ShownPage, *, closed: bool = False
) -> HttpResponse:
    total = pages_of(visit.survey, visit.link.variant)[-1].last
    context = {"visit": visit, "shown": shown, "total": total, "closed": closed}
    status = 409 if closed else 422 if shown.faults else 200
    return render(request, f"{TEMPLATES}/page.html", context, status=status)


def _find_page(visit: Visit, number: int) -> AskedPage | None:
    return next(
        (one for one in pages_of(visit.survey, visit.link.variant) if one.number == number), None
    )


@require_POST
@visiting
def save(request: HttpRequest, visit: Visit, page: int) -> HttpResponse:
    """Keep single answers as they are given; what the page's script sends."""
    asked = _find_page(visit, page)
    if not visit.answering or asked is None:
        return JsonResponse({"state": "lost"}, status=409)
    emptied = {item.id: "" for item in asked.items if item.id in request.POST}
    try:
        _answer(request, visit, asked, read_page(asked, request.POST, emptied))
    except actions.ClosedError:
        return JsonResponse({"state": "closed"}, status=409)
    except LighttouchError:
        return JsonResponse({"state": "wrong"}, status=422)
    return JsonResponse({"state": "saved"})


@visiting
def check(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how much is answered and what is left; finish, gaps or not."""
    if not visit.answering or not visit.open:
        return redirect("surveys:start", token=visit.token)
    if request.method == "POST":
        assert visit.response is not None
        try:
            actions.finish(response=visit.response, now=visit.now)
        except actions.ClosedError:
            return redirect("surveys:start", token=visit.token)
        return redirect("surveys:thanks", token=visit.token)
    own, elsewhere = answers_seen_from(visit.device)
    done = {*own, *elsewhere}
    left = [
        (one, sum(item.id not in done for item in one.items))
        for one in pages_of(visit.survey, visit.link.variant)
    ]
    total = pages_of(visit.survey, visit.link.variant)[-1].last
    context = {
        "visit": visit,
        "total": total,
        "answered": total - sum(number for _, number in left),
        "gaps": [(one, number) for one, number in left if number],
        "last_page": len(left),
    }
    return render(request, f"{TEMPLATES}/check.html", context)


@require_GET
@visiting
def thanks(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Thank them, and say where their own page is."""
    if not visit.answering:
        return redirect("surveys:start", token=visit.token)
    return render(request, f"{TEMPLATES}/thanks.html", {"visit": visit})
