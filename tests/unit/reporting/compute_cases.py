"""A trial of twelve people in six teams of two partners, small enough to count by hand."""

from datetime import date
from pathlib import Path

import polars as pl

from lighttouch.core.archive.layout import (
    DELIVERY_COLUMNS,
    EVENT_COLUMNS,
    RESPONSE_COLUMNS,
    UPTAKE_COLUMNS,
)
from lighttouch.core.archive.model import Archive, DeviationReason, FindingCount
from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial

TRIAL_TEXT = """
version = 1
id = "small"
title = "A small trial"
summary = "Twelve people."
status = "pilot"

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
note = "Withdrew before launch."

[[population.exclusions]]
id = "left"
reason = "Left before the start"
when = { column = "leaving_date", before_launch = true }

[[arms]]
id = "tea"
label = "Tea"

[[arms]]
id = "none"
label = "No tea"
reference = true

[allocation]
unit = "team"
strata = [{ by = "quantile", of = "cluster_size", groups = 2 }]

[[waves]]
id = "baseline"
label = "Baseline"
return = { starts = "-12 months", ends = "0 days", due = "2 weeks" }

[[waves]]
id = "endline"
label = "Endline"
return = { starts = "0 days", ends = "3 months", due = "14 weeks" }
survey = { questionnaire = "letters", opens = "3 months", closes = "15 weeks" }

[[interventions]]
id = "machine"
arm = "tea"
label = "Tea machine"
why = "A small thank-you."
what = "A machine."

[[interventions.steps]]
id = "install"
at = "0 days"
sender = "Researchers"
recipient = "Building"
channel = "object"
content = "A machine."

[[interventions.steps]]
id = "refill"
at = "1 week"
sender = "Researchers"
recipient = "Building"
channel = "object"
content = "Tea."
every = "1 week"
times = 4

[[covariates]]
id = "tenure"
label = "Length of service"
column = "tenure_months"
coding = "numeric"
unit = "months"

[[covariates]]
id = "female"
label = "Female"
column = "gender"
coding = "indicator"
value = "female"

[[outcomes]]
id = "attendance"
label = "Days attended"
role = "primary"
wave = "endline"
derive = { from = "return", measure = "days_attended" }
unit = "days"
baseline = { wave = "baseline" }

[[outcomes]]
id = "left"
label = "Left the partner"
role = "secondary"
wave = "endline"
kind = "binary"
better = "lower"
derive = { from = "return", measure = "turnover" }
unit = "share"

[[outcomes]]
id = "burnout"
label = "Burnout"
role = "exploratory"
wave = "endline"
better = "lower"
derive = { from = "instrument", instrument = "burnout" }
unit = "points"

[analysis]
covariates = ["tenure", "female"]
randomisation_inference = { use = true, draws = 100 }

[[power]]
outcome = "burnout"
effect = 4
sd = 9
clusters = 10
mean_cluster_size = 3
icc = 0.05
response = 0.5

[retention]
delete_after = "12 months"
key_holder = "The authority"
"""

PARTICIPANT_TEXT = (
    TRIAL_TEXT.replace('unit = "team"\n', "")
    .replace('strata = [{ by = "quantile", of = "cluster_size", groups = 2 }]\n', "")
    .replace("clusters = 10\nmean_cluster_size = 3\nicc = 0.05\n", "participants = 10\n")
)

PEOPLE = tuple(f"{partner}/s{number:02d}" for partner in ("east", "west") for number in range(6))
TEAMS = tuple(f"{name.split('/')[0]}/t{int(name[-1]) // 2}" for name in PEOPLE)
ARMS = tuple("tea" if team[-1] == "0" or team == "west/t1" else "none" for team in TEAMS)


def small_trial(text: str = TRIAL_TEXT) -> Trial:
    """Parse the small trial."""
    return parse_trial(text)


def small_frame() -> pl.DataFrame:
    """Return the analysis set's rows: six in each arm; burnout nobody answered."""
    return pl.DataFrame(
        {
            "participant": PEOPLE,
            "partner": [name.split("/")[0] for name in PEOPLE],
            "unit": TEAMS,
            "block": [name.split("/")[0] for name in PEOPLE],
            "stratum": [""] * 12,
            "arm": ARMS,
            "probability": [0.5] * 12,
            "weight": [1.0] * 12,
            "outcome:attendance": [50.0, 52, 54, 56, 58, 60, 51, 53, 55, None, 59, 61],
            "outcome:left": [0.0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0],
            "outcome:burnout": pl.Series([None] * 12, dtype=pl.Float64),
            "baseline:attendance": [200.0, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211],
            "covariate:tenure": [1.0, 2, 3, 4, 5, 6, None, None, None, None, None, None],
            "covariate:female": ["female", "male"] * 6,
        }
    ).sort("participant")


def small_data(trial: Trial | None = None) -> AnalysisSet:
    """Return the analysis set of the small trial."""
    return AnalysisSet(trial or small_trial(), small_frame())


def small_return(partner: str, *, leaver: int | None = None) -> pl.DataFrame:
    """Return one accepted return; the person numbered ``leaver`` has left."""
    staff = [f"s{number:02d}" for number in range(6)]
    left = [date(2019, 11, 1) if number == leaver else None for number in range(6)]
    return pl.DataFrame(
        {"staff_id": staff, "leaving_date": pl.Series(left, dtype=pl.Date)}
    ).with_columns(team=pl.lit(partner))


def small_roster() -> pl.DataFrame:
    """Return everyone screened: the twelve, and one who left before the start."""
    everyone = [*PEOPLE, "west/s07"]
    return pl.DataFrame(
        {
            "participant": everyone,
            "partner": [name.split("/")[0] for name in everyone],
            "staff_id": [name.split("/")[1] for name in everyone],
            "excluded_because": [""] * 12 + ["left"],
            "team": [team.split("/")[1] for team in TEAMS] + ["t2"],
        }
    )


def small_allocation() -> pl.DataFrame:
    """Return the six teams with their arms."""
    units = sorted(set(zip(TEAMS, ARMS, strict=True)))
    return pl.DataFrame(
        {
            "unit": [unit for unit, _ in units],
            "block": [unit.split("/")[0] for unit, _ in units],
            "stratum": [""] * 6,
            "arm": [arm for _, arm in units],
            "probability": [0.5] * 6,
        }
    )


def rows(columns: tuple[str, ...], *lines: str) -> pl.DataFrame:
    """Return a table of text from lines with commas."""
    cells = [line.split(",") for line in lines]
    return pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String), orient="row")


def small_archive(
    root: Path, *, trial_text: str = TRIAL_TEXT, reasons: tuple[DeviationReason, ...] = ()
) -> Archive:
    """Return an archive whose west endline return never came."""
    return Archive(
        root=root,
        trial=small_trial(trial_text),
        trial_text=trial_text,
        registration=None,
        roster=small_roster(),
        allocation=small_allocation(),
        record=None,
        returns={
            ("east", "baseline"): small_return("east"),
            ("west", "baseline"): small_return("west"),
            ("east", "endline"): small_return("east", leaver=4),
        },
        responses=rows(
            RESPONSE_COLUMNS,
            "east/s00,endline,burnout_1,3",
            "east/s00,endline,burnout_2,4",
            "east/s01,endline,burnout_1,2",
        ),
        events=rows(EVENT_COLUMNS, "west/s03,left,2019-12-01,"),
        deliveries=rows(
            DELIVERY_COLUMNS,
            "east/s00,machine,install,2019-09-02,delivered,2019-09-02",
            "east/s01,machine,install,2019-09-02,failed,2019-09-02",
            "east/s02,machine,install,2019-09-02,sent,2019-09-02",
        ),
        uptake=rows(
            UPTAKE_COLUMNS,
            "east/s00,cup_of_tea,2019-09-03,",
            "east/s00,cup_of_tea,2019-09-04,",
            "east/s05,cup_of_tea,2019-09-03,",
        ),
        deviations=reasons,
        findings=(FindingCount("east", "baseline", 0, 3),),
    )
