"""A trial file as a pre-registration text, under the headings of the usual registry form."""

from collections.abc import Iterable

from lighttouch.core.protocol.checks_messages import list_words, messages_of
from lighttouch.core.protocol.describing import (
    ADJUSTMENTS,
    describe_composite,
    describe_derivation,
    describe_questionnaire,
    describe_stratum,
)
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.measures import (
    Baseline,
    Covariate,
    Outcome,
)
from lighttouch.core.protocol.messages import Words
from lighttouch.core.protocol.offsets import Span
from lighttouch.core.protocol.people import Condition, Exclusion, Intervention, Step
from lighttouch.core.protocol.prizes import describe_prize
from lighttouch.core.protocol.trial import Trial

_VARIANCES = {"HC2": "HC2", "HC3": "HC3", "CR2": "CR2, Satterthwaite", "CR3": "CR3"}
_EXISTING = {
    "drawn": "The allocation is seeded by this registered file, so it follows registration.",
    "given": "The allocation was made outside Lighttouch. Say here which data had been seen.",
    "none": "Say here which data had been seen at registration.",
}
_MISSING = {
    "indicator": "set to a constant with an indicator of missingness",
    "complete_cases": "left out with the participant",
}


def render_preregistration(trial: Trial, protocol_sha256: str, secret_commitment: str) -> str:
    """Return the pre-registration of a trial as Markdown, ready to paste.

    Parameters
    ----------
    trial
        The trial as registered.
    protocol_sha256, secret_commitment
        The fingerprint of the trial file, and the commitment to the secret of the allocation.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> text = render_preregistration(parse_trial(library_text("letters")), "a" * 64, "b" * 64)
    >>> text.splitlines()[0]
    '# Pre-registration: Letters of recognition for social workers'
    """
    sections = (
        _study_information(trial),
        _design_plan(trial),
        _sampling_plan(trial),
        _variables(trial),
        _analysis_plan(trial),
        _other(trial, protocol_sha256, secret_commitment),
    )
    title = f"# Pre-registration: {trial.title}"
    return "\n\n".join([title, *(part for section in sections for part in section)]) + "\n"


def _list(lines: Iterable[str], *, empty: str = "None.") -> str:
    shown = "\n".join(f"- {line}" for line in lines)
    return shown or empty


def _study_information(trial: Trial) -> list[str]:
    numbered = [f"H{n}. {text}" for n, text in enumerate(trial.registration.hypotheses, start=1)]
    return [
        "## Study information",
        f"### Title\n\n{trial.title}",
        f"### Description\n\n{trial.summary}",
        f"### Hypotheses\n\n{_list(numbered, empty='None stated.')}",
    ]


def _design_plan(trial: Trial) -> list[str]:
    arms = [
        f"{arm.label}{' (reference)' if arm.reference else ''}"
        f"{' (waitlist)' if arm.waitlist else ''}: {arm.description or arm.label}"
        for arm in trial.arms
    ]
    kind = {
        "drawn": "Experiment: units are randomly allocated to arms.",
        "given": "Experiment: units were randomly allocated to arms outside Lighttouch.",
        "none": "Single-arm study: nothing is allocated.",
    }[trial.allocation.method]
    status = "This is a pilot." if trial.status == "pilot" else "This is a full trial."
    return [
        "## Design plan",
        f"### Study type\n\n{kind} {status}",
        f"### Blinding\n\n{trial.registration.blinding or 'Not stated.'}",
        f"### Study design\n\n{_list(arms)}",
        f"### Randomisation\n\n{_randomisation(trial)}",
        f"### Interventions\n\n{_list(_intervention(trial, part) for part in trial.interventions)}",
    ]


def _randomisation(trial: Trial) -> str:
    allocation = trial.allocation
    if allocation.method == "none":
        return f"None. {allocation.rationale}".strip()
    shares = " to ".join(f"{arm.share:g}" for arm in trial.arms)
    names = ", ".join(arm.label for arm in trial.arms)
    sentences = [
        f"The unit of allocation is the {allocation.unit}.",
        f"Shares are {shares} ({names}).",
        f"Separate draws are made within each {' and '.join(allocation.blocks)}."
        if allocation.blocks
        else "",
        " ".join(
            f"Within them, strata are {describe_stratum(part)}." for part in allocation.strata
        ),
        "Lighttouch draws from a seed made of the secret committed to below, the frozen list of "
        "participants and this protocol."
        if allocation.method == "drawn"
        else f"The outside draw is declared to have been {allocation.design}.",
        allocation.rationale,
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _intervention(trial: Trial, part: Intervention) -> str:
    arm = next(arm.label for arm in trial.arms if arm.id == part.arm)
    duration = f" Lasts {part.duration}." if part.duration and part.duration.count else ""
    uptake = "".join(
        f" Counted as use: {use.label} ({use.event}, at least {use.at_least})."
        for use in part.uptake
    )
    sent = "".join(_sent(trial, step) for step in part.steps)
    return f"{part.label} (arm: {arm}). {part.what} Why: {part.why}{duration}{sent}{uptake}"


def _sent(trial: Trial, step: Step) -> str:
    """Say what the site itself sends for a step; its words are in the trial file."""
    messages = messages_of(trial, step)
    if not messages:
        return ""
    how_many = f"{step.times} times, {_often(step)}" if step.every else "once"
    return f" Sent by {step.channel.replace('_', ' ')} {how_many}: {_subjects(messages)}."


def _often(step: Step) -> str:
    return f"every {step.every}, from {_when(step.at)}"


def _subjects(messages: tuple[Words, ...]) -> str:
    named = "; ".join(one.subject for one in messages if one.subject)
    return named or "words as in the trial file"


def _sampling_plan(trial: Trial) -> list[str]:
    partners = [
        f"{partner.name}"
        + (f", launch {partner.launch.isoformat()}" if partner.launch else "")
        + (" (cancelled)" if partner.status == "cancelled" else "")
        for partner in trial.population.partners
    ]
    population = f"{trial.population.description}. {trial.population.setting}."
    excluded = [_exclusion(rule) for rule in trial.population.exclusions]
    stopping = trial.registration.stopping_rule or "Not stated."
    return [
        "## Sampling plan",
        f"### Existing data\n\n{_EXISTING[trial.allocation.method]}",
        f"### Data collection procedures\n\n{population}\n\nPartners:\n\n"
        f"{_list(partners, empty='Not yet named.')}\n\nLeft out before allocation, in this order:"
        f"\n\n{_list(excluded)}\n\nWaves, counted from each partner's launch:\n\n"
        f"{_list(_wave(wave) for wave in trial.waves)}{_questionnaires(trial)}"
        f"{_contact(trial)}",
        f"### Sample size\n\n{_list(_sizes(trial), empty='Not fixed in advance.')}",
        f"### Stopping rule\n\n{stopping}",
    ]


def _exclusion(rule: Exclusion) -> str:
    test = (
        _condition(rule.when) if rule.when else f"cluster smaller than {rule.cluster_smaller_than}"
    )
    return f"{rule.reason} ({test})."


def _condition(when: Condition) -> str:
    tests = {
        "equals": "equals {}",
        "one_of": "is one of {}",
        "missing": "missing is {}",
        "below": "is below {}",
        "at_least": "is at least {}",
        "before_launch": "lies before launch",
    }
    name = next(name for name in tests if getattr(when, name) is not None)
    value = getattr(when, name)
    shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
    return f"{when.column} {tests[name].format(shown)}"


def _contact(trial: Trial) -> str:
    """Say how often people are written to, where the trial file decides it or words messages."""
    contact = trial.contact
    if "contact" not in trial.model_fields_set and not any(list_words(trial)):
        return ""
    most = "one message" if contact.most_a_week == 1 else f"{contact.most_a_week} messages"
    return (
        f"\n\nNobody gets more than {most} in seven days. None goes before {contact.from_hour}:00 "
        f"or from {contact.until_hour}:00, at a weekend or on a bank holiday."
    )


def _wave(wave: Wave) -> str:
    parts = [wave.label]
    if wave.collect:
        period = wave.collect
        parts.append(
            f"return on the time from {_when(period.starts)} to {_when(period.ends)}, due "
            f"{_when(period.due)}"
        )
    if wave.survey:
        survey = wave.survey
        reminders = ", ".join(map(_when, survey.reminders))
        parts.append(
            f"survey {survey.questionnaire} from {_when(survey.opens)} to {_when(survey.closes)}"
            + (f", reminders {reminders}" if reminders else "")
            + (f" ({survey.invitation})" if survey.invitation else "")
            + (", in words of the trial file" if survey.messages else "")
            + (f", {describe_prize(survey.prize)}" if survey.prize else "")
        )
    if wave.table:
        parts.append(f"table {wave.table.file}")
    return "; ".join(parts) + "."


def _questionnaires(trial: Trial) -> str:
    """Return what surveys ask beyond the library, word for word; empty where that is nothing."""
    parts = []
    for one in trial.questionnaires:
        title = f"Questionnaire {one.id}, “{one.title}”, asks in this order:"
        parts.append(f"\n\n{title}\n\n{_list(describe_questionnaire(trial, one))}")
    return "".join(parts)


def _when(offset: Span) -> str:
    """Return a time from launch in words."""
    if offset.count == 0:
        return "launch"
    side = "before" if offset.count < 0 else "after"
    return f"{Span(abs(offset.count), offset.unit)} {side} launch"


def _sizes(trial: Trial) -> list[str]:
    sentences = []
    for power in trial.power:
        if power.participants is not None:
            size = f"{power.participants} participants"
        elif power.cluster_sizes:
            size = f"clusters of {', '.join(map(str, power.cluster_sizes))}"
        else:
            size = (
                f"{power.clusters} clusters of {power.mean_cluster_size:g} on average (coefficient "
                f"of variation {power.cluster_size_cv:g})"
            )
        icc = f", intraclass correlation {power.icc:g}" if trial.clustered else ""
        sentences.append(
            f"{trial.outcome(power.outcome).label}: {size}, effect {power.effect:g}, standard "
            f"deviation {power.sd:g}{icc}, correlation with baseline "
            f"{power.baseline_correlation:g}, response {power.response:.0%}, attrition "
            f"{power.attrition:.0%}; power {power.power:.0%} at {power.significance:g} two-sided "
            "is the aim."
        )
    return sentences


def _variables(trial: Trial) -> list[str]:
    arms = ", ".join(arm.label for arm in trial.arms)
    covariates = [_covariate(covariate) for covariate in trial.covariates]
    return [
        "## Variables",
        f"### Manipulated variables\n\nArm: {arms}.",
        f"### Measured variables\n\n{_list(_outcome(trial, part) for part in trial.outcomes)}\n\n"
        f"Covariates:\n\n{_list(covariates)}",
        f"### Indices\n\n{_list(describe_composite(part) for part in trial.composites)}",
    ]


def _outcome(trial: Trial, outcome: Outcome) -> str:
    better = {"higher": "higher is better", "lower": "lower is better", "neither": "no direction"}
    smallest = outcome.smallest_effect_of_interest
    return " ".join(
        part
        for part in (
            f"{outcome.role.capitalize()}: {outcome.label} (wave {trial.wave(outcome.wave).label}; "
            f"{outcome.kind}, {outcome.unit}, {better[outcome.better]}).",
            f"From {describe_derivation(outcome.derive)}.",
            _baseline(outcome.baseline),
            f"Smallest effect of interest {smallest:g}." if smallest else "",
            outcome.note,
        )
        if part
    )


def _baseline(baseline: Baseline | None) -> str:
    if baseline is None:
        return ""
    how = f"from {describe_derivation(baseline.derive)}" if baseline.derive else "in the same way"
    return f"Its baseline (wave {baseline.wave}) {how}."


def _covariate(covariate: Covariate) -> str:
    coding = {
        "numeric": f"as a number{f' of {covariate.unit}' if covariate.unit else ''}",
        "indicator": f"1 where it is {covariate.value}",
        "categorical": f"one indicator per category but {covariate.reference}",
    }[covariate.coding]
    return f"{covariate.label}: column {covariate.column} at {covariate.wave}, {coding}."


def _analysis_plan(trial: Trial) -> list[str]:
    further = [f"{part.kind.replace('_', ' ')}: {part.plan}" for part in trial.analysis.further]
    exploratory = [o.label for o in trial.outcomes if o.role == "exploratory"]
    missing = trial.analysis.missing
    items = "every item" if missing.items == "complete" else "half of the items, prorated"
    return [
        "## Analysis plan",
        f"### Statistical models\n\n{_models(trial)}",
        f"### Inference criteria\n\n{_inference(trial)}",
        "### Data exclusion\n\nNobody is left out after allocation: everyone is analysed in the "
        "arm allocated, wherever the outcome is known.",
        f"### Missing data\n\nA missing covariate is {_MISSING[missing.covariates]}; a missing "
        f"baseline outcome is {_MISSING[missing.baseline_outcome]}; a missing outcome leaves the "
        f"participant out of that outcome; a scale needs {items}.",
        f"### Exploratory analysis\n\n{_list([*exploratory, *further])}",
    ]


def _models(trial: Trial) -> str:
    analysis = trial.analysis
    if trial.allocation.method == "none":
        return "Outcomes are described at each wave; no effect is estimated."
    design = (
        "CR2 with Satterthwaite degrees of freedom" if trial.clustered else "HC2 by participant"
    )
    variance = design if analysis.variance == "design" else _VARIANCES[analysis.variance]
    model = (
        "Difference in means between arms"
        if analysis.estimator == "difference_in_means"
        else "Ordinary least squares of the outcome on arm"
    )
    return " ".join(
        part
        for part in (
            f"{model}; the estimand is the {analysis.estimand.replace('_', ' ')}, by intention to "
            f"treat. Variance: {variance}.",
            _terms(trial) if analysis.estimator == "regression" else "",
            _house(trial),
        )
        if part
    )


def _terms(trial: Trial) -> str:
    analysis = trial.analysis
    terms = [trial.covariate(name).label for name in analysis.covariates]
    switches = (
        (analysis.baseline_outcome, "the outcome's baseline, where it has one"),
        (analysis.stratum_effects, "strata"),
        (analysis.partner_effects, "partners"),
    )
    terms += [words for use, words in switches if use]
    return f"Adjusted for: {', '.join(terms)}." if terms else "Nothing is adjusted for."


def _house(trial: Trial) -> str:
    house = trial.analysis.house
    if house is None:
        return ""
    terms = [trial.covariate(name).label for name in house.covariates]
    terms += ["the outcome's baseline"] if house.baseline_outcome else []
    terms += ["partners"] if house.partner_effects else []
    without = ", ".join(trial.outcome(name).label for name in house.without_baseline)
    sentences = (
        "Beside it, the programme's own specification: classical standard errors, adjusted for "
        f"{', '.join(terms) or 'nothing'}.",
        f"No baseline for: {without}." if without else "",
        house.note,
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _inference(trial: Trial) -> str:
    analysis = trial.analysis
    thresholds = ", ".join(f"{value:g}" for value in analysis.thresholds) or "none"
    lines = [
        f"Two-sided tests; thresholds: {thresholds}.",
        f"Intervals at {analysis.confidence_level:.0%}.",
    ]
    if analysis.indicative_thresholds:
        marks = ", ".join(f"{value:g}" for value in analysis.indicative_thresholds)
        lines.append(f"Indicative marks, never called significant: {marks}.")
    redraw = analysis.randomisation_inference
    if redraw.use and trial.allocation.method != "none":
        lines.append(
            f"Randomisation test over {redraw.draws} allocations the design could have made."
        )
    for family in analysis.families:
        members = [o.label for o in trial.outcomes if o.role in family.roles]
        members += [trial.outcome(name).label for name in family.outcomes]
        lines.append(f"Family {family.id} ({ADJUSTMENTS[family.method]}): {', '.join(members)}.")
    return _list(lines)


def _other(trial: Trial, protocol_sha256: str, secret_commitment: str) -> list[str]:
    retention = trial.retention
    kept = (
        f"Data are deleted {retention.delete_after} after "
        f"{retention.counted_from.replace('_', ' ')}. Key: {retention.key_holder}."
    )
    cell = trial.privacy.smallest_cell
    parts = [retention.controller, retention.lawful_basis, retention.withdrawal]
    if "privacy" in trial.model_fields_set:
        parts.append(f"An employer is told no number below {cell} people.")
    assumed = [f"{choice.key}: {choice.reason}" for choice in trial.assumed]
    registry = trial.registration.registry or "Registry not named"
    return [
        "## Other",
        f"### Ethics and registry\n\n{_list([registry, *trial.registration.ethics])}",
        f"### Consent\n\n{trial.registration.consent or 'Not stated.'}",
        f"### Data promises\n\n{' '.join([kept, *(part for part in parts if part)])}",
        f"### Choices left open by the sources\n\n{_list(assumed)}",
        f"### Fingerprints\n\n- Trial file, SHA-256: `{protocol_sha256}`\n"
        f"- Commitment to the secret of the allocation, SHA-256: `{secret_commitment}`",
    ]
