"""The columns of a return as a trial file may name them.

The return's own module holds headings, help and rules and sits above this one; a test keeps the
two lists the same.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from lighttouch.core.protocol.measures import ReturnMeasure
from lighttouch.core.protocol.trial import Trial

Kind = Literal["text", "number", "date", "yes_no", "choice"]

_ROLES = (
    "social_worker",
    "senior_practitioner",
    "newly_qualified",
    "student",
    "assistant",
    "manager",
    "other",
)


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """What a column of the return holds; ``choices`` is empty unless the kind is ``choice``."""

    kind: Kind
    choices: tuple[str, ...] = ()


STANDARD_SHAPES: dict[str, ColumnShape] = {
    "staff_id": ColumnShape("text"),
    "team": ColumnShape("text"),
    "building": ColumnShape("text"),
    "role": ColumnShape("choice", _ROLES),
    "gender": ColumnShape("choice", ("female", "male", "other", "not_stated")),
    "tenure_months": ColumnShape("number"),
    "contract": ColumnShape("choice", ("permanent", "fixed_term", "agency")),
    "days_per_week": ColumnShape("number"),
    "absence_days": ColumnShape("number"),
    "illness_days": ColumnShape("number"),
    "illness_spells": ColumnShape("number"),
    "leaving_date": ColumnShape("date"),
}
"""Every standard column of the return."""

RESERVED = (
    "participant",
    "partner",
    "unit",
    "block",
    "stratum",
    "arm",
    "probability",
    "weight",
    "excluded_because",
)
"""Names the roster and the analysis set keep for themselves."""

ROLES = _ROLES


def return_columns(trial: Trial, wave_id: str | None = None) -> dict[str, ColumnShape]:
    """Return the columns of a return: standard ones, then the trial's own (of one wave, or any)."""
    extra = {
        column.id: ColumnShape(column.kind, column.choices)
        for column in trial.population.extra_columns
        if wave_id is None or wave_id in column.waves
    }
    return {**STANDARD_SHAPES, **extra}


def measure_names() -> tuple[str, ...]:
    """Return the measures derived from a return."""
    return tuple(get_args(ReturnMeasure))
