"""The one family of errors: what was wrong, where, and the remedy.

No message carries a personal value: a fault names the place of a value, never the value itself
where that value could be about a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    what
        The fault in a plain sentence without a full stop.
    where
        Its place: ``line 12, outcomes[0].wave`` or ``sheet Return, row 9, column F``; may be empty.
    remedy
        What to do about it, as an instruction; may be empty.

    Examples
    --------
    >>> print(Fault("the wave is unknown", "line 3, wave", "Name one of: baseline, endline"))
    line 3, wave: the wave is unknown. Name one of: baseline, endline.
    """

    what: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" {self.remedy.rstrip('.')}." if self.remedy else ""
        return f"{place}{self.what.rstrip('.')}.{remedy}"


class LighttouchError(Exception):
    """Base of every error Lighttouch raises on purpose; carries one or more faults.

    Parameters
    ----------
    faults
        A fault, several faults, or a plain sentence.
    where, remedy
        Used when ``faults`` is a plain sentence.

    Examples
    --------
    >>> error = InputError("the file is empty", where="returns/a.csv", remedy="Send it again")
    >>> error.faults[0].where
    'returns/a.csv'
    """

    def __init__(
        self, faults: str | Fault | Iterable[Fault], *, where: str = "", remedy: str = ""
    ) -> None:
        if isinstance(faults, str):
            faults = Fault(faults, where, remedy)
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InputError(LighttouchError):
    """A file cannot be read as what it claims to be."""


class ProtocolError(LighttouchError):
    """A trial file, or a registration of one, is not valid."""


class InstrumentError(LighttouchError):
    """A scale is unknown, or answers lie outside what it allows."""


class ReturnError(LighttouchError):
    """A partner's return cannot be accepted."""


class AllocationError(LighttouchError):
    """A design cannot be drawn, or a recorded draw does not replay."""


class ArchiveError(LighttouchError):
    """An archive is incomplete, altered or cannot be assembled."""


class EstimationError(LighttouchError):
    """An estimate is asked for that the data or the design cannot give."""


class ReportError(LighttouchError):
    """A report cannot be rendered honestly."""
