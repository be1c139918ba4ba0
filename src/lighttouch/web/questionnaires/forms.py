"""Forms of the builder: a questionnaire, a question, and who is asked it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from pydantic import ValidationError

from lighttouch.core.errors import LighttouchError
from lighttouch.core.instruments.library import read_library
from lighttouch.core.protocol.questions import (
    ChoiceResponse,
    NumberResponse,
    OwnInstrument,
    ScaleResponse,
)
from lighttouch.web.questionnaires.actions import refuse_faulty
from lighttouch.web.questionnaires.building import find_name
from lighttouch.web.ui.forms import CheckboxSelectMultiple, Form, RadioSelect, WholeNumberField

EMPTY = ""
KINDS = {
    "single_choice": ("One answer from a list", ""),
    "multi_choice": ("Any number of answers from a list", ""),
    "labelled_scale": ("A scale on which every point has words", "Such as never, rarely, often."),
    "end_anchored_scale": ("A scale with words at both ends", "Such as 1, not at all, to 7."),
    "integer_scale": ("A ladder or row of numbers", "Such as 0 to 10, with words at both ends."),
    "count": ("A whole number", ""),
    "number": ("A number, also with decimals", ""),
    "free_text": ("Own words", "Takes longest, and has to be read by somebody."),
}
SCALES = ("labelled_scale", "end_anchored_scale", "integer_scale")
LISTS = ("single_choice", "multi_choice", "labelled_scale")
MOST_LINES = 30


class StartForm(Form):
    """A new questionnaire: its title, its short name, and what it starts from."""

    title = forms.CharField(
        label="Title", max_length=200, help_text="People see it at the top of the survey."
    )
    name = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        label="Short name",
        required=False,
        max_length=40,
        help_text="For the trial file, such as how_work_is: small letters, digits and "
        "underscores. Leave it empty to make one of the title.",
        error_messages={"invalid": "Write it with small letters, digits and underscores"},
    )
    start = forms.ChoiceField(label="Start from", required=False)

    def __init__(self, *args: Any, given: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        library = [
            (f"library:{one.id}", f"{one.id.replace('_', ' ').capitalize()}, of the library")
            for one in read_library().questionnaires.values()
        ]
        own = [(f"file:{name}", f"{title}, in the trial file") for name, title in given]
        start = self.fields["start"]
        assert isinstance(start, forms.ChoiceField)
        start.choices = [(EMPTY, "Nothing"), *own, *library]

    def clean(self) -> dict[str, Any]:
        """Make a short name of the title where none is given."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("name") and cleaned.get("title"):
            cleaned["name"] = find_name(cleaned["title"], set())
        return cleaned


class DescribeForm(Form):
    """A questionnaire's title, its length, and the waves that ask it."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label="Title", max_length=200)
    minutes = WholeNumberField(
        label="About how many minutes does it take?",
        required=False,
        min_value=1,
        max_value=120,
        help_text="Leave it empty to have it worked out at ten seconds a question.",
        widget=forms.TextInput({"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )
    waves = forms.MultipleChoiceField(
        label="Which waves ask it?",
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="They ask it in the place of the questionnaire they name now.",
    )

    def __init__(self, *args: Any, waves: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["waves"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(waves)


class AskedForm(Form):
    """At which waves, and of which arms, one instrument is asked."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    waves = forms.MultipleChoiceField(
        label="Asked at",
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="Tick none to ask it at every wave that has the questionnaire.",
    )
    arms = forms.MultipleChoiceField(
        label="Asked of",
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="Tick none to ask everybody. What only some arms are asked waits for the "
        "allocation, and is no outcome; the other arms are not told.",
    )

    def __init__(
        self,
        *args: Any,
        waves: Sequence[tuple[str, str]],
        arms: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("waves", waves), ("arms", arms)):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = list(choices)


class WriteForm(Form):
    """Put a questionnaire into the trial file as it was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    after = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="What did you change?",
        required=False,
        max_length=1000,
        help_text="A few words for whoever compares versions later. Name nobody.",
    )


class DiscardForm(Form):
    """Put a questionnaire away."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class QuestionForm(Form):
    """One own question, or several that are answered in the same way."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    words = forms.CharField(
        label="The question, word for word",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Further lines are further questions, answered in the same way.",
    )
    kind = forms.ChoiceField(
        label="How is it answered?",
        choices=[(kind, words) for kind, (words, _) in KINDS.items()],
        widget=RadioSelect(hints={kind: hint for kind, (_, hint) in KINDS.items()}),
        error_messages={"required": "Say how it is answered"},
    )
    options = forms.CharField(
        label="Answers to choose from, or words of each point",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 5}),
        help_text="One to a line, for a list, or for a scale on which every point has words.",
    )
    other = forms.CharField(
        label="A last answer in own words",
        required=False,
        max_length=60,
        help_text="For a list: what it is called, such as Other. Leave it empty for none.",
    )
    low = WholeNumberField(
        label="Lowest number",
        required=False,
        help_text="For scales and numbers.",
        widget=forms.TextInput({"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )
    high = WholeNumberField(
        label="Highest number",
        required=False,
        help_text="For scales with words at both ends.",
        widget=forms.TextInput({"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )
    low_words = forms.CharField(label="Words at the low end", required=False, max_length=100)
    high_words = forms.CharField(label="Words at the high end", required=False, max_length=100)
    unit = forms.CharField(
        label="Unit",
        required=False,
        max_length=60,
        help_text="For numbers: printed after the field, such as hours a week.",
    )
    preamble = forms.CharField(
        label="Words before it",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text="If people must know something first.",
    )
    stem = forms.CharField(
        label="Instruction",
        required=False,
        max_length=300,
        help_text="Leave it empty for a plain one, such as Choose one answer.",
    )
    scored = forms.BooleanField(
        label="The answers are added up to a score",
        required=False,
        help_text="For scales and numbers: an outcome can then rest on them.",
    )

    def __init__(self, *args: Any, taken: set[str], known: OwnInstrument | None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.taken, self.known = taken, known
        self.made: OwnInstrument | None = None

    def clean(self) -> dict[str, Any]:
        """Make the question, and say what is wrong with it beside the field that says it."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        self._refuse_gaps(cleaned)
        if self.errors:
            return cleaned
        try:
            self.made = OwnInstrument.model_validate(self._plain(cleaned))
            refuse_faulty(self.made)
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False):
                self.add_error(None, problem["msg"].removeprefix("Value error, ").capitalize())
        except LighttouchError as error:
            for fault in error.faults:
                self.add_error(None, f"{fault.what[:1].upper()}{fault.what[1:]}. {fault.remedy}")
        return cleaned

    def _refuse_gaps(self, given: dict[str, Any]) -> None:
        kind = given["kind"]
        if len(lines_of(given["words"])) > MOST_LINES:
            self.add_error("words", f"Ask at most {MOST_LINES} questions at once")
        if kind in LISTS and len(lines_of(given["options"])) < 2:
            self.add_error("options", "Give at least two, each on a line of its own")
        if kind in SCALES and kind != "labelled_scale":
            for name in ("low", "high"):
                if given[name] is None:
                    self.add_error(name, "Give the number")
            for name in ("low_words", "high_words"):
                if not given[name]:
                    self.add_error(name, "Give the words")
        if given["scored"] and kind not in (*SCALES, "count", "number"):
            self.add_error("scored", "Only numbers and scales can be added up")

    def _plain(self, given: dict[str, Any]) -> dict[str, Any]:
        texts = lines_of(given["words"])
        name = self.known.id if self.known else find_name(texts[0], self.taken)
        score = "sum" if len(texts) > 1 else "single_item"
        return {
            "id": name,
            "name": self.known.name if self.known else texts[0][:100],
            "stem": given["stem"],
            "preamble": given["preamble"].replace("\r\n", "\n"),
            "response": _response(given),
            "items": self._items(texts, name),
            "score": score if given["scored"] else "none",
        }

    def _items(self, texts: list[str], name: str) -> list[dict[str, Any]]:
        """Keep the names of questions whose words, or else whose place, stayed."""
        known = self.known.items if self.known else ()
        before = {item.text: item for item in known}
        used = {before[text].id for text in texts if text in before}
        made: list[dict[str, Any]] = []
        for place, text in enumerate(texts):
            if text in before:
                item = before[text]
                made.append({"id": item.id, "text": text, "reversed": item.reversed})
                continue
            old = known[place].id if place < len(known) else ""
            fresh = old if old and old not in used else _next_id(name, used)
            used.add(fresh)
            made.append({"id": fresh, "text": text})
        return made


def _next_id(base: str, used: set[str]) -> str:
    number = 1
    while f"{base}_{number}" in used:
        number += 1
    return f"{base}_{number}"


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a field that say something.

    Examples
    --------
    >>> lines_of("one\r\n\r\n two ")
    ['one', 'two']
    """
    return [line.strip() for line in text.splitlines() if line.strip()]


def _response(given: dict[str, Any]) -> dict[str, Any]:
    kind = given["kind"]
    if kind in ("single_choice", "multi_choice"):
        options = lines_of(given["options"])
        return {"kind": kind, "options": options, "other_option": given["other"].strip()}
    if kind == "labelled_scale":
        low = 1 if given["low"] is None else given["low"]
        words = list(enumerate(lines_of(given["options"]), start=low))
        anchors = [{"value": value, "label": label} for value, label in words]
        return {"kind": kind, "min": low, "max": words[-1][0], "anchors": anchors}
    if kind in SCALES:
        ends = ((given["low"], given["low_words"]), (given["high"], given["high_words"]))
        anchors = [{"value": value, "label": label} for value, label in ends]
        return {"kind": kind, "min": given["low"], "max": given["high"], "anchors": anchors}
    if kind == "free_text":
        return {"kind": kind}
    return {"kind": kind, "min": given["low"] or 0, "unit": given["unit"].strip()}


def read_question(own: OwnInstrument) -> dict[str, Any]:
    """Return what the form of a question shows of it."""
    response = own.response
    shown: dict[str, Any] = {
        "words": "\n".join(item.text for item in own.items),
        "kind": response.kind,
        "preamble": own.preamble,
        "stem": own.stem,
        "scored": own.score != "none",
    }
    if isinstance(response, ChoiceResponse):
        shown |= {"options": "\n".join(response.options), "other": response.other_option}
    elif isinstance(response, ScaleResponse):
        words = [one.label for one in response.anchors] or [""]
        shown |= {"low": response.min, "high": response.max}
        if response.kind == "labelled_scale":
            shown["options"] = "\n".join(words)
        else:
            shown |= {"low_words": words[0], "high_words": words[-1]}
    elif isinstance(response, NumberResponse):
        shown |= {"low": response.min, "unit": response.unit}
    return shown
