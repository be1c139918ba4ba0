"""Every randomised participant once, in the arm allocated; missing is missing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from datasets_cast import (
    ANSWERS,
    ARMS,
    OUTCOMES,
    RETURNS,
    allocation,
    archive,
    responses,
    returned,
    roster,
    row,
    trial,
)
from polars.testing import assert_frame_equal

from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.building import build_analysis_set
from lighttouch.core.datasets.model import KEYS
from lighttouch.core.errors import ArchiveError


def values(archive_: Archive, column: str) -> dict[str, Any]:
    frame = build_analysis_set(archive_).frame
    return dict(zip(frame["participant"], frame[column], strict=True))


def test_every_randomised_participant_is_there_once_in_the_arm_allocated() -> None:
    frame = build_analysis_set(archive()).frame
    assert dict(zip(frame["participant"], frame["arm"], strict=True)) == ARMS
    assert frame["participant"].to_list() == sorted(ARMS)


def test_columns_are_those_promised_in_order_and_type() -> None:
    frame = build_analysis_set(archive()).frame
    outcomes = [f"outcome:{one['id']}" for one in OUTCOMES]
    assert frame.columns == [
        *KEYS,
        *outcomes,
        "baseline:attendance",
        "baseline:satisfaction",
        "covariate:tenure",
        "covariate:role",
    ]
    texts = {"participant", "partner", "unit", "block", "stratum", "arm", "covariate:role"}
    assert {name for name, kind in frame.schema.items() if kind == pl.String} == texts
    assert {kind for name, kind in frame.schema.items() if name not in texts} == {pl.Float64}


def test_attendance_keeps_leavers_and_measures_each_partner_by_its_own_calendar() -> None:
    assert values(archive(), "outcome:attendance") == {
        "alpha/stayed": 34.0,  # 44 working days less 10
        "alpha/left_listed": 20.0,  # 23 working days to 31 October less 3
        "alpha/left_unlisted": 10.0,  # not in this return; 11 to 15 October less 1 at interim
        "alpha/lost": None,
        "alpha/lost_twice": None,
        "alpha/gone_before": 0.0,  # left before launch
        "alpha/left_between": None,  # left after the interim's end: absence until then unknown
        "alpha/leaving_later": None,  # was to leave after this period, so why absent is unknown
        "alpha/came_back": None,  # the latest word is that they were employed
        "alpha/unlisted_once": 6.0,  # 8 working days to 10 October less 2
        "beta/stayed": 30.0,  # 40 working days in Scotland less 10
        "beta/gone_before": 0.0,
    }


def test_turnover_counts_leavers_whom_a_later_return_leaves_out() -> None:
    assert values(archive(), "outcome:left") == {
        "alpha/stayed": 0.0,
        "alpha/left_listed": 1.0,
        "alpha/left_unlisted": 1.0,
        "alpha/lost": None,
        "alpha/lost_twice": None,
        "alpha/gone_before": 1.0,
        "alpha/left_between": 1.0,
        "alpha/leaving_later": None,
        "alpha/came_back": None,
        "alpha/unlisted_once": 1.0,
        "beta/stayed": 0.0,
        "beta/gone_before": 1.0,
    }


def test_a_later_return_also_tells_of_leavers_an_earlier_one_left_out() -> None:
    interim = values(archive(), "outcome:attendance_interim")
    assert interim["alpha/unlisted_once"] == 6.0
    assert interim["alpha/left_unlisted"] == 10.0


def test_a_partner_without_the_return_has_no_values_not_even_for_leavers() -> None:
    interim = values(archive(), "outcome:attendance_interim")
    assert interim["beta/stayed"] is None
    assert interim["beta/gone_before"] is None


def test_leavers_are_missing_where_the_outcome_says_so() -> None:
    illness = values(archive(), "outcome:illness")
    assert illness["alpha/stayed"] == 5.0
    assert {illness[f"alpha/{who}"] for who in ("left_listed", "gone_before", "lost")} == {None}


def test_return_columns_a_partner_lacks_are_missing_not_a_failure() -> None:
    returns = {key: frame.drop("illness_spells", "building") for key, frame in RETURNS.items()}
    spells = trial(
        outcomes=[
            {
                "id": "spells",
                "wave": "endline",
                "derive": {"from": "return", "measure": "illness_spells"},
            }
        ]
    )
    found = values(archive(returns=returns, trial=spells), "outcome:spells")
    assert found.pop("alpha/gone_before") == 0.0
    assert found.pop("beta/gone_before") == 0.0
    assert set(found.values()) == {None}


def test_baselines_come_from_their_own_wave_and_derivation() -> None:
    baseline = values(archive(), "baseline:attendance")
    assert baseline["alpha/stayed"] == 2.0
    assert baseline["alpha/lost"] == 0.0


def test_scores_follow_the_rule_for_missing_items() -> None:
    assert values(archive(), "outcome:satisfaction")["alpha/stayed"] == 12.0
    assert values(archive(), "outcome:satisfaction")["alpha/lost"] is None
    assert values(archive(), "baseline:satisfaction")["alpha/stayed"] == 3.0
    prorating = archive(trial=trial(analysis={"missing": {"items": "prorate_half"}}))
    assert values(prorating, "outcome:satisfaction")["alpha/lost"] == 6.0


def test_composites_are_standardised_by_the_reference_arm_as_randomised() -> None:
    # Control: happiness 2, 4, 6 (mean 4, sd 2); ladder 2, 6, 4 (mean 4, sd 2).
    index = values(archive(), "outcome:index")
    assert index["alpha/stayed"] == pytest.approx(4.0)
    assert index["alpha/lost"] == pytest.approx(-2.0)
    assert index["alpha/left_listed"] == pytest.approx(1.0)
    assert index["alpha/lost_twice"] is None


def composite(standardise_by: str) -> list[dict[str, object]]:
    components = [{"instrument": "life_happiness"}, {"instrument": "cantril_ladder"}]
    return [
        {
            "id": "index",
            "label": "I",
            "components": components,
            "standardise_by": standardise_by,
        }
    ]


def test_composites_can_be_standardised_by_everyone_randomised() -> None:
    index = values(archive(trial=trial(composites=composite("everyone"))), "outcome:index")
    found = [value for value in index.values() if value is not None]
    assert len(found) == 4
    assert sum(found) == pytest.approx(0.0)


def test_composites_can_be_standardised_at_baseline() -> None:
    before = [
        (f"alpha/{who}", "baseline", item, value)
        for who, value in (("lost", "3"), ("left_listed", "5"), ("stayed", "0"))
        for item in ("life_happiness_1", "cantril_ladder_1")
    ]
    made = archive(
        trial=trial(composites=composite("reference_arm_at_baseline")),
        responses=responses([*ANSWERS, *before]),
    )
    # Control at baseline: 3 and 5 on both, mean 4, standard deviation the root of 2.
    assert values(made, "outcome:index")["alpha/stayed"] == pytest.approx(8 / 2**0.5)


def test_a_composite_nobody_can_standardise_is_missing_for_everyone() -> None:
    answers = [one for one in ANSWERS if one[0] == "alpha/stayed"]
    assert set(values(archive(responses=responses(answers)), "outcome:index").values()) == {None}


def test_without_responses_survey_outcomes_are_missing() -> None:
    for column in ("outcome:index", "outcome:satisfaction"):
        assert set(values(archive(responses=None), column).values()) == {None}


def test_covariates_are_numbers_or_text_and_missing_where_missing() -> None:
    tenure = values(archive(), "covariate:tenure")
    assert tenure["alpha/stayed"] is None
    assert tenure["alpha/lost"] == 24.0
    role = values(archive(), "covariate:role")
    assert role["alpha/left_listed"] is None
    assert role["alpha/lost"] == "social_worker"


def test_weights_are_one_when_units_have_the_same_chances() -> None:
    unequal_arms = allocation(ARMS).with_columns(
        probability=pl.when(pl.col("arm") == "treated").then(0.8).otherwise(0.2)
    )
    for table in (allocation(ARMS), unequal_arms):
        assert set(values(archive(allocation=table), "weight").values()) == {1.0}


def test_weights_are_the_inverse_chance_when_units_differ_in_it() -> None:
    table = allocation(ARMS).with_columns(
        probability=pl.when(pl.col("block") == "beta").then(0.25).otherwise(0.5)
    )
    weights = values(archive(allocation=table), "weight")
    assert weights["beta/stayed"] == 4.0
    assert weights["alpha/stayed"] == 2.0


def test_a_cluster_carries_its_arm_to_its_members() -> None:
    returns = {
        ("alpha", "baseline"): returned(row("a"), row("b"), row("c", team="t2")),
        ("beta", "baseline"): returned(row("a")),
    }
    arms = {"alpha/t1": "treated", "alpha/t2": "control", "beta/t1": "control"}
    made = archive(
        trial=trial(allocation={"unit": "team"}),
        roster=roster(returns),
        returns=returns,
        allocation=allocation(arms),
        responses=None,
    )
    frame = build_analysis_set(made).frame
    assert frame.select("participant", "unit", "arm").rows() == [
        ("alpha/a", "alpha/t1", "treated"),
        ("alpha/b", "alpha/t1", "treated"),
        ("alpha/c", "alpha/t2", "control"),
        ("beta/a", "beta/t1", "control"),
    ]


def test_a_single_arm_trial_needs_no_allocation() -> None:
    single = trial(
        arms=[{"id": "all", "label": "All"}],
        allocation={"method": "none"},
    )
    frame = build_analysis_set(archive(trial=single, allocation=None)).frame
    assert frame.select(pl.col("arm", "block", "stratum").unique()).row(0) == ("all", "", "")
    assert frame["participant"].to_list() == sorted(ARMS)


def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sample(fraction=1.0, shuffle=True, seed=5)


def test_row_order_of_any_file_changes_nothing() -> None:
    plain = archive()
    assert plain.allocation is not None
    assert plain.responses is not None
    mixed = replace(
        plain,
        roster=shuffled(plain.roster),
        allocation=shuffled(plain.allocation),
        responses=shuffled(plain.responses),
        returns={key: shuffled(frame) for key, frame in reversed(list(plain.returns.items()))},
    )
    assert_frame_equal(build_analysis_set(mixed).frame, build_analysis_set(plain).frame)


def test_new_names_for_participants_only_permute_the_rows() -> None:
    plain = archive()
    assert plain.allocation is not None
    assert plain.responses is not None

    def rename(column: str) -> pl.Expr:
        partner, staff = (pl.col(column).str.split("/").list.get(place) for place in (0, 1))
        return pl.concat_str(partner, pl.lit("/"), staff.str.reverse()).alias(column)

    renamed = replace(
        plain,
        roster=plain.roster.with_columns(rename("participant"), pl.col("staff_id").str.reverse()),
        allocation=plain.allocation.with_columns(rename("unit")),
        responses=plain.responses.with_columns(rename("participant")),
        returns={
            key: frame.with_columns(pl.col("staff_id").str.reverse())
            for key, frame in plain.returns.items()
        },
    )
    expected = build_analysis_set(plain).frame.with_columns(rename("participant"), rename("unit"))
    assert_frame_equal(
        build_analysis_set(renamed).frame, expected.sort("participant"), check_exact=False
    )


def test_adding_a_constant_to_absence_takes_it_from_attendance() -> None:
    more = {
        key: frame.with_columns(pl.col("absence_days") + 1) if key[1] == "endline" else frame
        for key, frame in RETURNS.items()
    }
    before, after = (values(archive(returns=r), "outcome:attendance") for r in (RETURNS, more))
    for who in ("alpha/stayed", "alpha/left_listed", "beta/stayed"):
        assert after[who] == before[who] - 1


def drop(unit: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.filter(pl.col("unit") != unit)


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"allocation": None}, ["nothing has been allocated yet"]),
        (
            {"allocation": allocation(ARMS).filter(pl.col("unit") != "alpha/lost")},
            ["roster.csv, row 9: this participant's unit was not allocated"],
        ),
        (
            {"allocation": allocation({**ARMS, "zeta/1": "treated"})},
            ["allocation.csv, row 14: this unit has no randomised participant"],
        ),
        (
            {"allocation": pl.concat([allocation(ARMS), allocation({"beta/stayed": "control"})])},
            ["allocation.csv, row 14: this unit is there twice"],
        ),
        (
            {"allocation": allocation({**ARMS, "beta/stayed": "other"})},
            ["allocation.csv, row 13: this arm is not in the trial file"],
        ),
        (
            {"roster": pl.concat([roster(RETURNS), roster(RETURNS)[-1:]])},
            ["roster.csv, row 15: this participant is there twice"],
        ),
        (
            {"trial": trial(allocation={"unit": "team"}), "allocation": allocation({})},
            ["roster.csv, row 2: this participant's unit was not allocated"],
        ),
        (
            {
                "trial": trial(allocation={"unit": "building"}),
                "allocation": allocation({}),
            },
            ["roster.csv, row 2: this participant has no cluster"],
        ),
        (
            {"trial": trial(allocation={"unit": "village"})},
            ["roster.csv: the column of the allocated cluster, village, is not there"],
        ),
        (
            {"returns": {**RETURNS, ("beta", "endline"): returned(row("a"), row("a"))}},
            ["return of beta at endline: a participant has two rows"],
        ),
        (
            {"returns": {**RETURNS, ("gamma", "endline"): returned(row("a"))}},
            ["returns/gamma: partner gamma is not in the trial file"],
        ),
        (
            {
                "trial": trial(
                    population={
                        "description": "D",
                        "setting": "S",
                        "partners": [{"id": "alpha", "name": "A"}, {"id": "beta", "name": "B"}],
                    }
                )
            },
            ["population.partners: partner alpha has a return but no launch date"],
        ),
        (
            {
                "responses": responses(
                    [
                        ("alpha/stayed", "endline", "job_satisfaction_1", "9"),
                        ("alpha/stayed", "endline", "life_happiness_1", "x"),
                    ]
                )
            },
            [
                "responses.csv, row 2, item job_satisfaction_1: the answer is not",
                "responses.csv, row 3, item life_happiness_1: the answer is not",
            ],
        ),
        (
            {
                "trial": trial(
                    composites=[
                        {
                            "id": "index",
                            "label": "I",
                            "components": [
                                {"instrument": "life_happiness", "weight": 0},
                                {"instrument": "cantril_ladder"},
                            ],
                            "standardise_by": "everyone",
                        }
                    ]
                )
            },
            ["a component has a weight of 0"],
        ),
    ],
)
def test_files_that_do_not_fit_together_are_refused_by_file_and_row(
    changes: dict[str, object], messages: list[str]
) -> None:
    with pytest.raises(ArchiveError) as caught:
        build_analysis_set(archive(**changes))
    for message in messages:
        assert message in str(caught.value)


def test_the_same_fault_is_reported_once() -> None:
    answers = [("alpha/stayed", "endline", "life_happiness_1", "x")]
    twice = trial(
        outcomes=[
            {
                "id": name,
                "wave": "endline",
                "derive": {"from": "instrument", "instrument": "life_happiness"},
            }
            for name in ("one", "two")
        ]
    )
    with pytest.raises(ArchiveError) as caught:
        build_analysis_set(archive(trial=twice, responses=responses(answers)))
    assert len(caught.value.faults) == 1


def test_a_launch_date_moves_the_period() -> None:
    later = trial(
        population={
            "description": "D",
            "setting": "S",
            "partners": [
                {"id": "alpha", "name": "Alpha", "launch": date(2019, 10, 7)},
                {"id": "beta", "name": "Beta", "launch": date(2019, 12, 2)},
            ],
        }
    )
    found = values(archive(trial=later), "outcome:attendance")
    assert found["alpha/stayed"] == 35.0  # 7 October to 6 December 2019: 45 less 10
    assert found["beta/stayed"] == 32.0  # in England there are 42
