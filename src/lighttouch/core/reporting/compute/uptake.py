"""Use by those offered and exposure of those not."""

import polars as pl

from lighttouch.core.archive.delivering import find_reached
from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.reporting.results import UptakeRow


def compute_uptake(archive: Archive, data: AnalysisSet) -> tuple[UptakeRow, ...]:
    """Count, in every arm, who was reached by each step and who had each uptake event at all.

    An event counts a participant once, however often it happened. Events in the reference arm are
    exposure: contact of those not offered.
    """
    measures = _delivered(archive) | _uses(archive) | _events(archive)
    rows = []
    for (measure, label), people in measures.items():
        for arm in archive.trial.arms:
            members = data.frame.filter(pl.col("arm") == arm.id)["participant"].to_list()
            count = len(people & set(members))
            rows.append(UptakeRow(measure, label, arm.id, count, len(members)))
    return tuple(rows)


def _delivered(archive: Archive) -> dict[tuple[str, str], set[str]]:
    reached = find_reached(archive.deliveries)
    if reached is None:
        return {}
    labels = {i.id: i.label for i in archive.trial.interventions}
    found: dict[tuple[str, str], set[str]] = {}
    grouped = reached.sort("intervention", "step").group_by(
        "intervention", "step", maintain_order=True
    )
    for (intervention, step), frame in grouped:
        name = labels.get(str(intervention), str(intervention))
        label = f"{name}: {str(step).replace('_', ' ')}"
        found[(f"delivered:{intervention}:{step}", label)] = _people(frame)
    return found


def _uses(archive: Archive) -> dict[tuple[str, str], set[str]]:
    """Count the uses the trial file declares: at least so many of one event."""
    if archive.uptake is None:
        return {}
    found: dict[tuple[str, str], set[str]] = {}
    for intervention in archive.trial.interventions:
        for use in intervention.uptake:
            events = archive.uptake.filter(pl.col("event") == use.event)
            often = events.group_by("participant").len().filter(pl.col("len") >= use.at_least)
            found[(f"use:{intervention.id}:{use.id}", use.label)] = _people(often)
    return found


def _events(archive: Archive) -> dict[tuple[str, str], set[str]]:
    """Count the events that no declared use is about."""
    if archive.uptake is None:
        return {}
    declared = [use.event for i in archive.trial.interventions for use in i.uptake]
    others = archive.uptake.filter(~pl.col("event").is_in(declared))
    grouped = others.sort("event").group_by("event", maintain_order=True)
    return {
        (f"uptake:{event}", str(event).replace("_", " ").capitalize()): _people(frame)
        for (event,), frame in grouped
    }


def _people(frame: pl.DataFrame) -> set[str]:
    return set(frame["participant"].to_list())
