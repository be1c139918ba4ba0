"""The trial file said in words, for the parts of a report that hold no numbers of their own."""

import re

from lighttouch.core.archive.model import Archive
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.describing import (
    ADJUSTMENTS,
    describe_composite,
    describe_derivation,
    describe_stratum,
)
from lighttouch.core.protocol.hashing import protocol_sha256
from lighttouch.core.protocol.measures import Derivation, FromComposite
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.reporting.results import AnalysisText, ArmText, TrialText

_ESTIMATORS = {
    "regression": "Linear regression of the outcome on the arm",
    "difference_in_means": "Difference between the mean of the arm and that of the reference",
}
_ESTIMANDS = {
    "participant_average": "Average effect over participants, by the arm they were allocated to",
    "cluster_average": "Average effect over clusters, by the arm they were allocated to",
}


def say_derivation(derivation: Derivation, trial: Trial) -> str:
    """Say in a phrase how a variable comes about, with the names instruments are known by."""
    said = describe_derivation(derivation)
    if isinstance(derivation, FromComposite):
        composite = next(c for c in trial.composites if c.id == derivation.composite)
        said = f"the index {describe_composite(composite).removesuffix('.')}"
    for instrument in library_of(trial).instruments.values():
        said = re.sub(rf"\b{instrument.id}\b", instrument.name, said)
    return said


def describe_trial(archive: Archive) -> TrialText:
    """Collect what a report says of the trial in the protocol's own words."""
    trial, record = archive.trial, archive.registration
    return TrialText(
        id=trial.id,
        title=trial.title,
        summary=" ".join(trial.summary.split()),
        status=trial.status,
        population=trial.population.description,
        setting=trial.population.setting,
        unit=trial.allocation.unit,
        clustered=trial.clustered,
        allocation_method=trial.allocation.method,
        blocks=trial.allocation.blocks,
        strata=tuple(describe_stratum(stratum) for stratum in trial.allocation.strata),
        arms=tuple(
            ArmText(arm.id, arm.label, arm.description, arm == trial.reference_arm, arm.waitlist)
            for arm in trial.arms
        ),
        protocol_sha256=protocol_sha256(archive.trial_text),
        registered_at=record.registered_at if record else "",
        amendments=len(record.amendments) if record else 0,
        assumptions=tuple((a.key, " ".join(a.reason.split())) for a in trial.assumed),
        hypotheses=trial.registration.hypotheses,
        ethics=trial.registration.ethics,
        interventions=tuple(
            (i.arm, i.label, " ".join(i.why.split()), " ".join(i.what.split()))
            for i in trial.interventions
        ),
    )


def describe_analysis(trial: Trial) -> AnalysisText:
    """Put the registered analysis into words."""
    analysis = trial.analysis
    inference = analysis.randomisation_inference
    return AnalysisText(
        estimator=_ESTIMATORS[analysis.estimator],
        estimand=_ESTIMANDS[analysis.estimand],
        variance=_describe_variance(trial),
        covariates=tuple(trial.covariate(name).label for name in analysis.covariates),
        terms=_describe_terms(trial),
        missing=_describe_missing(trial),
        thresholds=analysis.thresholds,
        indicative_thresholds=analysis.indicative_thresholds,
        confidence_level=analysis.confidence_level,
        families=tuple(f"{f.id}: {ADJUSTMENTS[f.method]}" for f in analysis.families),
        randomisation_draws=inference.draws if inference.use else None,
        house=_describe_house(trial),
    )


def _describe_variance(trial: Trial) -> str:
    if trial.analysis.variance != "design":
        return trial.analysis.variance
    if trial.clustered:
        return "CR2 with Satterthwaite degrees of freedom, because clusters were allocated"
    return "HC2, because people were allocated one by one"


def _describe_terms(trial: Trial) -> tuple[str, ...]:
    analysis = trial.analysis
    present = (
        (analysis.baseline_outcome, "the outcome at baseline, where it was measured"),
        (analysis.partner_effects, "an indicator for each partner but one"),
        (analysis.stratum_effects, "an indicator for each block and stratum but one"),
    )
    return tuple(words for used, words in present if used)


def _describe_missing(trial: Trial) -> tuple[str, ...]:
    rules = trial.analysis.missing
    indicator = "set to a constant, with an indicator that it is missing"
    dropped = "participants without it are left out"
    return (
        f"Missing covariate: {indicator if rules.covariates == 'indicator' else dropped}.",
        f"Missing baseline outcome: "
        f"{indicator if rules.baseline_outcome == 'indicator' else dropped}.",
        "Missing outcome: the estimate uses those who have it.",
        "Missing item of a scale: "
        + (
            "the scale counts only when every item is answered."
            if rules.items == "complete"
            else "the mean of the answered items stands in when at least half are answered."
        ),
    )


def _describe_house(trial: Trial) -> str:
    house = trial.analysis.house
    if house is None:
        return ""
    ending = " It ignores that clusters were allocated." if trial.clustered else ""
    return (
        "The programme's own specification: ordinary least squares with classical standard "
        f"errors, no strata.{ending} {house.note}".strip()
    )
