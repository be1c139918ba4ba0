"""Reading a trial file: its text, its syntax, its shape, and whether its parts agree."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from lighttouch.core.errors import Fault, InputError, ProtocolError
from lighttouch.core.protocol.checking import find_problems
from lighttouch.core.protocol.explaining import explain_shape, explain_syntax
from lighttouch.core.protocol.locating import locate_lines
from lighttouch.core.protocol.problems import Problem
from lighttouch.core.protocol.trial import Trial

MOST_BYTES = 1_000_000
"""A trial file is some tens of thousands of bytes; one this large is some other file."""

_LONG_KEY = re.compile(
    r"""
    (?<![\w."'\\-])
    (?:
      (?> [\w-]+ | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
      [ \t]*+ \. [ \t]*+
    ){32}
    """,
    re.VERBOSE,
)
"""A key such as ``a.b.c`` of 33 parts or more; thousands would fill the memory while it is read."""

_UNNAMED = "trial file"


def read_source(path: Path) -> str:
    """Return the text of a trial file.

    Raises
    ------
    InputError
        If there is no such file, it is over a million bytes, or it is not UTF-8 text.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                "the file is over a million bytes",
                where=str(path),
                remedy="Name a trial file, not a data file",
            )
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "the file is not UTF-8 text",
            where=str(path),
            remedy="Save it from a text editor as plain text, encoding UTF-8",
        ) from error
    except OSError as error:
        raise InputError(
            f"the file cannot be opened ({(error.strerror or 'unknown reason').lower()})",
            where=str(path),
            remedy="Check the path, or start one with: lighttouch new letters trial.toml",
        ) from error


def parse_trial(text: str, *, source: str = _UNNAMED) -> Trial:
    r"""Read and check a trial file from its text.

    Parameters
    ----------
    text
        The whole file.
    source
        Its name, put before the line of each fault.

    Raises
    ------
    ProtocolError
        With every fault that can be found at once, each with its line, key and remedy: those of
        syntax stop the reading first, then those of shape, then those between parts.

    Examples
    --------
    >>> from lighttouch.core.protocol.library import library_text
    >>> parse_trial(library_text("letters")).reference_arm.id
    'waitlist'
    >>> parse_trial("version = 1\nid = 'Letters'\n")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    lighttouch.core.errors.ProtocolError: line 2, id: an identifier holds small letters, ...
    """
    shown = "" if source == _UNNAMED else source
    text = text.removeprefix("\ufeff")
    data = _parse_toml(text, shown)
    try:
        trial = Trial.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise _as_error(explain_shape(error, data), text, shown) from None
    problems = find_problems(trial)
    if problems:
        raise _as_error(problems, text, shown)
    return trial


def _as_error(problems: Sequence[Problem], text: str, source: str) -> ProtocolError:
    lines = locate_lines(text)
    return ProtocolError(problem.as_fault(lines, source) for problem in problems)


def read_trial(path: Path) -> Trial:
    """Read and check a trial file on disk.

    Raises
    ------
    InputError
        As :func:`read_source`.
    ProtocolError
        As :func:`parse_trial`.
    """
    return parse_trial(read_source(path), source=path.name)


def _parse_toml(text: str, source: str) -> dict[str, object]:
    if len(text) > MOST_BYTES:
        raise ProtocolError(
            Fault(
                "the file is over a million characters",
                f"{source}, line 1" if source else "line 1",
                "Name a trial file, not a data file",
            )
        )
    if long_key := _LONG_KEY.search(text):
        raise _too_deep(source, line=text.count("\n", 0, long_key.start()) + 1)
    try:
        return tomllib.loads(text)
    except ValueError as error:  # also whole numbers of thousands of digits
        raise ProtocolError(explain_syntax(error, text, source)) from None
    except RecursionError:
        raise _too_deep(source, line=1) from None


def _too_deep(source: str, *, line: int) -> ProtocolError:
    where = f"{source}, line {line}" if source else f"line {line}"
    return ProtocolError(Fault("lists or tables are nested too deep", where, "Nest them less"))
