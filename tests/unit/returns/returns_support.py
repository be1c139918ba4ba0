"""A small trial and good returns of it, as values, for every test of returns."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from lighttouch.core.protocol.trial import Trial
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.columns import STANDARD
from lighttouch.core.returns.findings import CheckedReturn
from lighttouch.core.returns.reading import RawReturn, read_return

HEADINGS_2019 = (
    "Unique Staff ID",
    "Team ID",
    "Role",
    "Gender",
    "Length of employment at LA (months)",
    "Overall absence, incl. holiday (no. of days)",
    "Illness related absence (no. of days)",
    "Number of illness related spells of absence",
)


POPULATION: dict[str, Any] = {
    "description": "Staff",
    "setting": "Councils",
    "partners": [
        {"id": "northtown", "name": "Northtown Council", "launch": date(2019, 10, 1)},
        {"id": "southtown", "name": "Southtown", "launch": date(2019, 10, 1)},
        {"id": "easttown", "name": "Easttown", "nation": "scotland"},
    ],
    "extra_columns": [
        {
            "id": "manager_trained",
            "heading": "Manager trained",
            "kind": "yes_no",
            "waves": ["baseline", "endline"],
        },
        {"id": "caseload", "heading": "Open cases", "kind": "number"},
        {"id": "grade", "heading": "Pay grade", "kind": "choice", "choices": ["G1", "G2"]},
        {"id": "remark", "heading": "Remark", "kind": "text"},
    ],
}

OUTCOMES: list[dict[str, Any]] = [
    {
        "id": "attendance",
        "label": "Days attended",
        "role": "primary",
        "wave": "endline",
        "derive": {"from": "return", "measure": "days_attended"},
        "unit": "days",
        "baseline": {
            "wave": "baseline",
            "derive": {
                "from": "return",
                "measure": "illness_days",
                "missing_below_months": 3.0,
                "prorate_below_months": 12.0,
            },
        },
    },
    {
        "id": "left",
        "label": "Turnover",
        "role": "secondary",
        "wave": "endline",
        "derive": {"from": "return", "measure": "turnover"},
        "kind": "binary",
        "unit": "share",
    },
    {
        "id": "bradford",
        "label": "Bradford score",
        "role": "exploratory",
        "wave": "endline",
        "derive": {"from": "return", "measure": "bradford_score"},
        "unit": "points",
    },
]


def trial_values() -> dict[str, Any]:
    """Return the example trial as a trial file would hold it, free to be changed."""
    return deepcopy(
        {
            "version": 1,
            "id": "example",
            "title": "An example trial",
            "summary": "Built by hand for the tests.",
            "population": POPULATION,
            "arms": [
                {"id": "treatment", "label": "Programme"},
                {"id": "control", "label": "Usual practice", "reference": True},
            ],
            "allocation": {
                "unit": "team",
                "strata": [
                    {
                        "by": "quantile",
                        "of": "cluster_mean",
                        "column": "illness_days",
                        "groups": 4,
                    }
                ],
            },
            "waves": [
                {
                    "id": "baseline",
                    "label": "Baseline",
                    "return": {"starts": "-12 months", "ends": "0 days", "due": "-2 weeks"},
                },
                {
                    "id": "endline",
                    "label": "Endline",
                    "return": {"starts": "0 days", "ends": "6 months", "due": "7 months"},
                },
                {"id": "survey_only", "label": "Survey only"},
            ],
            "covariates": [
                {
                    "id": "agency",
                    "label": "Agency",
                    "column": "contract",
                    "coding": "indicator",
                    "value": "agency",
                }
            ],
            "outcomes": OUTCOMES,
            "retention": {"delete_after": "12 months", "key_holder": "The partner"},
        }
    )


def people(count: int = 12, **columns: Sequence[object]) -> dict[str, list[object]]:
    """Return columns of a good return of ``count`` people, some replaced."""
    good: dict[str, list[object]] = {
        "staff_id": [f"S{i:03d}" for i in range(count)],
        "team": [f"T{i // 4}" for i in range(count)],
        "building": [f"B{i // 6}" for i in range(count)],
        "role": ["social_worker"] * count,
        "gender": [("female", "male")[i % 2] for i in range(count)],
        "tenure_months": [12.0 + 7 * i for i in range(count)],
        "contract": ["permanent"] * count,
        "days_per_week": [5.0] * count,
        "absence_days": [20.0 + i for i in range(count)],
        "illness_days": [float(i) for i in range(count)],
        "illness_spells": [min(i, 3) for i in range(count)],
        "leaving_date": [None] * count,
    }
    return good | {key: list(values) for key, values in columns.items()}


def write_csv(path: Path, columns: Mapping[str, Sequence[object]], above: str = "") -> Path:
    """Write columns as a plain file under ``path``."""
    frame = pl.DataFrame({key: [_text(v) for v in values] for key, values in columns.items()})
    path.write_text(above + frame.write_csv(), encoding="utf-8")
    return path


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def write_xlsx(path: Path, rows: Sequence[Sequence[object]], sheet: str = "Return") -> Path:
    """Write rows of cells as a workbook of one sheet."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet(sheet)
        for index, row in enumerate(rows):
            page.write_row(index, 0, row)
    return path


TRIAL = Trial.model_validate(trial_values())

HEADINGS: list[object] = [column.heading for column in STANDARD]
ROW: list[object] = [
    "S1",
    "T1",
    "B1",
    "Manager",
    "Female",
    12,
    "Agency",
    5,
    20,
    3,
    1,
    date(2019, 5, 3),
]


def read(path: Path) -> RawReturn:
    """Read a baseline return of the example trial."""
    return read_return(path, TRIAL, "baseline")


def raw_codes(raw: RawReturn) -> list[str]:
    """Return the codes of what reading found."""
    return [finding.code for finding in raw.findings]


def check(
    folder: Path,
    columns: Mapping[str, Sequence[object]],
    *,
    trial: Trial = TRIAL,
    wave: str = "baseline",
    partner: str = "northtown",
    above: str = "",
    earlier: Mapping[str, pl.DataFrame] | None = None,
    others: Mapping[str, pl.DataFrame] | None = None,
) -> CheckedReturn:
    """Write columns as .csv, read them back and check them."""
    path = write_csv(folder / "return.csv", columns, above)
    raw = read_return(path, trial, wave)
    return check_return(
        raw, trial=trial, partner_id=partner, wave_id=wave, earlier=earlier, others=others
    )


def codes(checked: CheckedReturn) -> set[str]:
    return {finding.code for finding in checked.findings}
