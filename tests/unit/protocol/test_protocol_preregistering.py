"""The pre-registration text says what the trial file says, under the registry's headings."""

import pytest
from protocol_cases import trial_of

from lighttouch.core.protocol.library import library_names
from lighttouch.core.protocol.people import Condition
from lighttouch.core.protocol.preregistering import _condition, render_preregistration
from lighttouch.core.protocol.trial import Trial


def text_of(trial: Trial) -> str:
    return render_preregistration(trial, "f" * 64, "c" * 64)


def section(text: str, heading: str) -> str:
    """Return one section of the text."""
    return text.split(f"### {heading}\n\n")[1].split("\n\n#")[0]


@pytest.mark.parametrize("name", library_names())
def test_every_trial_has_every_heading_once_and_nothing_unfilled(name: str) -> None:
    text = text_of(trial_of(name))
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Study information",
        "## Design plan",
        "## Sampling plan",
        "## Variables",
        "## Analysis plan",
        "## Other",
    ]
    assert "None." not in section(text, "Measured variables").split("Covariates:")[0]
    assert "Span(" not in text
    assert "{" not in text


@pytest.mark.parametrize("name", library_names())
def test_every_outcome_arm_and_assumption_is_named(name: str) -> None:
    trial = trial_of(name)
    text = text_of(trial)
    names = [outcome.label for outcome in trial.outcomes]
    names += [arm.label for arm in trial.arms] + [wave.label for wave in trial.waves]
    assert [one for one in names if one not in text] == []
    assert [a.key for a in trial.assumed if f"- {a.key}: " not in text] == []


def test_the_fingerprint_and_the_commitment_are_printed() -> None:
    printed = section(text_of(trial_of("letters")), "Fingerprints")
    assert "f" * 64 in printed
    assert "c" * 64 in printed


def test_the_letters_trial_is_described_as_its_file_says() -> None:
    text = text_of(trial_of("letters"))
    assert "The unit of allocation is the participant. Shares are 1 to 1" in text
    assert "Southwark (cancelled)" in text
    assert "(leaving_date lies before launch)" in text
    assert "(manager_feedback equals false)" in text
    assert (
        "Endline, two months after launch; return on the time from launch to 2 months after launch,"
        " due 12 weeks after launch" in text
    )
    assert "missing below 3 months of service, scaled up to 12 months" in text
    assert "Variance: HC2 by participant." in text
    assert "Indicative marks, never called significant: 0.1, 0.2." in text
    assert "No baseline for: Days attended in the two months after launch." in text
    assert "920 participants, effect 0.6" in text
    assert "response 30%" in text


def test_clusters_strata_and_uptake_are_described() -> None:
    text = text_of(trial_of("goal_setting"))
    assert "4 equal parts of the cluster mean of days_attended, cut within each partner" in text
    assert "CR2 with Satterthwaite degrees of freedom" in text
    assert "290 clusters of 4.5 on average" in text
    assert "Completed (more than six log-ins) (login, at least 7)" in text
    assert "Westfall–Young" in text
    assert "equal parts of cluster size" in text_of(trial_of("coffee"))
    assert "(cluster smaller than 25)" in text_of(trial_of("coffee"))
    assert "equal parts of tenure_months" in text_of(trial_of("weekly_messages"))
    assert "the reference arm at baseline" in text_of(trial_of("nine_day"))


def test_a_given_allocation_asks_what_data_had_been_seen() -> None:
    text = text_of(trial_of("diversity"))
    assert "Say here which data had been seen." in section(text, "Existing data")
    assert "declared to have been blocked" in text
    assert "the column sift_score, times 100" in text
    assert "(vacancy_withdrawn equals yes)" in text


def test_a_single_arm_has_no_randomisation_and_no_effect() -> None:
    text = text_of(trial_of("nine_day"))
    assert section(text, "Randomisation").startswith("None. The authority offers")
    assert "no effect is estimated" in text
    assert "Randomisation test" not in text
    assert "thresholds: none" in text
    assert "leavers are missing" in text


CHANGES = {
    "named variance": (
        "letters",
        'variance = "design"',
        'variance = "HC3"',
        "Variance: HC3.",
    ),
    "value stratum": (
        "letters",
        'unit = "participant"',
        'unit = "participant"\nstrata = [{ by = "value", column = "role" }]',
        "strata are the values of role",
    ),
    "no blocks": (
        "letters",
        'blocks = ["partner"]',
        "blocks = []",
        "(Letter, Waitlist). Lighttouch draws",
    ),
    "sizes one by one": (
        "coffee",
        "clusters = 13\nmean_cluster_size = 29\ncluster_size_cv = 0.3",
        "cluster_sizes = [30, 28]",
        "clusters of 30, 28, effect 5",
    ),
    "house without terms": (
        "coffee",
        'covariates = ["female", "role", "employment", "goalsetting"]\nbaseline_outcome = true',
        "covariates = []\nbaseline_outcome = false",
        "adjusted for nothing.",
    ),
    "no adjustment": (
        "diversity",
        "stratum_effects = true",
        "stratum_effects = false",
        "Nothing is adjusted for.",
    ),
    "weights and subscales": (
        "letters",
        '{ instrument = "affect_six" }',
        '{ instrument = "affect_six", subscale = "negative_affect", weight = -1 }',
        "affect_six (negative_affect) times -1",
    ),
    "available components": (
        "letters",
        'missing_components = "complete"',
        'missing_components = "available"',
        "from the parts that are present",
    ),
    "prorated items": (
        "letters",
        'items = "complete"',
        'items = "prorate_half"',
        "half of the items, prorated",
    ),
    "illness only": (
        "letters",
        'absence = "overall"',
        'absence = "illness"',
        "absence through illness",
    ),
    "family by name": (
        "letters",
        'roles = ["exploratory"]',
        'outcomes = ["burnout"]',
        "Family exploratory (sharpened false-discovery q-values): Burnout.",
    ),
    "no reminders": (
        "letters",
        'reminders = ["10 weeks", "82 days"]\n',
        "reminders = []\n",
        "to 12 weeks after launch (E-mail",
    ),
    "no stopping rule": (
        "letters",
        'stopping_rule = "Fixed size; no interim look."\n',
        "",
        "### Stopping rule\n\nNot stated.",
    ),
    "no registry": (
        "letters",
        'registry = "Open Science Framework"\n',
        "",
        "- Registry not named",
    ),
    "difference in means": (
        "diversity",
        'estimator = "regression"',
        'estimator = "difference_in_means"',
        "Difference in means between arms; the estimand",
    ),
    "no partner": (
        "diversity",
        '[[population.partners]]\nid = "recruiting_council"\n'
        'name = "Recruiting council (to be named)"\n',
        "",
        "Not yet named.",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_choice_of_the_file_shows_in_the_text(name: str) -> None:
    file, old, new, words = CHANGES[name]
    assert words in text_of(trial_of(file, (old, new)))
    assert words not in text_of(trial_of(file))


def test_a_randomisation_test_that_is_not_run_is_not_promised() -> None:
    changed = trial_of("letters", ("use = true", "use = false"))
    assert "Randomisation test" in text_of(trial_of("letters"))
    assert "Randomisation test" not in text_of(changed)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition(column="role", one_of=("student", "other")), "role is one of student, other"),
        (Condition(column="team", missing=True), "team missing is true"),
        (Condition(column="tenure_months", below=3), "tenure_months is below 3.0"),
        (Condition(column="tenure_months", at_least=3), "tenure_months is at least 3.0"),
    ],
)
def test_every_test_of_a_condition_is_worded(condition: Condition, words: str) -> None:
    assert _condition(condition) == words
