"""Every difference between two versions is listed in words, and nothing else is."""

import pytest
from protocol_cases import edit, trial_of

from lighttouch.core.protocol.comparing import compare_trials
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.reading import parse_trial


def sentences(file: str, *changes: tuple[str, str]) -> list[str]:
    """Return the differences that changes to a library file make."""
    return [d.sentence for d in compare_trials(trial_of(file), trial_of(file, *changes))]


@pytest.mark.parametrize("name", library_names())
def test_a_trial_does_not_differ_from_itself(name: str) -> None:
    trial = parse_trial(library_text(name))
    assert compare_trials(trial, trial) == ()


def test_a_comment_or_a_default_written_out_is_no_difference() -> None:
    changes = (("# Primary", "# First"), ("thresholds = [0.05, 0.01, 0.001]\n", ""))
    assert sentences("swing", *changes) == []


def test_a_changed_value_is_named_by_identifier() -> None:
    changed = sentences("letters", ('role = "secondary"\nwave', 'role = "exploratory"\nwave'))
    assert changed == ['outcomes.attendance.role changed from "secondary" to "exploratory".']


def test_a_key_that_comes_or_goes_is_named() -> None:
    note = 'note = "Also a mechanism."\n'
    smallest = "smallest_effect_of_interest = 2\n"
    key = 'key = "outcomes.attendance.smallest_effect_of_interest"'
    changes = ((smallest, ""), (key, 'key = "outcomes.attendance.label"'), (note, ""))
    first, second, *rest = compare_trials(
        trial_of("goal_setting"), trial_of("goal_setting", *changes)
    )
    assert (first.key, first.before, first.after) == (
        "outcomes.attendance.smallest_effect_of_interest",
        "2.0",
        "",
    )
    assert first.sentence.endswith("was removed; it was 2.0.")
    assert second.sentence == 'outcomes.time_pressure.note changed from "Also a mechanism." to "".'
    assert len(rest) == 2
    back = compare_trials(trial_of("goal_setting", *changes), trial_of("goal_setting"))
    assert back[0].sentence.endswith("smallest_effect_of_interest was added: 2.0.")


def test_an_element_that_comes_or_goes_is_one_difference() -> None:
    text = library_text("letters")
    start = text.index('[[outcomes]]\nid = "burnout"')
    without = text[:start] + text[text.index("[[outcomes]]", start + 1) :]
    before, after = parse_trial(text), parse_trial(without)
    (gone,) = compare_trials(before, after)
    assert gone.key == "outcomes.burnout"
    assert gone.sentence.startswith('outcomes.burnout was removed; it was {"id": "burnout"')
    assert gone.sentence.endswith("….")
    (come,) = compare_trials(after, before)
    assert come.sentence.startswith("outcomes.burnout was added: ")


def test_a_changed_order_is_a_difference_of_its_own() -> None:
    first = 'id = "left_before_start"\nreason = "Left before the trial started"\n'
    text = library_text("coffee")
    start, end = text.index("[[population.exclusions]]"), text.index("# The partner takes part")
    blocks = text[start:end].rstrip().split("\n\n")
    assert first in blocks[0]
    swapped = text[:start] + "\n\n".join(reversed(blocks)) + "\n\n" + text[end:]
    (difference,) = compare_trials(parse_trial(text), parse_trial(swapped))
    assert difference.sentence == (
        "The order of population.exclusions changed from left_before_start, small_building to "
        "small_building, left_before_start."
    )


def test_a_list_of_plain_values_is_compared_as_a_whole() -> None:
    assert sentences("letters", ("[0.1, 0.2]", "[0.1]")) == [
        "analysis.indicative_thresholds changed from [0.1, 0.2] to [0.1]."
    ]


def test_no_covariates_of_its_own_differs_from_none_at_all() -> None:
    line = 'wave = "endline"\nderive = { from = "composite", composite = "subjective_wellbeing" }\n'
    assert sentences("letters", (line, f"{line}covariates = []\n")) == [
        "outcomes.wellbeing.covariates was added: []."
    ]


def test_scenarios_of_one_outcome_are_told_apart_by_position() -> None:
    two = edit(
        "letters",
        (
            "[[power]]",
            '[[power]]\noutcome = "wellbeing"\neffect = 0.3\nsd = 1.8\n'
            "participants = 920\n\n[[power]]",
        ),
    )
    assert parse_trial(two).power[0].effect == 0.3
    changed = two.replace("effect = 0.3", "effect = 0.4")
    (difference,) = compare_trials(parse_trial(two), parse_trial(changed))
    assert difference.key == "power.0.effect"


def test_a_derivation_of_another_kind_is_compared_key_by_key() -> None:
    old = 'derive = { from = "instrument", instrument = "job_satisfaction" }'
    new = 'derive = { from = "composite", composite = "subjective_wellbeing" }'
    assert sentences("letters", (old, new)) == [
        'outcomes.job_satisfaction.derive.from changed from "instrument" to "composite".',
        'outcomes.job_satisfaction.derive.instrument was removed; it was "job_satisfaction".',
        'outcomes.job_satisfaction.derive.composite was added: "subjective_wellbeing".',
    ]
