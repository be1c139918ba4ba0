"""What the tests of trial files share: library texts with one thing changed, and their faults."""

from dataclasses import dataclass

from lighttouch.core.errors import Fault, ProtocolError
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial


@dataclass(frozen=True)
class Case:
    """One change to a library file, and the keys that must be faulted for it, in order."""

    file: str
    old: str
    new: str
    keys: tuple[str, ...]
    words: str

    @property
    def text(self) -> str:
        return edit(self.file, (self.old, self.new))


def edit(file: str, *changes: tuple[str, str]) -> str:
    """Return a library file with the first occurrence of each old text replaced."""
    text = library_text(file)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def trial_of(file: str, *changes: tuple[str, str]) -> Trial:
    return parse_trial(edit(file, *changes))


def faults_of(text: str) -> tuple[Fault, ...]:
    """Return the faults of a text; none if it is valid."""
    try:
        parse_trial(text)
    except ProtocolError as error:
        return error.faults
    return ()


def keys_of(faults: tuple[Fault, ...]) -> tuple[str, ...]:
    """Return the keys that faults name, without their lines."""
    return tuple(fault.where.rsplit(", ", 1)[-1] for fault in faults)


def check_case(case: Case) -> None:
    """Fail unless the change gives exactly the expected faults, each with line and remedy."""
    faults = faults_of(case.text)
    assert keys_of(faults) == case.keys, faults
    assert case.words in str(faults[0]), faults[0]
    for fault in faults:
        assert fault.where.startswith("line "), fault
        assert fault.remedy, fault
