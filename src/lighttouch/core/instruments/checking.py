"""Whether the scores a trial file names can be made."""

from collections.abc import Iterator

from lighttouch.core.errors import Fault, InstrumentError
from lighttouch.core.instruments.library import InstrumentLibrary
from lighttouch.core.instruments.scoring import scored_items
from lighttouch.core.protocol.measures import Component, FromInstrument
from lighttouch.core.protocol.trial import Trial


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
