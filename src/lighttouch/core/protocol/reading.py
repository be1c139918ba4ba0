"""Reading a trial file."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from lighttouch.core.errors import Fault, InputError, ProtocolError
from lighttouch.core.protocol.trial import Trial


def read_source(path: Path) -> str:
    """Return the text of a trial file."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError("the file cannot be opened", where=str(path)) from error


def parse_trial(text: str, *, source: str = "trial file") -> Trial:
    """Read a trial file from its text."""
    try:
        return Trial.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(str(error), where=source) from error
    except ValidationError as error:
        raise ProtocolError(
            Fault(e["msg"], ".".join(str(part) for part in e["loc"])) for e in error.errors()
        ) from error


def read_trial(path: Path) -> Trial:
    """Read a trial file from disk."""
    return parse_trial(read_source(path), source=path.name)
