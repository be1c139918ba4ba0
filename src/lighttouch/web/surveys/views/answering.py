"""The survey as staff meet it: landing with consent, the questions, thanks."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.surveys import actions
from lighttouch.web.surveys.compiling import Asked
from lighttouch.web.surveys.devices import new_cookie
from lighttouch.web.surveys.filling import Told, fill_questions
from lighttouch.web.surveys.models import Consent, Survey
from lighttouch.web.surveys.posted import first, read_answers, read_form, read_seconds
from lighttouch.web.surveys.validating import AnswerError
from lighttouch.web.surveys.views.around import landing_page, thanks_page
from lighttouch.web.surveys.views.visits import Visit, keep_cookie, visiting

CLOSED = "The survey has closed"
WITHDREW = "You withdrew"


@require_safe
@visiting
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what this is and ask for consent; to a browser not known, the same whatever was said.

    Opening the page changes nothing, for mail scanners open every link.
    """
    return _welcome_back(request, visit) if visit.known else _landing(request, visit)


def _landing(request: HttpRequest, visit: Visit) -> HttpResponse:
    if not visit.open:
        return visit.show(request, "start", state="early" if visit.early else "closed")
    return HttpResponse(landing_page(visit.found, visit.asked))


def _welcome_back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Send somebody who is known straight on, or say where they stand."""
    state = _how_far(visit)
    if state == "begun":
        return visit.go("questions/")
    if state == "fresh":
        return _landing(request, visit)
    return visit.show(request, "start", state=state)


def _how_far(visit: Visit) -> str:
    if visit.erased:
        return "done"
    if visit.found.withdrawn:
        return "withdrawn"
    if not visit.open:
        return "early" if visit.early else "closed"
    if visit.said is None:
        return "fresh"
    if not visit.said.agreed:
        return "declined"
    return "finished" if visit.said.finished else "begun"


@require_GET
@visiting
def consent(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show again what was agreed to; minds can be changed while the survey is open."""
    if not visit.known or not visit.open or visit.erased:
        return visit.go()
    lines = Survey.objects.only("statement").get(pk=visit.found.survey).statement
    return visit.show(request, "consent", statement=lines)


@visiting
def questions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take consent, ask everything on one page, keep what its form says and go on."""
    if request.method == "POST":
        posted = read_form(request)
        said = first(posted, "consent")
        if said in Consent.values:
            return _consent(request, visit, Consent(said), posted)
        if visit.answering:
            return _keep_form(visit, posted)
    elif visit.answering and visit.open:
        assert visit.said is not None
        if not visit.said.begun:
            return _fresh(request, visit.asked)
        return HttpResponse(fill_questions(visit.asked, Told(*visit.answers)))
    return visit.go()


def _consent(
    request: HttpRequest, visit: Visit, said: Consent, posted: Mapping[str, list[str]]
) -> HttpResponse:
    """Keep what is said; where the link was used on another device, ask first whose it is.

    Whoever agrees gets the questions at once: on a phone far from a mast, each further request is
    a wait.
    """
    if visit.elsewhere and first(posted, "mine") != "yes" and visit.open:
        return visit.show(request, "whose", consent=said.value)
    cookie = visit.cookie or new_cookie()
    try:
        actions.say(found=visit.found, consent=said, cookie=cookie, now=visit.now)
    except actions.ClosedError:
        return visit.show(request, "start", state=_how_far(visit))
    if said == Consent.AGREED and visit.said is None:
        response = _fresh(request, visit.asked)
    else:
        response = visit.go("questions/" if said == Consent.AGREED else "")
    keep_cookie(response, cookie)
    return response


def _fresh(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Return the questions unanswered: for everybody the same, so small for whoever takes it."""
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(asked.document.whole)
    response = HttpResponse(asked.document.packed)
    response["Content-Encoding"] = "gzip"
    return response


def _keep_form(visit: Visit, posted: Mapping[str, list[str]]) -> HttpResponse:
    """Keep what can be kept; show the form again with what was typed where something is wrong."""
    values = read_answers(visit.asked.allowed, posted)
    going = first(posted, "go")
    wrong: dict[str, str] = {}
    closed = ""
    try:
        wrong = _keep_right(visit, values, read_seconds(posted), finished=going == "finish")
    except actions.ClosedError:
        closed = WITHDREW if visit.open and visit.found.withdrawn else CLOSED
    if wrong or closed:
        page = fill_questions(visit.asked, Told(*visit.answers, values, wrong, closed))
        return HttpResponse(page, status=409 if closed else 422)
    if going == "finish":
        # Not by sending the browser on, as for consent; it learns from the page where it is.
        return HttpResponse(thanks_page(visit.found, visit.asked))
    return visit.go(f"questions/#part-{going}" if going.isdigit() else "questions/")


def _keep_right(
    visit: Visit, values: dict[str, str], seconds: dict[str, int], *, finished: bool
) -> dict[str, str]:
    """Keep the answers that are allowed; return what is wrong with the others, by item."""
    try:
        _keep(visit, values, seconds, finished=finished)
    except AnswerError as error:
        told = {fault.where: fault.what.removeprefix("the answer is ") for fault in error.faults}
        right = {item: value for item, value in values.items() if item not in told}
        _keep(visit, right, seconds)
        return {item: f"This is {what}" for item, what in told.items()}
    return {}


def _keep(
    visit: Visit, values: dict[str, str], seconds: dict[str, int], *, finished: bool = False
) -> None:
    assert visit.said is not None
    assert visit.device is not None
    actions.keep(
        found=visit.found,
        response=visit.said.response,
        device=visit.device,
        values=values,
        now=visit.now,
        seconds=seconds,
        finished=finished,
    )


@require_POST
@visiting
def save(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep single answers as they are given; what the page's script sends."""
    if not visit.answering:
        return JsonResponse({"state": "lost"}, status=409)
    posted = read_form(request)
    values = read_answers(visit.asked.allowed, posted, emptied=True)
    try:
        _keep(visit, values, read_seconds(posted))
    except actions.ClosedError:
        return JsonResponse({"state": "closed"}, status=409)
    except LighttouchError:
        return JsonResponse({"state": "wrong"}, status=422)
    return JsonResponse({"state": "saved"})


@require_GET
@visiting
def thanks(_request: HttpRequest, visit: Visit) -> HttpResponse:
    """Thank them, and say where their own page is."""
    if not visit.answering or visit.said is None or not visit.said.finished:
        return visit.go()
    return HttpResponse(thanks_page(visit.found, visit.asked))
