"""A study of sixteen people at two partners, and one randomised elsewhere, written to disk."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lighttouch.core.protocol.registering import register_trial

NOW = datetime(2019, 9, 1, 12, 0, tzinfo=UTC)
SECRET = bytes(range(32))

TRIAL_TEXT = """
version = 1
id = "small"
title = "A small trial"
summary = "Sixteen people."

[population]
description = "Social workers"
setting = "Two authorities"

[[population.partners]]
id = "east"
name = "East"
launch = 2019-09-02

[[population.partners]]
id = "west"
name = "West"
launch = 2019-10-07

[[population.partners]]
id = "south"
name = "South"
status = "cancelled"

[[population.exclusions]]
id = "left"
reason = "Left before the start"
when = { column = "leaving_date", before_launch = true }

[[population.extra_columns]]
id = "manager_feedback"
heading = "Manager feedback received"
kind = "yes_no"

[[arms]]
id = "letter"
label = "Letter"

[[arms]]
id = "waitlist"
label = "Waitlist"
reference = true

[allocation]
strata = [{ by = "quantile", of = "value", column = "days_attended", groups = 2 }]

[[waves]]
id = "baseline"
label = "Baseline"
return = { starts = "-12 months", ends = "0 days", due = "2 weeks" }

[[waves]]
id = "endline"
label = "Endline"
return = { starts = "0 days", ends = "2 months", due = "10 weeks" }

[[interventions]]
id = "praise"
arm = "letter"
label = "Letter of praise"
why = "A small thank-you."
what = "A letter."

[[interventions.steps]]
id = "post"
at = "0 days"
sender = "Director"
recipient = "Participant"
channel = "letter"
content = "A letter."

[[outcomes]]
id = "attendance"
label = "Days attended"
role = "primary"
wave = "endline"
derive = { from = "return", measure = "days_attended" }
unit = "days"

[retention]
delete_after = "12 months"
key_holder = "The authority"
"""

HEADINGS = (
    "Staff ID",
    "Team ID",
    "All absence, incl. holiday (days)",
    "Illness absence (days)",
    "Date left (if left)",
    "Manager feedback received",
)

GIVEN_TEXT = """
version = 1
id = "elsewhere"
title = "A trial randomised elsewhere"
summary = "Villages."

[population]
description = "Households"
setting = "Villages"

[[population.exclusions]]
id = "no_arm"
reason = "Not randomised"
when = { column = "got", missing = true }

[[arms]]
id = "offer"
label = "Offer"
code = "1"

[[arms]]
id = "none"
label = "No offer"
code = "0"
reference = true

[allocation]
method = "given"

[[waves]]
id = "before"
label = "Before"

[waves.table]
file = "before.csv"
participant = "id"
arm = "got"
stratum = "region"
missing = ["NA"]

[[waves]]
id = "after"
label = "After"

[waves.table]
file = "tables/after.csv"
participant = "id"
missing = ["NA"]

[[covariates]]
id = "age"
label = "Age"
column = "age"
wave = "before"
coding = "numeric"

[[outcomes]]
id = "bought"
label = "Bought insurance"
role = "primary"
wave = "after"
kind = "binary"
derive = { from = "column", column = "bought" }
unit = "share"

[retention]
delete_after = "12 months"
key_holder = "Nobody"
"""

BEFORE = """id,name,got,region,age
1,Ann,1,n,30
2,Bob,0,n,NA
3,Cy,1,s,50
4,Di,0,s,20
5,Ed,0,s,
6,Fi,,s,1
"""
AFTER = "id,bought\n1,1\n2,0\n3,NA\n4,1\n"


def return_rows(first: int = 0, left: str = "", days: int = 20) -> list[list[object]]:
    """Eight people away for ``days`` and more; the last of them left on the date given."""
    return [
        [f"S{first + at:03d}", f"T{at // 4}", days + at, 20 * at // days, left * (at == 7), "y"]
        for at in range(8)
    ]


def write_return(study: Path, partner: str, wave: str, rows: Sequence[Sequence[object]]) -> Path:
    path = study / "returns" / partner / f"{wave}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    headings = HEADINGS if wave == "baseline" else HEADINGS[:-1]
    quoted = [",".join(f'"{cell}"' for cell in row[: len(headings)]) for row in (headings, *rows)]
    path.write_text("\n".join(quoted) + "\n", encoding="utf-8")
    return path


def make_study(folder: Path, text: str = TRIAL_TEXT) -> Path:
    """A registered study with its baseline returns; one person of the east has left."""
    study = folder / "study"
    register_trial(text, folder=study, secret=SECRET, now=NOW)
    write_return(study, "east", "baseline", return_rows(left="01/08/2019"))
    write_return(study, "west", "baseline", return_rows(first=20))
    return study


def make_given(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    study = folder / "study"
    for name, text in {"before.csv": BEFORE, "tables/after.csv": AFTER, **(files or {})}.items():
        path = study / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return study


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
