"""Answers and who gives them."""

import numpy as np
import polars as pl
import pytest
from simulation_cases import simulated

from lighttouch.core.instruments.answers import check_answers
from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import Instrument, ScaleResponse
from lighttouch.core.instruments.reliability import compute_alpha
from lighttouch.core.instruments.scoring import score_instrument
from lighttouch.core.simulation.answers import (
    draw_answer_luck,
    draw_background,
    read_scales,
    simulate_scale,
)
from lighttouch.core.simulation.profile import Response
from lighttouch.core.simulation.response import compute_response_chance
from lighttouch.core.simulation.streams import Streams

PEOPLE = 3000
LIBRARY = read_library().instruments
SCALES = [one.id for one in LIBRARY.values() if isinstance(one.response, ScaleResponse)]
WELLBEING = np.random.default_rng(1).standard_normal(PEOPLE)

FACTS = {
    "intrinsic_prosocial_motivation": (44.5, 47.6, 5.1),
    "affective_commitment": (25.0, 29.5, 6.6),
    "perceived_social_worth": (8.3, 10.0, 2.9),
    "perceived_org_support": (26.6, 32.0, 8.9),
    "prosocial_impact": (16.4, 17.3, 2.2),
    "burnout": (30.2, 32.0, 9.0),
    "job_satisfaction": (8.4, 11.3, 3.7),
    "turnover_intentions": (7.2, 8.0, 5.0),
}
"""Letters endline: the two arms' means, and their usual standard deviation."""
MEAN_SLACK = 0.25
"""Standard deviations a simulated mean may lie outside the two arms' means: an order of size."""
SD_SLACK = 0.15
"""Share by which a simulated standard deviation may differ from the reported one."""
LEAST_ALPHA, MOST_ALPHA = 0.6, 0.96
"""Reliabilities ordinary for such scales; six items of two feelings at the low end."""


def _answers(name: str, wave: str = "endline", shift: float = 0.0, seed: int = 1) -> np.ndarray:
    luck = draw_answer_luck(LIBRARY[name], wave, Streams(seed), WELLBEING, 0.6)
    return simulate_scale(LIBRARY[name], luck, shift=shift)


def _score(name: str, answers: np.ndarray) -> np.ndarray:
    columns = {item.id: answers[:, i] for i, item in enumerate(LIBRARY[name].items)}
    frame = pl.DataFrame({"participant": [str(i) for i in range(len(answers))], **columns})
    return score_instrument(LIBRARY[name], frame)["score"].to_numpy()


@pytest.mark.parametrize("name", SCALES)
def test_answers_are_whole_numbers_within_the_scale(name: str) -> None:
    answers, response = _answers(name), LIBRARY[name].response
    assert isinstance(response, ScaleResponse)
    assert (answers % 1 == 0).all()
    assert answers.min() >= response.min
    assert answers.max() <= response.max


@pytest.mark.parametrize("name", sorted(FACTS))
def test_answers_have_the_reported_order_of_magnitude(name: str) -> None:
    low, high, sd = FACTS[name]
    score = _score(name, _answers(name))
    assert low - MEAN_SLACK * sd <= score.mean() <= high + MEAN_SLACK * sd
    assert abs(score.std() / sd - 1) < SD_SLACK


@pytest.mark.parametrize("name", [one for one in SCALES if len(LIBRARY[one].items) > 1])
def test_answers_of_one_instrument_hang_together(name: str) -> None:
    answers, instrument = _answers(name), LIBRARY[name]
    against = {
        item
        for sub in instrument.subscales
        for item in sub.items
        if name in read_scales().scales and sub.id in read_scales().scales[name].against
    }
    turned = np.array([item.reversed or item.id in against for item in instrument.items])
    alpha = compute_alpha(np.where(turned, -answers, answers))
    assert LEAST_ALPHA < alpha < MOST_ALPHA


@pytest.mark.parametrize("name", [n for n in SCALES if LIBRARY[n].scoring.rule != "none"])
def test_answers_shift_with_an_effect_and_only_up(name: str) -> None:
    before, after = _score(name, _answers(name)), _score(name, _answers(name, shift=0.5))
    assert (after >= before).all()
    assert 0.2 < (after.mean() - before.mean()) / before.std() < 0.6


def test_answers_of_reversed_items_and_negative_feelings_run_against_the_trait() -> None:
    support = _answers("perceived_org_support")
    assert np.corrcoef(support[:, 0], support[:, 2])[0, 1] < -0.2
    affect = _answers("affect_six")
    assert np.corrcoef(affect[:, 0], affect[:, 1])[0, 1] < -0.2


def test_answers_follow_wellbeing_for_better_and_for_worse() -> None:
    assert np.corrcoef(_score("life_happiness", _answers("life_happiness")), WELLBEING)[0, 1] > 0.3
    assert np.corrcoef(_score("burnout", _answers("burnout")), WELLBEING)[0, 1] < -0.3


def test_answers_at_two_waves_are_as_steady_as_declared() -> None:
    before = draw_answer_luck(LIBRARY["burnout"], "baseline", Streams(1), WELLBEING, 0.6)
    after = draw_answer_luck(LIBRARY["burnout"], "endline", Streams(1), WELLBEING, 0.6)
    assert abs(np.corrcoef(before.trait, after.trait)[0, 1] - 0.6) < 0.06
    assert abs(before.trait.std() - 1) < 0.06


def test_answers_to_an_instrument_without_a_spread_on_file_use_a_plain_one() -> None:
    known = LIBRARY["cantril_ladder"]
    unknown = known.model_copy(update={"id": "brand_new"})
    luck = draw_answer_luck(unknown, "endline", Streams(1), WELLBEING, 0.5)
    answers = simulate_scale(unknown, luck, shift=0.0)
    assert 5 < answers.mean() < 6
    assert 1.5 < answers.std() < 3


@pytest.mark.parametrize("name", [one for one in LIBRARY if one not in SCALES])
def test_answers_to_background_questions_are_allowed(name: str) -> None:
    instrument: Instrument = LIBRARY[name]
    values = draw_background(instrument, Streams(1), 400)
    frame = pl.DataFrame(
        {
            "participant": [f"p/{i}" for i in range(400)] * len(instrument.items),
            "wave": "endline",
            "item": [item.id for item in instrument.items for _ in range(400)],
            "value": values.T.reshape(-1),
        }
    ).filter(pl.col("value") != "")
    assert check_answers(frame, read_library()) == ()
    assert (frame.height == 0) == (instrument.response.kind == "free_text")


def test_answers_about_age_are_those_of_adults() -> None:
    ages = draw_background(LIBRARY["age"], Streams(1), 1000)[:, 0].astype(int)
    assert (ages.min(), ages.max() <= 70) == (21, True)
    assert 39 < ages.mean() < 45


def test_answers_to_an_unlisted_number_are_plain() -> None:
    item = LIBRARY["age"].items[0].model_copy(update={"id": "visits_1"})
    unlisted = LIBRARY["age"].model_copy(update={"items": (item,)})
    drawn = draw_background(unlisted, Streams(1), 1000)[:, 0].astype(int)
    assert 3.5 < drawn.mean() < 6


def test_response_has_the_declared_rate_and_is_not_random() -> None:
    rng = np.random.default_rng(2)
    habit, none = rng.standard_normal(PEOPLE), np.zeros(PEOPLE)
    response = Response(rate=0.19, wellbeing_slope=0.4, habit=1.3)
    chance = compute_response_chance(response, wellbeing=WELLBEING, habit=habit, arm=none)
    assert abs(chance.mean() - 0.19) < 1e-9
    assert np.corrcoef(chance, WELLBEING)[0, 1] > 0.2
    assert np.corrcoef(chance, habit)[0, 1] > 0.5
    treated = compute_response_chance(response, wellbeing=WELLBEING, habit=habit, arm=none + 0.3)
    assert (treated > chance).all()


def test_response_without_a_slope_has_nothing_to_do_with_wellbeing() -> None:
    response = Response(rate=0.3, habit=0.0)
    zeros = np.zeros(PEOPLE)
    chance = compute_response_chance(response, wellbeing=WELLBEING, habit=zeros, arm=zeros)
    assert chance.std() < 1e-9


def test_answers_of_a_simulated_trial_are_the_same_at_baseline_in_every_arm() -> None:
    letters = simulated("letters")
    for (wave, name), answers in letters.courses["letter"].answers.items():
        same = (answers == letters.courses["waitlist"].answers[wave, name]).all()
        assert same == (wave == "baseline" or name == "caseload_manageable")
