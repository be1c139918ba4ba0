"""Between the platform's rows and a study folder, which is all the core reads."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from lighttouch.core.archive.layout import EVENT_COLUMNS, EVENTS, RETURNS
from lighttouch.core.archive.tabular import table_bytes
from lighttouch.core.errors import AllocationError
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.enrolment.models import (
    LONGEST_CODE,
    Event,
    Happening,
    Participant,
    Roster,
    RosterSource,
)
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.protocols.queries import declared, registered_files
from lighttouch.web.returns.queries import accepted_files
from lighttouch.web.storage.queries import read_bytes

CHUNK = 20_000
"""Rows of a roster taken out of the frame at once."""

Files = dict[tuple[str, str], tuple[str, bytes]]
"""Returns by partner and wave: the kind of file, and its bytes."""


def write_study(trial: Trial, folder: Path) -> None:
    """Write what a trial has so far as a study folder.

    The protocol's files, the returns that were signed off (baseline returns as they were when
    the roster was frozen) and what happened to participants since. Neither the secret nor
    anything about arms is among it.

    Parameters
    ----------
    folder
        An empty folder.
    """
    files = accepted_files(trial)
    if roster := Roster.objects.filter(trial=trial).first():
        files = _as_frozen(files, roster, declared(trial).baseline_wave.id)
    write_inputs(trial, files, folder)
    if events := events_table(trial):
        (folder / EVENTS).write_bytes(events)


def write_frozen(trial: Trial, folder: Path) -> None:
    """Write the protocol's files and the baseline returns the roster was frozen from: no more."""
    roster = Roster.objects.get(trial=trial)
    write_inputs(trial, _as_frozen({}, roster, declared(trial).baseline_wave.id), folder)


def write_inputs(trial: Trial, files: Files, folder: Path) -> None:
    """Write the protocol's files and some returns."""
    for name, content in registered_files(trial).items():
        _write(folder / name, content)
    for (partner, wave), (suffix, content) in files.items():
        _write(folder / RETURNS / partner / f"{wave}{suffix}", content)


def _as_frozen(files: Files, roster: Roster, baseline: str) -> Files:
    """Put the baseline returns the roster was frozen from in the place of any sent since."""
    later = {key: file for key, file in files.items() if key[1] != baseline}
    sources = RosterSource.objects.filter(roster=roster).select_related("partner", "file")
    return later | {
        (one.partner.code, baseline): (one.suffix, read_bytes(one.file)) for one in sources
    }


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def events_table(trial: Trial) -> bytes:
    """Return ``events.csv``: what happened to participants, as the core reads it; empty if nothing.

    Cancelled records are left out.
    """
    happened = (
        Happening.objects.filter(participant__trial=trial, cancelled_at=None)
        .select_related("participant__partner")
        .order_by("participant__partner__code", "participant__staff_id", "on", "pk")
    )
    rows = [
        (code_of(one.participant), one.event, one.on.isoformat(), describe_detail(one))
        for one in happened.iterator(CHUNK)
    ]
    if not rows:
        return b""
    return table_bytes(
        pl.DataFrame(rows, schema=dict.fromkeys(EVENT_COLUMNS, pl.String), orient="row")
    )


def code_of(participant: Participant) -> str:
    """Return a participant's code in the archive: ``partner/staff_id``."""
    return f"{participant.partner.code}/{participant.staff_id}"


def describe_detail(happening: Happening) -> str:
    """Return the detail of an event in the archive: how far, or where somebody moved.

    Examples
    --------
    >>> describe_detail(Happening(event="transfer", team="T05", building="B2"))
    'team T05; building B2'
    """
    if happening.event != Event.TRANSFER:
        return happening.detail
    places = (("team", happening.team), ("building", happening.building))
    return "; ".join(f"{kind} {code}" for kind, code in places if code)


def participants_of(
    roster: pl.DataFrame, trial: Trial, partners: dict[str, Partner]
) -> Iterator[Participant]:
    """Turn a roster's rows into participants.

    Raises
    ------
    AllocationError
        If a code is longer than the platform keeps, by row of the roster.
    """
    wanted = roster.select(
        "partner",
        pl.col("staff_id", "team", "building", "excluded_because").cast(pl.String).fill_null(""),
    )
    check_lengths(wanted)
    for start in range(0, wanted.height, CHUNK):
        for partner, staff_id, team, building, reason in wanted.slice(start, CHUNK).iter_rows():
            yield Participant(
                trial=trial,
                partner=partners[partner],
                staff_id=staff_id,
                team=team,
                building=building,
                excluded_because=reason,
            )


def check_lengths(roster: pl.DataFrame) -> None:
    """Refuse a roster with a code longer than a row can hold; the code is not repeated."""
    for column in ("staff_id", "team", "building"):
        long = (roster[column].str.len_chars() > LONGEST_CODE).fill_null(value=False)
        if long.any():
            raise AllocationError(
                f"{int(long.sum())} code(s) are over {LONGEST_CODE} characters",
                where=f"roster, column {column}",
                remedy="Ask the partner for shorter codes",
            )


def count_reasons(roster: pl.DataFrame) -> Counter[tuple[str, str]]:
    """Count people by partner and reason for exclusion; an empty reason is those enrolled."""
    counted = roster.group_by("partner", "excluded_because").len().sort("partner")
    return Counter({(partner, reason): people for partner, reason, people in counted.iter_rows()})


def rules_of(trial: DeclaredTrial) -> dict[str, str]:
    """Return the reasons for exclusion of a trial in order: their ids and what readers see."""
    return {rule.id: rule.reason for rule in trial.population.exclusions}
