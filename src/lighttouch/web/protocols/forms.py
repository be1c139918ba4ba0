"""Forms of the pages that write, review and register a protocol."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html

from lighttouch.web.programmes.models import Programme
from lighttouch.web.protocols.convert import MOST_CHARACTERS
from lighttouch.web.protocols.library import examples
from lighttouch.web.ui.forms import Form, RadioSelect

OWN_FILE = "file"
LARGEST_FILE = 4 * MOST_CHARACTERS
"""No text of the longest allowed can take more bytes."""


class NewTrialForm(Form):
    """Where a new trial belongs and what it starts from."""

    programme = forms.ModelChoiceField(
        Programme.objects.none(), to_field_name="slug", widget=RadioSelect, empty_label=None
    )
    start = forms.ChoiceField(label="Start from", widget=RadioSelect)
    file = forms.FileField(
        label="Your trial file",
        required=False,
        help_text="A trial.toml, if you chose to send one of your own.",
    )
    slug = forms.CharField(
        label="Short name",
        required=False,
        max_length=63,
        help_text="For addresses and file names, such as letters_2027: small letters, digits and "
        "underscores. Leave it empty to use the one in the file.",
        widget=forms.TextInput({"class": "govuk-input--width-20", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, programmes: Sequence[Programme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programme = self.fields["programme"]
        assert isinstance(programme, forms.ModelChoiceField)
        programme.queryset = Programme.objects.filter(pk__in=[one.pk for one in programmes])
        if len(programmes) == 1:
            programme.initial = programmes[0].slug
        start = self.fields["start"]
        assert isinstance(start, forms.ChoiceField)
        start.choices = [
            *(
                (one.name, format_html("<strong>{}</strong><br>{}", one.title, one.sentence))
                for one in examples()
            ),
            (OWN_FILE, "A trial file of your own"),
        ]

    def clean_file(self) -> "UploadedFile[bytes] | None":
        """Refuse a file that cannot be a trial file before it is read."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(
                "That file is too large to be a trial file. Choose a trial.toml."
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Ask for the file where it was chosen to send one."""
        cleaned = super().clean() or self.cleaned_data
        sent = cleaned.get("file") or "file" in self.errors
        if cleaned.get("start") == OWN_FILE and not sent:
            self.add_error("file", "Choose the file to send")
        return cleaned


class ReviewForm(Form):
    """Approve a version, or send it back with a note."""

    verdict = forms.ChoiceField(
        label="What do you decide?",
        widget=RadioSelect,
        choices=[("approve", "Approve it"), ("send_back", "Send it back with a note")],
        error_messages={"required": "Choose whether to approve it or send it back"},
    )
    note = forms.CharField(
        label="Note to the author",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 5}),
        help_text="Say what must change if you send it back. Name nobody.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the note that sending back needs."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("verdict") == "send_back" and not cleaned.get("note", "").strip():
            self.add_error("note", "Say what must change")
        return cleaned


class ConfirmForm(Form):
    """One box to tick before something that cannot be undone."""

    sure = forms.BooleanField(
        label="I have checked this and understand that it cannot be undone",
        error_messages={"required": "Tick the box if you have checked this"},
    )
