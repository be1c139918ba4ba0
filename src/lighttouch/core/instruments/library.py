"""The library of instruments and questionnaires."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from types import MappingProxyType

from pydantic import ValidationError

from lighttouch.core.errors import Fault, InstrumentError
from lighttouch.core.instruments.model import Entry, Instrument, Item, Questionnaire
from lighttouch.core.protocol.base import Part


class _LibraryFile(Part):
    instrument: tuple[Instrument, ...] = ()
    questionnaire: tuple[Questionnaire, ...] = ()


@dataclass(frozen=True, slots=True)
class InstrumentLibrary:
    """Every instrument and questionnaire, by identifier.

    Parameters
    ----------
    instruments, questionnaires
        Read-only, in library order.

    Examples
    --------
    >>> library = read_library()
    >>> library.instrument("cantril_ladder").scoring.score_range
    (0, 10)
    >>> [item.id for item in library.items("letters", "endline")][:2]
    ['life_happiness_1', 'cantril_ladder_1']
    """

    instruments: Mapping[str, Instrument]
    questionnaires: Mapping[str, Questionnaire]

    def instrument(self, instrument_id: str) -> Instrument:
        """Return an instrument.

        Raises
        ------
        InstrumentError
            If the library has none of that name.
        """
        if instrument_id not in self.instruments:
            raise InstrumentError(_unknown("instrument", instrument_id, self.instruments))
        return self.instruments[instrument_id]

    def questionnaire(self, questionnaire_id: str) -> Questionnaire:
        """Return a questionnaire.

        Raises
        ------
        InstrumentError
            If the library has none of that name.
        """
        if questionnaire_id not in self.questionnaires:
            raise InstrumentError(_unknown("questionnaire", questionnaire_id, self.questionnaires))
        return self.questionnaires[questionnaire_id]

    def asked(
        self, questionnaire_id: str, wave: str, *, arm: str | None = None
    ) -> tuple[Instrument, ...]:
        """Return the instruments a questionnaire asks at a wave, in order.

        With an arm, only those it is asked; without, also those that only some arms are asked.
        """
        return tuple(
            self.instrument(entry.instrument)
            for entry in self.entries(questionnaire_id, wave)
            if arm is None or not entry.arms or arm in entry.arms
        )

    def entries(self, questionnaire_id: str, wave: str) -> tuple[Entry, ...]:
        """Return the entries of a questionnaire at a wave, in order."""
        entries = self.questionnaire(questionnaire_id).entries
        return tuple(entry for entry in entries if wave in entry.waves)

    def items(self, questionnaire_id: str, wave: str) -> tuple[Item, ...]:
        """Return the items a questionnaire asks at a wave, in order."""
        return tuple(item for one in self.asked(questionnaire_id, wave) for item in one.items)


def _unknown(what: str, name: str, known: Iterable[str]) -> Fault:
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    remedy = f"Did you mean {close[0]}?" if close else f"Name one of: {', '.join(names)}"
    return Fault(f"there is no {what} {name!r} in the library", remedy=remedy)


@cache
def read_library() -> InstrumentLibrary:
    """Read the library that comes with Lighttouch.

    Examples
    --------
    >>> len(read_library().instruments)
    28
    """
    folder = resources.files("lighttouch.core.instruments").joinpath("library")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return parse_library({file.name: file.read_text(encoding="utf-8") for file in files})


def parse_library(texts: Mapping[str, str]) -> InstrumentLibrary:
    """Make a library from the text of its TOML files, by file name.

    Raises
    ------
    InstrumentError
        If a file is not valid, an identifier is used twice (items included), or a questionnaire
        names an instrument the library lacks. All faults are reported at once.

    Examples
    --------
    >>> parse_library({"empty.toml": ""}).instruments
    mappingproxy({})
    """
    faults: list[Fault] = []
    files = [_parse_file(name, text, faults) for name, text in texts.items()]
    instruments = [one for file in files for one in file.instrument]
    questionnaires = [one for file in files for one in file.questionnaire]
    faults += _check_unique("instrument", [one.id for one in instruments])
    faults += _check_unique("item", [item.id for one in instruments for item in one.items])
    faults += _check_unique("questionnaire", [one.id for one in questionnaires])
    by_id = {one.id: one for one in instruments}
    for questionnaire in questionnaires:
        faults += [
            _unknown("instrument", entry.instrument, by_id)
            for entry in questionnaire.entries
            if entry.instrument not in by_id
        ]
    if faults:
        raise InstrumentError(faults)
    return InstrumentLibrary(
        MappingProxyType(by_id), MappingProxyType({one.id: one for one in questionnaires})
    )


def _parse_file(name: str, text: str, faults: list[Fault]) -> _LibraryFile:
    try:
        return _LibraryFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(f"this is not valid TOML ({error})", name))
    except ValidationError as error:
        faults += [
            Fault(problem["msg"], f"{name}, {'.'.join(str(step) for step in problem['loc'])}")
            for problem in error.errors(include_input=False, include_url=False)
        ]
    return _LibraryFile()


def _check_unique(what: str, ids: list[str]) -> list[Fault]:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    return [Fault(f"the {what} {one!r} is in the library twice") for one in twice]
