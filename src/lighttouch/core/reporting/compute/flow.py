"""Participant flow, collection by partner and wave, and the timeline."""

from collections.abc import Collection
from datetime import date

import polars as pl

from lighttouch.core.archive.delivering import find_reached
from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.model import AnalysisSet, outcome_column
from lighttouch.core.protocol.offsets import Span
from lighttouch.core.protocol.people import Intervention, Partner
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.reporting.results import (
    CollectionCell,
    Flow,
    FlowArm,
    OutcomeResult,
    TimelineEntry,
)


def compute_flow(archive: Archive, data: AnalysisSet, outcomes: tuple[OutcomeResult, ...]) -> Flow:
    """Count participants (and clusters) from screening to analysis."""
    trial, roster = archive.trial, archive.roster
    clustered = trial.clustered
    reasons = roster["excluded_because"].to_list()
    excluded = {
        exclusion.reason: reasons.count(exclusion.id) for exclusion in trial.population.exclusions
    }
    others = roster.height - data.frame.height - sum(excluded.values())
    if others:
        excluded["Other reasons recorded in the roster"] = others
    cluster = trial.allocation.unit
    screened_clusters = (
        roster.select("partner", cluster).n_unique()
        if clustered and cluster in roster.columns
        else None
    )
    return Flow(
        screened=roster.height,
        screened_clusters=screened_clusters,
        excluded=excluded,
        randomised=data.frame.height,
        randomised_clusters=data.frame["unit"].n_unique() if clustered else None,
        arms=tuple(_flow_arm(archive, data, arm.id, outcomes) for arm in trial.arms),
    )


def _flow_arm(
    archive: Archive, data: AnalysisSet, arm: str, outcomes: tuple[OutcomeResult, ...]
) -> FlowArm:
    frame = data.frame.filter(pl.col("arm") == arm)
    people = set(frame["participant"].to_list())
    sizes = frame.group_by("unit").len()["len"] if data.trial.clustered else None
    return FlowArm(
        arm=arm,
        allocated=frame.height,
        clusters=None if sizes is None else sizes.len(),
        cluster_sizes=_size_range(sizes),
        received=_count_received(archive, people),
        left=_count_left(archive, people),
        followed_up=_count_followed_up(frame, data.trial),
        analysed={o.id: _count_analysed(o, frame, arm) for o in outcomes},
    )


def _size_range(sizes: pl.Series | None) -> tuple[int, int, float] | None:
    if sizes is None or sizes.is_empty():
        return None
    values = sizes.to_list()
    return min(values), max(values), sum(values) / len(values)


def _count_received(archive: Archive, people: Collection[str]) -> int | None:
    reached = find_reached(archive.deliveries)
    if reached is None:
        return None
    return reached.filter(pl.col("participant").is_in(list(people)))["participant"].n_unique()


def _count_left(archive: Archive, people: Collection[str]) -> int:
    """Count those with a leaving date in any return, or an event of leaving, during the trial."""
    ends = _last_days(archive.trial)
    gone: set[str] = set()
    for (partner, _wave), frame in archive.returns.items():
        left = pl.col("leaving_date") <= ends.get(partner, date.max)
        gone.update(f"{partner}/{staff}" for staff in frame.filter(left)["staff_id"].to_list())
    if archive.events is not None:
        for event in archive.events.filter(pl.col("event") == "left").iter_rows(named=True):
            last = ends.get(event["participant"].split("/")[0], date.max)
            if event["at"] <= last.isoformat():
                gone.add(event["participant"])
    return len(gone & set(people))


def _last_days(trial: Trial) -> dict[str, date]:
    """Return the day collection ends at each partner with a launch date."""
    spans = [w.collect.ends for w in trial.waves if w.collect]
    spans += [w.survey.closes for w in trial.waves if w.survey]
    return {
        partner.id: max(span.after(partner.launch) for span in spans)
        for partner in trial.population.partners
        if partner.launch is not None and spans
    }


def _count_followed_up(frame: pl.DataFrame, trial: Trial) -> dict[str, int]:
    counts: dict[str, int] = {}
    for wave in trial.waves:
        columns = [outcome_column(o.id) for o in trial.outcomes if o.wave == wave.id]
        if columns:
            seen = pl.any_horizontal(pl.col(column).is_not_null() for column in columns)
            counts[wave.id] = frame.filter(seen).height
    return counts


def _count_analysed(outcome: OutcomeResult, frame: pl.DataFrame, arm: str) -> int:
    registered = [e for e in outcome.estimates if e.specification == "registered"]
    if registered:
        return registered[0].n_by_arm.get(arm, 0)
    return frame[outcome_column(outcome.id)].drop_nulls().len()


def compute_collection(archive: Archive, data: AnalysisSet) -> tuple[CollectionCell, ...]:
    """Count what each partner gave at each wave, among those randomised."""
    cells: list[CollectionCell] = []
    labels = {partner.id: partner.name for partner in archive.trial.population.partners}
    responded = _respondents(archive)
    for (partner,), frame in data.frame.group_by("partner", maintain_order=True):
        people = set(frame["participant"].to_list())
        for wave in archive.trial.waves:
            returned = _returned(archive, str(partner), wave.id)
            planned = wave.collect is not None or wave.table is not None
            cells.append(
                CollectionCell(
                    partner=str(partner),
                    partner_label=labels.get(str(partner), str(partner)),
                    wave=wave.id,
                    wave_label=wave.label,
                    expected=len(people),
                    returned=len(people & returned) if planned else None,
                    responded=(
                        len(people & responded.get(wave.id, set())) if wave.survey else None
                    ),
                )
            )
    return tuple(sorted(cells, key=lambda cell: cell.partner))


def _returned(archive: Archive, partner: str, wave: str) -> set[str]:
    if wave in archive.tables:
        return set(archive.tables[wave]["participant"].to_list())
    frame = archive.returns.get((partner, wave))
    return set() if frame is None else {f"{partner}/{s}" for s in frame["staff_id"].to_list()}


def _respondents(archive: Archive) -> dict[str, set[str]]:
    if archive.responses is None:
        return {}
    seen = archive.responses.select("wave", "participant").unique()
    return {
        str(wave): set(frame["participant"].to_list())
        for (wave,), frame in seen.group_by("wave", maintain_order=True)
    }


def compute_timeline(trial: Trial) -> tuple[TimelineEntry, ...]:
    """Lay out every planned moment at every partner with a launch date."""
    entries: list[TimelineEntry] = []
    for partner in trial.population.partners:
        if partner.launch is None or partner.status == "cancelled":
            continue
        entries.append(_entry(partner, "launch", "Launch", (partner.launch, partner.launch)))
        entries.extend(_wave_entries(trial, partner, partner.launch))
        for intervention in trial.interventions:
            entries.extend(_step_entries(intervention, partner, partner.launch))
    return tuple(sorted(entries, key=lambda e: (e.partner, e.starts, e.kind, e.label)))


def _wave_entries(trial: Trial, partner: Partner, launch: date) -> list[TimelineEntry]:
    entries = []
    for wave in trial.waves:
        if wave.collect is not None:
            window = (wave.collect.starts.after(launch), wave.collect.ends.after(launch))
            entries.append(_entry(partner, "return", f"{wave.label}: return period", window))
        if wave.survey is not None:
            window = (wave.survey.opens.after(launch), wave.survey.closes.after(launch))
            entries.append(_entry(partner, "survey", f"{wave.label}: survey", window))
    return entries


def _step_entries(
    intervention: Intervention, partner: Partner, launch: date
) -> list[TimelineEntry]:
    entries = []
    for step in intervention.steps:
        first = step.at.after(launch)
        last = first
        if step.every is not None:
            last = Span(step.every.count * (step.times - 1), step.every.unit).after(first)
        label = f"{intervention.label}: {step.id.replace('_', ' ')}"
        entries.append(_entry(partner, "step", label, (first, last)))
    return entries


def _entry(partner: Partner, kind: str, label: str, window: tuple[date, date]) -> TimelineEntry:
    starts, ends = window
    return TimelineEntry(
        partner.id, partner.name, kind, label, starts.isoformat(), ends.isoformat()
    )
