"""A power report as text, as JSON and as a figure."""

import json
from dataclasses import asdict
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lighttouch.core.power.checking import say_amount
from lighttouch.core.power.model import FormulaPower, OutcomePower, PowerReport, SimulatedPower

_COLOURS = ("#1d70b8", "#00703c", "#912b88", "#f47738", "#28a197")
_GREY = "#505a5f"
_EVERY = 5
"""The text table shows every fifth point of the curve."""


def render_power_text(report: PowerReport) -> str:
    """Return the report in plain text, warnings first.

    Examples
    --------
    >>> from lighttouch.core.power.example import example_trial
    >>> from lighttouch.core.power.reporting import compute_power_report
    >>> print(render_power_text(compute_power_report(example_trial())).splitlines()[0])
    Power before launch: An example
    """
    lines = [f"Power before launch: {report.title}", ""]
    for outcome in report.outcomes:
        lines += _describe_outcome(outcome)
    if report.draws is not None:
        lines += [f"Simulated: {report.draws} trials for each outcome, seed {report.seed}.", ""]
    return "\n".join(lines)


def render_power_json(report: PowerReport) -> str:
    """Return the report as JSON: the same names as the dataclasses, keys in their order."""
    return json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n"


def render_power_figure(outcome: OutcomePower, path: Path) -> None:
    """Draw power against effect, and detectable effect against size, as ``.svg`` or ``.png``.

    The same report gives the same bytes.
    """
    with mpl.rc_context():
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["svg.hashsalt"] = "lighttouch"
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        FigureCanvasAgg(figure)
        by_effect, by_size = figure.subplots(1, 2)
        _draw_effects(by_effect, outcome)
        _draw_sizes(by_size, outcome)
        metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
        figure.savefig(path, dpi=150, metadata=metadata)


def render_power_report(report: PowerReport, folder: Path) -> tuple[Path, ...]:
    """Write ``power.txt``, ``power.json`` and each outcome's curves; return what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    text, data = folder / "power.txt", folder / "power.json"
    text.write_text(render_power_text(report), encoding="utf-8")
    data.write_text(render_power_json(report), encoding="utf-8")
    written = [text, data]
    for number, outcome in enumerate(report.outcomes, start=1):
        for suffix in ("svg", "png"):
            path = folder / f"power-{number}-{outcome.plan.outcome}.{suffix}"
            render_power_figure(outcome, path)
            written.append(path)
    return tuple(written)


def _describe_outcome(outcome: OutcomePower) -> list[str]:
    plan = outcome.plan
    unit = "clusters" if plan.clustered else "participants"
    lines = [f"Outcome {plan.outcome} ({plan.unit})", ""]
    lines += [f"  ! {sentence}" for sentence in outcome.warnings]
    lines += [""] if outcome.warnings else []
    lines.append(f"  {plan.units} {unit} allocated; {plan.analysed_share:.0%} of people analysed")
    if plan.clustered:
        lines.append(
            f"  mean size {plan.mean_size:.1f}, size CV {plan.size_cv:.2f}, ICC {plan.icc:g}, "
            f"design effect {plan.design_effect:.2f}"
        )
    lines.append(f"  variance left after adjustment {plan.residual_share:.0%}")
    for one in outcome.formula:
        lines += _describe_formula(outcome, one)
    for done in outcome.simulated:
        lines += _describe_simulation(outcome, done)
    return [*lines, "", *_tabulate_effects(outcome), "", *_tabulate_sizes(outcome, unit), ""]


def _describe_formula(outcome: OutcomePower, one: FormulaPower) -> list[str]:
    plan = outcome.plan
    return [
        f"  {one.arm} against {one.reference}, by formula:",
        f"    power for {say_amount(one.effect, plan.unit)}: {one.power:.1%}",
        f"    minimum detectable effect at {plan.power:.0%} power: "
        f"{say_amount(one.minimum_detectable_effect, plan.unit)} "
        f"({one.minimum_detectable_standardised:.2f} SD)",
        f"    standard error {one.standard_error:.3g}, degrees of freedom "
        f"{one.degrees_of_freedom:.1f}",
    ]


def _describe_simulation(outcome: OutcomePower, done: SimulatedPower) -> list[str]:
    plan = outcome.plan
    lines = [
        f"  {done.arm}, by simulation of the declared design ({done.draws} trials):",
        f"    power for {say_amount(plan.effect, plan.unit)}: {done.power:.1%} "
        f"(Monte-Carlo standard error {done.power_error:.1%})",
        f"    type I error: {done.type_one_error:.1%} "
        f"(Monte-Carlo standard error {done.type_one_standard_error:.1%}), "
        f"nominal {plan.significance:.1%}",
        f"    minimum detectable effect: {_say_detectable(done, plan.unit)}",
        f"    mean standard error {done.mean_standard_error:.3g}, spread of estimates "
        f"{done.sd_of_estimates:.3g}, mean degrees of freedom "
        f"{done.mean_degrees_of_freedom:.1f}",
    ]
    if done.failed:
        lines.append(f"    ! {done.failed} of these trials could not be analysed")
    return lines


def _say_detectable(done: SimulatedPower, unit: str) -> str:
    if done.minimum_detectable_effect is None:
        return "none within reach of the design"
    value = say_amount(done.minimum_detectable_effect, unit)
    if done.minimum_detectable_interval is None:
        return value
    low, high = done.minimum_detectable_interval
    return f"{value} (95% Monte-Carlo interval {low:.3g} to {high:.3g})"


def _tabulate_effects(outcome: OutcomePower) -> list[str]:
    lines = [f"  {'arm':<20}{'effect':>10}{'power':>10}{'simulated':>12}"]
    for index, point in enumerate(outcome.by_effect):
        if index % _EVERY == 0:
            simulated = "" if point.simulated is None else f"{point.simulated:.1%}"
            lines.append(
                f"  {point.arm:<20}{point.effect:>10.3g}{point.power:>10.1%}{simulated:>12}"
            )
    return lines


def _tabulate_sizes(outcome: OutcomePower, unit: str) -> list[str]:
    lines = [f"  {'arm':<20}{unit:>14}{'detectable effect':>20}"]
    return lines + [
        f"  {point.arm:<20}{point.units:>14}{point.minimum_detectable_effect:>20.3g}"
        for point in outcome.by_size
    ]


def _draw_effects(axes: Axes, outcome: OutcomePower) -> None:
    plan = outcome.plan
    for colour, one in zip(_COLOURS * len(outcome.formula), outcome.formula, strict=False):
        points = [point for point in outcome.by_effect if point.arm == one.arm]
        effects = [point.effect for point in points]
        axes.plot(effects, [p.power for p in points], color=colour, label=f"{one.arm}, formula")
        if outcome.simulated:
            simulated = [p.simulated or 0.0 for p in points]
            axes.plot(effects, simulated, ".", color=colour, label=f"{one.arm}, simulated")
    axes.axhline(plan.power, color=_GREY, linestyle="--", linewidth=0.8)
    axes.axvline(plan.effect, color=_GREY, linestyle=":", linewidth=0.8)
    axes.set(xlabel=f"True effect ({plan.unit})", ylabel="Power", ylim=(0, 1.02))
    axes.set_xlim(left=0)
    axes.legend(frameon=False, fontsize=8, loc="lower right")


def _draw_sizes(axes: Axes, outcome: OutcomePower) -> None:
    plan = outcome.plan
    for colour, one in zip(_COLOURS * len(outcome.formula), outcome.formula, strict=False):
        points = [point for point in outcome.by_size if point.arm == one.arm]
        units = [point.units for point in points]
        detectable = [point.minimum_detectable_effect for point in points]
        axes.plot(units, detectable, marker="o", markersize=3, color=colour, label=one.arm)
    axes.axhline(plan.effect, color=_GREY, linestyle=":", linewidth=0.8)
    axes.axvline(plan.units, color=_GREY, linestyle=":", linewidth=0.8)
    axes.set(
        xlabel="Clusters" if plan.clustered else "Participants",
        ylabel=f"Minimum detectable effect ({plan.unit})",
    )
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8, loc="upper right")
