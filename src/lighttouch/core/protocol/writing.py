"""Own instruments and questionnaires as TOML, as somebody would write them by hand."""

import json
from collections.abc import Iterable, Mapping, Sequence

from lighttouch.core.protocol.base import Part
from lighttouch.core.protocol.questions import OwnInstrument, OwnQuestionnaire

_SHORT = 90
"""A list longer than this gets a line for each element."""


def render_questions(instruments: Sequence[OwnInstrument], questionnaire: OwnQuestionnaire) -> str:
    r"""Write own instruments and a questionnaire of them as TOML; reading it gives them back.

    Examples
    --------
    >>> from lighttouch.core.protocol.questions import OwnEntry
    >>> asked = OwnQuestionnaire(id="q", title="How work is", entries=(OwnEntry(instrument="age"),))
    >>> print(render_questions([], asked), end="")
    [[questionnaires]]
    id = "q"
    title = "How work is"
    entries = [
      { instrument = "age" },
    ]
    """
    parts = [_table("instruments", one) for one in instruments]
    return "\n".join([*parts, _table("questionnaires", questionnaire)])


def _table(name: str, part: Part) -> str:
    given = part.model_dump(mode="json", exclude_defaults=True)
    lines = [f"{key} = {_lines(value)}" for key, value in given.items()]
    return "\n".join([f"[[{name}]]", *lines]) + "\n"


def _lines(value: object) -> str:
    """Write a value; a list of tables, or a long list, with a line for each element."""
    if isinstance(value, list) and (_holds_tables(value) or len(_value(value)) > _SHORT):
        return "\n".join(["[", *(f"  {_value(one)}," for one in value), "]"])
    return _value(value)


def _holds_tables(value: Iterable[object]) -> bool:
    return any(isinstance(one, Mapping) for one in value)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_value(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    # TOML writes text, whole numbers, true and false as JSON does, all but one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
