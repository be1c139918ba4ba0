"""Checks on allocation and waves."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from lighttouch.core.protocol.checks_people import find_repeated_names, find_repeats
from lighttouch.core.protocol.columns import measure_names, return_columns
from lighttouch.core.protocol.design import GivenTable, QuantileStratum, Stratum, Wave
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.offsets import Span
from lighttouch.core.protocol.prizes import find_prize_problems
from lighttouch.core.protocol.problems import Problem, name_choices
from lighttouch.core.protocol.trial import Trial

_PEOPLE_COLUMNS = ("staff_id",)


def find_design_problems(trial: Trial) -> Iterator[Problem]:
    """Yield the problems of allocation and waves."""
    yield from _find_method_problems(trial)
    if trial.allocation.method == "drawn":
        yield from _find_drawn_problems(trial)
    yield from find_repeated_names(("allocation", "blocks"), trial.allocation.blocks)
    for index, stratum in enumerate(trial.allocation.strata):
        yield from _find_stratum_problems(trial, stratum, ("allocation", "strata", index))
    yield from _find_wave_problems(trial)
    yield from _find_order_problems(trial)


def _find_method_problems(trial: Trial) -> Iterator[Problem]:
    allocation = trial.allocation
    tables = [wave.table for wave in trial.waves if wave.table]
    if allocation.method == "none" and (allocation.strata or allocation.unit != "participant"):
        yield Problem(
            ("allocation",),
            "nothing is allocated, so it has no unit and no strata",
            "Leave them out",
        )
    if allocation.method != "given" and allocation.design != "blocked":
        yield Problem(
            ("allocation", "design"), "design describes a given allocation", "Leave the key out"
        )
    if allocation.method != "given":
        return
    if not any(table.arm for table in tables):
        yield Problem(
            ("allocation", "method"),
            "the arm of each participant is in no table",
            "Give a wave a table with participant and arm",
        )
    if allocation.unit != "participant" and not any(table.cluster for table in tables):
        yield Problem(
            ("allocation", "unit"),
            f"no table says which {allocation.unit} a participant belongs to",
            "Add cluster = its column to a wave's table",
        )


def _find_drawn_problems(trial: Trial) -> Iterator[Problem]:
    first = trial.baseline_wave
    if first.collect is None or first.collect.ends.approximate_days > 0:
        yield Problem(
            ("waves", 0),
            "the first wave has no return that ends by launch, so there is nobody to allocate",
            "Start with a baseline wave whose return ends at or before launch",
        )
    for index, wave in enumerate(trial.waves):
        if wave.table:
            yield Problem(
                ("waves", index, "table"),
                "tables are for trials randomised elsewhere",
                'Collect a return, or set allocation.method = "given"',
            )
    columns = return_columns(trial, first.id)
    places = [name for name in columns if name not in _PEOPLE_COLUMNS]
    units = ["participant", "team", "building"] + [
        column.id for column in trial.population.extra_columns if column.kind in ("text", "choice")
    ]
    if trial.allocation.unit not in units:
        yield Problem(
            ("allocation", "unit"),
            f"the baseline return has no column {trial.allocation.unit} to allocate by",
            name_choices(trial.allocation.unit, units),
        )
    for index, block in enumerate(trial.allocation.blocks):
        if block not in ("partner", *places):
            yield Problem(
                ("allocation", "blocks", index),
                f"the baseline return has no column {block}",
                name_choices(block, ("partner", *places)),
            )


def _find_stratum_problems(trial: Trial, stratum: Stratum, path: Path) -> Iterator[Problem]:
    if isinstance(stratum, QuantileStratum):
        yield from _find_quantile_problems(trial, stratum, path)
    if trial.allocation.method != "drawn" or stratum.column is None:
        return
    columns = return_columns(trial, trial.baseline_wave.id)
    numbers = [name for name, shape in columns.items() if shape.kind == "number"]
    known = [*columns, *measure_names()]
    if isinstance(stratum, QuantileStratum):
        known = list(dict.fromkeys([*numbers, *measure_names()]))
    if stratum.column not in known:
        what = "column of numbers" if isinstance(stratum, QuantileStratum) else "column"
        yield Problem(
            (*path, "column"),
            f"the baseline return has no {what} called {stratum.column}",
            name_choices(stratum.column, known),
        )


def _find_quantile_problems(
    trial: Trial, stratum: QuantileStratum, path: Path
) -> Iterator[Problem]:
    if stratum.of != "value" and not trial.clustered:
        yield Problem(
            (*path, "of"), "no clusters are allocated", 'Write of = "value", or set allocation.unit'
        )
    if stratum.of == "cluster_size" and stratum.column is not None:
        yield Problem(
            (*path, "column"), "the size of a cluster needs no column", "Leave the column out"
        )
    if stratum.of != "cluster_size" and stratum.column is None:
        yield Problem(path, "the column is missing", "Add column = the number to divide by")


def _find_wave_problems(trial: Trial) -> Iterator[Problem]:
    yield from find_repeats(("waves",), "id", [wave.id for wave in trial.waves])
    yield from find_repeats(("waves",), "label", [wave.label for wave in trial.waves])
    for index, wave in enumerate(trial.waves):
        path: Path = ("waves", index)
        if wave.collect is None and wave.survey is None and wave.table is None:
            yield Problem(path, "the wave collects nothing", "Add a return, a survey or a table")
        yield from _find_return_problems(wave, (*path, "return"))
        yield from _find_survey_problems(wave, (*path, "survey"))
        if wave.table:
            yield from _find_table_problems(wave.table, (*path, "table"))


def _find_return_problems(wave: Wave, path: Path) -> Iterator[Problem]:
    if wave.collect is None:
        return
    if not _is_before(wave.collect.starts, wave.collect.ends):
        yield Problem((*path, "ends"), "the period ends before it starts", "Put ends after starts")
    if _is_before(wave.collect.due, wave.collect.ends):
        yield Problem(
            (*path, "due"), "the return is due before its period ends", "Put due at ends or later"
        )


def _find_survey_problems(wave: Wave, path: Path) -> Iterator[Problem]:
    survey = wave.survey
    if survey is None:
        return
    if not _is_before(survey.opens, survey.closes):
        yield Problem(
            (*path, "closes"), "the survey closes before it opens", "Put closes after opens"
        )
    for index, reminder in enumerate(survey.reminders):
        if not (_is_before(survey.opens, reminder) and _is_before(reminder, survey.closes)):
            yield Problem(
                (*path, "reminders", index),
                "the reminder falls outside the survey",
                "Put it between opens and closes",
            )
    if survey.prize:
        yield from find_prize_problems(survey.prize, survey.incentive, (*path, "prize"))


def _find_table_problems(table: GivenTable, path: Path) -> Iterator[Problem]:
    parts = PurePosixPath(table.file).parts
    if table.file.startswith("/") or ".." in parts or "\\" in table.file or ":" in table.file:
        yield Problem(
            (*path, "file"),
            "the file must lie inside the study's folder",
            'Write a plain relative path such as "tables/endline.csv"',
        )
    if table.arm is not None and table.arm in (table.participant, table.cluster):
        yield Problem(
            (*path, "arm"),
            f"the column {table.arm} is named for two things",
            "Name the arm's own column",
        )


def _find_order_problems(trial: Trial) -> Iterator[Problem]:
    for index, (earlier, later) in enumerate(pairwise(trial.waves)):
        ends = latest_day(earlier), latest_day(later)
        if ends[0] is not None and ends[1] is not None and ends[1] < ends[0]:
            yield Problem(
                ("waves", index + 1),
                "the wave ends before the one written above it",
                "Write the waves in the order of time",
            )


def latest_day(wave: Wave) -> float | None:
    """Return when a wave's collection period ends, in days from launch; ``None`` if unknown."""
    spans = [wave.collect.ends] if wave.collect else []
    spans += [wave.survey.closes] if wave.survey else []
    return max((span.approximate_days for span in spans), default=None)


def _is_before(first: Span, second: Span) -> bool:
    return first.approximate_days < second.approximate_days
