"""A section per outcome: sentences and a figure whose words and numbers agree by construction."""

from itertools import chain

from lighttouch.core.estimation.model import Estimate
from lighttouch.core.reporting.composing.pictures import draw_outcome
from lighttouch.core.reporting.composing.verdicts import (
    Scale,
    Verdict,
    find_direction,
    judge,
    name_method,
    quote_level,
    scale_of,
    widest,
)
from lighttouch.core.reporting.document import (
    Block,
    Callout,
    Heading,
    Items,
    Paragraph,
    Runs,
    Words,
)
from lighttouch.core.reporting.results import OutcomeResult
from lighttouch.core.reporting.sourcing import At, Source, say, strong

ROLES = {
    "primary": "Primary outcomes",
    "secondary": "Secondary outcomes",
    "mechanism": "Mechanisms",
    "exploratory": "Exploratory outcomes",
}
_BETTER = {
    "higher": "A higher value is better.",
    "lower": "A lower value is better.",
    "neither": "Neither direction is better.",
}


def list_registered(result: OutcomeResult) -> list[Estimate]:
    """Return the registered estimates of an outcome, one per treated arm."""
    return [e for e in result.estimates if e.specification == "registered"]


def write_findings(source: Source) -> tuple[Block, ...]:
    """Write the outcomes in order of role."""
    places = list(zip(source.top / "outcomes", source.results.outcomes, strict=True))
    blocks: list[Block] = []
    for role, title in ROLES.items():
        chosen = [pair for pair in places if pair[1].role == role]
        if chosen:
            blocks.append(Heading(2, say(title), f"role-{role}"))
            blocks += chain.from_iterable(_write_outcome(source, *pair) for pair in chosen)
    return tuple(blocks)


def _write_outcome(source: Source, at: At, result: OutcomeResult) -> tuple[Block, ...]:
    scale = scale_of(result)
    blocks: list[Block] = [
        Heading(3, ((at / "label").name(),), f"outcome-{result.id}"),
        Paragraph(_write_measure(at, result)),
    ]
    if result.not_estimated:
        text = say("{t}{why}", t=strong("Not estimated. "), why=(at / "not_estimated").name())
        return (*blocks, Paragraph(text))
    registered = list_registered(result)
    for estimate in registered:
        place = at / "estimates" / result.estimates.index(estimate)
        verdict = judge(source, at, result, estimate)
        blocks.append(Paragraph(_write_regression(source, at, place, verdict, scale)))
        if estimate is registered[0]:
            blocks.append(draw_outcome(source, at, result, scale))
        blocks.append(Paragraph(_write_strength(source, at, place, verdict, scale)))
        blocks.append(Paragraph(_write_alternatives(source, at, estimate, scale)))
        if estimate.warnings:
            items = Items(tuple((w.name(),) for w in place / "warnings"))
            blocks.append(Callout("warning", say("About this estimate"), (items,)))
    return tuple(blocks)


def _write_measure(at: At, result: OutcomeResult) -> Runs:
    runs = say(
        "Measured at {wave}: {how}; in {unit}. {better}",
        wave=(at / "wave_label").inline(),
        how=(at / "derivation").inline(),
        unit=(at / "unit").inline(),
        better=_BETTER[result.better],
    )
    if result.reliability is not None:
        for place, name in enumerate(("Cronbach’s alpha", "McDonald’s omega")):
            if result.reliability[place] is not None:
                value = (at / "reliability" / place).fixed(2)
                runs += say(f" {name}: {{v}}.", v=value)
    return (*runs, *say(" {n}", n=(at / "note").name())) if result.note else runs


def _write_comparison(source: Source, place: At, scale: Scale) -> Runs:
    """Say which arm was higher and by how much."""
    number = scale.difference(place / "estimate", "absolute")
    word = find_direction(number, source)
    arms = {key: source.arm(place.value[key]) for key in ("arm", "reference")}
    if not word:
        return say("the {arm} arm did not differ from the {reference} arm", **arms)
    points = _points(scale)
    return say(
        "the {arm} arm was {word} than the {reference} arm by {n}{points}",
        word=word, n=number, points=points, **arms,
    )  # fmt: skip


def _points(scale: Scale) -> str:
    return " percentage points" if scale.binary else ""


def _write_interval(place: At, scale: Scale) -> Runs:
    return say(
        "{level} interval {low} to {high}",
        level=quote_level(place / "confidence_level"),
        low=scale.difference(place / "interval" / 0),
        high=scale.difference(place / "interval" / 1),
    )


def _write_regression(source: Source, at: At, place: At, verdict: Verdict, scale: Scale) -> Runs:
    runs = say(
        "{outcome}: in the registered analysis of {n} participants{clusters}, {comparison} "
        "({unit}{interval}; "
        "p\u00a0{p}{draws}). ",
        n=(place / "n").whole(),
        clusters=say(" in {k} clusters", k=(place / "clusters").whole())
        if place.value["clusters"]
        else "",
        outcome=(at / "label").name("strong"),
        comparison=_write_comparison(source, place, scale),
        unit="" if scale.binary else say("{u}; ", u=(at / "unit").inline()),
        interval=_write_interval(place, scale),
        p=verdict.p.as_form("p"),
        draws=", by randomisation inference" if verdict.by_draws else "",
    )
    for arm in (place.value["arm"], place.value["reference"]):
        summary = find_summary(at, arm)
        runs += say(
            "The unadjusted mean of the {arm} arm was {mean} (SE {se}, n\u00a0=\u00a0{n}). ",
            arm=source.arm(arm),
            mean=scale.value(summary / "mean"),
            se=scale.value(summary / "standard_error")
            if summary.value["standard_error"] is not None
            else "not defined",
            n=(summary / "n").whole(),
        )
    return runs + _write_size(at, place, scale)


def find_summary(at: At, arm: str) -> At:
    """Return the place of an arm's description."""
    return next(summary for summary in at / "summaries" if summary.value["arm"] == arm)


def _write_size(at: At, place: At, scale: Scale) -> Runs:
    runs: Runs = ()
    for size in at / "effect_sizes":
        if size.value["arm"] != place.value["arm"]:
            continue
        if size.value["percentage"] is not None:
            runs += say(
                "As a share of its base, the {base} ({value}), the difference is {pct}. ",
                pct=(size / "percentage").as_form("percentage", 1),
                base=(size / "percentage_base").inline(),
                value=scale.value(size / "percentage_base_value"),
            )
        if size.value["hedges_g"] is not None and size.value["g_interval"] is not None:
            runs += say(
                "In standard deviations (Hedges’ g) it is {g} ({low} to {high}).",
                g=(size / "hedges_g").fixed(2),
                low=(size / "g_interval" / 0).fixed(2),
                high=(size / "g_interval" / 1).fixed(2),
            )
    return runs


def _write_strength(source: Source, at: At, place: At, verdict: Verdict, scale: Scale) -> Runs:
    """Say how strong the evidence is and, if no effect was found, what is ruled out."""
    runs = _write_significance(source, verdict) + _write_adjusted(at, place, verdict)
    if verdict.significant:
        return runs
    return runs + _write_ruled_out(at, place, scale)


def _write_significance(source: Source, verdict: Verdict) -> Runs:
    limit = widest(source.top / "analysis" / "thresholds")
    if limit is None:
        return say("No threshold of significance was registered. ")
    if verdict.reached is not None:
        level = quote_level(verdict.reached)
        return say("The difference is statistically significant at the {l} level. ", l=level)
    runs = say(
        "The difference is not statistically significant at the registered {l} level. ",
        l=quote_level(limit),
    )
    if verdict.indicative is not None:
        runs += say(
            "It reaches the {l} mark, which was registered as indicative only and is not robust "
            "evidence of an effect. ",
            l=quote_level(verdict.indicative),
        )
    return runs


def _write_adjusted(at: At, place: At, verdict: Verdict) -> Runs:
    if verdict.adjusted is None:
        return ()
    row = next(a for a in at / "adjusted" if a.value["arm"] == place.value["arm"])
    reached = verdict.adjusted_reached
    word = "statistically significant" if reached else "not statistically significant"
    return say(
        "After adjustment for the outcomes judged with it ({family}; {method}) p\u00a0{p}, "
        "which is {word}. ",
        family=(row / "family").spaced(),
        method=name_method(row / "method"),
        p=verdict.adjusted.as_form("p"),
        word=word,
    )


def _write_ruled_out(at: At, place: At, scale: Scale) -> Runs:
    opening = say(
        "The data are compatible with effects from {low} to {high}{points}",
        low=scale.difference(place / "interval" / 0),
        high=scale.difference(place / "interval" / 1),
        points=_points(scale),
    )
    smallest = at.value["smallest_effect_of_interest"]
    if smallest is None:
        return opening + say(". No smallest effect of interest was registered to judge this by.")
    quoted = scale.difference(at / "smallest_effect_of_interest")
    named = say("the smallest effect of interest, {s}{p},", s=quoted, p=_points(scale))
    sentence = describe_ruled_out(place.value["interval"], smallest, at.value["better"])
    return opening + say(": " + sentence, smallest=named)


def describe_ruled_out(interval: list[float], smallest: float, better: str) -> str:
    """Say what an interval rules out, with ``{smallest}`` standing for the effect of interest.

    Examples
    --------
    >>> describe_ruled_out([-0.2, 0.1], 0.5, "higher")
    'this rules out an effect as large as {smallest} in either direction.'
    >>> describe_ruled_out([-0.2, 0.9], 0.5, "lower")
    'this rules out a benefit as large as {smallest} but not a harm of that size.'
    """
    low, high = interval
    if -smallest < low and high < smallest:
        return "this rules out an effect as large as {smallest} in either direction."
    best, worst = {"higher": (high, -low), "lower": (-low, high)}.get(better, (high, high))
    if better != "neither" and best < smallest <= worst:
        return "this rules out a benefit as large as {smallest} but not a harm of that size."
    return "this does not rule out {smallest} so the trial has not shown that there is no effect."


def _write_alternatives(source: Source, at: At, estimate: Estimate, scale: Scale) -> Runs:
    return (
        _write_welch(source, at, estimate, scale)
        + _write_randomisation(at, estimate)
        + _write_house(at, estimate, scale)
    )


def _write_welch(source: Source, at: At, estimate: Estimate, scale: Scale) -> Runs:
    test = next((w for w in at / "welch" if w.value["arm"] == estimate.arm), None)
    if test is None:
        return ()
    number = scale.difference(test / "difference", "absolute")
    word = find_direction(number, source)
    said = [
        say(
            "{arm} M\u00a0=\u00a0{mean}, SD\u00a0=\u00a0{sd}",
            arm=source.arm(arm),
            mean=scale.value(find_summary(at, arm) / "mean"),
            sd=scale.value(find_summary(at, arm) / "sd"),
        )
        for arm in (estimate.arm, estimate.reference)
    ]
    arm = source.arm(estimate.arm)
    gap = say("{a} is {w} by {n}", a=arm, w=word, n=number) if word else say("no difference")
    note = ", which ignores clusters and only describes" if source.results.trial.clustered else ""
    return say(
        "Without adjustment (Welch’s t-test{note}): {one}; {other}; {gap}, "
        "t({df})\u00a0=\u00a0{t}, p\u00a0{p}. ",
        note=note,
        one=said[0],
        other=said[1],
        gap=gap,
        df=(test / "degrees_of_freedom").fixed(1),
        t=(test / "statistic").fixed(2),
        p=(test / "p_value").as_form("p"),
    )


def _write_randomisation(at: At, estimate: Estimate) -> Runs:
    test = next((r for r in at / "randomisation" if r.value["arm"] == estimate.arm), None)
    if test is None:
        return ()
    if test.value["p_value"] is None:
        return say(
            "Randomisation inference was not run: {why} ", why=(test / "reason_not_run").inline()
        )
    how = (
        "every one of {n} possible allocations" if test.value["enumerated"] else "{n} random draws"
    )
    count = test / ("allocations" if test.value["enumerated"] else "draws")
    runs = say(
        f"Randomisation inference over {how}: p\u00a0{{p}}",
        n=count.whole(),
        p=(test / "p_value").as_form("p"),
    )
    if test.value["smallest_p"] is not None:
        runs += say(
            " (the smallest the design can give is {s})", s=(test / "smallest_p").significant()
        )
    return (*runs, Words(". "))


def _write_house(at: At, estimate: Estimate, scale: Scale) -> Runs:
    for place in at / "estimates":
        if place.value["specification"] == "house" and place.value["arm"] == estimate.arm:
            return say(
                "The programme’s house specification gives {e} ({i}; p\u00a0{p}).",
                e=scale.difference(place / "estimate"),
                i=_write_interval(place, scale),
                p=(place / "p_value").as_form("p"),
            )
    return ()


def summarise_outcome(source: Source, at: At, result: OutcomeResult) -> list[Runs]:
    """Say what was found about an outcome in a sentence per treated arm."""
    if result.not_estimated:
        return [say("{o}: not estimated. {why}", o=(at / "label").name("strong"),
                    why=(at / "not_estimated").name())]  # fmt: skip
    return [_summarise(source, at, result, estimate) for estimate in list_registered(result)]


def _summarise(source: Source, at: At, result: OutcomeResult, estimate: Estimate) -> Runs:
    scale = scale_of(result)
    place = at / "estimates" / result.estimates.index(estimate)
    verdict = judge(source, at, result, estimate)
    number = scale.difference(place / "estimate", "absolute")
    word = find_direction(number, source)
    gap = say("{w} by {n}{u}", n=number, u=_points(scale), w=word) if word else say("no different")
    arm = say("in the {a} arm ", a=source.arm(estimate.arm)) if len(source.treated) > 1 else ""
    return say(
        "{o}: {gap} {arm}({unit}{interval}; p\u00a0{p}). {verdict}",
        o=(at / "label").name("strong"),
        gap=gap,
        arm=arm,
        unit="" if scale.binary else say("{u}; ", u=(at / "unit").inline()),
        interval=_write_interval(place, scale),
        p=verdict.p.as_form("p"),
        verdict=_short_verdict(verdict, word, result.better),
    )


def _short_verdict(verdict: Verdict, word: str, better: str) -> str:
    if verdict.significant:
        side = (
            "" if better == "neither" else ", for the " + ("better" if word == better else "worse")
        )
        return f"An effect was found{side}."
    if verdict.reached is not None:
        return "Significant alone, but not after adjustment for several outcomes."
    if verdict.indicative is not None:
        return "No significant difference; an indicative mark is reached."
    return "No significant difference was found."
