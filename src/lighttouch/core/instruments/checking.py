"""Whether a trial file holds with the instruments it names, and whether its scores can be made."""

from collections.abc import Iterator

from lighttouch.core.errors import Fault, InstrumentError, ProtocolError
from lighttouch.core.instruments.library import InstrumentLibrary
from lighttouch.core.instruments.own import find_own_faults, library_of
from lighttouch.core.instruments.scoring import scored_items
from lighttouch.core.protocol.checking import check_names
from lighttouch.core.protocol.measures import Component, FromInstrument
from lighttouch.core.protocol.problems import add_lines
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial


def parse_whole_trial(text: str, *, source: str) -> Trial:
    """Read a trial file and look up the instruments and scores it names in the library.

    Parameters
    ----------
    text
        The whole file.
    source
        Its name, put before the line of each fault.

    Raises
    ------
    ProtocolError
        With every fault that can be found at once, each with its line, key and remedy.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> text = library_text("nine_day").replace('questionnaire = "nine_day"', 'questionnaire = "x"')
    >>> parse_whole_trial(text, source="trial.toml")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    lighttouch.core.errors.ProtocolError: trial.toml, line ..., waves[0].survey.questionnaire: ...
    """
    trial = parse_trial(text, source=source)
    if faults := find_own_faults(trial):
        raise ProtocolError(add_lines(faults, text, source))
    library = library_of(trial)
    faults = check_names(
        trial,
        instruments=library.instruments,
        questionnaires=library.questionnaires,
        asked=lambda questionnaire, wave: [one.id for one in library.asked(questionnaire, wave)],
    )
    faults += check_scores(trial, library)
    if faults:
        raise ProtocolError(add_lines(faults, text, source))
    return trial


def check_scores(trial: Trial, library: InstrumentLibrary) -> tuple[Fault, ...]:
    """Find every score a trial file names that its instrument does not have.

    That is: an instrument without a score, a subscale it lacks, or separate counts of which none
    is named. Names the library does not hold, and instruments no questionnaire asks, are found by
    :func:`~lighttouch.core.protocol.checking.check_names`.

    Returns
    -------
    tuple[Fault, ...]
        In file order; empty when all is well. Places are keys of the trial file.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> check_scores(parse_trial(library_text("letters")), read_library())
    ()
    """
    faults: list[Fault] = []
    for where, measure in _measures(trial):
        if measure.instrument in library.instruments:
            try:
                scored_items(library.instrument(measure.instrument), measure.subscale)
            except InstrumentError as error:
                faults += [Fault(fault.what, where, fault.remedy) for fault in error.faults]
    return tuple(faults)


def _measures(trial: Trial) -> Iterator[tuple[str, FromInstrument | Component]]:
    for number, composite in enumerate(trial.composites):
        for place, component in enumerate(composite.components):
            yield f"composites[{number}].components[{place}]", component
    for number, outcome in enumerate(trial.outcomes):
        if isinstance(outcome.derive, FromInstrument):
            yield f"outcomes[{number}].derive", outcome.derive
        if outcome.baseline and isinstance(outcome.baseline.derive, FromInstrument):
            yield f"outcomes[{number}].baseline.derive", outcome.baseline.derive
