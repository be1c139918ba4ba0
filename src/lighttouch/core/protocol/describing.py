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
from lighttouch.core.protocol.questions import (
    NumberResponse,
    OwnInstrument,
    OwnQuestionnaire,
    Response,
    ScaleResponse,
    TextResponse,
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
    lines += [f"  Asks:     {_count_questions(trial, one)}" for one in trial.questionnaires]
    lines += [
        f"  Outcome:  {outcome.label} ({outcome.role}, {outcome.wave})"
        for outcome in trial.outcomes
    ]
    return tuple(lines)


def _count_questions(trial: Trial, questionnaire: OwnQuestionnaire) -> str:
    own = {one.id for one in trial.instruments}
    entries = questionnaire.entries
    counts = (
        (len(entries), "instruments"),
        (sum(entry.instrument in own for entry in entries), "of the trial's own"),
        (sum(bool(entry.arms) for entry in entries), "for some arms"),
    )
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"{questionnaire.title} ({told})"


def describe_questionnaire(trial: Trial, questionnaire: OwnQuestionnaire) -> tuple[str, ...]:
    """Say what a questionnaire of the trial's own asks, entry by entry, own questions in full."""
    own = {one.id: one for one in trial.instruments}
    labels = {arm.id: arm.label for arm in trial.arms}
    lines = []
    for entry in questionnaire.entries:
        when = f" at {', '.join(entry.waves)}" if entry.waves else ""
        whom = f", of {', '.join(labels[arm] for arm in entry.arms)} only" if entry.arms else ""
        asked = own.get(entry.instrument)
        words = f": {_questions(asked)}" if asked else ""
        lines.append(f"{entry.instrument}{when}{whom}{words}")
    return tuple(lines)


def _questions(instrument: OwnInstrument) -> str:
    questions = " ".join(f"“{item.text}”" for item in instrument.items)
    return f"{questions} ({describe_response(instrument.response)})"


def describe_response(response: Response) -> str:
    """Say in a phrase how a question is answered.

    Examples
    --------
    >>> describe_response(TextResponse(kind="free_text"))
    'own words'
    """
    if isinstance(response, ScaleResponse):
        anchors = ", ".join(f"{one.value} {one.label}" for one in response.anchors)
        return f"{response.min} to {response.max}: {anchors}"
    if isinstance(response, NumberResponse):
        number = "a whole number" if response.kind == "count" else "a number"
        return f"{number} from {response.min}{f', {response.unit}' if response.unit else ''}"
    if isinstance(response, TextResponse):
        return "own words"
    options = [*response.options, *([response.other_option] if response.other_option else [])]
    many = "any of" if response.kind == "multi_choice" else "one of"
    return f"{many}: {', '.join(options)}"


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
