"""Profiles: data, read strictly."""

from pathlib import Path

import pytest
from simulation_cases import library_trial

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.library import library_names
from lighttouch.core.simulation.profile import PartnerProfile, Response, Rows
from lighttouch.core.simulation.profiles import (
    check_profile,
    choose_profile,
    find_profile,
    parse_profile,
    profile_names,
    profile_text,
    read_profile,
)


@pytest.mark.parametrize("name", library_names())
def test_profile_of_every_library_trial_is_its_own_and_names_only_what_the_trial_has(
    name: str,
) -> None:
    assert choose_profile(library_trial(name)).id == name
    assert check_profile(read_profile(name), library_trial(name)) == ()


def test_profile_names_include_the_generic_one() -> None:
    assert set(profile_names()) == {*library_names(), "generic"}


def test_profile_of_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match="Name one of: coffee"):
        read_profile("tea")


def test_profile_faults_are_all_reported_with_their_keys() -> None:
    text = profile_text("generic").replace("people = 120", "people = 1\nsurprise = true")
    text = text.replace("full_time = 0.78", "full_time = 1.78")
    with pytest.raises(InputError) as caught:
        parse_profile(text, source="mine.toml")
    places = {fault.where for fault in caught.value.faults}
    assert places == {"mine.toml, people", "mine.toml, surprise", "mine.toml, workforce.full_time"}


def test_profile_that_is_no_toml_is_refused() -> None:
    with pytest.raises(InputError, match="not valid TOML"):
        parse_profile("people = ")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("fully = 0.014", "fully = 0.5", "fully is larger than ever"),
        ("typical = 1.8", "typical = 7.0", "typical is not below most"),
    ],
)
def test_profile_of_impossible_use_is_refused(old: str, new: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        parse_profile(profile_text("goal_setting").replace(old, new))


def test_profile_of_a_funnel_that_widens_is_refused() -> None:
    text = profile_text("letters").replace("partners = 15", "partners = 36")
    with pytest.raises(InputError, match="more partners at a stage than at the one before"):
        parse_profile(text)


def test_profile_naming_what_the_trial_lacks_is_told_each_name() -> None:
    faults = check_profile(read_profile("goal_setting"), library_trial("coffee"))
    said = {fault.where: fault.what for fault in faults}
    assert said["profile goal_setting, effects"] == "the trial has no arm 'programme'"
    assert said["profile goal_setting, reach.programme.steps"] == "the trial has no step 'invite'"
    assert said["profile goal_setting, partners"].startswith("the trial has no recruited partner")
    faults = check_profile(read_profile("letters"), library_trial("nine_day"))
    assert any("no extra column 'manager_feedback'" in fault.what for fault in faults)


def test_profile_names_waves_of_partners_too() -> None:
    text = profile_text("coffee").replace('withheld = ["endline"]', 'withheld = ["later"]')
    faults = check_profile(parse_profile(text), library_trial("coffee"))
    assert [fault.where for fault in faults] == ["profile coffee, partners.kent"]


def test_profile_of_a_trial_that_borrows_a_name_is_the_generic_one() -> None:
    borrowed = library_trial("nine_day").model_copy(update={"id": "letters"})
    assert choose_profile(borrowed).id == "generic"
    own = library_trial("letters").model_copy(update={"id": "my_trial"})
    assert choose_profile(own).id == "generic"


def test_profile_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(profile_text("generic").replace('id = "generic"', 'id = "mine"'), "utf-8")
    assert find_profile("letters").id == "letters"
    assert find_profile(str(path)).id == "mine"
    with pytest.raises(InputError):
        find_profile(str(tmp_path / "none.toml"))
    with pytest.raises(InputError, match="no simulation profile"):
        find_profile("tea")


def test_profile_falls_back_from_a_wave_or_arm_to_its_default() -> None:
    generic = read_profile("generic")
    assert generic.rows("endline") == generic.returns["every"]
    assert generic.answering("endline") == generic.response["every"]
    assert generic.effect("machine") == generic.effects["treated"]
    assert generic.reaching("machine", reference=False) == generic.reach["treated"]
    assert generic.reaching("control", reference=True).people == 0.0
    assert generic.partner("anywhere") == PartnerProfile(id="anywhere")
    bare = generic.model_copy(update={"returns": {}, "response": {}, "effects": {}, "reach": {}})
    assert bare.rows("endline") == Rows()
    assert bare.answering("endline") == Response(rate=0.5)
    assert bare.effect("machine").instruments == {}
    assert bare.reaching("machine", reference=False).people == 1.0
