"""A small trial with every kind of leaver, made by hand.

Alpha (England) launches on 1 October 2019: 23 working days to the interim's end, 44 to the
endline's. Beta (Scotland) launches on 2 December 2019: 40 working days to its endline's end, with
St Andrew's Day, Christmas and two days at New Year left out; it gives no interim return.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from lighttouch.core.archive.model import Archive
from lighttouch.core.protocol.trial import Trial

WINDOWS = {
    "baseline": ("-12 months", "0 days", "-1 week"),
    "interim": ("0 days", "1 month", "5 weeks"),
    "endline": ("0 days", "2 months", "9 weeks"),
}

OUTCOMES = [
    {
        "id": "attendance",
        "wave": "endline",
        "derive": {"from": "return", "measure": "days_attended"},
        "baseline": {
            "wave": "baseline",
            "derive": {"from": "return", "measure": "illness_days"},
        },
    },
    {
        "id": "attendance_interim",
        "wave": "interim",
        "derive": {"from": "return", "measure": "days_attended"},
    },
    {"id": "left", "wave": "endline", "derive": {"from": "return", "measure": "turnover"}},
    {
        "id": "illness",
        "wave": "endline",
        "derive": {"from": "return", "measure": "illness_days", "leavers": "missing"},
    },
    {
        "id": "satisfaction",
        "wave": "endline",
        "derive": {"from": "instrument", "instrument": "job_satisfaction"},
        "baseline": {"wave": "baseline"},
    },
    {"id": "index", "wave": "endline", "derive": {"from": "composite", "composite": "index"}},
]

COVARIATES = [
    {"id": "tenure", "column": "tenure_months", "coding": "numeric"},
    {"id": "role", "column": "role", "coding": "categorical"},
]


def trial(**changes: Any) -> Trial:
    survey = {"questionnaire": "letters", "opens": "0 days", "closes": "1 week"}
    shape: dict[str, Any] = {
        "version": 1,
        "id": "cast",
        "title": "T",
        "summary": "S",
        "population": {
            "description": "D",
            "setting": "S",
            "partners": [
                {"id": "alpha", "name": "Alpha", "launch": date(2019, 10, 1)},
                {
                    "id": "beta",
                    "name": "Beta",
                    "nation": "scotland",
                    "launch": date(2019, 12, 2),
                },
            ],
        },
        "arms": [
            {"id": "treated", "label": "A"},
            {"id": "control", "label": "B", "reference": True},
        ],
        "allocation": {},
        "waves": [
            {
                "id": wave,
                "label": wave,
                "return": {"starts": starts, "ends": ends, "due": due},
                **({} if wave == "interim" else {"survey": survey}),
            }
            for wave, (starts, ends, due) in WINDOWS.items()
        ],
        "composites": [
            {
                "id": "index",
                "label": "I",
                "components": [{"instrument": "life_happiness"}, {"instrument": "cantril_ladder"}],
                "standardise_by": "reference_arm",
            }
        ],
        "outcomes": OUTCOMES,
        "covariates": COVARIATES,
        "retention": {"delete_after": "1 year", "key_holder": "K"},
    } | changes
    shape["outcomes"] = [
        {"label": "O", "role": "primary", "unit": "u", **one} for one in shape["outcomes"]
    ]
    shape["covariates"] = [{"label": "C", **one} for one in shape["covariates"]]
    return Trial.model_validate(shape)


TYPES = {
    "staff_id": pl.String,
    "team": pl.String,
    "building": pl.String,
    "role": pl.String,
    "gender": pl.String,
    "tenure_months": pl.Float64,
    "contract": pl.String,
    "days_per_week": pl.Float64,
    "absence_days": pl.Float64,
    "illness_days": pl.Float64,
    "illness_spells": pl.Int64,
    "leaving_date": pl.Date,
}

Row = Mapping[str, object]


def row(staff: str, absence: float = 0.0, left: date | None = None, **more: object) -> Row:
    return {
        "staff_id": staff,
        "team": "t1",
        "days_per_week": 5.0,
        "tenure_months": 24.0,
        "role": "social_worker",
        "absence_days": absence,
        "illness_days": absence / 2,
        "illness_spells": 1,
        "leaving_date": left,
        **more,
    }


def returned(*rows: Row, **types: Any) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={**TYPES, **types})


PEOPLE = {
    "stayed": "treated",
    "left_listed": "control",
    "left_unlisted": "treated",
    "lost": "control",
    "lost_twice": "treated",
    "gone_before": "control",
    "left_between": "treated",
    "leaving_later": "control",
    "came_back": "treated",
    "unlisted_once": "control",
}
BEFORE = date(2019, 9, 20)

RETURNS = {
    ("alpha", "baseline"): returned(
        row("stayed", 4.0, tenure_months=None),
        row("left_listed", role=None),
        row("left_unlisted"),
        row("lost"),
        row("lost_twice"),
        row("gone_before", left=BEFORE),
        row("left_between"),
        row("leaving_later"),
        row("came_back", left=BEFORE),
        row("unlisted_once"),
        row("excluded"),
    ),
    ("alpha", "interim"): returned(
        row("stayed", 2.0),
        row("left_listed", 3.0),
        row("left_unlisted", 1.0, date(2019, 10, 15)),
        row("lost", 5.0),
        row("left_between", 1.0, date(2019, 11, 5)),
        row("leaving_later", 1.0, date(2019, 12, 15)),
        row("came_back"),
    ),
    ("alpha", "endline"): returned(
        row("stayed", 10.0),
        row("left_listed", 3.0, date(2019, 10, 31)),
        row("unlisted_once", 2.0, date(2019, 10, 10)),
        row("joined", 1.0),
    ),
    ("beta", "baseline"): returned(row("stayed"), row("gone_before", left=BEFORE)),
    ("beta", "endline"): returned(row("stayed", 10.0)),
}


def roster(returns: Mapping[tuple[str, str], pl.DataFrame]) -> pl.DataFrame:
    parts = [
        frame.select(
            pl.concat_str(pl.lit(f"{partner}/"), "staff_id").alias("participant"),
            pl.lit(partner).alias("partner"),
            "staff_id",
            pl.when(pl.col("staff_id") == "excluded")
            .then(pl.lit("small"))
            .otherwise(pl.lit(""))
            .alias("excluded_because"),
            pl.exclude("staff_id"),
        )
        for (partner, wave), frame in returns.items()
        if wave == "baseline"
    ]
    return pl.concat(parts).sort("participant")


def allocation(arms: Mapping[str, str], probability: float = 0.5) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "unit": list(arms),
            "block": [unit.split("/")[0] for unit in arms],
            "stratum": [""] * len(arms),
            "arm": list(arms.values()),
            "probability": [probability] * len(arms),
        }
    ).sort("unit")


ARMS = {f"alpha/{staff}": arm for staff, arm in PEOPLE.items()} | {
    "beta/stayed": "treated",
    "beta/gone_before": "control",
}

Answer = tuple[str, str, str, str]


def responses(answers: Iterable[Answer]) -> pl.DataFrame:
    names = ("participant", "wave", "item", "value")
    return pl.DataFrame(list(answers), schema=dict.fromkeys(names, pl.String), orient="row")


ANSWERS: list[Answer] = [
    ("alpha/stayed", "endline", "job_satisfaction_1", "7"),
    ("alpha/stayed", "endline", "job_satisfaction_2", "5"),
    ("alpha/stayed", "baseline", "job_satisfaction_1", "1"),
    ("alpha/stayed", "baseline", "job_satisfaction_2", "2"),
    ("alpha/lost", "endline", "job_satisfaction_1", "3"),
    ("alpha/joined", "endline", "job_satisfaction_1", "3"),
    ("alpha/joined", "endline", "job_satisfaction_2", "3"),
    ("alpha/stayed", "endline", "life_happiness_1", "10"),
    ("alpha/stayed", "endline", "cantril_ladder_1", "6"),
    ("alpha/lost", "endline", "life_happiness_1", "2"),
    ("alpha/lost", "endline", "cantril_ladder_1", "2"),
    ("alpha/left_listed", "endline", "life_happiness_1", "4"),
    ("alpha/left_listed", "endline", "cantril_ladder_1", "6"),
    ("alpha/unlisted_once", "endline", "life_happiness_1", "6"),
    ("alpha/unlisted_once", "endline", "cantril_ladder_1", "4"),
    ("alpha/excluded", "endline", "life_happiness_1", "0"),
    ("alpha/excluded", "endline", "cantril_ladder_1", "0"),
]


def archive(**changes: Any) -> Archive:
    made: dict[str, Any] = {
        "root": Path(),
        "trial": trial(),
        "trial_text": "",
        "registration": None,
        "roster": roster(RETURNS),
        "allocation": allocation(ARMS),
        "record": None,
        "returns": RETURNS,
        "responses": responses(ANSWERS),
    }
    return Archive(**(made | changes))
