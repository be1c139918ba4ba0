"""Checks on composites, covariates and outcomes."""

from collections.abc import Iterator

from lighttouch.core.protocol.checks_design import latest_day
from lighttouch.core.protocol.checks_people import find_repeated_names, find_repeats, find_unknown
from lighttouch.core.protocol.columns import ColumnShape, return_columns
from lighttouch.core.protocol.design import Wave
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.measures import (
    Covariate,
    Derivation,
    FromColumn,
    FromComposite,
    FromInstrument,
    FromReturn,
    Outcome,
)
from lighttouch.core.protocol.problems import Problem, name_choices
from lighttouch.core.protocol.trial import Trial


def find_measure_problems(trial: Trial) -> Iterator[Problem]:
    """Yield the problems of composites, covariates and outcomes."""
    yield from _find_composite_problems(trial)
    yield from find_repeats(("covariates",), "id", [c.id for c in trial.covariates])
    for index, covariate in enumerate(trial.covariates):
        yield from _find_covariate_problems(trial, covariate, ("covariates", index))
    for key in ("id", "label"):
        values = [getattr(outcome, key) for outcome in trial.outcomes]
        yield from find_repeats(("outcomes",), key, values)
    for index, outcome in enumerate(trial.outcomes):
        yield from _find_outcome_problems(trial, outcome, ("outcomes", index))
    if trial.status == "full" and all(o.role != "primary" for o in trial.outcomes):
        yield Problem(
            ("outcomes",),
            "no outcome is primary",
            'Give the outcome the trial is judged on role = "primary", or set status = "pilot"',
        )


def _find_composite_problems(trial: Trial) -> Iterator[Problem]:
    yield from find_repeats(("composites",), "id", [c.id for c in trial.composites])
    used = {
        derive.composite
        for outcome in trial.outcomes
        for derive in (outcome.derive, outcome.baseline.derive if outcome.baseline else None)
        if isinstance(derive, FromComposite)
    }
    for index, composite in enumerate(trial.composites):
        parts = [(part.instrument, part.subscale) for part in composite.components]
        for place, part in enumerate(composite.components):
            path: Path = ("composites", index, "components", place)
            if parts[place] in parts[:place]:
                yield Problem(path, f"{part.instrument} is listed twice", "Keep one of the two")
            if part.weight == 0:
                yield Problem((*path, "weight"), "the weight is nothing", "Leave the component out")
        if composite.id not in used:
            yield Problem(
                ("composites", index), "no outcome uses the composite", "Use it or leave it out"
            )


def _find_covariate_problems(trial: Trial, covariate: Covariate, path: Path) -> Iterator[Problem]:
    yield from _find_coding_problems(covariate, path)
    waves = {wave.id: wave for wave in trial.waves}
    if covariate.wave not in waves:
        yield _unknown_wave((*path, "wave"), covariate.wave, trial)
        return
    wave = waves[covariate.wave]
    if wave.table:
        return
    if wave.collect is None:
        yield Problem(
            (*path, "wave"), f"the wave {wave.id} has no return", "Name a wave with a return"
        )
        return
    if wave.collect.ends.approximate_days > 0:
        yield Problem(
            (*path, "wave"),
            "a covariate measured after launch may itself be changed by the arm",
            "Name a wave whose return ends by launch",
        )
    columns = return_columns(trial, wave.id)
    if covariate.column not in columns:
        yield Problem(
            (*path, "column"),
            f"the return has no column {covariate.column}",
            name_choices(covariate.column, columns),
        )
        return
    yield from _find_shape_problems(covariate, columns[covariate.column], path)


def _find_coding_problems(covariate: Covariate, path: Path) -> Iterator[Problem]:
    if covariate.coding == "indicator" and covariate.value is None:
        yield Problem(path, "an indicator says which value counts as 1", "Add value = …")
    if covariate.coding != "indicator" and covariate.value is not None:
        yield Problem(
            (*path, "value"), "value is for indicators", 'Leave it out, or set coding = "indicator"'
        )
    if covariate.coding == "categorical" and covariate.reference is None:
        yield Problem(path, "categories need one to compare with", "Add reference = …")
    if covariate.coding != "categorical" and covariate.reference is not None:
        yield Problem(
            (*path, "reference"),
            "reference is for categories",
            'Leave it out, or set coding = "categorical"',
        )


def _find_shape_problems(covariate: Covariate, shape: ColumnShape, path: Path) -> Iterator[Problem]:
    if covariate.coding == "numeric" and shape.kind != "number":
        yield Problem(
            (*path, "coding"),
            f"{covariate.column} holds no numbers",
            'Use coding = "categorical" or "indicator"',
        )
    key = "value" if covariate.coding == "indicator" else "reference"
    chosen = getattr(covariate, key)
    choices = ("yes", "no") if shape.kind == "yes_no" else shape.choices
    if chosen is not None and choices and chosen not in choices:
        yield Problem(
            (*path, key), f"{covariate.column} never holds this", name_choices(chosen, choices)
        )


def _find_outcome_problems(trial: Trial, outcome: Outcome, path: Path) -> Iterator[Problem]:
    yield from find_unknown(
        (*path, "covariates"),
        outcome.covariates or (),
        [c.id for c in trial.covariates],
        "covariate",
    )
    yield from find_repeated_names((*path, "covariates"), outcome.covariates or ())
    is_turnover = isinstance(outcome.derive, FromReturn) and outcome.derive.measure == "turnover"
    if is_turnover and outcome.kind != "binary":
        yield Problem((*path, "kind"), "turnover is yes or no", 'Write kind = "binary"')
    yield from _find_derivation_problems(trial, outcome.derive, outcome.wave, path)
    wave = next((wave for wave in trial.waves if wave.id == outcome.wave), None)
    if wave is None:
        yield _unknown_wave((*path, "wave"), outcome.wave, trial)
    elif (latest_day(wave) or 1) <= 0 and trial.allocation.method != "none":
        yield Problem(
            (*path, "wave"),
            f"the wave {wave.id} is over by launch, so no arm can have changed it",
            "Name a later wave",
        )
    yield from _find_baseline_problems(trial, outcome, path)


def _find_derivation_problems(
    trial: Trial, derive: Derivation, wave_id: str, path: Path
) -> Iterator[Problem]:
    """Yield what a derivation needs and its wave does not collect; an unknown wave is not ours."""
    if isinstance(derive, FromComposite):
        known = [composite.id for composite in trial.composites]
        if derive.composite not in known:
            yield Problem(
                (*path, "derive", "composite"),
                f"no composite is called {derive.composite}",
                name_choices(derive.composite, known, none="Declare it under [[composites]]"),
            )
    if isinstance(derive, FromReturn):
        yield from _find_from_return_problems(derive, (*path, "derive"))
    if isinstance(derive, FromColumn) and derive.scale == 0:
        yield Problem((*path, "derive", "scale"), "a scale of 0 erases the outcome", "Correct it")
    wave = next((wave for wave in trial.waves if wave.id == wave_id), None)
    lacking = None if wave is None else _lacks(wave, derive)
    if lacking:
        yield Problem(
            (*path, "wave"),
            f"the wave {wave_id} has no {lacking} to derive this from",
            f"Add a {lacking} to the wave, or name another wave",
        )


def _lacks(wave: Wave, derive: Derivation) -> str | None:
    """Return what the wave would have to collect, or ``None`` when it does."""
    if isinstance(derive, FromReturn):
        return None if wave.collect else "return"
    if isinstance(derive, FromInstrument | FromComposite):
        return None if wave.survey else "survey"
    return None if wave.table else "table"


def _find_from_return_problems(derive: FromReturn, path: Path) -> Iterator[Problem]:
    if derive.measure != "days_attended" and "absence" in derive.model_fields_set:
        yield Problem(
            (*path, "absence"), "absence is a choice of days_attended only", "Leave it out"
        )
    low, high = derive.missing_below_months, derive.prorate_below_months
    if low is not None and high is not None and high <= low:
        yield Problem(
            (*path, "prorate_below_months"),
            "nobody lies between the two lengths of service",
            "Put prorate_below_months above missing_below_months",
        )
    if (low is not None or high is not None) and derive.measure == "turnover":
        key = "missing_below_months" if low is not None else "prorate_below_months"
        yield Problem((*path, key), "leaving cannot be scaled up", "Leave the key out")


def _find_baseline_problems(trial: Trial, outcome: Outcome, path: Path) -> Iterator[Problem]:
    if outcome.baseline is None:
        return
    path = (*path, "baseline")
    order = [wave.id for wave in trial.waves]
    if outcome.baseline.wave not in order:
        yield _unknown_wave((*path, "wave"), outcome.baseline.wave, trial)
        return
    derive = outcome.baseline.derive or outcome.derive
    yield from _find_derivation_problems(trial, derive, outcome.baseline.wave, path)
    same_table = isinstance(derive, FromColumn) and derive != outcome.derive
    first, then = order.index(outcome.baseline.wave), outcome.wave
    if then in order and not same_table and first >= order.index(then):
        yield Problem(
            (*path, "wave"), "the baseline is not before the outcome", "Name an earlier wave"
        )
    wave = trial.waves[first]
    end = wave.collect.ends if isinstance(derive, FromReturn) and wave.collect else None
    if isinstance(derive, FromInstrument | FromComposite) and wave.survey:
        end = wave.survey.closes
    if end is not None and end.approximate_days > 0:
        yield Problem(
            (*path, "wave"),
            "the baseline runs on after launch, when the arm may have changed it",
            "Name a wave that ends by launch",
        )


def _unknown_wave(path: Path, name: str, trial: Trial) -> Problem:
    return Problem(
        path, f"no wave is called {name}", name_choices(name, [wave.id for wave in trial.waves])
    )
