"""The standard columns of a return: one vocabulary for template, reading, checks and archive."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "choice", "number", "count", "date", "yes_no"]


@dataclass(frozen=True, slots=True)
class Column:
    """One standard column.

    Parameters
    ----------
    id
        Its name in the archive.
    heading
        Its heading in the spreadsheet.
    kind
        What a cell holds; ``count`` is a whole number of at least 0, ``number`` is at least 0.
    required
        Whether a return without the column is refused.
    choices
        Accepted values (archive spelling) for ``choice``.
    help
        One plain sentence for the officer who fills it in.
    """

    id: str
    heading: str
    kind: Kind
    required: bool
    help: str
    choices: tuple[str, ...] = ()


ROLES = (
    "social_worker",
    "senior_practitioner",
    "newly_qualified",
    "student",
    "assistant",
    "manager",
    "other",
)
GENDERS = ("female", "male", "other", "not_stated")
CONTRACTS = ("permanent", "fixed_term", "agency")

STANDARD: tuple[Column, ...] = (
    Column(
        "staff_id",
        "Staff ID",
        "text",
        True,
        "The code for this person, never a name; the same at every collection.",
    ),
    Column("team", "Team ID", "text", True, "The code for the team; one code per team."),
    Column("building", "Building ID", "text", False, "The code for the building they work from."),
    Column("role", "Role", "choice", False, "The one role that fits best.", ROLES),
    Column("gender", "Gender", "choice", False, "As held by human resources.", GENDERS),
    Column(
        "tenure_months",
        "Length of employment (months)",
        "number",
        False,
        "Whole or part months with this organisation.",
    ),
    Column("contract", "Contract", "choice", False, "Basis of employment.", CONTRACTS),
    Column(
        "days_per_week",
        "Contracted days per week",
        "number",
        False,
        "5 for full time; 2.5 for half time.",
    ),
    Column(
        "absence_days",
        "All absence, incl. holiday (days)",
        "number",
        True,
        "Working days away for any reason in the period, leave included.",
    ),
    Column(
        "illness_days",
        "Illness absence (days)",
        "number",
        True,
        "Working days away through illness in the period.",
    ),
    Column(
        "illness_spells",
        "Illness absence (spells)",
        "count",
        False,
        "Separate episodes of illness in the period.",
    ),
    Column(
        "leaving_date",
        "Date left (if left)",
        "date",
        False,
        "Last day of employment here; empty if still employed.",
    ),
)
"""The standard columns in template order."""
