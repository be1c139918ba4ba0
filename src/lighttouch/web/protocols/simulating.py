"""Simulate the power of a version in the background, once for each question."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from lighttouch.core.errors import ProtocolError
from lighttouch.core.progress import Progress
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import record
from lighttouch.web.protocols.actions import check_valid
from lighttouch.web.protocols.assumptions import change_assumptions, with_assumptions
from lighttouch.web.protocols.models import Simulation, Version

DRAWS = (200, 1_000, 2_000)
SEED = 1
"""That of the command line, so that both give the same numbers."""


@transaction.atomic
def ask_simulation(
    *,
    version: Version,
    entry: int,
    given: Mapping[str, str],
    draws: int,
    by: User,
    now: datetime,
) -> Simulation:
    """Ask for the declared design to be simulated; the same question is asked once.

    Parameters
    ----------
    entry
        Which of the file's power assumptions, from 0.
    given
        Assumptions other than the file's, by key.
    draws
        Trials to simulate.

    Raises
    ------
    ProtocolError
        If the version has faults or the assumptions cannot be.
    """
    trial = check_valid(version)
    if draws not in DRAWS or not 0 <= entry < len(trial.power):
        raise ProtocolError("there is nothing to simulate", remedy="Open the page again")
    changed = change_assumptions(trial, entry, given)
    own = trial.power[entry].model_dump(mode="json")
    kept = {
        name: given[name]
        for name, value in changed.model_dump(mode="json").items()
        if name in given and value != own[name]
    }
    question = json.dumps([version.pk, entry, kept, draws, SEED], sort_keys=True)
    simulation, is_new = Simulation.objects.get_or_create(
        key=hashlib.sha256(question.encode()).hexdigest(),
        defaults={
            "version": version,
            "entry": entry,
            "given": kept,
            "draws": draws,
            "asked_by": by,
            "asked_at": now,
        },
    )
    if is_new:
        record(
            act="protocol.power_simulated",
            by=by,
            now=now,
            programme=version.trial.programme.slug,
            trial=version.trial.slug,
            details={"version": version.number, "draws": draws},
        )
    return simulation


def compute_simulation(simulation: Simulation, progress: Progress) -> list[dict[str, object]]:
    """Return one result for each arm, as the core computes it."""
    # A second of libraries, which processes that compute nothing are spared.
    from lighttouch.core.power.reporting import compute_power_report

    trial = check_valid(simulation.version)
    changed = change_assumptions(trial, simulation.entry, simulation.given)
    report = compute_power_report(
        with_assumptions(trial, changed),
        draws=simulation.draws,
        seed=SEED,
        workers=1,  # a worker of the platform has one core to itself
        progress=progress,
    )
    return [asdict(one) for one in report.outcomes[0].simulated]
