"""The trial file said in words."""

from dataclasses import replace
from pathlib import Path

import pytest
from compute_cases import TRIAL_TEXT, small_archive, small_trial

from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.measures import FromColumn, FromInstrument, FromReturn
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.registering import Amendment, RegistrationRecord
from lighttouch.core.reporting.compute.wording import (
    describe_analysis,
    describe_trial,
    say_derivation,
)


@pytest.mark.parametrize("name", library_names())
def test_every_library_trial_can_be_said_in_words(name: str, tmp_path: Path) -> None:
    trial = parse_trial(library_text(name))
    for outcome in trial.outcomes:
        assert say_derivation(outcome.derive, trial)
    assert describe_trial(replace(small_archive(tmp_path), trial=trial)).title == trial.title
    assert describe_analysis(trial).estimand.startswith("Average effect")


def test_days_attended_say_which_absence_and_what_becomes_of_leavers() -> None:
    derivation = FromReturn(
        source="return",
        measure="days_attended",
        absence="illness",
        missing_below_months=3,
        prorate_below_months=12,
    )
    said = say_derivation(derivation, small_trial())
    for part in (
        "working days",
        "through illness",
        "absent after leaving",
        "3 months",
        "12 months",
    ):
        assert part in said
    dropped = FromReturn(source="return", measure="days_attended", leavers="missing")
    assert "leavers are missing" in say_derivation(dropped, small_trial())


def test_scores_and_columns_name_their_source() -> None:
    whole = FromInstrument(source="instrument", instrument="burnout")
    part = FromInstrument(source="instrument", instrument="affect_six", subscale="positive_affect")
    assert say_derivation(whole, small_trial()) == "the instrument Burnout"
    assert say_derivation(part, small_trial()).endswith("subscale positive_affect")
    column = FromColumn(source="column", column="takeup")
    assert say_derivation(column, small_trial()) == "the column takeup"


def test_the_registration_is_shown_with_its_amendments(tmp_path: Path) -> None:
    amendments = (Amendment(1, "b" * 64, "2019-09-01T09:00:00+00:00", "Typing error."),)
    record = RegistrationRecord("small", "a" * 64, "c" * 64, "2019-08-01T09:00:00Z", amendments)
    archive = replace(small_archive(tmp_path), registration=record)
    text = describe_trial(archive)
    assert (text.registered_at, text.amendments) == ("2019-08-01T09:00:00Z", 1)
    assert describe_trial(small_archive(tmp_path)).registered_at == ""


def test_the_variance_is_named_with_its_reason() -> None:
    assert describe_analysis(small_trial()).variance.startswith("CR2")
    people = parse_trial(library_text("letters"))
    assert describe_analysis(people).variance.startswith("HC2")
    named = TRIAL_TEXT.replace("[analysis]\n", '[analysis]\nvariance = "CR3"\n')
    assert describe_analysis(small_trial(named)).variance == "CR3"


def test_missing_data_rules_and_randomisation_are_said_as_declared() -> None:
    changed = TRIAL_TEXT.replace("use = true", "use = false") + (
        '\n[analysis.missing]\ncovariates = "complete_cases"\n'
        'baseline_outcome = "complete_cases"\nitems = "prorate_half"\n'
    )
    text = describe_analysis(small_trial(changed))
    assert text.randomisation_draws is None
    assert sum("left out" in rule for rule in text.missing) == 2
    assert any("at least half" in rule for rule in text.missing)
    assert describe_analysis(small_trial()).randomisation_draws == 100


def test_the_house_specification_says_what_it_ignores() -> None:
    assert describe_analysis(small_trial()).house == ""
    house = TRIAL_TEXT + '\n[analysis.house]\nnote = "As printed."\n'
    assert "ignores that clusters" in describe_analysis(small_trial(house)).house
    people = parse_trial(library_text("letters"))
    assert "ignores" not in describe_analysis(people).house
