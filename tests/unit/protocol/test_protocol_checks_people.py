"""Each disagreement about people, arms and interventions is faulted at its own key."""

import pytest
from protocol_cases import Case, check_case, edit, faults_of, keys_of

from lighttouch.core.protocol.columns import ROLES, STANDARD_SHAPES
from lighttouch.core.returns import columns

LETTERS, GOALS, COFFEE, GIVEN, NONE = "letters", "goal_setting", "coffee", "diversity", "nine_day"
EXCLUSION = 'when = { column = "leaving_date", before_launch = true }'
FEEDBACK = 'when = { column = "manager_feedback", equals = false }'

CASES = {
    "partner twice": Case(
        LETTERS, 'id = "dudley"', 'id = "southwark"', ("population.partners[3].id",), "more than"
    ),
    "year impossible": Case(
        LETTERS, "2019-09-16", "0019-09-16", ("population.partners[0].launch",), "the year"
    ),
    "role twice": Case(
        LETTERS, '"student", "manager"', '"student", "student"', ("population.roles[4]",), "listed"
    ),
    "role unknown": Case(
        LETTERS, '"student", "manager"', '"studnt", "manager"', ("population.roles[3]",), "student?"
    ),
    "exclusion twice": Case(
        LETTERS,
        'id = "no_manager_feedback"',
        'id = "left_before_start"',
        ("population.exclusions[1].id",),
        "more than once",
    ),
    "exclusion without test": Case(
        LETTERS, EXCLUSION, "", ("population.exclusions[0]",), "either when or cluster"
    ),
    "small clusters of people": Case(
        LETTERS,
        EXCLUSION,
        "cluster_smaller_than = 5",
        ("population.exclusions[0].cluster_smaller_than",),
        "no clusters are allocated",
    ),
    "no test": Case(
        LETTERS,
        EXCLUSION,
        'when = { column = "leaving_date" }',
        ("population.exclusions[0].when",),
        "exactly one test",
    ),
    "two tests": Case(
        LETTERS,
        EXCLUSION,
        'when = { column = "tenure_months", below = 3, missing = true }',
        ("population.exclusions[0].when",),
        "exactly one test",
    ),
    "launch test false": Case(
        LETTERS,
        "before_launch = true",
        "before_launch = false",
        ("population.exclusions[0].when.before_launch",),
        "can only be true",
    ),
    "column unknown": Case(
        LETTERS,
        EXCLUSION,
        'when = { column = "leaving_dat", before_launch = true }',
        ("population.exclusions[0].when.column",),
        "Did you mean leaving_date?",
    ),
    "launch test on text": Case(
        LETTERS,
        EXCLUSION,
        'when = { column = "team", before_launch = true }',
        ("population.exclusions[0].when.before_launch",),
        "team holds no date",
    ),
    "bound on text": Case(
        LETTERS,
        EXCLUSION,
        'when = { column = "team", below = 3 }',
        ("population.exclusions[0].when.below",),
        "team holds no number",
    ),
    "choice impossible": Case(
        LETTERS,
        EXCLUSION,
        'when = { column = "gender", equals = "Female" }',
        ("population.exclusions[0].when.equals",),
        "Did you mean female?",
    ),
    "choices impossible": Case(
        LETTERS,
        EXCLUSION,
        'when = { column = "role", one_of = ["student", "boss"] }',
        ("population.exclusions[0].when.one_of[1]",),
        "role never holds this",
    ),
    "yes as text": Case(
        LETTERS,
        FEEDBACK,
        'when = { column = "manager_feedback", equals = "no" }',
        ("population.exclusions[1].when.equals",),
        "true or false",
    ),
    "number as text": Case(
        LETTERS,
        FEEDBACK,
        'when = { column = "tenure_months", equals = "12" }',
        ("population.exclusions[1].when.equals",),
        "Write a number",
    ),
    "column twice": Case(
        COFFEE,
        "[[population.extra_columns]]",
        '[[population.extra_columns]]\nid = "goal_setting_arm"\nheading = "Arm"\nkind = "text"\n\n'
        "[[population.extra_columns]]",
        ("population.extra_columns[1].id",),
        "more than once",
    ),
    "column is standard": Case(
        LETTERS,
        "[[population.extra_columns]]",
        '[[population.extra_columns]]\nid = "days_attended"\nheading = "D"\nkind = "number"\n\n'
        "[[population.extra_columns]]",
        ("population.extra_columns[0].id",),
        "standard column or measure",
    ),
    "one choice": Case(
        COFFEE,
        'choices = ["programme", "control", "not_included"]',
        'choices = ["programme"]',
        ("population.extra_columns[0].choices",),
        "at least two choices",
    ),
    "choice twice": Case(
        COFFEE,
        '"control", "not_included"]',
        '"control", "control"]',
        ("population.extra_columns[0].choices[2]",),
        "more than once",
    ),
    "choices of a number": Case(
        LETTERS,
        "[[population.extra_columns]]",
        '[[population.extra_columns]]\nid = "x"\nheading = "X"\nkind = "number"\n'
        'choices = ["a", "b"]\n\n[[population.extra_columns]]',
        ("population.extra_columns[0].choices",),
        "a number column has no choices",
    ),
    "column at an unknown wave": Case(
        LETTERS,
        'waves = ["baseline"]',
        'waves = ["baseline", "midline"]',
        ("population.extra_columns[0].waves[1]",),
        "no wave with a return",
    ),
    "arm twice": Case(
        NONE,
        "[allocation]",
        '[[arms]]\nid = "nine_day_fortnight"\nlabel = "Other"\nreference = true\n\n[allocation]',
        ("arms[1].id", "allocation.method"),
        "more than once",
    ),
    "one arm to allocate": Case(
        NONE, 'method = "none"', 'method = "drawn"', ("arms",), "nothing to allocate"
    ),
    "no reference": Case(LETTERS, "reference = true\n", "", ("arms",), "no arm is the reference"),
    "two references": Case(
        LETTERS,
        'label = "Letter"',
        'label = "Letter"\nreference = true',
        ("arms[1].reference",),
        "two reference arms",
    ),
    "everybody waits": Case(
        LETTERS,
        'label = "Letter"',
        'label = "Letter"\nwaitlist = true',
        ("arms[0].waitlist",),
        "every arm waits",
    ),
    "no code": Case(GIVEN, 'code = "B"\n', "", ("arms[0]",), "has no code"),
    "code twice": Case(GIVEN, 'code = "B"', 'code = "A"', ("arms[1].code",), "more than once"),
    "code of a drawn arm": Case(
        LETTERS, 'label = "Letter"', 'label = "Letter"\ncode = "1"', ("arms[0].code",), "codes are"
    ),
    "arm unknown": Case(
        LETTERS, 'arm = "letter"', 'arm = "leter"', ("interventions[0].arm",), "Did you mean letter"
    ),
    "intervention twice": Case(
        LETTERS,
        'id = "later_letter"',
        'id = "recognition_letter"',
        ("interventions[1].id", "assumed[17].key"),
        "more than once",
    ),
    "step twice": Case(
        LETTERS,
        'id = "remind_managers"',
        'id = "ask_managers"',
        ("interventions[0].steps[1].id",),
        "more than once",
    ),
    "use twice": Case(
        GOALS,
        'id = "completed"',
        'id = "logged_in"',
        ("interventions[0].uptake[1].id",),
        "more than once",
    ),
    "negative duration": Case(
        LETTERS,
        'duration = "0 days"',
        'duration = "-1 week"',
        ("interventions[0].duration",),
        "negative",
    ),
    "backward steps": Case(
        GOALS,
        'every = "1 week"',
        'every = "0 days"',
        ("interventions[0].steps[4].every",),
        "move forward",
    ),
    "repeated once": Case(
        GOALS,
        'every = "1 week"\n',
        "",
        ("interventions[0].steps[4]",),
        "how often and how many times",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_disagreement_about_people_is_faulted_at_its_key(name: str) -> None:
    check_case(CASES[name])


def test_both_kinds_of_exclusion_at_once_are_refused() -> None:
    text = edit("coffee", (EXCLUSION, f"{EXCLUSION}\ncluster_smaller_than = 5"))
    assert keys_of(faults_of(text)) == ("population.exclusions[0]",)


@pytest.mark.parametrize(
    "test",
    [
        'column = "gender", equals = "female"',
        'column = "tenure_months", at_least = 3',
        'column = "tenure_months", one_of = [3, 4]',
        'column = "manager_feedback", missing = true',
        'column = "manager_feedback", equals = true',
        'column = "team", equals = "T1"',
    ],
)
def test_a_condition_that_the_column_can_meet_is_accepted(test: str) -> None:
    assert faults_of(edit("letters", (EXCLUSION, f"when = {{ {test} }}"))) == ()


def test_columns_of_given_tables_may_have_any_name() -> None:
    changed = ('column = "vacancy_withdrawn", equals = "yes"', 'column = "x9", at_least = 1')
    assert faults_of(edit("diversity", changed)) == ()


def test_the_protocol_knows_exactly_the_standard_columns_of_a_return() -> None:
    kinds = {"count": "number"}
    standard = {c.id: (kinds.get(c.kind, c.kind), c.choices) for c in columns.STANDARD}
    assert {k: (s.kind, s.choices) for k, s in STANDARD_SHAPES.items()} == standard
    assert columns.ROLES == ROLES
