"""Checks on the registered analysis, the power assumptions and what follows them."""

from collections.abc import Iterator

from lighttouch.core.protocol.analysis import Analysis, PowerAssumptions
from lighttouch.core.protocol.checks_people import find_repeated_names, find_repeats, find_unknown
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.paths import resolve_key
from lighttouch.core.protocol.problems import Problem, name_choices
from lighttouch.core.protocol.trial import Trial


def find_analysis_problems(trial: Trial) -> Iterator[Problem]:
    """Yield the problems of analysis, power, retention and assumed."""
    yield from _find_term_problems(trial)
    yield from _find_fit_problems(trial)
    yield from _find_threshold_problems(trial.analysis)
    yield from _find_family_problems(trial)
    for index, power in enumerate(trial.power):
        yield from _find_power_problems(trial, power, ("power", index))
    if trial.retention.delete_after.count < 0:
        yield Problem(
            ("retention", "delete_after"), "the data would be deleted too early", "Drop the minus"
        )
    yield from _find_assumed_problems(trial)


def _find_term_problems(trial: Trial) -> Iterator[Problem]:
    """Yield covariates and outcomes that the analysis names and the file does not declare."""
    analysis, path = trial.analysis, ("analysis",)
    covariates = [covariate.id for covariate in trial.covariates]
    baselines = [outcome.id for outcome in trial.outcomes if outcome.baseline]
    yield from find_unknown((*path, "covariates"), analysis.covariates, covariates, "covariate")
    yield from find_repeated_names((*path, "covariates"), analysis.covariates)
    yield from find_unknown(
        (*path, "balance"),
        analysis.balance,
        [*covariates, *baselines],
        "covariate or outcome with a baseline",
    )
    yield from find_repeats((*path, "further"), "id", [part.id for part in analysis.further])
    house = analysis.house
    if house is None:
        return
    yield from find_unknown(
        (*path, "house", "covariates"), house.covariates, covariates, "covariate"
    )
    yield from find_repeated_names((*path, "house", "covariates"), house.covariates)
    yield from find_unknown(
        (*path, "house", "without_baseline"),
        house.without_baseline,
        baselines,
        "outcome with a baseline",
    )
    if house.without_baseline and not house.baseline_outcome:
        yield Problem(
            (*path, "house", "without_baseline"),
            "no house model has a baseline term",
            "Leave the key out, or set baseline_outcome = true",
        )


def _find_fit_problems(trial: Trial) -> Iterator[Problem]:
    """Yield choices of the analysis that do not fit what is allocated."""
    analysis, path = trial.analysis, ("analysis",)
    if trial.clustered and analysis.variance in ("HC2", "HC3"):
        yield Problem(
            (*path, "variance"),
            "clusters are allocated, and this variance takes people one by one",
            "Use design, CR2 or CR3; the house specification prints the other beside it",
        )
    if not trial.clustered and analysis.variance in ("CR2", "CR3"):
        yield Problem((*path, "variance"), "no clusters are allocated", "Use design, HC2 or HC3")
    if not trial.clustered and analysis.estimand == "cluster_average":
        yield Problem((*path, "estimand"), "no clusters are allocated", 'Use "participant_average"')
    if analysis.estimator == "difference_in_means" and analysis.covariates:
        yield Problem(
            (*path, "covariates"),
            "a difference in means has no covariates",
            'Leave them out, or set estimator = "regression"',
        )


def _find_threshold_problems(analysis: Analysis) -> Iterator[Problem]:
    largest = max(analysis.thresholds, default=0.0)
    for key in ("thresholds", "indicative_thresholds"):
        values = getattr(analysis, key)
        yield from find_repeated_names(("analysis", key), values)
        for index, value in enumerate(values):
            if not 0 < value < 1:
                yield Problem(
                    ("analysis", key, index), "a threshold lies between 0 and 1", "Correct it"
                )
    for index, value in enumerate(analysis.indicative_thresholds):
        if value <= largest:
            yield Problem(
                ("analysis", "indicative_thresholds", index),
                "an indicative mark must be weaker than every registered threshold",
                f"Use a value above {largest:g}",
            )


def _find_family_problems(trial: Trial) -> Iterator[Problem]:
    families = trial.analysis.families
    path: Path = ("analysis", "families")
    yield from find_repeats(path, "id", [family.id for family in families])
    outcomes = [outcome.id for outcome in trial.outcomes]
    roles = {outcome.role for outcome in trial.outcomes}
    taken: dict[str, str] = {}
    for index, family in enumerate(families):
        here = (*path, index)
        if not family.roles and not family.outcomes:
            yield Problem(here, "the family is empty", "Name roles or outcomes")
        yield from find_unknown((*here, "outcomes"), family.outcomes, outcomes, "outcome")
        yield from find_unknown((*here, "roles"), family.roles, sorted(roles), "outcome's role")
        yield from _find_shared_problems(trial, index, taken)
        if family.method == "westfall_young" and not _has_design(trial):
            yield Problem(
                (*here, "method"),
                "Westfall–Young draws the allocation again, and no design is declared",
                'Use "holm", or declare allocation.design',
            )


def _find_shared_problems(trial: Trial, index: int, taken: dict[str, str]) -> Iterator[Problem]:
    """Yield outcomes that an earlier family holds; add this family's to ``taken``."""
    family = trial.analysis.families[index]
    by_role = dict.fromkeys(o.id for o in trial.outcomes if o.role in family.roles)
    members = [*by_role, *family.outcomes]
    for name in members:
        if name in taken:
            yield Problem(
                ("analysis", "families", index),
                f"the outcome {name} is already in the family {taken[name]}",
                "Keep each outcome in one family",
            )
        taken[name] = family.id


def _has_design(trial: Trial) -> bool:
    allocation = trial.allocation
    return allocation.method == "drawn" or (
        allocation.method == "given" and allocation.design != "undeclared"
    )


def _find_power_problems(trial: Trial, power: PowerAssumptions, path: Path) -> Iterator[Problem]:
    outcomes = [outcome.id for outcome in trial.outcomes]
    if power.outcome not in outcomes:
        yield Problem(
            (*path, "outcome"),
            f"no outcome is called {power.outcome}",
            name_choices(power.outcome, outcomes),
        )
    by_mean = power.clusters is not None or power.mean_cluster_size is not None
    ways = [power.participants is not None, bool(power.cluster_sizes), by_mean]
    if sum(ways) != 1:
        yield Problem(
            path,
            "the size is said in no way, or in more than one",
            "Give participants, or cluster_sizes, or clusters with mean_cluster_size",
        )
    elif by_mean and (power.clusters is None or power.mean_cluster_size is None):
        yield Problem(path, "half of the size is missing", "Give clusters and mean_cluster_size")
    elif trial.clustered and power.participants is not None:
        yield Problem(
            (*path, "participants"),
            "clusters are allocated",
            "Give cluster_sizes, or clusters with mean_cluster_size",
        )
    elif not trial.clustered and power.participants is None:
        yield Problem(path, "no clusters are allocated", "Give participants")
    if any(size < 1 for size in power.cluster_sizes) or len(power.cluster_sizes) == 1:
        yield Problem(
            (*path, "cluster_sizes"), "these are not the sizes of clusters", "Give one per cluster"
        )


def _find_assumed_problems(trial: Trial) -> Iterator[Problem]:
    yield from find_repeats(("assumed",), "key", [choice.key for choice in trial.assumed])
    data = trial.model_dump(by_alias=True, exclude_unset=True)
    for index, choice in enumerate(trial.assumed):
        missing = resolve_key(choice.key, data)
        if missing is not None:
            yield Problem(
                ("assumed", index, "key"),
                f"nothing in the file is called {missing.name} there",
                name_choices(missing.name, missing.known, none="Write the path of a key"),
            )
