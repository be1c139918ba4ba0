"""Deliveries, use and events."""

from collections import Counter
from datetime import date

import numpy as np
import polars as pl
from simulation_cases import Simulated, simulated

from lighttouch.core.protocol.offsets import Span
from lighttouch.core.simulation.course import Course, observe_courses
from lighttouch.core.simulation.delivery import (
    draw_withdrawals,
    list_events,
    list_recall,
    simulate_deliveries,
    simulate_uptake,
)
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.surveys import Survey


def _arms(case: Simulated) -> tuple[np.ndarray, np.ndarray]:
    names = [arm.id for arm in case.trial.arms]
    number = np.random.default_rng(1).integers(0, len(names), case.size)
    return number, np.array(names)[number]


def _observed(case: Simulated) -> tuple[Course, np.ndarray]:
    number, arms = _arms(case)
    return observe_courses([case.courses[arm.id] for arm in case.trial.arms], number), arms


def test_deliveries_follow_the_steps_of_each_persons_arm() -> None:
    case = simulated("letters")
    course, arms = _observed(case)
    table = simulate_deliveries(case.trial, case.profile, case.people, course, arms)
    assert table.select("participant", "intervention", "step", "due").is_unique().all()
    letters = table.filter(pl.col("intervention") == "recognition_letter")
    assert letters.height == (arms == "letter").sum()
    assert set(letters["step"]) == {"post_letter"}
    states = Counter(letters["state"].to_list())
    assert states["delivered"] / letters.height > 0.9
    assert states["failed"] > 0
    assert states["cancelled"] > 0
    later = table.filter(pl.col("intervention") == "later_letter")
    assert set(later["state"]) == {"planned"}
    assert set(later["at"]) == {""}


def test_deliveries_repeat_as_often_as_a_step_does() -> None:
    case = simulated("swing")
    course, arms = _observed(case)
    table = simulate_deliveries(case.trial, case.profile, case.people, course, arms)
    assert set(table.group_by("participant").len()["len"]) == {12}
    assert table["due"].max() == "2020-12-21"


def test_deliveries_name_only_the_steps_wanted() -> None:
    case = simulated("goal_setting")
    course, arms = _observed(case)
    table = simulate_deliveries(case.trial, case.profile, case.people, course, arms)
    assert set(table["step"]) == {"senior_notice", "invite"}
    plain = case.profile.model_copy(update={"reach": {}})
    everything = simulate_deliveries(case.trial, plain, case.people, course, arms)
    assert set(everything["step"]) == {"invite", "protected_slot", "modules"}


def test_deliveries_of_a_trial_with_a_survey_alone_know_when_it_is_over() -> None:
    case = simulated("letters")
    wave = case.trial.wave("endline").model_copy(update={"collect": None})
    trial = case.trial.model_copy(update={"waves": (wave,)})
    course, arms = _observed(case)
    table = simulate_deliveries(trial, case.profile, case.people, course, arms)
    assert "planned" in set(table["state"])
    only_return = case.trial.wave("endline").model_copy(update={"survey": None})
    trial = case.trial.model_copy(update={"waves": (only_return,)})
    assert simulate_deliveries(trial, case.profile, case.people, course, arms).height


def test_use_is_as_low_as_the_report_says() -> None:
    case = simulated("goal_setting")
    course, arms = _observed(case)
    table = simulate_uptake(case.trial, case.profile, case.people, course, arms, Streams(1))
    treated = (arms == "programme").sum()
    users = table.filter(pl.col("event") == "login")["participant"].n_unique()
    finished = table.filter(pl.col("event") == "completed")["participant"].n_unique()
    assert 0.15 < users / treated < 0.25
    assert 0 < finished / treated < 0.035
    reached = case.people.frame["participant"].filter(pl.Series(course.reached))
    assert set(table["participant"]) <= set(reached)
    most = table.filter(pl.col("event") == "login").group_by("participant").len()["len"].max()
    assert most == 7


def test_use_without_a_completion_has_the_event_alone() -> None:
    case = simulated("weekly_messages")
    course, arms = _observed(case)
    table = simulate_uptake(case.trial, case.profile, case.people, course, arms, Streams(1))
    assert set(table["event"]) == {"message_opened"}
    counts = table.group_by("participant").len()["len"]
    assert (counts >= 5).mean() > 0.3  # type: ignore[operator]
    assert (counts == 8).any()


def test_recall_counts_those_asked_and_those_who_say_so() -> None:
    case = simulated("goal_setting")
    names = case.people.frame["participant"]
    responses = pl.DataFrame(
        {
            "participant": [names[0], names[1], names[2], names[2]],
            "wave": ["endline"] * 4,
            "item": ["goal_invited_1"] * 3 + ["burnout_1"],
            "value": ["Yes", "Not sure", "No", "3"],
        }
    )
    days = np.full(case.size, np.datetime64("2020-01-06", "D"))
    survey = Survey(case.everyone, days, responses)
    table = list_recall(case.profile, [survey], case.people)
    assert Counter(table["event"].to_list()) == {
        "asked_about_invitation": 3,
        "recalled_invitation": 1,
    }
    assert set(table["at"]) == {"2020-01-06"}


def test_events_name_consents_leavings_and_withdrawals() -> None:
    case = simulated("letters")
    course, _ = _observed(case)
    answered = np.arange(case.size) < 3
    days = np.full(case.size, np.datetime64("2019-12-09", "D"))
    survey = Survey(answered, days, pl.DataFrame())
    randomised = np.arange(case.size) % 2 == 0
    withdrawn = {5: date(2019, 10, 1)}
    table = list_events(
        case.trial, case.people, course, [survey], randomised=randomised, withdrawn=withdrawn
    )
    counts = Counter(table["event"].to_list())
    assert counts["consent"] == 3
    assert counts["withdrawal"] == 1
    left = table.filter(pl.col("event") == "left")
    assert 0 < left.height < 20
    assert max(left["at"].to_list()) < "2020-02-01"
    inside = case.people.frame["participant"].filter(pl.Series(randomised))
    assert set(left["participant"]) <= set(inside)
    assert table.rows() == sorted(table.rows())


def test_withdrawals_happen_after_launch_and_only_to_those_allocated() -> None:
    case = simulated("letters")
    _, arms = _arms(case)
    arms = np.where(np.arange(case.size) < 200, arms, "")
    profile = case.profile.model_copy(update={"withdrawals": 0.2})
    drawn = draw_withdrawals(case.trial, profile, case.people, arms, Streams(1))
    assert 20 < len(drawn) < 65
    assert max(drawn) < 200
    for row, day in drawn.items():
        launch = case.trial.partner(case.people.frame["partner"][row]).launch
        assert launch is not None
        assert Span(0, "day").after(launch) < day
