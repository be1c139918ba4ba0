"""What was delivered: one row for each day a delivery's state changed, and the state it came to.

Messages of surveys stand among deliveries as the intervention ``survey``, so that they are kept
and never count as the intervention of an arm.
"""

import polars as pl

from lighttouch.core.protocol.checks_messages import SURVEY
from lighttouch.core.protocol.trial import Trial

DELIVERY_KEY = ("participant", "intervention", "step", "due")
"""What makes a delivery; its history has a row for each day."""
REACHED = ("sent", "accepted", "delivered")
"""States that count as having reached the recipient."""


def survey_step(wave: str, kind: str, number: int = 0) -> str:
    """Return the name under which a survey's message is listed.

    Examples
    --------
    >>> survey_step("baseline", "invitation"), survey_step("baseline", "reminder", 2)
    ('baseline-invitation', 'baseline-reminder-2')
    """
    return f"{wave}-{kind}" + (f"-{number}" if number else "")


def delivery_steps(trial: Trial) -> set[tuple[str, str]]:
    """Return every intervention and step that a delivery can be of, messages of surveys too."""
    steps = {(part.id, step.id) for part in trial.interventions for step in part.steps}
    for wave in trial.waves:
        if wave.survey:
            steps.add((SURVEY, survey_step(wave.id, "invitation")))
            for number in range(1, len(wave.survey.reminders) + 1):
                steps.add((SURVEY, survey_step(wave.id, "reminder", number)))
    return steps


def find_reached(deliveries: pl.DataFrame | None) -> pl.DataFrame | None:
    """Return the deliveries of interventions that reached somebody; ``None`` if none is recorded.

    Each counts by the last state it came to: one that was sent and came back did not reach anybody.
    """
    if deliveries is None:
        return None
    own = deliveries.filter(pl.col("intervention") != SURVEY)
    if own.is_empty() and not deliveries.is_empty():
        return None
    last = own.sort(*DELIVERY_KEY, "at", nulls_last=False).unique(
        DELIVERY_KEY, keep="last", maintain_order=True
    )
    return last.filter(pl.col("state").is_in(REACHED))
