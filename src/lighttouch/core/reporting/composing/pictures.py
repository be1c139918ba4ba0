"""Figures of the report: what each shows, with its caption and text alternative."""

from math import sqrt

from scipy import stats

from lighttouch.core.allocation.balance import BalanceRow
from lighttouch.core.estimation.model import ArmSummary, Estimate
from lighttouch.core.reporting.composing.verdicts import Scale, quote_level
from lighttouch.core.reporting.document import (
    ArmStrip,
    EffectRow,
    EstimationDrawing,
    Figure,
    ForestDrawing,
    LoveDrawing,
    Reference,
    Runs,
    Words,
)
from lighttouch.core.reporting.results import OutcomeResult
from lighttouch.core.reporting.sourcing import At, Source, join, say

SPECIFICATIONS = {
    "registered": "Registered analysis",
    "difference_in_means": "Difference in means",
    "house": "House specification",
}


def draw_outcome(source: Source, at: At, result: OutcomeResult, scale: Scale) -> Figure:
    """Show an outcome's data by arm, and the differences with their intervals."""
    factor = 100.0 if scale.binary else 1.0
    unit: Runs = (Words("per cent"),) if scale.binary else ((at / "unit").name(),)
    smallest = result.smallest_effect_of_interest
    drawing = EstimationDrawing(
        axis=say("{label} ({unit})", label=(at / "label").name(), unit=unit),
        arms=tuple(_strips(source, at, result, scale, factor)),
        binary=scale.binary,
        difference_axis=_difference_axis(source, at, scale),
        effects=tuple(_effect_rows(source, at, result, scale, factor)),
        smallest=None if smallest is None else smallest * factor,
    )
    return Figure(
        f"outcome-{_slug(result.id)}",
        _caption(source, at, result, drawing),
        _alt(at, drawing),
        drawing,
    )


def _slug(identifier: str) -> str:
    return identifier.replace("_", "-")


def _difference_axis(source: Source, at: At, scale: Scale) -> Runs:
    reference = source.arm(source.reference.id)
    unit: Runs = (Words("percentage points"),) if scale.binary else ((at / "unit").name(),)
    if len(source.treated) > 1:
        return say("Difference from {b} ({u})", b=reference, u=unit)
    arm = source.arm(source.treated[0].id)
    return say("Difference: {a} less {b} ({u})", a=arm, b=reference, u=unit)


def _strips(
    source: Source, at: At, result: OutcomeResult, scale: Scale, factor: float
) -> list[ArmStrip]:
    strips = []
    for summary, place in zip(result.summaries, at / "summaries", strict=True):
        if summary.mean is None:
            continue
        strips.append(
            ArmStrip(
                label=(source.arm(summary.arm),),
                value=say("{m} (n\u00a0=\u00a0{n})", m=scale.value(place / "mean"),
                          n=(place / "n").whole()),
                arm=source.colour_place(summary.arm),
                points=_points_of(result, summary.arm, scale),
                mean=summary.mean * factor,
                interval=_mean_interval(summary, source, scale, factor),
                quartiles=None if scale.binary else summary.quartiles,
            )
        )  # fmt: skip
    return strips


def _points_of(result: OutcomeResult, arm: str, scale: Scale) -> tuple[float, ...]:
    return () if scale.binary else tuple(v for a, v in result.points if a == arm)


def _mean_interval(
    summary: ArmSummary, source: Source, scale: Scale, factor: float
) -> tuple[float, float] | None:
    """Interval of an arm's mean; none when clusters were allocated, as it would ignore them."""
    if source.results.trial.clustered or summary.mean is None or summary.standard_error is None:
        return None
    level = source.results.analysis.confidence_level
    if scale.binary:
        low, high = wilson_interval(summary.mean, summary.n, level)
    else:
        half = float(stats.t.ppf(0.5 + level / 2, summary.n - 1)) * summary.standard_error
        low, high = summary.mean - half, summary.mean + half
    return low * factor, high * factor


def wilson_interval(share: float, n: int, level: float) -> tuple[float, float]:
    """Wilson's score interval of a share of ``n`` (at least 1).

    Examples
    --------
    >>> low, high = wilson_interval(0.1, 50, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.043, 0.214)
    """
    z = float(stats.norm.ppf(0.5 + level / 2))
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return centre - half, centre + half


def _effect_rows(
    source: Source, at: At, result: OutcomeResult, scale: Scale, factor: float
) -> list[EffectRow]:
    rows = []
    for estimate, place in zip(result.estimates, at / "estimates", strict=True):
        label = _name_specification(result.estimates[0], estimate, place)
        if len(source.treated) > 1:
            label = say("{arm}: {label}", arm=source.arm(estimate.arm), label=label)
        value = say(
            "{e} ({low} to {high})",
            e=scale.difference(place / "estimate"),
            low=scale.difference(place / "interval" / 0),
            high=scale.difference(place / "interval" / 1),
        )
        low, high = estimate.interval
        rows.append(
            EffectRow(label, value, estimate.estimate * factor, low * factor, high * factor,
                      estimate.specification == "registered")
        )  # fmt: skip
    return rows


def _name_specification(registered: Estimate, estimate: Estimate, place: At) -> Runs:
    """Name a specification; a sensitivity by what sets it apart from the registered analysis."""
    if estimate.specification != "sensitivity":
        return (Words(SPECIFICATIONS[estimate.specification]),)
    for key in ("variance", "estimand", "method"):
        if getattr(estimate, key) != getattr(registered, key):
            return ((place / key).name(),)
    return (Words("Sensitivity"),)


def _caption(source: Source, at: At, result: OutcomeResult, drawing: EstimationDrawing) -> Runs:
    level = quote_level(source.top / "analysis" / "confidence_level")
    runs = say("{label}, {wave}. Above: ", label=(at / "label").name(),
               wave=(at / "wave_label").inline())  # fmt: skip
    interval = "" if source.results.trial.clustered else " with its {level} interval"
    if any(strip.points for strip in drawing.arms):
        runs += say(f"participants as dots, and the mean of each arm{interval}. ", level=level)
    elif drawing.binary:
        runs += say(f"the share in each arm{interval}. ", level=level)
    else:
        runs += say(f"the mean of each arm{interval}, on a bar from the lower to the upper "
                    "quartile. ", level=level)  # fmt: skip
    runs += say("Below: differences with {level} intervals.", level=level)
    if result.smallest_effect_of_interest is not None:
        runs += say(" The shaded band holds effects below the smallest of interest.")
    return runs


def _alt(at: At, drawing: EstimationDrawing) -> Runs:
    arms = join([say("{l} {v}", l=strip.label, v=strip.value) for strip in drawing.arms])
    effects = join([say("{l} {v}", l=row.label, v=row.value) for row in drawing.effects])
    return say("{o}. By arm: {a}. Differences: {e}.", o=(at / "label").name(), a=arms, e=effects)


def draw_forest(source: Source) -> Figure | None:
    """Show the standardised effects of all outcomes on one axis."""
    rows: list[EffectRow | Runs] = []
    role = ""
    for result, at in zip(source.results.outcomes, source.top / "outcomes", strict=True):
        sizes = [row for row in _size_rows(source, at, result) if row is not None]
        if sizes and result.role != role:
            role = result.role
            rows.append((Words(f"{role.capitalize()}"),))
        rows += sizes
    effects = [row for row in rows if isinstance(row, EffectRow)]
    if not effects:
        return None
    level = quote_level(source.top / "analysis" / "confidence_level")
    return Figure(
        "forest",
        say("Standardised effects (Hedges’ g) with {l} intervals. To the right, the treated arm "
            "has the higher value, which is not always the better one.", l=level),
        say("Standardised effects: {r}.",
            r=join([say("{l} {v}", l=row.label, v=row.value) for row in effects])),
        ForestDrawing(say("Hedges’ g: standard deviations of the outcome"), tuple(rows)),
    )  # fmt: skip


def _size_rows(source: Source, at: At, result: OutcomeResult) -> list[EffectRow | None]:
    return [_size_row(source, at, place) for place, _ in enumerate(result.effect_sizes)]


def _size_row(source: Source, at: At, place: int) -> EffectRow | None:
    size = at / "effect_sizes" / place
    g, interval = size.value["hedges_g"], size.value["g_interval"]
    if g is None or interval is None:
        return None
    label: Runs = ((at / "label").name(),)
    if len(source.treated) > 1:
        label = say("{o}: {a}", o=label, a=source.arm(size.value["arm"]))
    value = say(
        "{g} ({low} to {high})",
        g=(size / "hedges_g").fixed(2),
        low=(size / "g_interval" / 0).fixed(2),
        high=(size / "g_interval" / 1).fixed(2),
    )
    return EffectRow(label, value, g, interval[0], interval[1], at.value["role"] == "primary")


def draw_balance(source: Source, rows: list[tuple[BalanceRow, At]]) -> Figure | None:
    """Show standardised differences of the baseline variables, one row each."""
    arms = [arm.id for arm in source.treated]
    labels: dict[tuple[str, str], Runs] = {}
    values: dict[tuple[str, str], list[float | None]] = {}
    for row, at in rows:
        key = (row.variable, row.category)
        extra = say(": {c}", c=(at / "category").spaced()) if row.category else ""
        labels.setdefault(key, say("{l}{e}", l=(at / "label").name(), e=extra))
        values.setdefault(key, [None] * len(arms))[arms.index(row.arm)] = (
            row.standardised_difference
        )
    shown = [key for key in labels if any(v is not None for v in values[key])]
    if not shown:
        return None
    return Figure(
        "love",
        say("Balance at baseline: standardised differences between each arm and the reference. "
            "The dashed lines mark a tenth of a standard deviation."),
        say("Standardised differences of {v}; the values are in {t}.",
            v=join([labels[key] for key in shown]), t=Reference(f"balance-{_slug(arms[0])}")),
        LoveDrawing(
            tuple((source.arm(arm),) for arm in arms),
            tuple((labels[key], tuple(values[key])) for key in shown),
        ),
    )  # fmt: skip
