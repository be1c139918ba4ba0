"""How the research team runs surveys: where each wave is, and opening, extending, closing."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import LighttouchError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, has_right, requires
from lighttouch.web.audit import once
from lighttouch.web.programmes.models import Partner, Stage, Trial
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys import actions
from lighttouch.web.surveys.counting import Counts, counts
from lighttouch.web.surveys.forms import CloseForm, ExtendForm, OpenForm
from lighttouch.web.surveys.models import Window
from lighttouch.web.surveys.standing import (
    Standing,
    find_window_at,
    is_over,
    plan_of,
    say_window,
    standings,
)
from lighttouch.web.ui.charts import Chart, draw_bars
from lighttouch.web.ui.forms import Form


@dataclass(frozen=True, slots=True)
class Row:
    """One partner's line: its window, how that stands, and how many answered."""

    window: Window
    kind: str
    words: str
    over: bool
    counted: Counts


@dataclass(frozen=True, slots=True)
class Shown:
    """One wave as the page shows it."""

    of: Standing
    rows: tuple[Row, ...]
    totals: tuple[tuple[int, str], ...]
    chart: Chart | None


def trial_of(request: ScopedRequest) -> Trial:
    """Return the trial a page is about."""
    assert request.scope.trial is not None, "the address names a trial"
    return request.scope.trial


def partner_of(request: ScopedRequest) -> Partner:
    """Return the partner a page is about."""
    assert request.scope.partner is not None, "the address names a partner"
    return request.scope.partner


def window_of(request: ScopedRequest, wave: str) -> Window:
    """Return the window a page is about, or 404."""
    window = find_window_at(trial_of(request), partner_of(request), wave)
    if window is None:
        raise Http404
    return window


@requires(Right.SEE_OVERVIEW)
@require_safe
def waves(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Where the survey of each wave is, and what comes next."""
    trial = trial_of(request)
    manages = has_right(request.user, Right.MANAGE_RETURNS, request.scope)
    found = standings(trial, timezone.now())
    context = {
        "trial": trial,
        "waves": [_show(one) for one in found],
        "next_wave": next((one.wave for one in found if one.due), ""),
        "manages": manages and not trial.has_reached(Stage.LOCKED),
        "opens_partners": has_right(request.user, Right.READ_TASKS, request.scope),
    }
    return render(request, "surveys/managing/waves.html", context)


def _show(one: Standing) -> Shown:
    if one.survey is None:
        return Shown(one, (), (), None)
    counted = {found.partner.pk: found for found in counts(one.survey)}
    rows = tuple(
        Row(
            window,
            *say_window(window, one.today),
            is_over(window, one.today),
            counted[window.partner_id],
        )
        for window in one.windows
    )
    found = [row.counted for row in rows]
    totals = (
        (one.invited, "asked"),
        (sum(c.begun for c in found), "begun"),
        (one.finished, "finished"),
        (sum(c.declined for c in found), "declined"),
    )
    bars = [(c.partner.name, c.finished, c.invited) for c in found]
    title = f"Finished, by partner: {one.label.lower()}"
    return Shown(one, rows, totals, draw_bars(title, bars, noun="finished"))


@requires(Right.MANAGE_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def open_wave(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Show what opening a survey freezes, and open it."""
    trial = trial_of(request)
    home = reverse("surveys:waves", args=[trial.slug])
    one = next((s for s in standings(trial, timezone.now()) if s.wave == wave), None)
    if one is None:
        raise Http404
    plan = plan_of(trial, wave)
    assert plan is not None  # it has a standing
    form = OpenForm(request.POST or None)

    def act() -> str:
        actions.open_survey(trial=trial, wave=wave, by=request.user, now=timezone.now())
        return home

    if request.method == "POST" and form.is_valid():
        answer = act_once(request, form, act, done="The survey is open. Its links are made.")
        if answer is not None:
            return answer
    elif one.survey is not None:  # whoever pressed twice is told so by the guard above
        return redirect(home)
    context = {
        "trial": trial,
        "plan": plan,
        "past": [w.partner.name for w in plan.windows if w.closes_on and w.closes_on < one.today],
        "one": one,
        "form": form,
        "once": once.token(),
    }
    return render(request, "surveys/managing/open.html", context)


@requires(Right.MANAGE_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Let a partner's people answer for longer, with the reason."""
    window = window_of(request, wave)
    form = ExtendForm(request.POST or None, initial={"revision": window.revision})

    def act() -> str:
        actions.extend(
            window=window,
            closes_on=form.cleaned_data["closes_on"],
            because=form.cleaned_data["because"],
            revision=form.cleaned_data["revision"],
            by=request.user,
            now=timezone.now(),
        )
        return _home(window)

    if request.method == "POST" and form.is_valid():
        try:
            answer = act_once(request, form, act, done="The survey is open for longer.")
        except actions.MovedOnError:
            typed = [("Why is it open for longer?", form.cleaned_data["because"])]
            context = {"typed": typed, "again": request.path}
            return render(request, "surveys/managing/moved_on.html", context, status=409)
        if answer is not None:
            return answer
    return _ask(request, "surveys/managing/extend.html", window, form)


@requires(Right.MANAGE_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: ScopedRequest, wave: str, **_where: str) -> HttpResponseBase:
    """Close a survey at one partner before its last day, with the reason."""
    window = window_of(request, wave)
    form = CloseForm(request.POST or None)

    def act() -> str:
        because = form.cleaned_data["because"]
        actions.close(window=window, because=because, by=request.user, now=timezone.now())
        return _home(window)

    if request.method == "POST" and form.is_valid():
        answer = act_once(request, form, act, done="The survey is closed there.")
        if answer is not None:
            return answer
    elif is_over(window, today_of(timezone.now())):
        return redirect(_home(window))
    return _ask(request, "surveys/managing/close.html", window, form)


def act_once(
    request: ScopedRequest, form: Form, act: Callable[[], str], *, done: str
) -> HttpResponseBase | None:
    """Act on a form once; None where what it asks is refused, which the form then says."""
    try:
        return once.guard(request, act, done=done)
    except actions.MovedOnError:
        raise
    except LighttouchError as error:
        for fault in error.faults:
            form.add_error(None, f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}")
        return None


def _ask(request: ScopedRequest, template: str, window: Window, form: Form) -> HttpResponse:
    context = {
        "trial": trial_of(request),
        "partner": window.partner,
        "window": window,
        "survey": window.survey,
        "said": say_window(window, today_of(timezone.now()))[1],
        "form": form,
        "once": once.token(),
    }
    return render(request, template, context)


def _home(window: Window) -> str:
    return reverse("surveys:waves", args=[window.survey.trial.slug])
