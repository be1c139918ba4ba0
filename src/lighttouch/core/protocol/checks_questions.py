"""Checks on a trial's own instruments and questionnaires."""

from collections.abc import Iterator
from itertools import pairwise

from lighttouch.core.protocol.checks_people import find_repeated_names, find_repeats, find_unknown
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.measures import Derivation, FromComposite, FromInstrument
from lighttouch.core.protocol.problems import Problem
from lighttouch.core.protocol.questions import (
    ChoiceResponse,
    NumberResponse,
    OwnEntry,
    OwnInstrument,
    OwnQuestionnaire,
    ScaleResponse,
)
from lighttouch.core.protocol.trial import Trial

MOST_POINTS = 11
"""Points a scale may have, so that it fits on a phone."""


def find_question_problems(trial: Trial) -> Iterator[Problem]:
    """Yield the problems of own instruments and questionnaires."""
    yield from find_repeats(("instruments",), "id", [one.id for one in trial.instruments])
    yield from _find_repeated_items(trial)
    asked = {entry.instrument for one in trial.questionnaires for entry in one.entries}
    for index, instrument in enumerate(trial.instruments):
        yield from find_instrument_problems(instrument, ("instruments", index))
        if instrument.id not in asked:
            yield Problem(
                ("instruments", index),
                "no questionnaire asks the instrument",
                "Add it to the entries of one under [[questionnaires]], or leave it out",
            )
    yield from find_repeats(("questionnaires",), "id", [one.id for one in trial.questionnaires])
    for index, questionnaire in enumerate(trial.questionnaires):
        yield from _find_questionnaire_problems(trial, questionnaire, ("questionnaires", index))
    yield from _find_outcomes_of_some_arms(trial)


def _find_repeated_items(trial: Trial) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, instrument in enumerate(trial.instruments):
        for place, item in enumerate(instrument.items):
            if item.id in seen:
                yield Problem(
                    ("instruments", index, "items", place, "id"),
                    f"{item.id} is used more than once",
                    "Give each question its own id",
                )
            seen.add(item.id)


def find_instrument_problems(instrument: OwnInstrument, path: Path) -> Iterator[Problem]:
    """Yield the problems of one own instrument by itself."""
    response = instrument.response
    if isinstance(response, ScaleResponse):
        yield from _find_scale_problems(response, (*path, "response"))
    if isinstance(response, ChoiceResponse):
        yield from _find_choice_problems(response, (*path, "response"))
    if instrument.score != "none" and not isinstance(response, ScaleResponse | NumberResponse):
        yield Problem(
            (*path, "score"),
            "answers in words make no score",
            'Write score = "none", or ask for a number',
        )
    if instrument.score == "single_item" and len(instrument.items) > 1:
        yield Problem(
            (*path, "score"), "there is more than one question", 'Write score = "sum" or "none"'
        )
    for place, item in enumerate(instrument.items):
        if item.reversed and not isinstance(response, ScaleResponse):
            yield Problem(
                (*path, "items", place, "reversed"),
                "only answers on a scale can be reversed",
                "Leave reversed out",
            )


def _find_scale_problems(response: ScaleResponse, path: Path) -> Iterator[Problem]:
    points = range(response.min, response.max + 1)
    if not 2 <= len(points) <= MOST_POINTS:
        yield Problem(
            (*path, "max"),
            f"a scale has from 2 to {MOST_POINTS} points",
            "Move max, or ask for a number",
        )
        return
    values = [anchor.value for anchor in response.anchors]
    for place, value in enumerate(values):
        if value not in points:
            yield Problem(
                (*path, "anchors", place, "value"),
                f"the scale runs from {response.min} to {response.max}",
                "Correct the value",
            )
    if any(first >= second for first, second in pairwise(values)):
        yield Problem((*path, "anchors"), "the points are not in order", "Put the lowest first")
    needed = set(points) if response.kind == "labelled_scale" else {response.min, response.max}
    if needed - set(values):
        what = "every point" if response.kind == "labelled_scale" else "both ends"
        yield Problem((*path, "anchors"), f"{what} of the scale needs words", "Add them")


def _find_choice_problems(response: ChoiceResponse, path: Path) -> Iterator[Problem]:
    yield from find_repeated_names((*path, "options"), response.options)
    if response.other_option in response.options:
        yield Problem(
            (*path, "other_option"),
            "the label is among the options already",
            "Leave it out of options",
        )


def _find_questionnaire_problems(
    trial: Trial, questionnaire: OwnQuestionnaire, path: Path
) -> Iterator[Problem]:
    waves = {wave.id for wave in trial.surveyed_by(questionnaire.id)}
    if not waves:
        yield Problem(
            path,
            "no wave asks the questionnaire",
            f'Write questionnaire = "{questionnaire.id}" under the survey of a wave, or leave the '
            "questionnaire out",
        )
        return
    arms = [arm.id for arm in trial.arms]
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(questionnaire.entries):
        place: Path = (*path, "entries", index)
        yield from find_unknown((*place, "arms"), entry.arms, arms, "arm")
        yield from find_repeated_names((*place, "arms"), entry.arms)
        yield from find_unknown(
            (*place, "waves"), entry.waves, sorted(waves), "wave with this questionnaire"
        )
        yield from _find_too_early(trial, entry, waves, place)
        now = {(entry.instrument, wave) for wave in entry.waves or waves}
        for _, wave in sorted(now & seen):
            yield Problem(
                place,
                f"{entry.instrument} is asked twice at {wave}",
                "Keep one of the two, with all its waves and arms",
            )
        seen |= now
    for wave in sorted(waves - {wave for _, wave in seen}):
        yield Problem(path, f"nothing is asked at {wave}", "Add an entry for it")


def _find_too_early(
    trial: Trial, entry: OwnEntry, waves: set[str], place: Path
) -> Iterator[Problem]:
    """Before launch there may be no arms yet, so nothing can be asked by arm."""
    if not is_of_some_arms(trial, entry):
        return
    for wave_id in sorted(waves & set(entry.waves or waves)):
        survey = trial.wave(wave_id).survey
        if survey and survey.opens.approximate_days < 0:
            yield Problem(
                (*place, "arms"),
                f"the survey of {wave_id} opens before launch, when there may be no arms yet",
                "Ask it at a later wave, or ask everybody",
            )


def is_of_some_arms(trial: Trial, entry: OwnEntry) -> bool:
    """Return whether an entry is asked of some arms and not of others."""
    return bool(entry.arms) and any(arm.id not in entry.arms for arm in trial.arms)


def _find_outcomes_of_some_arms(trial: Trial) -> Iterator[Problem]:
    """An outcome has to be known in every arm, or the arms cannot be compared."""
    composites = {one.id: {part.instrument for part in one.components} for one in trial.composites}
    for index, outcome in enumerate(trial.outcomes):
        partly = _partly_asked(trial, outcome.wave) & _needed(outcome.derive, composites)
        for name in sorted(partly):
            yield Problem(
                ("outcomes", index, "derive"),
                f"{name} is asked of some arms only at {outcome.wave}, so arms cannot be compared",
                "Ask it of every arm, or leave the outcome out",
            )


def _partly_asked(trial: Trial, wave_id: str) -> set[str]:
    return {
        entry.instrument
        for one in trial.questionnaires
        if any(wave.id == wave_id for wave in trial.surveyed_by(one.id))
        for entry in one.entries
        if (not entry.waves or wave_id in entry.waves) and is_of_some_arms(trial, entry)
    }


def _needed(derive: Derivation, composites: dict[str, set[str]]) -> set[str]:
    if isinstance(derive, FromInstrument):
        return {derive.instrument}
    return composites.get(derive.composite, set()) if isinstance(derive, FromComposite) else set()
