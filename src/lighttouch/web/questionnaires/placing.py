"""Putting a questionnaire into the text of a trial file, and leaving every other word alone."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from lighttouch.core.errors import ProtocolError
from lighttouch.core.instruments.library import read_library
from lighttouch.core.protocol.explaining import explain_syntax
from lighttouch.core.protocol.locating import locate_lines
from lighttouch.core.protocol.questions import OwnInstrument, OwnQuestionnaire
from lighttouch.core.protocol.writing import render_questions
from lighttouch.web.questionnaires.building import Built

_ASKED = re.compile(r"""(\bquestionnaire\s*=\s*)("[^"\n]*"|'[^'\n]*')""")


def write_block(built: Built, name: str) -> str:
    """Return a questionnaire and its own questions as they go into a trial file.

    Raises
    ------
    InputError
        If nothing is asked yet.
    """
    first, last = _marks(name)
    own = {one.id: one for one in built.instruments}
    inside = [own[entry.instrument] for entry in built.entries if entry.instrument in own]
    return f"{first}\n{render_questions(inside, built.questionnaire(name))}{last}\n"


def _marks(name: str) -> tuple[str, str]:
    begin = f"# Questionnaire {name}, put together on the site: begin"
    return begin, f"# Questionnaire {name}: end"


def place_block(text: str, built: Built, name: str) -> str:
    """Return the trial file with a questionnaire in it, asked at its waves.

    One that was put there before, between its two comments, is replaced in its place; a new one
    goes to the end. No other line changes but those that name the questionnaire of a wave.

    Raises
    ------
    ProtocolError
        If the file is no TOML, declares the questionnaire or a question of it elsewhere, or asks it
        at a wave that was taken off it.
    InputError
        If nothing is asked yet.
    """
    block = write_block(built, name)
    head, tail = _cut(text, name)
    bare = "\n".join([*head, *tail])
    data = _parse(bare)
    _refuse_what_is_elsewhere(bare, data, built, name)
    lines = _point_waves(bare, data, built, name)
    if tail or len(head) < len(text.rstrip("\n").split("\n")):
        before, after = lines[: len(head)], lines[len(head) :]
        return "\n".join([*before, block.rstrip("\n"), *after]).rstrip("\n") + "\n"
    return "\n".join(lines).rstrip("\n") + f"\n\n\n{block}"


def _cut(text: str, name: str) -> tuple[list[str], list[str]]:
    """Return the lines before and after what was put there; all of them if nothing was."""
    first, last = _marks(name)
    lines = text.rstrip("\n").split("\n")
    if first not in lines or last not in lines[lines.index(first) :]:
        return lines, []
    begin = lines.index(first)
    return lines[:begin], lines[lines.index(last, begin) + 1 :]


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(explain_syntax(error, text)) from None


def _ids(data: dict[str, Any], key: str) -> set[str]:
    return {str(one.get("id")) for one in tables_of(data, key)}


def tables_of(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the tables under a key, as far as they are tables."""
    found = data.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _refuse_what_is_elsewhere(bare: str, data: dict[str, Any], built: Built, name: str) -> None:
    lines = locate_lines(bare)
    given = [("instruments", "an instrument", one.id) for one in built.instruments]
    for key, what, own in [("questionnaires", "a questionnaire", name), *given]:
        if own in _ids(data, key):
            raise ProtocolError(
                f"the trial file has {what} {own} that was written by hand",
                where=f"line {lines.get((key,), 1)}",
                remedy="Take it out there, or give this one another name",
            )


def _point_waves(bare: str, data: dict[str, Any], built: Built, name: str) -> list[str]:
    """Have the surveys of the waves ask the questionnaire, each on the line that says what."""
    lines, located = bare.split("\n"), locate_lines(bare)
    for index, wave in enumerate(tables_of(data, "waves")):
        line = located.get(("waves", index, "survey", "questionnaire"))
        if line is None:
            continue
        if wave.get("id") in built.waves:
            lines[line - 1] = _ASKED.sub(rf'\g<1>"{name}"', lines[line - 1], count=1)
        elif wave["survey"]["questionnaire"] == name:
            raise ProtocolError(
                f"the wave {wave.get('id')} asks {name}, and was taken off it here",
                where=f"line {line}",
                remedy="Name another questionnaire for the wave in the trial file first",
            )
    return lines


@dataclass(frozen=True, slots=True)
class Desk:
    """What a trial file offers to choose from, read even if it has faults."""

    waves: tuple[tuple[str, str], ...] = ()
    arms: tuple[tuple[str, str], ...] = ()
    questionnaires: tuple[tuple[str, str], ...] = ()


def read_desk(text: str) -> Desk:
    """Return the waves with a survey, the arms and the questionnaires of a trial file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return Desk()
    waves = [one for one in tables_of(data, "waves") if isinstance(one.get("survey"), dict)]
    return Desk(
        _named(waves, "label"),
        _named(tables_of(data, "arms"), "label"),
        _named(tables_of(data, "questionnaires"), "title"),
    )


def _named(tables: list[dict[str, Any]], key: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(one.get("id")), str(one.get(key))) for one in tables)


def read_built(text: str, name: str) -> Built | None:
    """Return a questionnaire that a trial file declares; None if it cannot be read."""
    try:
        data = tomllib.loads(text)
        found = next(one for one in tables_of(data, "questionnaires") if one.get("id") == name)
        asked = OwnQuestionnaire.model_validate(found)
        own = [OwnInstrument.model_validate(one) for one in tables_of(data, "instruments")]
    except (tomllib.TOMLDecodeError, ValidationError, StopIteration):
        return None
    names = {entry.instrument for entry in asked.entries}
    known = {*read_library().instruments, *(one.id for one in own)}
    if not names <= known:
        return None
    waves = tuple(
        str(one.get("id"))
        for one in tables_of(data, "waves")
        if isinstance(one.get("survey"), dict) and one["survey"].get("questionnaire") == name
    )
    return Built(
        title=asked.title,
        minutes=asked.minutes,
        waves=waves,
        entries=asked.entries,
        instruments=tuple(one for one in own if one.id in names),
    )
