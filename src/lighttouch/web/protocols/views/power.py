"""See power move as assumptions change; simulate the declared design."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from lighttouch.core.errors import ProtocolError
from lighttouch.core.power.model import FormulaPower, PowerPlan
from lighttouch.core.protocol.trial import Trial
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.jobs.actions import start
from lighttouch.web.protocols import queries
from lighttouch.web.protocols.assumptions import Tried, try_assumptions
from lighttouch.web.protocols.convert import check_text
from lighttouch.web.protocols.jobs import SIMULATE
from lighttouch.web.protocols.models import Version
from lighttouch.web.protocols.simulating import DRAWS, ask_simulation
from lighttouch.web.protocols.views.common import may, newest_of, placed
from lighttouch.web.ui.charts import Curve, draw_curve


@requires(Right.READ_PROTOCOL)
@require_safe
def power(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show the power of the newest version, and under other assumptions."""
    newest = newest_of(request)
    checked = check_text(newest.text, slug=newest.trial.slug)
    context = {"trial": newest.trial, "newest": newest, **placed(checked)}
    if checked.trial is not None and checked.trial.power:
        context |= _tried(request, checked.trial)
        context["entries"] = [
            (index, checked.trial.outcome(one.outcome).label)
            for index, one in enumerate(checked.trial.power)
        ]
        arms = {arm.id: arm.label for arm in checked.trial.arms}
        context["simulations"] = _simulated(newest, arms)
    return render(request, "protocols/power.html", context)


@requires(Right.READ_PROTOCOL)
@require_safe
def result(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Show the result alone, for the page to put in place of the one before."""
    newest = newest_of(request)
    checked = check_text(newest.text, slug=newest.trial.slug)
    if checked.trial is None or not checked.trial.power:
        return HttpResponse(status=204)
    context = {"trial": newest.trial, "newest": newest, **_tried(request, checked.trial)}
    return render(request, "protocols/_power_result.html", context)


@requires(Right.WRITE_PROTOCOL)
@require_POST
def simulate(request: ScopedRequest, **_where: str) -> HttpResponse:
    """Start simulating the declared design under the assumptions on the page."""
    newest = newest_of(request)
    trial = newest.trial
    version = Version.objects.filter(trial=trial, number=_whole(request.POST, "version")).first()
    if version is None:
        raise ProtocolError("the form names no version", remedy="Open the page again")
    version.trial = trial
    given = {k: v for k, v in request.POST.items() if isinstance(v, str)}
    entry = _whole(request.POST, "entry")
    page = reverse("protocols:power", args=[trial.slug])
    asked = ask_simulation(
        version=version,
        entry=entry,
        given=given,
        draws=_whole(request.POST, "draws"),
        by=request.user,
        now=timezone.now(),
    )
    then = f"{page}?{urlencode({'entry': entry, **asked.given})}#simulations"
    if asked.found is not None:
        return redirect(then)
    job = start(
        kind=SIMULATE,
        key=asked.key,
        by=request.user,
        now=timezone.now(),
        arguments={"simulation": asked.pk},
        trial=trial,
        then=then,
    )
    return redirect("jobs:progress", job=job.uuid)


def _tried(request: ScopedRequest, trial: Trial) -> dict[str, object]:
    entry = min(_whole(request.GET, "entry"), max(len(trial.power) - 1, 0))
    given = {k: v for k, v in request.GET.items() if isinstance(v, str)}
    tried = try_assumptions(trial, entry, given)
    outcome = trial.outcome(trial.power[entry].outcome)
    return {
        "tried": tried,
        "entry": entry,
        "outcome": outcome,
        "rows": _rows(tried, {arm.id: arm.label for arm in trial.arms}),
        "charts": _charts(tried, trial),
        "draws": DRAWS,
        "may_write": may(request, Right.WRITE_PROTOCOL),
    }


def _rows(tried: Tried, arms: Mapping[str, str]) -> list[dict[str, object]]:
    """Return one table for each arm: the file's assumptions and others side by side."""
    shown: list[dict[str, object]] = []
    for place, first in enumerate(tried.registered.formula):
        other = tried.other.formula[place] if tried.other else None
        own = _figures(first, tried.registered.plan)
        changed = _figures(other, tried.other.plan) if other and tried.other else own
        shown.append(
            {
                "arm": arms[first.arm],
                "reference": arms[first.reference],
                "other": other,
                "lines": [
                    (label, words, changed[label])
                    for label, words in own.items()
                    if label in changed
                ],
            }
        )
    return shown


def _figures(found: FormulaPower, plan: PowerPlan) -> dict[str, str]:
    """Return what the formula says of one arm, in words."""
    from lighttouch.core.power.checking import say_amount  # needs what computes power

    figures = {
        "Power to find the assumed effect": f"{found.power:.0%}",
        "Assumed effect": say_amount(found.effect, plan.unit),
        "Smallest effect found with the power aimed for": say_amount(
            found.minimum_detectable_effect, plan.unit
        ),
        "The same in standard deviations": f"{found.minimum_detectable_standardised:.2f}",
        "Standard error of the effect": f"{found.standard_error:.3g}",
        "People analysed": f"{found.analysed_arm:,.0f} and {found.analysed_reference:,.0f}",
    }
    if found.clusters_arm is not None:
        figures["Clusters"] = f"{found.clusters_arm:,} and {found.clusters_reference:,}"
        figures["Design effect"] = f"{found.design_effect:.2f}"
    figures["Degrees of freedom"] = f"{found.degrees_of_freedom:,.0f}"
    return figures


def _simulated(version: Version, arms: Mapping[str, str]) -> list[dict[str, object]]:
    """Return what was simulated, fit to print."""
    return [
        {
            "given": one.given,
            "draws": one.draws,
            "found": [
                {
                    "label": arms[found["arm"]],
                    "power": f"{found['power']:.0%} ± {1.96 * found['power_error']:.0%}",
                    "false_alarms": f"{found['type_one_error']:.1%}",
                    "detectable": "none within reach"
                    if found["minimum_detectable_effect"] is None
                    else f"{found['minimum_detectable_effect']:.3g}",
                }
                for found in one.found or ()
            ],
        }
        for one in queries.list_simulations(version)
    ]


def _charts(tried: Tried, trial: Trial) -> list[Curve]:
    shown = tried.other or tried.registered
    plan = shown.plan
    labels = {arm.id: arm.label for arm in trial.arms}
    return [
        draw_curve(
            f"Power to find an effect of {labels[found.arm]}",
            [(p.effect, p.power) for p in shown.by_effect if p.arm == found.arm],
            planned=(plan.effect, found.power),
            across=f"Effect ({plan.unit})",
            target=plan.power,
        )
        for found in shown.formula
    ]


def _whole(given: Mapping[str, str], name: str) -> int:
    text = str(given.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
