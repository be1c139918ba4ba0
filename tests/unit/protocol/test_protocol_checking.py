"""Names in the library are looked up, and risky but valid choices get a caution."""

from collections.abc import Collection

import pytest
from protocol_cases import edit, trial_of

from lighttouch.core.instruments.library import read_library
from lighttouch.core.protocol.checking import check_names, check_trial, list_cautions
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.problems import add_lines
from lighttouch.core.protocol.reading import parse_trial

INSTRUMENTS = ("life_happiness", "cantril_ladder", "affect_six", "burnout", "job_satisfaction")


def ask_all(_questionnaire: str, _wave: str) -> Collection[str]:
    return (*INSTRUMENTS, "turnover_intentions", "affective_commitment")


def ask_nothing_late(_questionnaire: str, wave: str) -> Collection[str]:
    return () if wave == "endline" else ask_all("", wave)


def test_unknown_instruments_and_questionnaires_are_named_at_their_lines() -> None:
    text = library_text("swing")
    trial = parse_trial(text)
    faults = check_names(trial, instruments=INSTRUMENTS[1:], questionnaires=["swng"])
    faults = add_lines(faults, text)
    lines = text.splitlines()
    at = [lines[int(fault.where.split(",")[0].removeprefix("line ")) - 1] for fault in faults]
    assert at == [
        'questionnaire = "swing"',
        'questionnaire = "swing"',
        '    { instrument = "life_happiness" },',
        'derive = { from = "instrument", instrument = "turnover_intentions" }',
        'baseline = { wave = "baseline" }',
        'derive = { from = "instrument", instrument = "affective_commitment" }',
        'baseline = { wave = "baseline" }',
    ]
    assert "Did you mean swng?" in str(faults[0])


def test_an_instrument_that_the_questionnaire_does_not_ask_is_faulted() -> None:
    trial = trial_of("swing")
    known = (*INSTRUMENTS, "turnover_intentions", "affective_commitment")
    asked_all, faults = (
        check_names(trial, instruments=known, questionnaires=["swing"], asked=asked)
        for asked in (ask_all, ask_nothing_late)
    )
    assert asked_all == ()
    assert [fault.where for fault in faults] == [
        "outcomes[0].derive",
        "outcomes[0].derive",
        "outcomes[0].derive",
        "outcomes[1].derive",
        "outcomes[2].derive",
        "outcomes[3].derive",
        "outcomes[4].derive",
    ]
    assert "does not ask life_happiness at endline" in faults[0].what


def test_unknown_names_are_reported_before_what_is_asked() -> None:
    trial = trial_of("swing")
    faults = check_names(trial, instruments=[], questionnaires=["swing"], asked=ask_nothing_late)
    assert all("no instrument is called" in fault.what for fault in faults)


@pytest.mark.parametrize("name", library_names())
def test_the_library_of_instruments_holds_all_that_the_trial_files_name(name: str) -> None:
    library = read_library()
    faults = check_names(
        parse_trial(library_text(name)),
        instruments=library.instruments,
        questionnaires=library.questionnaires,
        asked=lambda questionnaire, wave: [one.id for one in library.asked(questionnaire, wave)],
    )
    assert faults == ()


def test_check_trial_names_the_key_where_parts_disagree() -> None:
    trial = trial_of("letters")
    broken = trial.model_copy(update={"composites": ()})
    assert "outcomes[0].derive.composite" in [fault.where for fault in check_trial(broken)]


CAUTIONS = {
    "no partner": ("gratitude", "[[population.partners]]", None, "population.partners"),
    "no launch": ("gratitude", "launch = 2021-03-01\n", "", "population.partners[0]"),
    "no power": ("swing", "[[power]]", None, "power"),
    "no icc": ("gratitude", "icc = 0.05\n", "", "power[0]"),
    "few clusters": ("gratitude", "clusters = 120", "clusters = 39", "power[0]"),
    "no primary": ("nine_day", 'role = "primary"', 'role = "secondary"', "outcomes"),
    "no registry": (
        "letters",
        'registry = "Open Science Framework"\n',
        "",
        "registration.registry",
    ),
    "no ethics": (
        "swing",
        'ethics = ["To be named by the research team"]\n',
        "",
        "registration.ethics",
    ),
}


@pytest.mark.parametrize("name", CAUTIONS)
def test_each_risky_choice_gets_its_caution(name: str) -> None:
    file, old, new, key = CAUTIONS[name]
    text = without_tables(file, old) if new is None else edit(file, (old, new))
    cautions = list_cautions(parse_trial(text))
    assert [caution.where for caution in cautions] == [key]
    assert cautions[0].remedy


def without_tables(file: str, heading: str) -> str:
    """Return a library file without the tables of one heading and what is assumed about them."""
    key = heading.strip("[]")
    kept, keep = [], True
    for block in library_text(file).split("\n\n"):
        if block.lstrip("# \n").startswith("[") or "\n[" in block:
            keep = heading not in block and f'key = "{key}' not in block
        if keep:
            kept.append(block)
    return "\n\n".join(kept)


def test_several_primary_outcomes_without_a_family_get_a_caution() -> None:
    family = (
        '[[analysis.families]]\nid = "primary"\nroles = ["primary"]\nmethod = "westfall_young"\n'
    )
    where = [caution.where for caution in list_cautions(trial_of("goal_setting", (family, "")))]
    assert where == ["analysis.families"]


def test_several_primary_outcomes_in_a_family_by_name_get_none() -> None:
    named = 'outcomes = ["attendance", "attendance_interim"]'
    changed = trial_of("goal_setting", ('roles = ["primary"]', named))
    assert list_cautions(changed) == ()


def test_cluster_sizes_one_by_one_are_counted() -> None:
    old = "clusters = 13\nmean_cluster_size = 29\ncluster_size_cv = 0.3"
    trial = trial_of("coffee", (old, f"cluster_sizes = [{', '.join(['29'] * 39)}]"))
    assert ["39 clusters" in caution.what for caution in list_cautions(trial)] == [True]


def test_a_given_trial_needs_no_launch() -> None:
    assert list_cautions(trial_of("diversity")) == ()
