"""Who answers a survey, and what of it is written down."""

import numpy as np
import polars as pl
import pytest
from simulation_cases import Simulated, simulate, simulated
from tests.own_questions import letters_asking

from lighttouch.core.instruments.answers import check_answers
from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.own import library_of
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.simulation.profile import Response
from lighttouch.core.simulation.profiles import read_profile
from lighttouch.core.simulation.streams import Streams
from lighttouch.core.simulation.surveys import Survey, simulate_survey
from lighttouch.core.simulation.truth import compute_truth

SEEDS = range(1, 9)


def _survey(
    case: Simulated, wave: str = "endline", *, arm: str | None = None, seed: int = 1
) -> Survey:
    return simulate_survey(
        case.trial,
        case.profile,
        case.trial.wave(wave),
        case.people,
        case.courses[arm] if arm else case.untreated,
        Streams(seed),
        invited=case.everyone,
        arms=np.full(case.size, arm or ""),
    )


def test_survey_is_answered_by_about_one_in_five() -> None:
    case = simulated("letters")
    rates = [_survey(case, seed=seed).answered.mean() for seed in SEEDS]
    assert abs(np.mean(rates) - 0.19) < 0.02


def test_survey_is_answered_more_by_those_who_feel_better() -> None:
    case = simulated("goal_setting")
    gaps = []
    for seed in SEEDS:
        answered = _survey(case, "baseline", seed=seed).answered
        gaps.append(
            case.people.wellbeing[answered].mean() - case.people.wellbeing[~answered].mean()
        )
    assert min(gaps) > 0
    assert np.mean(gaps) > 0.1


def test_survey_is_answered_by_the_same_people_more_often_than_chance() -> None:
    case = simulated("letters")
    before, after = _survey(case, "baseline").answered, _survey(case, "endline").answered
    assert (before & after).mean() > 1.3 * before.mean() * after.mean()


def test_survey_responses_are_allowed_answers_of_those_who_answered() -> None:
    case = simulated("goal_setting")
    survey = _survey(case, arm="programme")
    assert check_answers(survey.responses, read_library()) == ()
    names = case.people.frame["participant"].filter(pl.Series(survey.answered))
    assert set(survey.responses["participant"]) <= set(names)
    assert survey.responses.columns == ["participant", "wave", "item", "value"]
    assert survey.responses.select("participant", "item").is_unique().all()


def test_survey_is_not_answered_by_those_who_left_or_where_it_never_ran() -> None:
    case = simulated("goal_setting")
    survey = _survey(case)
    assert (case.untreated.left[survey.answered] >= np.datetime64("2019-12-01", "D")).all()
    partners = set(case.people.frame["partner"].filter(pl.Series(survey.answered)))
    assert partners == {"north_tyneside", "telford_and_wrekin", "wolverhampton"}


def test_survey_is_answered_only_by_those_invited() -> None:
    case = simulated("letters")
    invited = np.arange(case.size) % 2 == 0
    survey = simulate_survey(
        case.trial,
        case.profile,
        case.trial.wave("endline"),
        case.people,
        case.untreated,
        Streams(1),
        invited=invited,
        arms=np.full(case.size, ""),
    )
    assert survey.answered.any()
    assert not survey.answered[~invited].any()


def test_survey_days_lie_in_the_window() -> None:
    case = simulated("letters")
    survey = _survey(case)
    rows = (case.people.frame["partner"] == "dudley").to_numpy()
    assert survey.at[rows].min() >= np.datetime64("2019-12-07", "D")
    assert survey.at[rows].max() <= np.datetime64("2019-12-30", "D")


def test_survey_sections_are_answered_by_fewer() -> None:
    case = simulated("letters")
    shares = {"age_1": [], "job_satisfaction_1": [], "burnout_1": []}  # type: ignore[var-annotated]
    for seed in SEEDS:
        survey = _survey(case, seed=seed)
        for item, found in shares.items():
            found.append((survey.responses["item"] == item).sum() / max(1, survey.answered.sum()))
    assert 0.3 < np.mean(shares["age_1"]) < 0.5
    assert 0.3 < np.mean(shares["job_satisfaction_1"]) < 0.55
    assert np.mean(shares["burnout_1"]) > 0.96


def test_survey_invitation_is_recalled_by_a_third_of_one_arm_and_a_seventh_of_the_other() -> None:
    case = simulated("goal_setting")
    open_everywhere = case.profile.model_copy(
        update={"partners": (), "response": {"every": Response(rate=0.95, items={})}}
    )
    other = Simulated(case.trial, open_everywhere, case.streams, case.people, case.courses)
    shares = {}
    for arm in ("programme", "control"):
        answers = _survey(other, arm=arm).responses.filter(pl.col("item") == "goal_invited_1")
        shares[arm] = (answers["value"] == "Yes").mean()
    assert 0.25 < shares["programme"] < 0.45  # type: ignore[operator]
    assert 0.08 < shares["control"] < 0.2  # type: ignore[operator]


@pytest.mark.parametrize("arm", ["letter", "waitlist"])
def test_survey_response_may_depend_on_the_arm(arm: str) -> None:
    case = simulated("letters")
    moved = case.profile.model_copy(
        update={"response": {"every": Response(rate=0.2, arms={"letter": 2.0})}}
    )
    other = Simulated(case.trial, moved, case.streams, case.people, case.courses)
    share = _survey(other, arm=arm).answered.mean()
    assert (share > 0.4) == (arm == "letter")


def test_survey_asks_a_question_of_one_arm_of_nobody_else() -> None:
    trial = parse_trial(letters_asking())
    case = simulate(trial, read_profile("letters"))
    arms = np.where(np.arange(case.size) % 2 == 0, "letter", "waitlist")
    course = case.courses["letter"]
    survey = simulate_survey(
        trial,
        case.profile,
        trial.wave("endline"),
        case.people,
        course,
        Streams(1),
        invited=case.everyone,
        arms=arms,
    )
    assert check_answers(survey.responses, library_of(trial)) == ()
    names = case.people.frame["participant"].to_numpy()
    told = survey.responses.filter(pl.col("item") == "letter_read_1")["participant"]
    assert len(set(told)) > 0
    assert set(told) <= set(names[arms == "letter"])
    assert set(survey.responses["item"]) >= {"thanked_1", "visits_1", "life_happiness_1"}


def test_truth_is_known_for_an_own_scale() -> None:
    trial = parse_trial(letters_asking())
    profile = read_profile("letters")
    effect = profile.effect("letter")
    case = simulate(trial, profile)
    truths = compute_truth(trial, profile, case.people, case.courses, case.everyone)
    own = next(one for one in truths if one.outcome == "thanked")
    assert "thanked" not in effect.instruments
    assert own.effect == 0
    assert 0 < own.mean < 20
