"""A problem in a trial file, before its line is known: which key, what is wrong, what to do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lighttouch.core.errors import Fault
from lighttouch.core.protocol.locating import Path, line_of, locate_lines

_MOST_NAMED = 12
_PARTS = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one key of a trial file.

    Parameters
    ----------
    path
        The key, from the top of the file.
    what, remedy
        As in :class:`lighttouch.core.errors.Fault`.
    """

    path: Path
    what: str
    remedy: str

    def as_fault(self, lines: Mapping[Path, int] | None = None, source: str = "") -> Fault:
        """Return the fault, with its line where the lines of the file are known."""
        line = None if lines is None else line_of(lines, self.path) or 1
        key = dotted_key(self.path)
        places = (source, f"line {line}" if line else "", key)
        return Fault(self.what, ", ".join(place for place in places if place), self.remedy)


def dotted_key(path: Path) -> str:
    """Return a path as a reader writes it.

    Examples
    --------
    >>> dotted_key(("outcomes", 0, "baseline", "wave"))
    'outcomes[0].baseline.wave'
    """
    words = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(words).removeprefix(".")


def add_lines(faults: Sequence[Fault], text: str, source: str = "") -> tuple[Fault, ...]:
    r"""Return faults whose place is a key with the line of that key in the file.

    Examples
    --------
    >>> fault = Fault("the subscale is unknown", "outcomes[0].derive")
    >>> print(add_lines([fault], "[[outcomes]]\nderive = 1\n")[0])
    line 2, outcomes[0].derive: the subscale is unknown.
    """
    lines = locate_lines(text)
    paths = (
        tuple(int(part) if part.isdigit() else part for part in _PARTS.findall(fault.where))
        for fault in faults
    )
    pairs = zip(faults, paths, strict=True)
    return tuple(
        Problem(path, fault.what, fault.remedy).as_fault(lines, source) for fault, path in pairs
    )


def name_choices(wrong: object, choices: Iterable[str], *, none: str = "Declare it first") -> str:
    """Return a remedy that names the nearest choice, or all of them when none is near.

    Examples
    --------
    >>> name_choices("basline", ["baseline", "endline"])
    'Did you mean baseline? Use one of: baseline, endline'
    """
    known = list(dict.fromkeys(choices))
    if not known:
        return none
    near = get_close_matches(str(wrong)[:80], known, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}? " if near else ""
    shown = ", ".join(known[:_MOST_NAMED]) + (" …" if len(known) > _MOST_NAMED else "")
    return f"{hint}Use one of: {shown}"
