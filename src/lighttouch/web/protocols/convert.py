"""Between the text of a trial file and what the platform keeps and shows of it."""

import re
import tomllib
from dataclasses import dataclass

from lighttouch.core.errors import Fault, ProtocolError
from lighttouch.core.instruments.checking import parse_whole_trial
from lighttouch.core.protocol.checking import list_cautions
from lighttouch.core.protocol.describing import outline_trial
from lighttouch.core.protocol.locating import locate_lines
from lighttouch.core.protocol.problems import add_lines
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.protocol.trial import Trial

SOURCE = "trial.toml"
"""What faults call the file, as the command line does when it is given one of that name."""

MOST_CHARACTERS = 200_000
"""Ten times the longest trial file of the library; checking takes a second at this size."""

MOST_LINES = 5_000
"""Also ten times the longest; two versions of this length can be compared line by line."""

_LINE = re.compile(rf"^(?:{re.escape(SOURCE)}, )?line (\d+)(?:, column (\d+))?(?:, (.*))?$")


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault with the line it stands on, fit to click on."""

    what: str
    remedy: str
    line: int | None
    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a text came to; ``trial`` is there when no fault is."""

    faults: tuple[Fault, ...]
    cautions: tuple[Fault, ...] = ()
    outline: tuple[str, ...] = ()
    trial: Trial | None = None


def clean_text(text: str) -> str:
    """Return a text as it is kept: one kind of line ending, no byte-order mark.

    Raises
    ------
    ProtocolError
        If it is empty, too long, or holds what no trial file may.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not plain.strip():
        raise ProtocolError("the file is empty", remedy="Start from one of the library")
    if len(plain) > MOST_CHARACTERS:
        raise ProtocolError(
            f"the file is over {MOST_CHARACTERS:,} characters",
            remedy="Give a trial file, not a data file",
        )
    if plain.count("\n") > MOST_LINES:
        raise ProtocolError(
            f"the file has over {MOST_LINES:,} lines", remedy="Give a trial file, not a data file"
        )
    if "\0" in plain or any("\ud800" <= letter <= "\udfff" for letter in plain):
        raise ProtocolError(
            "the text holds a character no file may hold", remedy="Delete the character"
        )
    return plain if plain.endswith("\n") else plain + "\n"


def decode_upload(content: bytes) -> str:
    """Return the text of an uploaded trial file.

    Raises
    ------
    ProtocolError
        If it is not UTF-8 text.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolError(
            "the file is not UTF-8 text",
            where=SOURCE,
            remedy="Save it from a text editor as plain text, encoding UTF-8",
        ) from None


def check_text(text: str, *, slug: str = "") -> Checked:
    """Check a text as ``lighttouch check`` does, and that it is the file of the trial ``slug``."""
    try:
        trial = parse_whole_trial(text, source=SOURCE)
    except ProtocolError as error:
        return Checked(error.faults)
    if slug and trial.id != slug:
        fault = Fault(
            f"the identifier is {trial.id}, and this trial is {slug}",
            "id",
            f'Write id = "{slug}", or start another trial',
        )
        return Checked(add_lines([fault], text, SOURCE))
    return Checked((), list_cautions(trial), outline_trial(trial), trial)


def place_fault(fault: Fault) -> PlacedFault:
    """Split a fault's place into its line and its key.

    Examples
    --------
    >>> place_fault(Fault("the wave is unknown", "trial.toml, line 3, wave")).line
    3
    """
    found = _LINE.match(fault.where)
    line, key = (int(found[1]), found[3] or "") if found else (None, fault.where)
    return PlacedFault(fault.what, fault.remedy, line, key, str(fault))


def peek(text: str) -> tuple[str, str]:
    """Return the identifier and title a text gives, however faulty the rest; empty where none."""
    try:
        trial = parse_trial(text)
    except ProtocolError:
        return _peek_keys(text)
    return trial.id, trial.title


def _peek_keys(text: str) -> tuple[str, str]:
    """Read the two keys alone; only their own lines, so that no other fault stands in the way."""
    found: dict[str, object] = {}
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            break
        if re.match(r"(id|title)\s*=", line):
            try:
                found |= tomllib.loads(line)
            except ValueError:
                continue
    slug, title = found.get("id"), found.get("title")
    return (slug if isinstance(slug, str) else "", title if isinstance(title, str) else "")


def rename_trial(text: str, slug: str) -> str:
    r"""Return a valid text with another identifier on its line.

    Examples
    --------
    >>> rename_trial('version = 1\nid = "letters" # short\n', "thanks")
    'version = 1\nid = "thanks" # short\n'
    """
    lines = text.split("\n")
    row = locate_lines(text)[("id",)] - 1
    lines[row] = re.sub(r"""^(\s*id\s*=\s*)(".*?"|'.*?')""", rf'\g<1>"{slug}"', lines[row])
    return "\n".join(lines)
