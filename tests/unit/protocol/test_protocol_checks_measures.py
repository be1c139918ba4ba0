"""Each disagreement about composites, covariates and outcomes is faulted at its own key."""

import pytest
from protocol_cases import Case, check_case, edit, faults_of, keys_of

LETTERS, GOALS, COFFEE, GIVEN = "letters", "goal_setting", "coffee", "diversity"
COMPOSITE = 'derive = { from = "composite", composite = "subjective_wellbeing" }'
FEMALE = 'column = "gender"\ncoding = "indicator"\nvalue = "female"'

CASES = {
    "composite twice": Case(
        LETTERS,
        "[[composites]]",
        '[[composites]]\nid = "subjective_wellbeing"\nlabel = "Other"\ncomponents = [\n'
        '  { instrument = "burnout" }, { instrument = "job_satisfaction" },\n]\n'
        'standardise_by = "everyone"\n\n[[composites]]',
        ("composites[1].id",),
        "more than once",
    ),
    "component twice": Case(
        LETTERS,
        '{ instrument = "cantril_ladder" }',
        '{ instrument = "life_happiness" }',
        ("composites[0].components[1]",),
        "listed twice",
    ),
    "component without weight": Case(
        LETTERS,
        '{ instrument = "cantril_ladder" }',
        '{ instrument = "cantril_ladder", weight = 0 }',
        ("composites[0].components[1].weight",),
        "the weight is nothing",
    ),
    "composite unused": Case(
        LETTERS,
        COMPOSITE,
        'derive = { from = "instrument", instrument = "cantril_ladder" }',
        ("composites[0]",),
        "no outcome uses",
    ),
    "covariate twice": Case(
        "nine_day",
        'id = "employment"',
        'id = "role"',
        ("covariates[2].id",),
        "more than once",
    ),
    "covariate wave unknown": Case(
        LETTERS, FEMALE, f'{FEMALE}\nwave = "start"', ("covariates[0].wave",), "no wave is called"
    ),
    "covariate wave without return": Case(
        "swing", FEMALE, f'{FEMALE}\nwave = "endline"', ("covariates[0].wave",), "has no return"
    ),
    "covariate after launch": Case(
        LETTERS, FEMALE, f'{FEMALE}\nwave = "endline"', ("covariates[0].wave",), "after launch"
    ),
    "covariate column unknown": Case(
        LETTERS,
        'column = "gender"',
        'column = "gendr"',
        ("covariates[0].column",),
        "Did you mean gender?",
    ),
    "number of text": Case(
        LETTERS,
        FEMALE,
        'column = "gender"\ncoding = "numeric"',
        ("covariates[0].coding",),
        "holds no numbers",
    ),
    "indicator without value": Case(
        LETTERS, FEMALE, 'column = "gender"\ncoding = "indicator"', ("covariates[0]",), "as 1"
    ),
    "value without indicator": Case(
        LETTERS,
        'coding = "numeric"',
        'coding = "numeric"\nvalue = 3',
        ("covariates[3].value",),
        "value is for indicators",
    ),
    "categories without reference": Case(
        LETTERS,
        'reference = "social_worker"\n',
        "",
        ("covariates[1]", "assumed[14].key"),
        "one to compare",
    ),
    "reference without categories": Case(
        LETTERS,
        'coding = "numeric"',
        'coding = "numeric"\nreference = "x"',
        ("covariates[3].reference",),
        "reference is for categories",
    ),
    "value never held": Case(
        LETTERS, 'value = "female"', 'value = "Female"', ("covariates[0].value",), "mean female?"
    ),
    "reference never held": Case(
        LETTERS,
        'reference = "social_worker"',
        'reference = "worker"',
        ("covariates[1].reference",),
        "never holds this",
    ),
    "yes or no, misspelt": Case(
        LETTERS,
        FEMALE,
        'column = "manager_feedback"\ncoding = "indicator"\nvalue = "true"',
        ("covariates[0].value",),
        "Use one of: yes, no",
    ),
    "outcome label twice": Case(
        LETTERS,
        'label = "Motivation"',
        'label = "Subjective well-being"',
        ("outcomes[2].label",),
        "more than once",
    ),
    "outcome covariate unknown": Case(
        LETTERS,
        f"{COMPOSITE}\n",
        f'{COMPOSITE}\ncovariates = ["femal", "role", "role"]\n',
        ("outcomes[0].covariates[0]", "outcomes[0].covariates[2]"),
        "Did you mean female?",
    ),
    "turnover as a number": Case(
        GOALS, 'kind = "binary"', 'kind = "count"', ("outcomes[2].kind",), "yes or no"
    ),
    "outcome wave unknown": Case(
        LETTERS,
        'role = "primary"\nwave = "endline"',
        'role = "primary"\nwave = "endlin"',
        ("outcomes[0].wave",),
        "Did you mean endline?",
    ),
    "outcome before launch": Case(
        LETTERS,
        f'wave = "endline"\n{COMPOSITE}\nunit = "sum of three z-scores"\n'
        'baseline = { wave = "baseline" }',
        f'wave = "baseline"\n{COMPOSITE}\nunit = "sum of three z-scores"',
        ("outcomes[0].wave",),
        "over by launch",
    ),
    "composite unknown": Case(
        LETTERS,
        COMPOSITE,
        'derive = { from = "composite", composite = "wellbeing" }',
        # the outcome itself, its baseline, and the composite that is now used by nobody
        ("composites[0]", "outcomes[0].derive.composite", "outcomes[0].baseline.derive.composite"),
        "no outcome uses",
    ),
    "nothing scaled": Case(
        GIVEN, "scale = 100.0", "scale = 0", ("outcomes[4].derive.scale",), "erases the outcome"
    ),
    "no survey to derive from": Case(
        GOALS,
        f'wave = "endline"\n{COMPOSITE}',
        f'wave = "interim"\n{COMPOSITE}',
        ("outcomes[4].wave",),
        "has no survey",
    ),
    "no return to derive from": Case(
        "swing",
        f'{COMPOSITE}\nunit = "sum of three z-scores"\nbaseline = {{ wave = "baseline" }}',
        'derive = { from = "return", measure = "illness_days" }\nunit = "days"',
        ("composites[0]", "outcomes[0].wave"),
        "no outcome uses",
    ),
    "no table to derive from": Case(
        LETTERS,
        'derive = { from = "instrument", instrument = "prosocial_impact" }\n'
        'unit = "points, 3 to 21"\nbaseline = { wave = "baseline" }',
        'derive = { from = "column", column = "x" }\nunit = "points"',
        ("outcomes[6].wave",),
        "has no table",
    ),
    "absence of turnover": Case(
        GOALS,
        'derive = { from = "return", measure = "turnover" }',
        'derive = { from = "return", measure = "turnover", absence = "illness" }',
        ("outcomes[2].derive.absence",),
        "days_attended only",
    ),
    "turnover scaled up": Case(
        GOALS,
        'derive = { from = "return", measure = "turnover" }',
        'derive = { from = "return", measure = "turnover", prorate_below_months = 12 }',
        ("outcomes[2].derive.prorate_below_months",),
        "cannot be scaled up",
    ),
    "service bounds crossed": Case(
        LETTERS,
        "missing_below_months = 3",
        "missing_below_months = 12",
        ("outcomes[1].baseline.derive.prorate_below_months",),
        "nobody lies between",
    ),
    "baseline wave unknown": Case(
        LETTERS,
        'baseline = { wave = "baseline" }',
        'baseline = { wave = "basline" }',
        ("outcomes[0].baseline.wave",),
        "Did you mean baseline?",
    ),
    "baseline at the outcome's wave": Case(
        LETTERS,
        'baseline = { wave = "baseline" }',
        'baseline = { wave = "endline" }',
        ("outcomes[0].baseline.wave", "outcomes[0].baseline.wave"),
        "not before the outcome",
    ),
    "baseline after launch": Case(
        GOALS,
        '[outcomes.baseline]\nwave = "baseline"',
        '[outcomes.baseline]\nwave = "interim"',
        ("outcomes[0].baseline.wave",),
        "runs on after launch",
    ),
    "no primary outcome": Case(
        "swing", 'role = "primary"', 'role = "secondary"', ("outcomes",), "no outcome is primary"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_disagreement_about_measures_is_faulted_at_its_key(name: str) -> None:
    check_case(CASES[name])


def test_leaving_cannot_be_missing_for_new_staff_either() -> None:
    turnover = 'derive = { from = "return", measure = "turnover" }'
    changed = turnover.replace(" }", ", missing_below_months = 3 }")
    text = edit("goal_setting", (turnover, changed))
    assert keys_of(faults_of(text)) == ("outcomes[2].derive.missing_below_months",)


def test_an_outcome_declared_twice_is_faulted() -> None:
    text = edit("swing", ('id = "job_satisfaction"', 'id = "burnout"'))
    assert keys_of(faults_of(text)) == ("outcomes[2].id",)


def test_the_baseline_of_a_given_outcome_may_be_another_column_of_the_same_table() -> None:
    column = 'derive = { from = "column", column = "shortlisted" }\n'
    same = 'baseline = { wave = "shortlist" }\n'
    other = 'baseline = { wave = "shortlist", derive = { from = "column", column = "z" } }\n'
    assert faults_of(edit("diversity", (column, column + other))) == ()
    assert keys_of(faults_of(edit("diversity", (column, column + same)))) == (
        "outcomes[2].baseline.wave",
    )


def test_a_covariate_of_a_given_trial_is_any_column_of_its_table() -> None:
    covariate = (
        '[[covariates]]\nid = "age"\nlabel = "Age"\ncolumn = "Age at application"\n'
        'wave = "shortlist"\ncoding = "numeric"\n\n# Primary'
    )
    assert faults_of(edit("diversity", ("# Primary", covariate))) == ()


def test_a_pilot_may_have_no_primary_outcome() -> None:
    assert faults_of(edit("nine_day", ('role = "primary"', 'role = "secondary"'))) == ()


def test_a_yes_or_no_column_can_be_an_indicator() -> None:
    changed = 'column = "manager_feedback"\ncoding = "indicator"\nvalue = "yes"'
    assert faults_of(edit("letters", (FEMALE, changed))) == ()
