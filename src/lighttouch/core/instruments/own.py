"""A trial's own questions as instruments like any other, beside those of the library."""

from types import MappingProxyType

from lighttouch.core.errors import Fault, InstrumentError
from lighttouch.core.instruments.library import InstrumentLibrary, read_library
from lighttouch.core.instruments.model import (
    Entry,
    Instrument,
    NumberResponse,
    Questionnaire,
    Response,
    ScaleResponse,
    Scoring,
    TextResponse,
)
from lighttouch.core.protocol.problems import name_choices
from lighttouch.core.protocol.questions import OwnInstrument, OwnQuestionnaire
from lighttouch.core.protocol.trial import Trial


def library_of(trial: Trial) -> InstrumentLibrary:
    """Return every instrument and questionnaire a trial may name: the library's and its own.

    Raises
    ------
    InstrumentError
        If an own name is one of the library's, or a questionnaire names no known instrument.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> from lighttouch.core.protocol.reading import parse_trial
    >>> library_of(parse_trial(library_text("letters"))) is read_library()
    True
    """
    if not trial.instruments and not trial.questionnaires:
        return read_library()
    faults = find_own_faults(trial)
    if faults:
        raise InstrumentError(faults)
    library = read_library()
    instruments = {one.id: make_instrument(one) for one in trial.instruments}
    questionnaires = {one.id: _make_questionnaire(one, trial) for one in trial.questionnaires}
    return InstrumentLibrary(
        MappingProxyType({**library.instruments, **instruments}),
        MappingProxyType({**library.questionnaires, **questionnaires}),
    )


def find_own_faults(trial: Trial) -> tuple[Fault, ...]:
    """Find own names that are the library's, and entries that name no instrument.

    Returns
    -------
    tuple[Fault, ...]
        Places are keys of the trial file.
    """
    library = read_library()
    items = {item.id for one in library.instruments.values() for item in one.items}
    faults: list[Fault] = []
    for index, own in enumerate(trial.instruments):
        place = f"instruments[{index}]"
        if own.id in library.instruments:
            faults.append(_taken("instrument", own.id, f"{place}.id"))
        faults += [
            _taken("question", item.id, f"{place}.items[{number}].id")
            for number, item in enumerate(own.items)
            if item.id in items
        ]
    known = [*library.instruments, *(one.id for one in trial.instruments)]
    for index, one in enumerate(trial.questionnaires):
        place = f"questionnaires[{index}]"
        if one.id in library.questionnaires:
            faults.append(_taken("questionnaire", one.id, f"{place}.id"))
        faults += [
            Fault(
                f"no instrument is called {entry.instrument}",
                f"{place}.entries[{number}].instrument",
                name_choices(entry.instrument, known),
            )
            for number, entry in enumerate(one.entries)
            if entry.instrument not in known
        ]
    return tuple(faults)


def _taken(what: str, name: str, where: str) -> Fault:
    article = "an" if what == "instrument" else "a"
    return Fault(f"the library has {article} {what} {name!r} already", where, "Give it another id")


def make_instrument(own: OwnInstrument) -> Instrument:
    """Return an own instrument as one like the library's.

    Examples
    --------
    >>> make_instrument(
    ...     OwnInstrument.model_validate(
    ...         {
    ...             "id": "pace",
    ...             "name": "Pace",
    ...             "response": {"kind": "count", "min": 0},
    ...             "items": [{"id": "pace_1", "text": "How many visits a day?"}],
    ...         }
    ...     )
    ... ).stem
    'Give a whole number.'
    """
    scale = own.response if isinstance(own.response, ScaleResponse) else None
    number = len(own.items)
    return Instrument(
        id=own.id,
        name=own.name,
        measures=own.name,
        recall_period="as worded",
        preamble_verbatim=own.preamble.strip(),
        stem=own.stem.strip() or plain_stem(own.response),
        response=own.response,
        items=own.items,
        scoring=Scoring(
            rule=own.score,
            score_range=(number * scale.min, number * scale.max)
            if scale and own.score != "none"
            else None,
            higher_means=own.higher_means,
            basis="The trial file.",
        ),
    )


def plain_stem(response: Response) -> str:
    """Return the instruction printed where a trial file gives none."""
    if isinstance(response, ScaleResponse):
        return f"Answer from {response.min} to {response.max}."
    if isinstance(response, NumberResponse):
        return "Give a whole number." if response.kind == "count" else "Give a number."
    if isinstance(response, TextResponse):
        return "Answer in your own words. Please name nobody."
    return "Choose one answer." if response.kind == "single_choice" else "Choose all that apply."


def _make_questionnaire(own: OwnQuestionnaire, trial: Trial) -> Questionnaire:
    waves = tuple(wave.id for wave in trial.surveyed_by(own.id))
    return Questionnaire(
        id=own.id,
        title=own.title,
        minutes=own.minutes,
        entries=tuple(
            Entry(instrument=entry.instrument, waves=entry.waves or waves, arms=entry.arms)
            for entry in own.entries
        ),
    )
