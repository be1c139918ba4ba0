"""What a report says of the measures themselves."""

from lighttouch.core.archive.model import Archive
from lighttouch.core.datasets.keys import list_randomised
from lighttouch.core.datasets.scored import answers_at
from lighttouch.core.instruments.own import library_of
from lighttouch.core.instruments.reliability import Reliability, measure_reliability
from lighttouch.core.protocol.measures import FromInstrument, Outcome


def reliability_of(archive: Archive, outcome: Outcome) -> Reliability | None:
    """Return alpha and omega of an outcome's scale at its wave, among randomised participants.

    Both arms count, and only participants who answered every item.

    Returns
    -------
    Reliability or None
        ``None`` when the outcome is not a scale of at least two items, or nobody answered it;
        either coefficient is ``None`` where the answers do not determine it.

    Raises
    ------
    InstrumentError
        If an answer is not allowed.
    """
    if not isinstance(outcome.derive, FromInstrument):
        return None
    instrument = library_of(archive.trial).instrument(outcome.derive.instrument)
    answers = answers_at(archive, outcome.wave, instrument)
    randomised = list_randomised(archive)
    answers = answers.join(randomised, on="participant", how="semi")
    return measure_reliability(instrument, answers, subscale=outcome.derive.subscale)
