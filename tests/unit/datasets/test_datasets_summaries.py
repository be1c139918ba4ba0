"""Reliability of an outcome's scale among those randomised."""

import numpy as np
import pytest
from datasets_cast import ARMS, Answer, archive, responses, trial

from lighttouch.core.datasets.summaries import reliability_of
from lighttouch.core.instruments.reliability import compute_alpha, compute_omega

RNG = np.random.default_rng(11)
AFFECT = np.clip(
    np.round(3 + RNG.normal(size=(12, 1)) * [1, -1, 1, -1, 1, -1] + RNG.normal(size=(12, 6)) / 2),
    1,
    5,
)


def affect_answers() -> list[Answer]:
    return [
        (who, "endline", f"affect_six_{item + 1}", str(int(value)))
        for who, row in zip(sorted(ARMS), AFFECT, strict=True)
        for item, value in enumerate(row)
    ]


def measured(derive: dict[str, object], answers: list[Answer]) -> tuple[float | None, ...] | None:
    made = archive(
        trial=trial(outcomes=[{"id": "it", "wave": "endline", "derive": derive}]),
        responses=responses(answers),
    )
    return reliability_of(made, made.trial.outcomes[0])


BALANCE: dict[str, object] = {"from": "instrument", "instrument": "affect_six"}


def test_items_that_take_from_a_balance_are_turned_round() -> None:
    keyed = AFFECT.copy()
    keyed[:, 1::2] = 6 - keyed[:, 1::2]
    found = measured(BALANCE, affect_answers())
    assert found == pytest.approx((compute_alpha(keyed), compute_omega(keyed)))
    assert found is not None
    assert found[0] is not None
    assert found[0] > 0.8


def test_a_subscale_has_its_own_reliability() -> None:
    found = measured({**BALANCE, "subscale": "positive_affect"}, affect_answers())
    assert found == pytest.approx((compute_alpha(AFFECT[:, ::2]), compute_omega(AFFECT[:, ::2])))


def test_people_who_were_not_randomised_do_not_count() -> None:
    others = [
        ("alpha/excluded", "endline", f"affect_six_{i + 1}", str(1 + 4 * (i % 2))) for i in range(6)
    ]
    assert measured(BALANCE, [*affect_answers(), *others]) == measured(BALANCE, affect_answers())


def test_two_items_have_alpha_only() -> None:
    answers = [
        (who, "endline", f"job_satisfaction_{item}", str(1 + (place * item) % 7))
        for place, who in enumerate(sorted(ARMS))
        for item in (1, 2)
    ]
    found = measured({"from": "instrument", "instrument": "job_satisfaction"}, answers)
    assert found is not None
    assert found[0] is not None
    assert found[1] is None


@pytest.mark.parametrize(
    "derive",
    [
        {"from": "return", "measure": "turnover"},
        {"from": "instrument", "instrument": "life_happiness"},
        {"from": "instrument", "instrument": "social_ties", "subscale": "weak"},
        {"from": "instrument", "instrument": "burnout"},
    ],
)
def test_no_reliability_without_a_scale_or_without_answers(derive: dict[str, object]) -> None:
    assert measured(derive, affect_answers()) is None
