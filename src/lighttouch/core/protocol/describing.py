"""Parts of a trial file said in words: the same words in the pre-registration and the report."""

from lighttouch.core.protocol.design import Stratum
from lighttouch.core.protocol.measures import (
    Composite,
    Derivation,
    FromColumn,
    FromComposite,
    FromInstrument,
    FromReturn,
)
from lighttouch.core.protocol.trial import Trial

_MEASURES = {
    "days_attended": "days attended: working days of the period less absence",
    "absence_days": "days of absence for any reason",
    "illness_days": "days of absence through illness",
    "illness_spells": "spells of absence through illness",
    "bradford_score": "Bradford score: spells squared times days of illness",
    "turnover": "turnover: 1 if the person has left, 0 if not",
}
_STANDARDS = {
    "reference_arm": "the reference arm at the same wave",
    "everyone": "all participants at the same wave",
    "reference_arm_at_baseline": "the reference arm at baseline",
}
ADJUSTMENTS = {
    "westfall_young": "Westfall–Young step-down over the allocations the design could have made",
    "holm": "Holm's step-down",
    "sharpened_q": "sharpened false-discovery q-values",
    "none": "no correction",
}


def outline_trial(trial: Trial) -> tuple[str, ...]:
    """Say in a few lines what a trial declares.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> for line in outline_trial(parse_trial(library_text("letters")))[1:4]:
    ...     print(line.strip())
    Arms:     Letter, Waitlist (reference)
    Unit:     participant (drawn)
    Partners: 3, and 2 lost or cancelled
    """
    arms = ", ".join(f"{arm.label}{' (reference)' if arm.reference else ''}" for arm in trial.arms)
    recruited = sum(partner.status == "recruited" for partner in trial.population.partners)
    lost = len(trial.population.partners) - recruited
    lines = [
        f"{trial.title} ({trial.id}, {trial.status})",
        f"  Arms:     {arms}",
        f"  Unit:     {trial.allocation.unit} ({trial.allocation.method})",
        f"  Partners: {recruited}{f', and {lost} lost or cancelled' if lost else ''}",
    ]
    for wave in trial.waves:
        parts = {"return": wave.collect, "survey": wave.survey, "table": wave.table}
        collected = ", ".join(name for name, part in parts.items() if part)
        lines.append(f"  Wave:     {wave.label} ({collected})")
    lines += [
        f"  Outcome:  {outcome.label} ({outcome.role}, {outcome.wave})"
        for outcome in trial.outcomes
    ]
    return tuple(lines)


def describe_stratum(stratum: Stratum) -> str:
    """Say in a phrase what units are balanced on.

    Examples
    --------
    >>> from lighttouch.core.protocol.design import ValueStratum
    >>> describe_stratum(ValueStratum(by="value", column="region"))
    'the values of region'
    """
    if stratum.by == "value":
        return f"the values of {stratum.column}"
    number = {
        "value": f"{stratum.column}",
        "cluster_mean": f"the cluster mean of {stratum.column}",
        "cluster_size": "cluster size",
    }[stratum.of]
    return f"{stratum.groups} equal parts of {number}, cut within each {stratum.within}"


def describe_derivation(derive: Derivation) -> str:
    """Say in a phrase where a variable comes from.

    Examples
    --------
    >>> describe_derivation(FromInstrument(source="instrument", instrument="burnout"))
    'the instrument burnout'
    """
    if isinstance(derive, FromReturn):
        return f"the return, {_return_rule(derive)}"
    if isinstance(derive, FromInstrument):
        part = f", subscale {derive.subscale}" if derive.subscale else ""
        return f"the instrument {derive.instrument}{part}"
    if isinstance(derive, FromComposite):
        return f"the index {derive.composite}"
    return _column_rule(derive)


def _column_rule(derive: FromColumn) -> str:
    scaled = f", times {derive.scale:g}" if derive.scale != 1 else ""
    return f"the column {derive.column}{scaled}"


def _return_rule(derive: FromReturn) -> str:
    words = [_MEASURES[derive.measure]]
    if derive.measure == "days_attended":
        kind = "of any kind" if derive.absence == "overall" else "through illness"
        words.append(f"absence {kind}")
    if derive.measure != "turnover":
        gone = derive.leavers == "absent_after_leaving"
        words.append("leavers count as absent after leaving" if gone else "leavers are missing")
    if derive.missing_below_months is not None:
        words.append(f"missing below {derive.missing_below_months:g} months of service")
    if derive.prorate_below_months is not None:
        words.append(f"scaled up to {derive.prorate_below_months:g} months of service below that")
    return ", ".join(words)


def describe_composite(composite: Composite) -> str:
    """Say what an index is made of and how."""
    parts = ", ".join(
        part.instrument
        + (f" ({part.subscale})" if part.subscale else "")
        + (f" times {part.weight:g}" if part.weight != 1 else "")
        for part in composite.components
    )
    missing = (
        "missing if any part is"
        if composite.missing_components == "complete"
        else "from the parts that are present"
    )
    return (
        f"{composite.label}: {parts}; each made a z-score by "
        f"{_STANDARDS[composite.standardise_by]}, combined by "
        f"{composite.combine.replace('_', ' ')}; {missing}."
    )
