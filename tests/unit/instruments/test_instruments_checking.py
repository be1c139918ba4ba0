"""A trial file may only name scores that exist."""

import pytest

from lighttouch.core.errors import ProtocolError
from lighttouch.core.instruments.checking import check_scores, parse_whole_trial
from lighttouch.core.instruments.library import read_library
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial

LIBRARY = read_library()
BURNOUT = {"from": "instrument", "instrument": "burnout"}
TIES = {"from": "instrument", "instrument": "social_ties"}
SURVEY = {"questionnaire": "letters", "opens": "0 days", "closes": "1 week"}


def trial(*outcomes: dict[str, object], component: str = "time_pressure") -> Trial:
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
                {"id": "baseline", "label": "B", "survey": SURVEY},
                {"id": "endline", "label": "E", "survey": SURVEY},
            ],
            "composites": [
                {
                    "id": "index",
                    "label": "I",
                    "components": [
                        {"instrument": "life_happiness"},
                        {"instrument": component},
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
        {"derive": {**TIES, "subscale": "weak"}},
        {"derive": {"from": "instrument", "instrument": "unknown"}},
    ],
)
def test_a_score_that_exists_or_is_not_of_the_library_is_no_fault(
    outcome: dict[str, object],
) -> None:
    assert check_scores(trial(outcome), LIBRARY) == ()


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            {"derive": {**BURNOUT, "subscale": "x"}},
            "outcomes[0].derive: burnout has no subscale of that name.",
        ),
        (
            {"derive": BURNOUT, "baseline": {"wave": "baseline", "derive": TIES}},
            "outcomes[0].baseline.derive: social_ties has no single score. "
            "Name the subscale: strong or weak.",
        ),
        (
            {"derive": {"from": "instrument", "instrument": "age"}},
            "outcomes[0].derive: age has no score.",
        ),
    ],
)
def test_a_score_its_instrument_does_not_have_is_a_fault(
    outcome: dict[str, object], expected: str
) -> None:
    (fault,) = check_scores(trial(outcome), LIBRARY)
    assert str(fault) == expected


def test_a_component_without_a_score_is_a_fault() -> None:
    (fault,) = check_scores(trial({"derive": BURNOUT}, component="comments"), LIBRARY)
    assert str(fault) == "composites[0].components[1]: comments has no score."


@pytest.mark.parametrize("name", library_names())
def test_every_trial_of_the_library_names_scores_that_exist(name: str) -> None:
    assert check_scores(parse_trial(library_text(name)), LIBRARY) == ()


@pytest.mark.parametrize("name", library_names())
def test_whole_check_lets_the_library_pass(name: str) -> None:
    assert parse_whole_trial(library_text(name), source=name).id == name


def test_whole_check_names_the_line_of_an_unknown_questionnaire() -> None:
    text = library_text("letters").replace('questionnaire = "letters"', 'questionnaire = "x"', 1)
    line = text.splitlines().index('questionnaire = "x"') + 1
    with pytest.raises(ProtocolError) as caught:
        parse_whole_trial(text, source="trial.toml")
    assert caught.value.faults[0].where == f"trial.toml, line {line}, waves[0].survey.questionnaire"


def test_whole_check_names_the_line_of_a_score_that_cannot_be_made() -> None:
    text = library_text("letters").replace('instrument = "burnout"', 'instrument = "social_ties"')
    with pytest.raises(ProtocolError) as caught:
        parse_whole_trial(text, source="trial.toml")
    assert all(fault.where.startswith("trial.toml, line ") for fault in caught.value.faults)
