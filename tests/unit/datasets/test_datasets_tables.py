"""Trials randomised elsewhere: outcomes, covariates, clusters and weights of a given table."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from datasets_cast import RETURNS, allocation, archive, returned, row, trial

from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.building import build_analysis_set
from lighttouch.core.errors import ArchiveError

TABLE = {"file": "villages.csv", "participant": "person", "arm": "treat", "cluster": "village"}

VILLAGERS = pl.DataFrame(
    {
        "participant": ["all/1", "all/2", "all/3"],
        "village": ["x", "x", "y"],
        "took": ["1", " 0 ", ""],
        "age": [40.0, None, 60.5],
        "size": [4, 5, None],
        "literate": [True, None, False],
        "region": ["north", "", " south "],
        "weight": ["1.5", "2", "1"],
    }
)


def given(
    villagers: pl.DataFrame = VILLAGERS,
    *,
    table: dict[str, str] | None = None,
    covariates: list[dict[str, Any]] | None = None,
    unit: str = "village",
    column: str = "took",
) -> Archive:
    roster = villagers.with_columns(
        partner=pl.lit("all"), staff_id=pl.lit(""), excluded_because=pl.lit("")
    )
    return Archive(
        root=Path(),
        trial=trial(
            allocation={"method": "given", "unit": unit, "blocks": []},
            waves=[{"id": "endline", "label": "E", "table": table or TABLE}],
            composites=[],
            outcomes=[
                {
                    "id": "took",
                    "wave": "endline",
                    "derive": {"from": "column", "column": column, "scale": 100},
                }
            ],
            covariates=covariates or [],
        ),
        trial_text="",
        registration=None,
        roster=roster,
        allocation=allocation({"all/x": "treated", "all/y": "control"}),
        record=None,
        tables={"endline": villagers},
    )


def column(made: Archive, name: str) -> list[object]:
    return build_analysis_set(made).frame[name].to_list()


def covariate(name: str, coding: str) -> list[dict[str, Any]]:
    return [{"id": "it", "column": name, "coding": coding, "wave": "endline"}]


def test_an_outcome_is_its_column_times_its_scale() -> None:
    assert column(given(), "outcome:took") == [100.0, 0.0, None]


def test_the_cluster_is_found_by_the_unit_or_by_the_table() -> None:
    assert column(given(), "unit") == ["all/x", "all/x", "all/y"]
    assert column(given(unit="settlement"), "unit") == ["all/x", "all/x", "all/y"]


def test_a_given_weight_wins() -> None:
    weighted = given(table={**TABLE, "weight": "weight"})
    assert column(weighted, "weight") == [1.5, 2.0, 1.0]


@pytest.mark.parametrize(
    ("name", "coding", "expected"),
    [
        ("age", "numeric", [40.0, None, 60.5]),
        ("size", "numeric", [4.0, 5.0, None]),
        ("age", "categorical", ["40", None, "60.5"]),
        ("size", "categorical", ["4", "5", None]),
        ("literate", "indicator", ["yes", None, "no"]),
        ("region", "categorical", ["north", None, "south"]),
    ],
)
def test_a_covariate_is_a_number_or_its_text(
    name: str, coding: str, expected: list[object]
) -> None:
    assert column(given(covariates=covariate(name, coding)), "covariate:it") == expected


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (given(column="gave"), "tables/endline.csv: there is no column gave"),
        (
            given(covariates=covariate("gave", "numeric")),
            "tables/endline.csv: there is no column gave",
        ),
        (
            given(VILLAGERS.with_columns(took=pl.Series(["1", "mine", "inf"]))),
            "tables/endline.csv, row 3: column took does not hold a number.\n"
            "tables/endline.csv, row 4: column took does not hold a number",
        ),
    ],
)
def test_a_table_without_what_the_trial_names_is_refused(made: Archive, message: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        build_analysis_set(made)
    assert message in str(caught.value)
    assert "mine" not in str(caught.value)


def test_a_participant_with_two_rows_in_a_later_table_is_refused() -> None:
    made = given()
    twice = pl.concat([VILLAGERS, VILLAGERS[:1]])
    with pytest.raises(ArchiveError, match="outcome:took: a participant is there twice"):
        build_analysis_set(Archive(**{**_fields(made), "tables": {"endline": twice}}))


def test_a_missing_table_is_refused() -> None:
    with pytest.raises(ArchiveError, match=r"tables/endline.csv: the table is not in the archive"):
        build_analysis_set(Archive(**{**_fields(given()), "tables": {}}))


def test_a_column_outcome_without_a_table_is_refused() -> None:
    outcomes = [
        {"id": "x", "wave": "endline", "derive": {"from": "column", "column": "x"}},
    ]
    with pytest.raises(ArchiveError, match=r"tables/endline.csv: the table is not"):
        build_analysis_set(archive(trial=trial(outcomes=outcomes)))


def _fields(made: Archive) -> dict[str, Any]:
    return {name: getattr(made, name) for name in Archive.__slots__}


def test_a_later_covariate_comes_from_the_returns_of_its_wave() -> None:
    returns = {
        **RETURNS,
        ("alpha", "interim"): returned(row("stayed", 2.0, tenure_months=30.0)),
    }
    made = archive(
        returns=returns,
        trial=trial(
            covariates=[
                {"id": "it", "column": "tenure_months", "coding": "numeric", "wave": "interim"}
            ]
        ),
    )
    frame = build_analysis_set(made).frame
    found = dict(zip(frame["participant"], frame["covariate:it"], strict=True))
    assert found.pop("alpha/stayed") == 30.0
    assert set(found.values()) == {None}


def test_a_column_no_partner_holds_is_missing_for_everyone() -> None:
    population = {
        "description": "D",
        "setting": "S",
        "partners": [],
        "extra_columns": [{"id": "union", "heading": "Union", "kind": "yes_no"}],
    }
    covariates = [{"id": "it", "column": "union", "coding": "indicator", "value": "yes"}]
    made = archive(
        trial=trial(population=population, covariates=covariates, outcomes=_survey_only()),
        returns={},
    )
    assert set(column(made, "covariate:it")) == {None}


def _survey_only() -> list[dict[str, Any]]:
    derive = {"from": "instrument", "instrument": "burnout"}
    return [{"id": "burnout", "wave": "endline", "derive": derive}]
