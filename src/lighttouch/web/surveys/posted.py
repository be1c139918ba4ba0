"""What the questionnaire's form says, as answers."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from django.http import HttpRequest

from lighttouch.core.errors import InputError
from lighttouch.core.instruments.model import CHOICE_SEPARATOR, ChoiceResponse, Response

SILENT = "~"
"""What a form sends for ``Prefer not to say``; no question has it as an answer."""
MOST_FIELDS = 2000
SECONDS = ".seconds"

Posted = Mapping[str, list[str]]


def read_form(request: HttpRequest) -> Posted:
    """Return the fields of the form that was sent.

    Raises
    ------
    InputError
        If there are more than any questionnaire has.
    """
    if request.content_type == "multipart/form-data":
        return dict(request.POST.lists())
    try:
        text = request.body.decode("utf-8", "replace")
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InputError("the form has too many fields", remedy="Open your link again") from None


def first(posted: Posted, name: str) -> str:
    """Return a field's first value; empty if there is none."""
    return posted[name][0] if name in posted else ""


def read_answers(
    allowed: Mapping[str, Response], posted: Posted, *, emptied: bool = False
) -> dict[str, str]:
    """Return the answers a form gives; what was left alone is left out.

    The page sends along what had been saved when it was made. What is still the same is left out,
    so that an answer keeps the moment it was given, and a page that lay open does not undo what
    was changed meanwhile on another device. What was saved and is gone becomes ``Prefer not to
    say``.

    Parameters
    ----------
    emptied
        Whether a field that is sent empty was emptied on purpose: a single answer of a script.
    """
    values: dict[str, str] = {}
    for item, response in allowed.items():
        given = _read_item(item, response, posted)
        was = posted.get(f"{item}.was")
        if given is None and was is not None and _is_boxes(response):
            given = ""
        if given is None or (given == "" and was is None and not emptied):
            continue
        value = "" if given == SILENT else given
        if was is None or was[0] != value:
            values[item] = value
    return values


def _is_boxes(response: Response) -> bool:
    """Say whether a question leaves no trace in a form when nothing is ticked."""
    return isinstance(response, ChoiceResponse) and response.kind == "multi_choice"


def _read_item(item: str, response: Response, posted: Posted) -> str | None:
    """Return an answer, SILENT, empty for a field that is empty, or None for no field."""
    given = posted.get(item)
    if f"{item}.silent" in posted or (given is not None and SILENT in given):
        return SILENT
    if _is_boxes(response):
        assert isinstance(response, ChoiceResponse)
        return _read_choices(item, response, posted)
    if isinstance(response, ChoiceResponse) and response.other_option:
        return _read_one(item, response, posted)
    return None if given is None else given[0].strip()


def _read_one(item: str, response: ChoiceResponse, posted: Posted) -> str | None:
    """Return one choice; words of one's own count unless another answer was chosen."""
    chosen = first(posted, item).strip()
    words = _own_words(item, posted)
    if words and chosen in ("", response.other_option):
        return f"{response.other_option}: {words}"
    return chosen if item in posted else None


def _own_words(item: str, posted: Posted) -> str:
    return " ".join(first(posted, f"{item}.other").replace(CHOICE_SEPARATOR, "/").split())


def _read_choices(item: str, response: ChoiceResponse, posted: Posted) -> str | None:
    given = posted.get(item, [])
    chosen = [option for option in given if option and option != response.other_option]
    words = _own_words(item, posted)
    if words:
        chosen.append(f"{response.other_option}: {words}")
    elif response.other_option and response.other_option in given:
        chosen.append(response.other_option)
    if not chosen and item not in posted and f"{item}.other" not in posted:
        return None
    return CHOICE_SEPARATOR.join(chosen)


def read_seconds(posted: Posted) -> dict[str, int]:
    """Return how long questions were in sight, where the page says so."""
    said = {name: values[0] for name, values in posted.items() if name.endswith(SECONDS)}
    return {
        name.removesuffix(SECONDS): int(text)
        for name, text in said.items()
        if text.isascii() and text.isdigit() and len(text) < 9
    }
