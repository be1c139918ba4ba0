"""Checks on who takes part and what they are allocated to."""

from collections.abc import Iterable, Iterator, Sequence

from lighttouch.core.protocol.columns import (
    RESERVED,
    ROLES,
    STANDARD_SHAPES,
    measure_names,
    return_columns,
)
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.people import Condition, ExtraColumn, Intervention
from lighttouch.core.protocol.problems import Problem, name_choices
from lighttouch.core.protocol.trial import Trial

_YEARS = range(1990, 2101)
_TESTS = ("equals", "one_of", "missing", "below", "at_least", "before_launch")


def find_repeats(path: Path, key: str, values: Sequence[str | None]) -> Iterator[Problem]:
    """Yield a problem for every value already used by an earlier element of a list of tables."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value is None:
            continue
        if value in seen:
            yield Problem(
                (*path, index, key),
                f"{value} is used more than once",
                f"Give each of these its own {key}",
            )
        seen.add(value)


def find_repeated_names(path: Path, names: Sequence[object]) -> Iterator[Problem]:
    """Yield a problem for every name already in an earlier place of a plain list."""
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Problem((*path, index), f"{name} is listed more than once", "Keep one of the two")


def find_unknown(
    path: Path, names: Iterable[str], known: Iterable[str], kind: str
) -> Iterator[Problem]:
    """Yield a problem for every name of a list that was not declared."""
    choices = tuple(known)
    for index, name in enumerate(names):
        if name not in choices:
            yield Problem(
                (*path, index), f"no {kind} is called {name}", name_choices(name, choices)
            )


def find_people_problems(trial: Trial) -> Iterator[Problem]:
    """Yield the problems of population, arms and interventions."""
    yield from _find_partner_problems(trial)
    yield from _find_exclusion_problems(trial)
    yield from _find_column_problems(trial)
    yield from _find_arm_problems(trial)
    yield from _find_intervention_problems(trial)


def _find_partner_problems(trial: Trial) -> Iterator[Problem]:
    path: Path = ("population", "partners")
    partners = trial.population.partners
    yield from find_repeats(path, "id", [partner.id for partner in partners])
    yield from find_repeated_names(("population", "roles"), trial.population.roles)
    if trial.allocation.method != "given":
        yield from find_unknown(("population", "roles"), trial.population.roles, ROLES, "role")
    for index, partner in enumerate(partners):
        if partner.launch and partner.launch.year not in _YEARS:
            yield Problem((*path, index, "launch"), "the year cannot be right", "Correct the date")


def _find_exclusion_problems(trial: Trial) -> Iterator[Problem]:
    path: Path = ("population", "exclusions")
    yield from find_repeats(path, "id", [rule.id for rule in trial.population.exclusions])
    for index, rule in enumerate(trial.population.exclusions):
        if (rule.when is None) == (rule.cluster_smaller_than is None):
            yield Problem(
                (*path, index),
                "an exclusion has either when or cluster_smaller_than",
                "Keep one of the two; write two exclusions if both are meant",
            )
        if rule.cluster_smaller_than is not None and not trial.clustered:
            yield Problem(
                (*path, index, "cluster_smaller_than"),
                "no clusters are allocated",
                "Leave the exclusion out, or set allocation.unit to the cluster",
            )
        if rule.when is not None:
            yield from _find_condition_problems(trial, rule.when, (*path, index, "when"))


def _find_condition_problems(trial: Trial, when: Condition, path: Path) -> Iterator[Problem]:
    tests = [test for test in _TESTS if getattr(when, test) is not None]
    if len(tests) != 1:
        yield Problem(
            path, "a condition makes exactly one test", f"Keep one of: {', '.join(_TESTS)}"
        )
        return
    if when.before_launch is False:
        yield Problem(
            (*path, "before_launch"), "the test can only be true", "Write before_launch = true"
        )
    if trial.allocation.method == "given":
        return
    columns = return_columns(trial, trial.baseline_wave.id)
    if when.column not in columns:
        yield Problem(
            (*path, "column"),
            f"the baseline return has no column {when.column}",
            name_choices(when.column, columns, none=""),
        )
        return
    shape = columns[when.column]
    wanted = {"below": "number", "at_least": "number", "before_launch": "date"}.get(tests[0])
    if wanted and shape.kind != wanted:
        yield Problem(
            (*path, tests[0]),
            f"{when.column} holds no {wanted}",
            "Test another column, or use equals, one_of or missing",
        )
    yield from _find_value_problems(when, shape.kind, shape.choices, path)


def _find_value_problems(
    when: Condition, kind: str, choices: tuple[str, ...], path: Path
) -> Iterator[Problem]:
    """Yield the problems of values that the column can never hold."""
    single = () if when.equals is None else ((("equals",), when.equals),)
    several = ((("one_of", i), value) for i, value in enumerate(when.one_of or ()))
    for place, value in (*single, *several):
        if choices and value not in choices:
            yield Problem(
                (*path, *place), f"{when.column} never holds this", name_choices(value, choices)
            )
        elif kind == "yes_no" and not isinstance(value, bool):
            yield Problem((*path, *place), "the column holds yes or no", "Write true or false")
        elif kind == "number" and (isinstance(value, str | bool)):
            yield Problem((*path, *place), "the column holds numbers", "Write a number")


def _find_column_problems(trial: Trial) -> Iterator[Problem]:
    path: Path = ("population", "extra_columns")
    columns = trial.population.extra_columns
    yield from find_repeats(path, "id", [column.id for column in columns])
    yield from find_repeats(path, "heading", [column.heading for column in columns])
    waves = [wave.id for wave in trial.waves if wave.collect]
    taken = {*STANDARD_SHAPES, *measure_names(), *RESERVED}
    for index, column in enumerate(columns):
        if column.id in taken:
            yield Problem(
                (*path, index, "id"),
                f"{column.id} is the name of a standard column or measure",
                "Choose another id; standard columns need not be declared",
            )
        yield from _find_choice_problems(column, (*path, index, "choices"))
        yield from find_unknown((*path, index, "waves"), column.waves, waves, "wave with a return")


def _find_choice_problems(column: ExtraColumn, path: Path) -> Iterator[Problem]:
    if column.kind == "choice" and len(column.choices) < 2:
        yield Problem(path, "a choice needs at least two choices", 'Write choices = ["…", "…"]')
    if column.kind != "choice" and column.choices:
        yield Problem(path, f"a {column.kind} column has no choices", 'Set kind = "choice"')
    yield from find_repeated_names(path, column.choices)


def _find_arm_problems(trial: Trial) -> Iterator[Problem]:
    arms, method = trial.arms, trial.allocation.method
    for key in ("id", "label", "code"):
        yield from find_repeats(("arms",), key, [getattr(arm, key) for arm in arms])
    if method == "none" and len(arms) != 1:
        yield Problem(
            ("allocation", "method"),
            "nothing is allocated, yet there are several arms",
            'Keep one arm, or set method = "drawn"',
        )
    if method != "none" and len(arms) == 1:
        yield Problem(
            ("arms",),
            "there is one arm, so there is nothing to allocate",
            'Add an arm, or set allocation.method = "none" for a single-arm pilot',
        )
    if len(arms) > 1:
        yield from _find_reference_problems(trial)
    for index, arm in enumerate(arms):
        if method == "given" and arm.code is None:
            yield Problem(
                ("arms", index), "the arm has no code", "Add code = the arm's value in the table"
            )
        if method != "given" and arm.code is not None:
            yield Problem(
                ("arms", index, "code"), "codes are for a given allocation", "Leave the code out"
            )


def _find_reference_problems(trial: Trial) -> Iterator[Problem]:
    references = [index for index, arm in enumerate(trial.arms) if arm.reference]
    if not references:
        yield Problem(
            ("arms",), "no arm is the reference", "Add reference = true to the one compared with"
        )
    for index in references[1:]:
        yield Problem(
            ("arms", index, "reference"),
            "there are two reference arms",
            "Keep one reference = true",
        )
    if all(arm.waitlist for arm in trial.arms):
        yield Problem(
            ("arms", 0, "waitlist"), "every arm waits", "Set waitlist = true for the later arm only"
        )


def _find_intervention_problems(trial: Trial) -> Iterator[Problem]:
    path: Path = ("interventions",)
    arms = [arm.id for arm in trial.arms]
    yield from find_repeats(path, "id", [part.id for part in trial.interventions])
    for index, part in enumerate(trial.interventions):
        if part.arm not in arms:
            yield Problem(
                (*path, index, "arm"), f"no arm is called {part.arm}", name_choices(part.arm, arms)
            )
        yield from _find_step_problems(part, (*path, index))


def _find_step_problems(part: Intervention, path: Path) -> Iterator[Problem]:
    yield from find_repeats((*path, "steps"), "id", [step.id for step in part.steps])
    yield from find_repeats((*path, "uptake"), "id", [use.id for use in part.uptake])
    if part.duration and part.duration.count < 0:
        yield Problem((*path, "duration"), "the duration is negative", "Write it without the minus")
    for index, step in enumerate(part.steps):
        if step.every and step.every.count <= 0:
            yield Problem(
                (*path, "steps", index, "every"),
                "steps must move forward",
                'Write it like "1 week"',
            )
        if (step.times > 1) != (step.every is not None):
            yield Problem(
                (*path, "steps", index),
                "a repeated step says both how often and how many times",
                "Give every and times together (times above 1), or neither",
            )
