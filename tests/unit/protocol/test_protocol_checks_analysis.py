"""Each disagreement about analysis, power, retention and assumptions is faulted at its own key."""

import pytest
from protocol_cases import Case, check_case, edit, faults_of, keys_of

LETTERS, GOALS, COFFEE, GIVEN = "letters", "goal_setting", "coffee", "diversity"
BALANCE = 'balance = ["role", "employment"]'
POWER = "participants = 920"
CLUSTERS = "clusters = 290\nmean_cluster_size = 4.5\ncluster_size_cv = 0.5"

CASES = {
    "covariate unknown": Case(
        LETTERS,
        'covariates = ["female", "role",',
        'covariates = ["femal", "role",',
        ("analysis.covariates[0]",),
        "Did you mean female?",
    ),
    "covariate twice": Case(
        LETTERS,
        'covariates = ["female", "role",',
        'covariates = ["role", "role",',
        ("analysis.covariates[1]",),
        "more than once",
    ),
    "balance unknown": Case(
        LETTERS, BALANCE, 'balance = ["age"]', ("analysis.balance[0]",), "outcome with a baseline"
    ),
    "further twice": Case(
        GOALS,
        'id = "focus_group"',
        'id = "cost_benefit"',
        ("analysis.further[1].id",),
        "more than once",
    ),
    "house covariate unknown": Case(
        LETTERS,
        '[analysis.house]\ncovariates = ["female"',
        '[analysis.house]\ncovariates = ["sex"',
        ("analysis.house.covariates[0]",),
        "no covariate is called sex",
    ),
    "house covariate twice": Case(
        LETTERS,
        '[analysis.house]\ncovariates = ["female"',
        '[analysis.house]\ncovariates = ["role"',
        ("analysis.house.covariates[1]",),
        "more than once",
    ),
    "house baseline unknown": Case(
        LETTERS,
        'without_baseline = ["attendance"]',
        'without_baseline = ["turnover"]',
        ("analysis.house.without_baseline[0]",),
        "no outcome with a baseline",
    ),
    "house baseline twice off": Case(
        LETTERS,
        'baseline_outcome = true\nwithout_baseline = ["attendance"]',
        'baseline_outcome = false\nwithout_baseline = ["attendance"]',
        ("analysis.house.without_baseline",),
        "no house model has a baseline",
    ),
    "people's variance of clusters": Case(
        GOALS, 'variance = "design"', 'variance = "HC2"', ("analysis.variance",), "one by one"
    ),
    "clusters' variance of people": Case(
        LETTERS, 'variance = "design"', 'variance = "CR3"', ("analysis.variance",), "no clusters"
    ),
    "clusters' estimand of people": Case(
        LETTERS,
        'estimand = "participant_average"',
        'estimand = "cluster_average"',
        ("analysis.estimand",),
        "no clusters",
    ),
    "covariates of a difference": Case(
        LETTERS,
        'estimator = "regression"',
        'estimator = "difference_in_means"',
        ("analysis.covariates",),
        "has no covariates",
    ),
    "threshold twice": Case(
        LETTERS,
        "[0.05, 0.01, 0.001]",
        "[0.05, 0.05]",
        ("analysis.thresholds[1]",),
        "more than once",
    ),
    "threshold impossible": Case(
        COFFEE,
        "indicative_thresholds = [0.1, 0.2]",
        "indicative_thresholds = [0.1, 5]",
        ("analysis.indicative_thresholds[1]",),
        "between 0 and 1",
    ),
    "indicative mark too strong": Case(
        LETTERS,
        "indicative_thresholds = [0.1, 0.2]",
        "indicative_thresholds = [0.05, 0.2]",
        ("analysis.indicative_thresholds[0]",),
        "Use a value above 0.05",
    ),
    "family twice": Case(
        LETTERS,
        'id = "exploratory"\nroles',
        'id = "secondary"\nroles',
        ("analysis.families[1].id",),
        "more than once",
    ),
    "family empty": Case(
        LETTERS, 'roles = ["exploratory"]\n', "", ("analysis.families[1]",), "the family is empty"
    ),
    "family outcome unknown": Case(
        LETTERS,
        'roles = ["exploratory"]',
        'outcomes = ["burnt"]',
        ("analysis.families[1].outcomes[0]",),
        "no outcome is called burnt",
    ),
    "family role unused": Case(
        LETTERS,
        'roles = ["exploratory"]',
        'roles = ["mechanism"]',
        ("analysis.families[1].roles[0]",),
        "Use one of: exploratory, primary, secondary",
    ),
    "outcome in two families": Case(
        LETTERS,
        'roles = ["exploratory"]',
        'outcomes = ["belonging", "burnout"]',
        ("analysis.families[1]",),
        "already in the family secondary",
    ),
    "power outcome unknown": Case(
        LETTERS,
        '[[power]]\noutcome = "wellbeing"',
        '[[power]]\noutcome = "welbeing"',
        ("power[0].outcome", "assumed[15].key", "assumed[16].key"),
        "Did you mean wellbeing?",
    ),
    "size in two ways": Case(
        LETTERS,
        POWER,
        f"{POWER}\ncluster_sizes = [3, 4]",
        ("power[0]",),
        "more than one",
    ),
    "half a size": Case(
        GOALS, "clusters = 290\n", "", ("power[0]",), "half of the size is missing"
    ),
    "people's size of clusters": Case(
        GOALS, CLUSTERS, POWER, ("power[0].participants",), "clusters are allocated"
    ),
    "clusters' size of people": Case(
        LETTERS,
        POWER,
        CLUSTERS,
        ("power[0]", "assumed[15].key"),
        "no clusters are allocated",
    ),
    "sizes impossible": Case(
        COFFEE,
        "clusters = 13\nmean_cluster_size = 29\ncluster_size_cv = 0.3",
        "cluster_sizes = [30, 0]",
        ("power[0].cluster_sizes",),
        "not the sizes of clusters",
    ),
    "kept for less than nothing": Case(
        LETTERS,
        'delete_after = "12 months"',
        'delete_after = "-12 months"',
        ("retention.delete_after",),
        "too early",
    ),
    "assumed twice": Case(
        LETTERS,
        'key = "analysis.missing.items"',
        'key = "analysis.families"',
        ("assumed[13].key",),
        "more than once",
    ),
    "assumed nothing": Case(
        LETTERS,
        'key = "analysis.missing.items"',
        'key = "analysis.missing.item"',
        ("assumed[13].key",),
        "Did you mean items?",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_disagreement_about_the_analysis_is_faulted_at_its_key(name: str) -> None:
    check_case(CASES[name])


@pytest.mark.parametrize("design", ["undeclared", "bernoulli"])
def test_westfall_young_needs_a_declared_design(design: str) -> None:
    changes = (('design = "blocked"', f'design = "{design}"'), ('"holm"', '"westfall_young"'))
    expected = ("analysis.families[0].method",) if design == "undeclared" else ()
    assert keys_of(faults_of(edit("diversity", *changes))) == expected


def test_westfall_young_has_nothing_to_draw_again_in_a_single_arm() -> None:
    family = '[[analysis.families]]\nid = "s"\nroles = ["secondary"]\nmethod = "westfall_young"\n'
    text = edit("nine_day", ("[[analysis.further]]", f"{family}\n[[analysis.further]]"))
    assert keys_of(faults_of(text)) == ("analysis.families[0].method",)


def test_an_assumption_may_name_an_element_by_position() -> None:
    key = 'key = "analysis.missing.items"'
    changed = 'key = "outcomes[1].derive.absence"'
    absence = 'key = "outcomes.attendance.derive.absence"'
    assert faults_of(edit("letters", (key, changed))) == ()
    assert faults_of(edit("letters", (absence, 'key = "waves.0.survey.opens"'))) == ()


def test_an_assumption_below_a_plain_value_leads_nowhere() -> None:
    text = edit("letters", ('key = "analysis.missing.items"', 'key = "title.length"'))
    assert "Write the path of a key" in str(faults_of(text)[0])


def test_sizes_may_be_given_one_by_one() -> None:
    sizes = "cluster_sizes = [25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37]"
    old = "clusters = 13\nmean_cluster_size = 29\ncluster_size_cv = 0.3"
    assert faults_of(edit("coffee", (old, sizes))) == ()


def test_a_trial_without_a_house_specification_or_thresholds_is_accepted() -> None:
    assert faults_of(edit("swing", ("thresholds = [0.05, 0.01, 0.001]", "thresholds = []"))) == ()
