"""A trial file may only name instruments its questionnaires ask."""

import pytest

from lighttouch.core.instruments.checking import check_trial_instruments
from lighttouch.core.instruments.library import read_library
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial

LIBRARY = read_library()
BURNOUT = {"from": "instrument", "instrument": "burnout"}
SURVEY = {"questionnaire": "letters", "opens": "0 days", "closes": "1 week"}


def trial(*outcomes: dict[str, object], questionnaire: str = "letters") -> Trial:
    survey = {**SURVEY, "questionnaire": questionnaire}
    return Trial.model_validate(
        {
            "version": 1,
            "id": "t",
            "title": "T",
            "summary": "S",
            "population": {"description": "D", "setting": "S"},
            "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B", "reference": True}],
            "allocation": {},
            "waves": [
                {"id": "baseline", "label": "B", "survey": survey},
                {"id": "interim", "label": "I"},
                {"id": "endline", "label": "E", "survey": survey},
            ],
            "composites": [
                {
                    "id": "index",
                    "label": "I",
                    "components": [
                        {"instrument": "life_happiness"},
                        {"instrument": "time_pressure"},
                    ],
                    "standardise_by": "everyone",
                }
            ],
            "outcomes": [
                {
                    "id": f"o{i}",
                    "label": "O",
                    "role": "primary",
                    "unit": "u",
                    "wave": "endline",
                    **o,
                }
                for i, o in enumerate(outcomes)
            ],
            "retention": {"delete_after": "1 year", "key_holder": "K"},
        }
    )


@pytest.mark.parametrize(
    "outcome",
    [
        {"derive": BURNOUT, "baseline": {"wave": "baseline"}},
        {"derive": {"from": "return", "measure": "turnover"}},
        {
            "derive": {"from": "return", "measure": "turnover"},
            "baseline": {"wave": "baseline", "derive": BURNOUT},
        },
    ],
)
def test_a_trial_whose_questionnaires_ask_what_it_measures_has_no_fault(
    outcome: dict[str, object],
) -> None:
    assert check_trial_instruments(trial(outcome), LIBRARY) == ()


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            {"derive": {"from": "instrument", "instrument": "burn_out"}},
            "outcomes[0]: there is no instrument 'burn_out' in the library. Did you mean burnout?.",
        ),
        (
            {"derive": {**BURNOUT, "subscale": "x"}},
            "outcomes[0]: burnout has no subscale of that name.",
        ),
        (
            {"derive": BURNOUT, "wave": "interim"},
            "outcomes[0]: wave interim has no survey to ask burnout in.",
        ),
        (
            {"derive": BURNOUT, "baseline": {"wave": "interim"}},
            "outcomes[0].baseline: wave interim has no survey to ask burnout in.",
        ),
        (
            {"derive": {"from": "composite", "composite": "index"}},
            "outcomes[0]: questionnaire letters does not ask time_pressure at endline.",
        ),
    ],
)
def test_a_measure_nobody_asks_for_is_a_fault(outcome: dict[str, object], expected: str) -> None:
    (fault,) = check_trial_instruments(trial(outcome), LIBRARY)
    assert str(fault) == expected


def test_an_unknown_questionnaire_is_one_fault_for_each_wave_only() -> None:
    faults = check_trial_instruments(trial({"derive": BURNOUT}, questionnaire="nobody"), LIBRARY)
    assert [fault.where for fault in faults] == [
        "waves[0].survey.questionnaire",
        "waves[2].survey.questionnaire",
    ]


@pytest.mark.parametrize("name", library_names())
def test_every_trial_of_the_library_can_be_measured(name: str) -> None:
    assert check_trial_instruments(parse_trial(library_text(name)), LIBRARY) == ()
