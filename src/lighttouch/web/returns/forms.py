"""The forms of a return."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from lighttouch.web.returns.convert import Kind
from lighttouch.web.returns.keeping import LONGEST_TEXT
from lighttouch.web.returns.privacy import find_personal
from lighttouch.web.ui.forms import Form

ACCEPTED = ".xlsx,.ods,.csv"


class WordsField(forms.CharField):
    """A few sentences in which no name may stand."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        super().__init__(**kwargs)
        self.widget.attrs["rows"] = 3

    def clean(self, value: object) -> str:
        """Return the text, unless it seems to hold a name or contact detail."""
        text: str = super().clean(value)
        if kind := find_personal(text):
            raise forms.ValidationError(
                f"This looks like it holds {kind}. Write it without; use staff codes if you must."
            )
        return text


class UploadForm(Form):
    """The file, and which version was the newest when the page was opened."""

    file = forms.FileField(
        label="Your file",
        help_text="An .xlsx, .ods or .csv file of at most 50 MB.",
        error_messages={
            "required": "Choose the file to send",
            "empty": "The file is empty. Open it, save it again and send the new copy",
            "invalid": "Choose the file to send",
        },
    )
    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ACCEPTED


class ExplainForm(Form):
    """One text for each kind of finding that asks for a word; made by :func:`explain_form`."""

    kinds: ClassVar[dict[str, Kind]] = {}

    def texts(self) -> dict[str, str]:
        """Return what was said, by kind."""
        return {kind.id: self.cleaned_data[name] for name, kind in self.kinds.items()}


def explain_form(
    kinds: Sequence[Kind], said: Mapping[str, str], data: QueryDict | None
) -> ExplainForm:
    """Make the form for these kinds, with what was said of them before."""
    by_name = {f"kind_{position}": kind for position, kind in enumerate(kinds)}
    fields = {
        name: WordsField(
            label=kind.fault[:1].upper() + kind.fault[1:],
            help_text=_help(kind),
            initial=said.get(kind.id, ""),
            error_messages={"required": "Say why this is right as it is"},
        )
        for name, kind in by_name.items()
    }
    made: type[ExplainForm] = type("ExplainForm", (ExplainForm,), {"kinds": by_name} | fields)
    return made(data)


def _help(kind: Kind) -> str:
    column = f"Column {kind.column}" if kind.column else "The whole return"
    heading = f" ({kind.heading})" if kind.heading else ""
    return f"{column}{heading}. {kind.remedy}. Or say here why it is right as it is."


class ReopenForm(Form):
    """Why a signed-off return is opened again."""

    reason = WordsField(
        label="Why is it opened again?",
        help_text="The coordinators read this, and it is kept in the log. No names.",
        error_messages={"required": "Say why the return is opened again"},
    )
