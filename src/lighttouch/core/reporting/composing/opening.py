"""Title page, what was found, warnings, and the trial in the protocol's words."""

from lighttouch.core.reporting.composing.findings import list_registered, summarise_outcome
from lighttouch.core.reporting.document import (
    Block,
    Callout,
    Facts,
    Heading,
    Items,
    Paragraph,
    Runs,
    Words,
)
from lighttouch.core.reporting.sourcing import At, Source, join, say, strong


def write_title(source: Source) -> tuple[Block, ...]:
    """Write the title page below the title."""
    trial = source.top / "trial"
    registered = (
        ((trial / "registered_at").as_form("date"),)
        if trial.value["registered_at"]
        else (Words("not registered"),)
    )
    pairs: list[tuple[Runs, Runs]] = [
        (say("Trial"), ((trial / "id").name("code"),)),
        (say("Status"), say("pilot trial" if trial.value["status"] == "pilot" else "full trial")),
        (say("Protocol registered"), registered),
        (say("Protocol fingerprint (SHA-256)"), ((trial / "protocol_sha256").name("code"),)),
        (say("Amendments"), ((trial / "amendments").whole(),)),
        (say("Made with"), ((source.top / "software").name(),)),
    ]
    return Paragraph(((trial / "summary").name(),), lead=True), Facts(tuple(pairs))


def write_kind(source: Source) -> Runs:
    """Say what kind of report this is."""
    pilot = source.results.trial.status == "pilot"
    return (Words("Report of a pilot trial" if pilot else "Report of a trial"),)


def write_opening(source: Source) -> tuple[Block, ...]:
    """Write the summary box and the warnings."""
    blocks: list[Block] = [
        Heading(1, say("Summary"), "summary"),
        Paragraph(_write_design(source)),
        _write_found(source),
    ]
    warnings = list_warnings(source)
    if warnings:
        title = say("Read the results with these warnings in mind")
        blocks.append(Callout("warning", title, (Items(warnings),)))
    return tuple(blocks)


def list_warnings(source: Source) -> tuple[Runs, ...]:
    """List the warnings about the trial, then those about its primary outcomes.

    The warnings of other outcomes stand beside their estimates only.
    """
    owners: dict[str, list[Runs]] = {}
    others = False
    for result, at in zip(source.results.outcomes, source.top / "outcomes", strict=True):
        for warning in {w for e in list_registered(result) for w in e.warnings}:
            owners.setdefault(warning, [])
            if result.role == "primary":
                owners[warning].append(((at / "label").name(),))
            else:
                others = True
    listed: list[Runs] = []
    for at in source.top / "warnings":
        if at.value not in owners:
            listed.append((at.name(),))
        elif owners[at.value]:
            listed.append(say("{w} ({o})", w=at.name(), o=join(owners[at.value])))
    if others:
        listed.append(say("Estimates of other outcomes carry warnings of their own, beside them."))
    return tuple(listed)


def _write_design(source: Source) -> Runs:
    trial, flow = source.results.trial, source.top / "flow"
    arms = join([(source.arm(arm.id),) for arm in trial.arms])
    people = say("{n} participants", n=(flow / "randomised").whole())
    if len(trial.arms) == 1:
        return say("{people} took part in a study without a comparison arm.", people=people)
    if trial.clustered:
        return say(
            "{k} clusters with {people} were allocated, whole, to these arms: {arms}.",
            k=(flow / "randomised_clusters").whole(),
            people=people,
            arms=arms,
        )
    return say("{people} were allocated to these arms: {arms}.", people=people, arms=arms)


def _write_found(source: Source) -> Callout:
    results = source.results
    places = list(zip(source.top / "outcomes", results.outcomes, strict=True))
    primary = [pair for pair in places if pair[1].role == "primary"]
    others = [pair for pair in places if pair[1].role != "primary"]
    blocks: list[Paragraph | Items] = []
    for role, pairs in (("Primary outcome", primary), ("Other outcomes", others)):
        sentences = [s for at, outcome in pairs for s in summarise_outcome(source, at, outcome)]
        if sentences:
            blocks += [Paragraph((strong(role),)), Items(tuple(sentences))]
    return Callout("finding", say("What we found"), tuple(blocks))


def write_trial(source: Source) -> tuple[Block, ...]:
    """Write who took part, what the arms got, and what was expected."""
    trial = source.top / "trial"
    pairs: list[tuple[Runs, Runs]] = [
        (say("Population"), ((trial / "population").name(),)),
        (say("Setting"), ((trial / "setting").name(),)),
        (say("Unit of allocation"), _unit(source)),
    ]
    for arm in trial / "arms":
        said = (arm / "description").name() if arm.value["description"] else Words("–")
        label = say("Arm: {a}{e}", a=(arm / "label").name(), e=_arm_extra(arm))
        pairs.append((label, (said,)))
    blocks: list[Block] = [Heading(1, say("The trial"), "trial"), Facts(tuple(pairs))]
    for item in trial / "interventions":
        blocks.append(Heading(2, ((item / 1).name(),), f"intervention-{item.key.split('/')[-1]}"))
        blocks.append(Paragraph(say("{t}{w}", t=strong("What: "), w=(item / 3).name())))
        blocks.append(Paragraph(say("{t}{w}", t=strong("Why: "), w=(item / 2).name())))
    for key, title in (("hypotheses", "Hypotheses"), ("ethics", "Ethics")):
        texts = tuple((at.name(),) for at in trial / key)
        if texts:
            blocks += [Heading(2, say(title), key), Items(texts)]
    return tuple(blocks)


def _unit(source: Source) -> Runs:
    trial = source.top / "trial"
    runs: Runs = ((trial / "unit").name(),)
    within = [(at.name(),) for key in ("blocks", "strata") for at in trial / key]
    return (*runs, *say(", within {w}", w=join(within))) if within else runs


def _arm_extra(arm: At) -> str:
    if arm.value["waitlist"]:
        return " (reference, waitlist)"
    return " (reference)" if arm.value["reference"] else ""
