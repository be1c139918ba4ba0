"""What happens to everyone in each arm, and the truth that follows from it."""

import tomllib
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from simulation_cases import Simulated, library_trial, simulate, simulated

from lighttouch.core.returns.periods import Period
from lighttouch.core.simulation.course import (
    NEVER,
    count_days_due,
    find_stretches,
    list_scales,
    observe_courses,
)
from lighttouch.core.simulation.profiles import read_profile
from lighttouch.core.simulation.truth import (
    TrueEffect,
    average_effect,
    compute_potential,
    compute_truth,
    render_truth,
)

MONTE_CARLO = 4.0
"""Standard errors an average over simulations may be off."""


def _potential(case: Simulated, outcome: str, arm: str) -> np.ndarray:
    return compute_potential(
        case.trial,
        case.profile,
        case.people,
        case.courses,
        case.everyone,
        case.trial.outcome(outcome),
        arm,
    )


def test_course_without_effects_is_the_same_in_every_arm() -> None:
    profile = read_profile("letters").model_copy(update={"effects": {}})
    case = simulate(library_trial("letters"), profile)
    letter, waitlist = case.courses["letter"], case.courses["waitlist"]
    assert (letter.left == waitlist.left).all()
    for wave, record in letter.absence.items():
        assert (record.absence_days == waitlist.absence[wave].absence_days).all()
    for key, answers in letter.answers.items():
        assert (answers == waitlist.answers[key]).all()
    assert all(one.effect == 0 for one in _truth(case))


def _truth(case: Simulated) -> tuple[TrueEffect, ...]:
    return compute_truth(case.trial, case.profile, case.people, case.courses, case.everyone)


def test_course_of_those_not_reached_is_that_of_the_reference_arm() -> None:
    case = simulated("goal_setting")
    treated, control = case.courses["programme"], case.courses["control"]
    missed = ~treated.reached & ~control.reached
    assert 0.3 < missed.mean() < 0.7
    assert (treated.left[missed] == control.left[missed]).all()
    for key, answers in treated.answers.items():
        assert (answers[missed] == control.answers[key][missed]).all()


def test_course_absence_can_only_grow_from_interim_to_endline() -> None:
    course = simulated("goal_setting").untreated
    interim, endline = course.absence["interim"], course.absence["endline"]
    assert (endline.absence_days >= interim.absence_days).all()
    assert (endline.illness_spells >= interim.illness_spells).all()


def test_course_before_launch_knows_no_arm() -> None:
    case = simulated("goal_setting")
    before = [course.absence["baseline"].illness_days for course in case.courses.values()]
    assert (before[0] == before[1]).all()


def test_course_reaches_as_many_as_the_report_says() -> None:
    case = simulated("goal_setting")
    assert abs(case.courses["control"].reached.mean() - 0.14) < 0.04
    assert 0.3 < case.courses["programme"].reached.mean() < 0.52
    teams = case.people.frame["partner"] + "/" + case.people.frame["team"]
    reached = np.array(
        [case.courses["programme"].reached[teams.to_numpy() == one].any() for one in teams.unique()]
    )
    assert 0.35 < reached.mean() < 0.6


def test_course_of_newcomers_has_no_absence_before_they_came() -> None:
    case = simulated("goal_setting")
    new = (case.people.frame["tenure_months"] == 0).fill_null(False).to_numpy()
    assert new.any()
    assert (case.untreated.absence["baseline"].absence_days[new] == 0).all()


def test_course_days_due_stop_when_someone_leaves() -> None:
    trial = library_trial("coffee")
    stretch = Period(date(2019, 10, 7), date(2019, 10, 21))
    days = [np.datetime64(one, "D") for one in ("2000-01-01", "2019-10-16", "2020-01-01")]
    left = np.array([NEVER, np.datetime64("2019-10-08", "D"), np.datetime64("2019-01-01", "D")])
    due = count_days_due(stretch, np.array([days[0]] * 3), left, trial.partner("kent"))
    assert due.tolist() == [10.0, 2.0, 0.0]
    due = count_days_due(stretch, np.array(days), np.array([NEVER] * 3), trial.partner("kent"))
    assert due.tolist() == [10.0, 3.0, 0.0]


def test_course_stretches_cover_the_periods_without_overlap() -> None:
    stretches = find_stretches(library_trial("goal_setting"), date(2019, 6, 10))
    assert all(one.end == two.start for one, two in pairwise(stretches))
    assert date(2019, 6, 10) in [one.start for one in stretches]


def test_course_of_a_wave_without_a_survey_has_no_scales() -> None:
    assert list_scales(library_trial("coffee"), library_trial("coffee").wave("interim")) == ()


def test_course_observed_is_that_of_each_persons_arm() -> None:
    case = simulated("letters")
    arm = np.random.default_rng(1).integers(0, 2, case.size)
    courses = [case.courses["letter"], case.courses["waitlist"]]
    seen = observe_courses(courses, arm)
    for number, course in enumerate(courses):
        rows = arm == number
        assert (seen.left[rows] == course.left[rows]).all()
        assert (seen.reached[rows] == course.reached[rows]).all()
        for wave, record in seen.absence.items():
            assert (record.illness_days[rows] == course.absence[wave].illness_days[rows]).all()
            assert (record.absence_days[rows] == course.absence[wave].absence_days[rows]).all()
        for key, answers in seen.answers.items():
            assert (answers[rows] == course.answers[key][rows]).all()


def test_truth_averages_differences_over_those_with_both_outcomes() -> None:
    one = average_effect(
        "y", "a", "b", np.array([3.0, np.nan, 5.0, 1.0]), np.array([1.0, 2.0, 4.0, np.nan])
    )
    assert one == TrueEffect("y", "a", "b", 1.5, 4.0, 2.5, 2)


def test_truth_has_the_declared_signs_and_no_effect_where_none_is_declared() -> None:
    truth = {one.outcome: one.effect for one in _truth(simulated("letters"))}
    assert truth["social_worth"] > 0.5
    assert truth["motivation"] > 0.5
    assert truth["burnout"] < 0
    swing = {one.outcome: one.effect for one in _truth(simulated("swing"))}
    assert swing["wellbeing"] == 0
    assert swing["job_satisfaction"] == 0


def test_truth_of_three_arms_has_an_effect_for_each_treated_one() -> None:
    truth = [one for one in _truth(simulated("gratitude")) if one.outcome == "prosocial"]
    assert [(one.arm, one.reference) for one in truth] == [
        ("written", "usual"),
        ("spoken", "usual"),
    ]
    assert truth[1].effect > truth[0].effect > 0


def test_truth_of_a_single_arm_is_empty() -> None:
    assert _truth(simulated("nine_day")) == ()


@pytest.mark.parametrize("standard", ["reference_arm", "everyone", "reference_arm_at_baseline"])
def test_truth_of_a_composite_uses_its_own_standard(standard: str) -> None:
    case = simulated("letters")
    composite = case.trial.composites[0].model_copy(update={"standardise_by": standard})
    trial = case.trial.model_copy(update={"composites": (composite,)})
    other = Simulated(trial, case.profile, case.streams, case.people, case.courses)
    reference = _potential(other, "wellbeing", "waitlist")
    treated = _potential(other, "wellbeing", "letter")
    assert treated.mean() - reference.mean() > 0.2
    if standard == "reference_arm":
        assert abs(reference.mean()) < 1e-9
    if standard == "everyone":
        assert abs(reference.mean() + treated.mean()) < 1e-9


def test_truth_of_a_return_leaves_out_partners_that_were_cancelled() -> None:
    attended = _potential(simulated("letters"), "attendance", "waitlist")
    assert not np.isnan(attended).any()


def test_truth_is_written_as_toml() -> None:
    effects = (TrueEffect("y", "a", "b", 1.5, 4.0, 2.5, 2),)
    read = tomllib.loads(render_truth(effects, seed=7, profile="letters"))
    assert read["synthetic"] is True
    assert (read["seed"], read["profile"]) == (7, "letters")
    assert read["effect"] == [
        {
            "outcome": "y",
            "arm": "a",
            "reference": "b",
            "effect": 1.5,
            "mean": 4.0,
            "reference_mean": 2.5,
            "participants": 2,
        }
    ]


FACT_ATTENDANCE = {
    ("letters", "attendance"): (34.0, 38.5, 5.0, 10.5),
    ("goal_setting", "attendance"): (98.0, 113.0, 16.0, 27.0),
    ("goal_setting", "attendance_interim"): (43.0, 52.0, 12.0, 25.5),
    ("coffee", "attendance_interim"): (50.0, 58.0, 10.0, 18.0),
}
"""Least and greatest mean and standard deviation: the reported ones, give or take a tenth."""


@pytest.mark.parametrize(("name", "outcome"), sorted(FACT_ATTENDANCE))
def test_course_attendance_has_the_reported_order_of_magnitude(name: str, outcome: str) -> None:
    least, most, least_sd, most_sd = FACT_ATTENDANCE[name, outcome]
    case = simulated(name)
    days = _potential(case, outcome, case.trial.reference_arm.id)
    assert least <= days.mean() <= most
    assert least_sd <= days.std() <= most_sd


def test_course_turnover_has_the_reported_order_of_magnitude() -> None:
    case = simulated("goal_setting")
    interim = _potential(case, "turnover_interim", "control").mean()
    endline = _potential(case, "turnover", "control").mean()
    assert 0.015 <= interim <= 0.045
    assert 0.035 <= endline <= 0.075


def test_course_gives_one_partner_a_very_low_recorded_attendance() -> None:
    case = simulated("goal_setting")
    days = _potential(case, "attendance_interim", "control")
    bromley = (case.people.frame["partner"] == "bromley").to_numpy()
    assert days[bromley].mean() < 25
    assert days[~bromley].mean() > 45


OUTCOMES = ("attendance", "motivation", "social_worth", "burnout")
DRAWS = 25


@pytest.fixture(scope="module")
def letters_seeds() -> list[Simulated]:
    return [simulated("letters", seed) for seed in range(1, 13)]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_truth_is_what_a_difference_in_means_recovers_on_average(
    outcome: str, letters_seeds: list[Simulated]
) -> None:
    """Over simulated data sets and allocations, the estimate less the truth averages nothing."""
    errors = []
    for seed, case in enumerate(letters_seeds):
        treated = _potential(case, outcome, "letter")
        untreated = _potential(case, outcome, "waitlist")
        truth = (treated - untreated).mean()
        rng = np.random.default_rng(seed)
        for _ in range(DRAWS):
            arm = rng.permutation(np.arange(case.size) % 2 == 0)
            errors.append(treated[arm].mean() - untreated[~arm].mean() - truth)
    standard_error = np.std(errors) / np.sqrt(len(errors))
    assert abs(np.mean(errors)) < MONTE_CARLO * standard_error
