"""The public expression of interest: pages, check, send, confirmation.

Answers stay in the visitor's session until they are sent, then leave it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.limits import network_of
from lighttouch.web.accounts.permissions import public
from lighttouch.web.audit import once
from lighttouch.web.partners import actions
from lighttouch.web.partners.errors import ClosedError, RefusedError
from lighttouch.web.partners.forms_public import STEPS, SendForm, StepForm, fields_of
from lighttouch.web.partners.models import Call, Expression, Phase, Readiness, Workforce
from lighttouch.web.partners.views.calls import published
from lighttouch.web.partners.views.common import posted, put_faults
from lighttouch.web.ui.dates import day_of
from lighttouch.web.ui.pieces import Fact

LEAST = timedelta(seconds=15)
"""Nobody reads and answers seven pages faster."""
MOST_FROM_ONE_BROWSER = 3
MOST_KEPT = 10_000
"""Characters of an answer that could not be taken."""
SENT = "expressions-sent"


@dataclass(slots=True)
class Draft:
    """What one visitor has answered so far; ``typed`` is what could not be taken, by page."""

    mark: uuid.UUID
    began: datetime
    answers: dict[str, Any]
    typed: dict[str, dict[str, list[str]]]

    @property
    def missing(self) -> str:
        """The first page that is not answered; empty where all are."""
        return next(
            (step for step in STEPS if any(n not in self.answers for n in fields_of(step))), ""
        )


def _key(call: Call) -> str:
    return f"expression-{call.pk}"


def _draft(request: HttpRequest, call: Call) -> Draft:
    kept = request.session.get(_key(call))
    if kept is None:
        return Draft(uuid.uuid4(), timezone.now(), {}, {})
    began = datetime.fromisoformat(kept["began"])
    return Draft(uuid.UUID(kept["mark"]), began, kept["answers"], kept["typed"])


def _keep(request: HttpRequest, call: Call, draft: Draft) -> None:
    request.session[_key(call)] = {
        "mark": str(draft.mark),
        "began": draft.began.isoformat(),
        "answers": draft.answers,
        "typed": draft.typed,
    }


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, programme: str, step: str) -> HttpResponse:
    """Ask one thing; then go on to what is not answered yet.

    What cannot be taken is kept too and shown again by a page of its own, so that a browser can
    go back over it without asking whether to send it once more.
    """
    call = published(programme)
    if step not in STEPS:
        raise Http404
    draft = _draft(request, call)
    if (closed := _not_open(request, call, draft)) is not None:
        return closed
    title, kind = STEPS[step]
    if request.method == "POST":
        form = kind(request.POST, call=call)
        return HttpResponseRedirect(_take(request, call, draft, step, form))
    form = kind(_as_typed(draft, step), call=call, initial=draft.answers)
    if request.method == "GET" and not draft.answers:
        _keep(request, call, draft)  # The time it takes is counted from the first page.
    place = list(STEPS).index(step) + 1
    context = {
        "call": call,
        "form": form,
        "title": title,
        "place": place,
        "total": len(STEPS),
        "back": _before(call, draft, step),
    }
    return render(request, "partners/apply_step.html", context)


def _take(request: HttpRequest, call: Call, draft: Draft, step: str, form: StepForm) -> str:
    """Keep what was sent and return the page to go to: the next, or this one again."""
    draft.typed.pop(step, None)
    is_valid = form.is_valid()
    if is_valid:
        draft.answers = {**draft.answers, **form.answers()}
    else:
        draft.typed[step] = {
            name: [value[:MOST_KEPT] for value in request.POST.getlist(form.add_prefix(name))]
            for name in form.fields
        }
    _keep(request, call, draft)
    return _next(call, draft) if is_valid else request.path


def _as_typed(draft: Draft, step: str) -> QueryDict | None:
    """Return what could not be taken on a page, for its form to explain again."""
    if step not in draft.typed:
        return None
    given = QueryDict(mutable=True)
    for name, values in draft.typed[step].items():
        given.setlist(name, values)
    return given


def _next(call: Call, draft: Draft) -> str:
    if draft.missing:
        return reverse("partners:express", args=[call.programme.slug, draft.missing])
    return reverse("partners:express-check", args=[call.programme.slug])


def _before(call: Call, draft: Draft, step: str) -> str:
    slug = call.programme.slug
    if not draft.missing:
        return reverse("partners:express-check", args=[slug])
    place = list(STEPS).index(step)
    if place == 0:
        return reverse("partners:call", args=[slug])
    return reverse("partners:express", args=[slug, list(STEPS)[place - 1]])


def _not_open(request: HttpRequest, call: Call, draft: Draft) -> HttpResponse | None:
    """Say honestly that nothing can be sent, and give back what was typed."""
    phase = call.phase(day_of(timezone.now()))
    if phase == Phase.OPEN:
        return None
    context = {
        "call": call,
        "is_before": phase == Phase.BEFORE,
        "facts": [fact for fact in _facts(call, draft) if fact.value],
    }
    return render(request, "partners/not_open.html", context, status=410)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, programme: str) -> HttpResponse:
    """Show every answer once more, then send them, once."""
    call = published(programme)
    draft = _draft(request, call)
    form = SendForm(posted(request), call=call)
    if request.method == "POST" and form.is_valid():
        try:
            return once.guard(request, lambda: _send(request, call, draft))
        except ClosedError:
            pass  # The page below says so.
        except LighttouchError as error:
            put_faults(form, error)
    if (closed := _not_open(request, call, draft)) is not None:
        return closed
    if draft.missing:
        return HttpResponseRedirect(_next(call, draft))
    context = {
        "call": call,
        "form": form,
        "once": once.token(),
        "facts": _facts(call, draft),
        "keep_until": actions.keep_until(call.closes_on),
    }
    status = 422 if form.errors else 200
    return render(request, "partners/apply_check.html", context, status=status)


def _send(request: HttpRequest, call: Call, draft: Draft) -> str:
    _check_visitor(request, draft)
    answers = draft.answers
    found = actions.express(
        call=call,
        answers=actions.Answers(**{**answers, "themes": tuple(answers["themes"])}),
        draft=draft.mark,
        network=network_of(request),
        now=timezone.now(),
    )
    request.session.pop(_key(call), None)
    request.session[SENT] = request.session.get(SENT, 0) + 1
    return reverse("partners:express-sent", args=[call.programme.slug, found.reference])


def _check_visitor(request: HttpRequest, draft: Draft) -> None:
    if draft.missing:
        raise RefusedError("some answers are missing", remedy="Start again from the call's page")
    if timezone.now() - draft.began < LEAST:
        raise RefusedError(
            "that was faster than people usually are",
            remedy="Read your answers once more, then send them in a few seconds",
        )
    if request.session.get(SENT, 0) >= MOST_FROM_ONE_BROWSER:
        raise RefusedError(
            f"{MOST_FROM_ONE_BROWSER} forms were sent from this browser already",
            remedy="Write to the address on the call's page instead",
        )


def _facts(call: Call, draft: Draft) -> list[Fact]:
    """Return the answers as the check page lists them, each with where to change it."""
    given = draft.answers
    themes = call.themes.filter(pk__in=given.get("themes", ()))
    said = {
        "organisation": given.get("organisation", ""),
        "contact": "\n".join(given[name] for name in ("name", "role", "email") if name in given),
        "workforce": dict(Workforce.choices).get(given.get("workforce", ""), ""),
        "themes": "\n".join(one.title for one in themes),
        "try": given.get("wish", ""),
        "worries": given.get("worry", "") or ("Nothing" if "worry" in given else ""),
        "data": dict(Readiness.choices).get(given.get("readiness", ""), ""),
    }
    slug = call.programme.slug
    return [
        Fact(STEPS[step][0], value, reverse("partners:express", args=[slug, step]))
        for step, value in said.items()
    ]


@public
@never_cache
@require_safe
def sent(request: HttpRequest, programme: str, reference: str) -> HttpResponse:
    """Confirm, with the reference; nothing of what was sent is shown."""
    call = get_object_or_404(Call.objects.select_related("programme"), programme__slug=programme)
    found = get_object_or_404(Expression, call=call, reference=reference)
    context = {"call": call, "reference": found.reference}
    return render(request, "partners/apply_sent.html", context)
