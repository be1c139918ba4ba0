"""Whether the parts of a trial file agree, what it names elsewhere, and what deserves a caution."""

from collections.abc import Callable, Collection, Iterator

from lighttouch.core.errors import Fault
from lighttouch.core.protocol.checks_analysis import find_analysis_problems
from lighttouch.core.protocol.checks_design import find_design_problems
from lighttouch.core.protocol.checks_measures import find_measure_problems
from lighttouch.core.protocol.checks_messages import find_message_problems
from lighttouch.core.protocol.checks_people import find_people_problems
from lighttouch.core.protocol.checks_questions import find_question_problems
from lighttouch.core.protocol.locating import Path
from lighttouch.core.protocol.measures import Derivation, FromComposite, FromInstrument
from lighttouch.core.protocol.problems import Problem, name_choices
from lighttouch.core.protocol.trial import Trial

FEW_CLUSTERS = 40
"""Below about this many, cluster-robust tests reject too often (docs/methods)."""


def find_problems(trial: Trial) -> tuple[Problem, ...]:
    """Return every disagreement between the parts of a trial, in the order of the file."""
    return (
        *find_people_problems(trial),
        *find_design_problems(trial),
        *find_question_problems(trial),
        *find_message_problems(trial),
        *find_measure_problems(trial),
        *find_analysis_problems(trial),
    )


def check_trial(trial: Trial) -> tuple[Fault, ...]:
    """Return every disagreement between the parts of a trial; empty when they agree.

    :func:`lighttouch.core.protocol.reading.parse_trial` runs the same checks and adds the lines.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> check_trial(parse_trial(library_text("coffee")))
    ()
    """
    return tuple(problem.as_fault() for problem in find_problems(trial))


def check_names(
    trial: Trial,
    *,
    instruments: Collection[str],
    questionnaires: Collection[str],
    asked: Callable[[str, str], Collection[str]] | None = None,
) -> tuple[Fault, ...]:
    """Return a fault for every instrument or questionnaire that the library does not hold.

    Parameters
    ----------
    trial
        The trial.
    instruments, questionnaires
        Identifiers the library holds.
    asked
        Given a questionnaire and a wave, the instruments asked there; with it, a fault also for
        every instrument an outcome needs at a wave that does not ask it.

    :func:`lighttouch.core.protocol.problems.add_lines` adds the lines of the file.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> nine_day = parse_trial(library_text("nine_day"))
    >>> [str(fault) for fault in check_names(nine_day, instruments=[], questionnaires=[])][0]
    'waves[0].survey.questionnaire: no questionnaire is called nine_day. Add it to the library.'
    """
    problems = [*_find_unknown_names(trial, instruments, questionnaires)]
    if asked and not problems:
        problems += _find_unasked(trial, asked)
    return tuple(problem.as_fault() for problem in problems)


def _find_unknown_names(
    trial: Trial, instruments: Collection[str], questionnaires: Collection[str]
) -> Iterator[Problem]:
    for index, wave in enumerate(trial.waves):
        if wave.survey and wave.survey.questionnaire not in questionnaires:
            name = wave.survey.questionnaire
            yield Problem(
                ("waves", index, "survey", "questionnaire"),
                f"no questionnaire is called {name}",
                name_choices(name, questionnaires, none="Add it to the library"),
            )
    for path, name in _named_instruments(trial):
        if name not in instruments:
            yield Problem(
                (*path, "instrument"),
                f"no instrument is called {name}",
                name_choices(name, instruments, none="Add it to the library"),
            )


def _named_instruments(trial: Trial) -> Iterator[tuple[Path, str]]:
    for index, composite in enumerate(trial.composites):
        for place, part in enumerate(composite.components):
            yield ("composites", index, "components", place), part.instrument
    for path, _, derive in _derivations(trial):
        if isinstance(derive, FromInstrument):
            yield path, derive.instrument


def _derivations(trial: Trial) -> Iterator[tuple[Path, str, Derivation]]:
    """Yield the place, wave and rule of every derivation, baselines included."""
    for index, outcome in enumerate(trial.outcomes):
        yield ("outcomes", index, "derive"), outcome.wave, outcome.derive
        if outcome.baseline:
            own = outcome.baseline.derive
            place: Path = ("outcomes", index, "baseline")
            yield (*place, "derive") if own else place, outcome.baseline.wave, own or outcome.derive


def _find_unasked(trial: Trial, asked: Callable[[str, str], Collection[str]]) -> Iterator[Problem]:
    components = {
        composite.id: [part.instrument for part in composite.components]
        for composite in trial.composites
    }
    for path, wave_id, derive in _derivations(trial):
        survey = trial.wave(wave_id).survey
        needed = [derive.instrument] if isinstance(derive, FromInstrument) else []
        if isinstance(derive, FromComposite):
            needed = components[derive.composite]
        if survey is None or not needed:
            continue
        for name in needed:
            if name not in asked(survey.questionnaire, wave_id):
                yield Problem(
                    path,
                    f"the questionnaire {survey.questionnaire} does not ask {name} at {wave_id}",
                    "Add it to the questionnaire, or derive the outcome from another instrument",
                )


def list_cautions(trial: Trial) -> tuple[Fault, ...]:
    """Return what is allowed but deserves a second look before the trial is registered.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> list_cautions(parse_trial(library_text("letters")))
    ()
    """
    found = (*_caution_people(trial), *_caution_size(trial), *_caution_plan(trial))
    return tuple(problem.as_fault() for problem in found)


def _caution_people(trial: Trial) -> Iterator[Problem]:
    if trial.allocation.method == "drawn" and not trial.population.partners:
        yield Problem(("population", "partners"), "no partner is named yet", "Add each one")
    for index, partner in enumerate(trial.population.partners):
        if partner.status == "recruited" and partner.launch is None and _has_times(trial):
            yield Problem(
                ("population", "partners", index),
                f"{partner.id} has no launch date, and every time is counted from it",
                "Add launch before its first return",
            )


def _has_times(trial: Trial) -> bool:
    return any(wave.collect or wave.survey for wave in trial.waves)


def _caution_size(trial: Trial) -> Iterator[Problem]:
    if trial.allocation.method == "drawn" and not trial.power:
        yield Problem(("power",), "nothing says what the sample size rests on", "Add [[power]]")
    for index, power in enumerate(trial.power):
        if not trial.clustered:
            continue
        if "icc" not in power.model_fields_set:
            yield Problem(
                ("power", index),
                "members of a cluster are taken to be no more alike than strangers",
                "Add icc; 0.02 to 0.1 is common within workplaces",
            )
        clusters = power.clusters or len(power.cluster_sizes)
        if clusters < FEW_CLUSTERS:
            yield Problem(
                ("power", index),
                f"with {clusters} clusters the randomisation test is the p-value of record",
                "See the power by simulation before registering",
            )


def _caution_plan(trial: Trial) -> Iterator[Problem]:
    primary = [outcome.id for outcome in trial.outcomes if outcome.role == "primary"]
    families = trial.analysis.families
    covered = any(
        "primary" in family.roles or set(primary) <= set(family.outcomes) for family in families
    )
    if not primary:
        yield Problem(("outcomes",), "no outcome is primary", "Say which one the pilot turns on")
    if len(primary) > 1 and not covered:
        yield Problem(
            ("analysis", "families"),
            f"there are {len(primary)} primary outcomes and no family holds them together",
            'Add a family with roles = ["primary"]',
        )
    if not trial.registration.registry:
        yield Problem(
            ("registration", "registry"), "no registry is named", "Say where the plan is registered"
        )
    if not trial.registration.ethics:
        yield Problem(
            ("registration", "ethics"), "no ethics committee is named", "Say who reviewed the trial"
        )
