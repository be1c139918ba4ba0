"""Whether the library holds what a trial file names."""

from collections.abc import Iterator

from lighttouch.core.errors import Fault, InstrumentError
from lighttouch.core.instruments.library import InstrumentLibrary
from lighttouch.core.instruments.scoring import scored_items
from lighttouch.core.protocol.measures import Component, FromComposite, FromInstrument
from lighttouch.core.protocol.trial import Trial


def check_trial_instruments(trial: Trial, library: InstrumentLibrary) -> tuple[Fault, ...]:
    """Find every instrument, subscale or questionnaire of a trial file that cannot be used.

    An outcome made from an instrument needs that instrument, with that score, in the
    questionnaire of its wave; so does each component of a composite, and each baseline.

    Returns
    -------
    tuple[Fault, ...]
        In file order; empty when all is well. Places are keys of the trial file.

    Examples
    --------
    >>> from lighttouch.core.instruments.library import read_library
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> check_trial_instruments(parse_trial(library_text("letters")), read_library())
    ()
    """
    faults = []
    for number, wave in enumerate(trial.waves):
        if wave.survey and wave.survey.questionnaire not in library.questionnaires:
            names = ", ".join(library.questionnaires)
            where = f"waves[{number}].survey.questionnaire"
            faults.append(Fault("the questionnaire is unknown", where, f"Name one of: {names}"))
    for where, wave_id, measure in _measures(trial):
        faults += _check_measure(trial, library, where, wave_id, measure)
    return tuple(dict.fromkeys(faults))


def _measures(trial: Trial) -> Iterator[tuple[str, str, FromInstrument | Component]]:
    composites = {composite.id: composite for composite in trial.composites}
    for number, outcome in enumerate(trial.outcomes):
        uses = [(f"outcomes[{number}]", outcome.wave, outcome.derive)]
        if outcome.baseline:
            derive = outcome.baseline.derive or outcome.derive
            uses.append((f"outcomes[{number}].baseline", outcome.baseline.wave, derive))
        for where, wave_id, derive in uses:
            if isinstance(derive, FromInstrument):
                yield where, wave_id, derive
            elif isinstance(derive, FromComposite):
                for component in composites[derive.composite].components:
                    yield where, wave_id, component


def _check_measure(
    trial: Trial,
    library: InstrumentLibrary,
    where: str,
    wave_id: str,
    measure: FromInstrument | Component,
) -> list[Fault]:
    try:
        scored_items(library.instrument(measure.instrument), measure.subscale)
    except InstrumentError as error:
        return [Fault(fault.what, where, fault.remedy) for fault in error.faults]
    survey = trial.wave(wave_id).survey
    if survey is None:
        return [Fault(f"wave {wave_id} has no survey to ask {measure.instrument} in", where)]
    if survey.questionnaire not in library.questionnaires:
        return []
    asked = [one.id for one in library.asked(survey.questionnaire, wave_id)]
    if measure.instrument in asked:
        return []
    what = f"questionnaire {survey.questionnaire} does not ask {measure.instrument} at {wave_id}"
    return [Fault(what, where)]
