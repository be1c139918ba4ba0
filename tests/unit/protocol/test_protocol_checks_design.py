"""Each disagreement about allocation and waves is faulted at its own key."""

import pytest
from protocol_cases import Case, check_case, edit, faults_of, keys_of

LETTERS, GOALS, COFFEE, GIVEN, NONE = "letters", "goal_setting", "coffee", "diversity", "nine_day"

CASES = {
    "strata of nothing": Case(
        NONE,
        'method = "none"',
        'method = "none"\nstrata = [{ by = "value", column = "role" }]',
        ("allocation",),
        "no unit and no strata",
    ),
    "design of a drawn trial": Case(
        LETTERS,
        'method = "drawn"',
        'method = "drawn"\ndesign = "bernoulli"',
        ("allocation.design",),
        "describes a given allocation",
    ),
    "arm in no table": Case(
        GIVEN, 'arm = "version"\n', "", ("allocation.method",), "is in no table"
    ),
    "cluster in no table": Case(
        GIVEN, 'cluster = "vacancy_id"\n', "", ("allocation.unit",), "no table says which vacancy"
    ),
    "table of a drawn trial": Case(
        LETTERS,
        '[[waves]]\nid = "endline"\nlabel = "Endline, two months after launch"\n',
        '[[waves]]\nid = "endline"\nlabel = "Endline"\n'
        'table = { file = "a.csv", participant = "id" }\n',
        ("waves[1].table",),
        "randomised elsewhere",
    ),
    "unit unknown": Case(
        GOALS, 'unit = "team"', 'unit = "tem"', ("allocation.unit",), "Did you mean team?"
    ),
    "block unknown": Case(
        LETTERS,
        'blocks = ["partner"]',
        'blocks = ["partner", "site"]',
        ("allocation.blocks[1]",),
        "no column site",
    ),
    "block twice": Case(
        LETTERS,
        'blocks = ["partner"]',
        'blocks = ["partner", "partner"]',
        ("allocation.blocks[1]",),
        "more than once",
    ),
    "stratum column unknown": Case(
        GOALS,
        'column = "days_attended"',
        'column = "days_atended"',
        ("allocation.strata[0].column",),
        "Did you mean days_attended?",
    ),
    "quantiles of text": Case(
        GOALS,
        'column = "days_attended"',
        'column = "role"',
        ("allocation.strata[0].column",),
        "column of numbers",
    ),
    "value column unknown": Case(
        LETTERS,
        'unit = "participant"',
        'unit = "participant"\nstrata = [{ by = "value", column = "rle" }]',
        ("allocation.strata[0].column",),
        "no column called rle",
    ),
    "cluster mean of people": Case(
        LETTERS,
        'unit = "participant"',
        'unit = "participant"\nstrata = [{ by = "quantile", of = "cluster_mean", '
        'column = "days_attended", groups = 2 }]',
        ("allocation.strata[0].of",),
        "no clusters are allocated",
    ),
    "size with a column": Case(
        COFFEE,
        'of = "cluster_size"',
        'of = "cluster_size"\ncolumn = "days_attended"',
        ("allocation.strata[0].column",),
        "needs no column",
    ),
    "mean without a column": Case(
        COFFEE, 'of = "cluster_size"', 'of = "cluster_mean"', ("allocation.strata[0]",), "missing"
    ),
    "wave twice": Case(
        "swing",
        "# What each arm gets",
        '[[waves]]\nid = "endline"\nlabel = "Again"\nreturn = { starts = "0 days", '
        'ends = "1 year", due = "1 year" }\n\n# What each arm gets',
        ("waves[2].id",),
        "more than once",
    ),
    "wave label twice": Case(
        LETTERS,
        'label = "Endline, two months after launch"',
        'label = "Baseline"',
        ("waves[1].label",),
        "more than once",
    ),
    "empty wave": Case(
        LETTERS,
        "# What each arm gets",
        '[[waves]]\nid = "late"\nlabel = "Late"\n\n# What each arm gets',
        ("waves[2]",),
        "collects nothing",
    ),
    "period backwards": Case(
        LETTERS,
        'starts = "0 days"\nends = "2 months"',
        'starts = "2 months"\nends = "2 months"',
        ("waves[1].return.ends",),
        "ends before it starts",
    ),
    "due too early": Case(
        LETTERS, 'due = "12 weeks"', 'due = "8 weeks"', ("waves[1].return.due",), "due before"
    ),
    "survey backwards": Case(
        "nine_day",
        'opens = "6 months"',
        'opens = "28 weeks"',
        ("waves[1].survey.closes", "waves[1].survey.reminders[0]"),
        "closes before it opens",
    ),
    "reminder too late": Case(
        LETTERS,
        '"82 days"]',
        '"90 days"]',
        ("waves[1].survey.reminders[1]",),
        "outside the survey",
    ),
    "waves out of order": Case(
        COFFEE,
        'id = "interim"\nlabel = "Interim, three months after launch"\n\n[waves.return]\n'
        'starts = "0 days"\nends = "3 months"\ndue = "15 weeks"',
        'id = "interim"\nlabel = "Interim"\n\n[waves.return]\n'
        'starts = "0 days"\nends = "9 months"\ndue = "50 weeks"',
        ("waves[2]",),
        "order of time",
    ),
    "arm column is the participant's": Case(
        GIVEN, 'arm = "version"', 'arm = "application_id"', ("waves[0].table.arm",), "two things"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_disagreement_about_the_design_is_faulted_at_its_key(name: str) -> None:
    check_case(CASES[name])


def test_a_drawn_trial_needs_a_list_of_people_before_launch() -> None:
    late = edit("swing", ('ends = "-1 month"\ndue = "-3 weeks"', 'ends = "1 day"\ndue = "1 day"'))
    assert "waves[0]" in keys_of(faults_of(late))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../other/a.csv", "a/../../b.csv", "C:/a.csv", "a\\\\b.csv"]
)
def test_a_table_outside_the_study_is_refused(path: str) -> None:
    text = edit("diversity", ("tables/applications.csv", path))
    assert keys_of(faults_of(text)) == ("waves[0].table.file",)


def test_people_may_be_allocated_by_a_column_of_their_own() -> None:
    column = (
        '[[population.extra_columns]]\nid = "site"\nheading = "Site"\nkind = "text"\n\n[[arms]]'
    )
    changes = (("[[arms]]", column), ('unit = "building"', 'unit = "site"'))
    assert faults_of(edit("coffee", *changes)) == ()


def test_strata_may_be_values_of_a_column() -> None:
    strata = 'unit = "participant"\nstrata = [{ by = "value", column = "role" }]'
    assert faults_of(edit("letters", ('unit = "participant"', strata))) == ()


def test_the_strata_of_a_given_trial_may_be_any_column() -> None:
    strata = 'unit = "vacancy"\nstrata = [{ by = "value", column = "grade" }]'
    assert faults_of(edit("diversity", ('unit = "vacancy"', strata))) == ()


def test_a_given_trial_of_participants_needs_no_cluster() -> None:
    changes = (
        ('unit = "vacancy"', 'unit = "participant"'),
        ('cluster = "vacancy_id"\n', ""),
        (
            "clusters = 60\nmean_cluster_size = 20\ncluster_size_cv = 0.7\nicc = 0.03",
            "participants = 9",
        ),
    )
    assert faults_of(edit("diversity", *changes)) == ()
