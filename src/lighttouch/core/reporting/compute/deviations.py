"""Deviations: what the registered protocol said and what was done, computed, with reasons given.

A reason in ``deviations.toml`` belongs to a computed deviation when scope (a partner's identifier
or ``trial``) and decision are the same; every other entry there is printed as it stands.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import polars as pl

from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.model import AnalysisSet, covariate_column
from lighttouch.core.protocol.comparing import compare_trials
from lighttouch.core.protocol.registering import RegistrationRecord
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.reporting.results import CollectionCell, Deviation, OutcomeResult

WHOLE_TRIAL = "trial"
NO_REASON = "No reason was recorded."


def compute_deviations(
    archive: Archive,
    data: AnalysisSet,
    outcomes: tuple[OutcomeResult, ...],
    collection: tuple[CollectionCell, ...],
    versions: tuple[Trial, ...],
) -> tuple[Deviation, ...]:
    """List every deviation, each with its reason.

    Parameters
    ----------
    versions
        The registered trial file and its amendments in order, then the file that was run.
    """
    computed = [
        *_changed_plan(versions, archive.registration),
        *_cancelled_partners(archive.trial),
        *_waves_not_collected(collection),
        *_too_few_participants(archive.trial, data),
        *_covariates_not_held(data),
        *_outcomes_not_estimated(outcomes),
        *_further_analyses(archive),
    ]
    reasons = {(_fold(r.scope), _fold(r.decision)): r.reason for r in archive.deviations}
    names = {partner.id: partner.name for partner in archive.trial.population.partners}
    keys = {(_fold(d.scope), _fold(d.decision)) for d in computed}
    added = [
        Deviation(
            names.get(r.scope, r.scope), r.decision, r.planned, r.done, r.reason, computed=False
        )
        for r in archive.deviations
        if (_fold(r.scope), _fold(r.decision)) not in keys
    ]
    explained = [
        replace(d, scope=names.get(d.scope, d.scope), reason=reason or NO_REASON)
        for d in computed
        for reason in [reasons.get((_fold(d.scope), _fold(d.decision)), d.reason)]
    ]
    return (*explained, *added)


def _fold(text: str) -> str:
    return " ".join(text.lower().split())


def _changed_plan(
    versions: tuple[Trial, ...], registration: RegistrationRecord | None
) -> Iterator[Deviation]:
    """Compare each version with the next; the last is the file that was run, not an amendment."""
    amendments = registration.amendments if registration else ()
    reasons = [f"Amendment {one.number}, {one.at[:10]}: {one.reason}" for one in amendments]
    for number, (before, after) in enumerate(pairwise(versions), start=1):
        reason = reasons[number - 1] if number <= len(reasons) else ""
        for difference in compare_trials(before, after):
            yield Deviation(
                WHOLE_TRIAL,
                f"changed plan {number}: {difference.key}",
                difference.before,
                difference.after,
                reason,
                computed=True,
            )


def _cancelled_partners(trial: Trial) -> Iterator[Deviation]:
    for partner in trial.population.partners:
        if partner.status == "cancelled":
            yield Deviation(
                partner.id, "cancelled", "takes part", "did not launch", partner.note, computed=True
            )


def _waves_not_collected(collection: tuple[CollectionCell, ...]) -> Iterator[Deviation]:
    for cell in collection:
        if cell.returned == 0:
            yield Deviation(
                cell.partner,
                f"no return at {cell.wave}",
                "collected",
                "not collected",
                "",
                computed=True,
            )
        if cell.responded == 0:
            yield Deviation(
                cell.partner,
                f"no survey at {cell.wave}",
                "fielded",
                "no answers",
                "",
                computed=True,
            )


def _too_few_participants(trial: Trial, data: AnalysisSet) -> Iterator[Deviation]:
    for plan in trial.power:
        planned = plan.participants or sum(plan.cluster_sizes)
        if plan.clusters and plan.mean_cluster_size:
            planned = planned or round(plan.clusters * plan.mean_cluster_size)
        if planned and data.frame.height < planned:
            yield Deviation(
                WHOLE_TRIAL,
                f"fewer participants than planned for {plan.outcome}",
                f"{planned} participants",
                f"{data.frame.height} randomised",
                "",
                computed=True,
            )


def _covariates_not_held(data: AnalysisSet) -> Iterator[Deviation]:
    used = dict.fromkeys(data.trial.analysis.covariates)
    for name in used:
        column = covariate_column(name)
        empty = (
            data.frame.group_by("partner").agg(pl.col(column).is_not_null().any()).sort("partner")
        )
        for partner in empty.filter(~pl.col(column))["partner"].to_list():
            yield Deviation(
                str(partner),
                f"covariate not held: {name}",
                "adjusted for",
                "missing for every participant of the partner",
                "",
                computed=True,
            )


def _outcomes_not_estimated(outcomes: tuple[OutcomeResult, ...]) -> Iterator[Deviation]:
    for outcome in outcomes:
        if outcome.not_estimated:
            yield Deviation(
                WHOLE_TRIAL,
                f"outcome not estimated: {outcome.id}",
                f"{outcome.role} outcome",
                "no estimate",
                outcome.not_estimated,
                computed=True,
            )


def _further_analyses(archive: Archive) -> Iterator[Deviation]:
    """Name the analyses planned beyond the outcomes that are no part of this report.

    Of those only qualitative work can be: its cleared extracts are in the archive.
    """
    for analysis in archive.trial.analysis.further:
        if analysis.kind == "qualitative" and archive.quotes is not None:
            continue
        yield Deviation(
            WHOLE_TRIAL,
            f"further analysis not in this report: {analysis.id}",
            " ".join(analysis.plan.split()),
            "not reported here",
            "",
            computed=True,
        )
