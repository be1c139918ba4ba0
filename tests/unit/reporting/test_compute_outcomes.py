"""Outcomes: what is estimated, what is not and why, and what of the data may be shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from compute_cases import (
    PARTICIPANT_TEXT,
    TRIAL_TEXT,
    small_archive,
    small_data,
    small_frame,
    small_trial,
)

from lighttouch.core.datasets.model import AnalysisSet
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial
from lighttouch.core.reporting.compute.balance import compute_baseline_balance
from lighttouch.core.reporting.compute.outcomes import (
    FEWEST_POINTS_PER_ARM,
    MOST_POINTS_PER_ARM,
    compute_outcomes,
    declare_archived_design,
    derive_stream,
)
from lighttouch.core.reporting.results import OutcomeResult

PLAIN = TRIAL_TEXT.replace(
    'covariates = ["tenure", "female"]\n',
    "partner_effects = false\nstratum_effects = false\nbaseline_outcome = false\n",
)
"""Six teams leave no room for covariates."""
ROUNDING = 1e-12
"""The same share of the same draws, added up in another order."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def one_arm(trial: Trial) -> Trial:
    allocation = trial.allocation.model_copy(update={"method": "none", "unit": "participant"})
    return trial.model_copy(update={"arms": trial.arms[:1], "allocation": allocation})


def results(
    root: Path, *, frame: pl.DataFrame | None = None, trial: Trial | None = None
) -> dict[str, OutcomeResult]:
    archive = small_archive(root)
    if trial is not None and not trial.treated_arms:
        units = archive.roster.filter(pl.col("excluded_because") == "")["participant"]
        everybody = pl.DataFrame({"unit": units}).with_columns(
            block=pl.lit(""), stratum=pl.lit(""), arm=pl.lit("tea"), probability=pl.lit(1.0)
        )
        archive = replace(archive, allocation=everybody)
    trial = trial or archive.trial
    data = AnalysisSet(trial, small_frame() if frame is None else frame)
    found = compute_outcomes(replace(archive, trial=trial), data, silent)
    return {outcome.id: outcome for outcome in found}


def test_an_estimated_outcome_has_summaries_tests_and_effect_size(tmp_path: Path) -> None:
    found = results(tmp_path, trial=small_trial(PLAIN))["attendance"]
    assert found.not_estimated == ""
    assert found.estimates[0].specification == "registered"
    assert found.estimates[0].clusters == 6
    assert [(s.arm, s.randomised, s.n) for s in found.summaries] == [
        ("tea", 6, 5),
        ("none", 6, 6),
    ]
    assert (len(found.welch), len(found.effect_sizes), len(found.randomisation)) == (1, 1, 1)


def test_families_are_adjusted_from_the_p_values_of_record(tmp_path: Path) -> None:
    families = "".join(
        f'[[analysis.families]]\nid = "{role}"\nroles = ["{role}"]\nmethod = "{method}"\n\n'
        for role, method in (("primary", "westfall_young"), ("secondary", "holm"))
    )
    text = PARTICIPANT_TEXT.replace(
        'covariates = ["tenure", "female"]\n',
        "partner_effects = false\nstratum_effects = false\nbaseline_outcome = false\n",
    ).replace("[[power]]", f"{families}[[power]]", 1)
    rng = np.random.default_rng(9)
    people = [f"east/p{n:02d}" for n in range(48)]
    arms = ["tea"] * 9 + ["none"] * 39
    frame = pl.concat([small_frame()] * 4).with_columns(
        pl.Series("participant", people),
        pl.Series("unit", people),
        pl.Series("arm", arms),
        pl.Series("outcome:attendance", rng.normal(50, 8, 48)),
        block=pl.lit(""),
    )
    units = frame.select("unit", "block", "stratum", "arm", "probability")
    roster = frame.select("participant", "partner", excluded_because=pl.lit(""))
    archive = small_archive(tmp_path, trial_text=text)
    archive = replace(archive, roster=roster, allocation=units)
    allocation = archive.trial.allocation.model_copy(
        update={"method": "given", "design": "bernoulli"}
    )
    trial = archive.trial.model_copy(update={"allocation": allocation})
    found = compute_outcomes(replace(archive, trial=trial), AnalysisSet(trial, frame), silent)[:2]
    for outcome in found:
        (test,), (row,) = outcome.randomisation, outcome.adjusted
        assert outcome.estimates[0].redraw_of_record
        assert not test.enumerated  # so different draws would give another p-value
        assert [row.p_value, row.adjusted] == pytest.approx([test.p_value] * 2, abs=ROUNDING)


def test_an_arm_with_a_single_value_has_no_welch_test_and_does_not_stop_the_report(
    tmp_path: Path,
) -> None:
    frame = small_frame().with_columns(
        pl.when((pl.col("arm") == "none") | (pl.col("participant") == "east/s00")).then(
            pl.col("outcome:attendance")
        )
    )
    found = results(tmp_path, frame=frame, trial=small_trial(PLAIN))["attendance"]
    assert len(found.estimates) > 0
    assert found.welch == ()


def test_an_outcome_without_data_says_so_and_has_no_estimate(tmp_path: Path) -> None:
    found = results(tmp_path)["burnout"]
    assert found.not_estimated == "No data were collected for this outcome at the wave endline."
    assert (found.estimates, found.randomisation) == ((), ())


def test_an_outcome_seen_in_one_arm_only_says_why_it_has_no_estimate(tmp_path: Path) -> None:
    frame = small_frame().with_columns(
        pl.when(pl.col("arm") == "tea").then(pl.col("outcome:attendance"))
    )
    found = results(tmp_path, frame=frame)["attendance"]
    assert found.estimates == ()
    assert found.not_estimated != ""


def test_a_single_arm_is_described_and_not_compared(tmp_path: Path) -> None:
    frame = small_frame().with_columns(arm=pl.lit("tea"))
    found = results(tmp_path, frame=frame, trial=one_arm(small_trial()))["attendance"]
    assert found.not_estimated == "The trial has one arm, so no effect can be estimated."
    assert found.summaries[0].n == 11


def test_balance_of_a_single_arm_is_empty() -> None:
    data = small_data(one_arm(small_trial()))
    assert compute_baseline_balance(data) == ()


def test_balance_covers_covariates_and_baselines_unless_some_are_named() -> None:
    every = {row.variable for row in compute_baseline_balance(small_data())}
    assert every == {"tenure", "female", "attendance"}
    named = TRIAL_TEXT.replace("[analysis]\n", '[analysis]\nbalance = ["female"]\n')
    some = compute_baseline_balance(small_data(small_trial(named)))
    assert {row.variable for row in some} == {"female"}


def test_no_randomisation_test_when_the_plan_does_not_ask_for_one(tmp_path: Path) -> None:
    trial = small_trial(TRIAL_TEXT.replace("use = true", "use = false"))
    assert results(tmp_path, trial=trial)["attendance"].randomisation == ()


def test_few_values_in_an_arm_are_withheld_and_binary_outcomes_have_none(tmp_path: Path) -> None:
    found = results(tmp_path)
    assert FEWEST_POINTS_PER_ARM > 6
    assert found["attendance"].points == ()
    assert found["left"].points == ()


def many_people(count: int) -> pl.DataFrame:
    rng = np.random.default_rng(7)
    repeated = pl.concat([small_frame()] * (count // 12))
    return repeated.with_columns(
        pl.Series("participant", [f"east/p{n:05d}" for n in range(repeated.height)]),
        pl.Series("outcome:attendance", rng.normal(50, 8, repeated.height)),
    )


def test_points_are_rounded_in_order_and_thinned_in_large_arms(tmp_path: Path) -> None:
    small = [v for a, v in results(tmp_path, frame=many_people(24))["attendance"].points]
    assert len(small) == 24
    points = results(tmp_path, frame=many_people(1200))["attendance"].points
    tea = [value for arm, value in points if arm == "tea"]
    assert len(tea) == MOST_POINTS_PER_ARM
    assert tea == sorted(tea)
    assert all(value == float(f"{value:.3g}") for value in tea)


def test_streams_differ_by_purpose_and_repeat_for_the_same_archive(tmp_path: Path) -> None:
    archive = small_archive(tmp_path)
    one, again = (derive_stream(archive, "a").integers(1 << 60) for _ in range(2))
    assert one == again
    assert one != derive_stream(archive, "b").integers(1 << 60)


@pytest.mark.parametrize(
    ("method", "design", "kind"),
    [
        ("drawn", "blocked", "shares"),
        ("given", "blocked", "counts"),
        ("given", "bernoulli", "counts"),
        ("given", "undeclared", None),
        ("none", "blocked", None),
    ],
)
def test_the_design_of_an_archive_is_what_its_trial_file_declares(
    method: str, design: str, kind: str | None, tmp_path: Path
) -> None:
    archive = small_archive(tmp_path)
    allocation = archive.trial.allocation.model_copy(update={"method": method, "design": design})
    trial = archive.trial.model_copy(update={"allocation": allocation})
    found = declare_archived_design(replace(archive, trial=trial))
    assert (found.kind if found else None) == kind


def test_before_allocation_there_is_no_design(tmp_path: Path) -> None:
    assert declare_archived_design(replace(small_archive(tmp_path), allocation=None)) is None


def test_an_arm_without_any_value_does_not_withhold_the_others(tmp_path: Path) -> None:
    frame = many_people(24).with_columns(
        pl.when(pl.col("arm") == "tea").then(pl.col("outcome:attendance"))
    )
    points = results(tmp_path, frame=frame)["attendance"].points
    assert {arm for arm, _ in points} == {"tea"}


def test_no_family_is_adjusted_when_nothing_was_estimated(tmp_path: Path) -> None:
    frame = small_frame().with_columns(
        pl.lit(None, dtype=pl.Float64).alias("outcome:attendance"),
        pl.lit(None, dtype=pl.Float64).alias("outcome:left"),
    )
    assert all(found.adjusted == () for found in results(tmp_path, frame=frame).values())


def test_the_small_trial_is_a_valid_trial_file() -> None:
    assert parse_trial(TRIAL_TEXT).id == "small"
