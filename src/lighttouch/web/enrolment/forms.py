"""Forms of the pages of enrolment."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from lighttouch.web.enrolment.models import Event, Withdrawal
from lighttouch.web.enrolment.reading import LARGEST_FILE
from lighttouch.web.enrolment.telling import Told
from lighttouch.web.ui.forms import DateField, Form, RadioSelect

SHORT = {"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}

HOW_FAR = (
    (Withdrawal.STOP_CONTACT, "Stop contact: nobody writes to them about the trial any more"),
    (
        Withdrawal.STOP_COLLECTION,
        "Stop collection: nothing more is collected about them either",
    ),
    (
        Withdrawal.ERASE,
        "Erase: what they answered and used is destroyed as well. This cannot be undone",
    ),
)


class FreezeForm(Form):
    """Confirms that the roster is to be frozen."""

    sure = forms.BooleanField(
        label="I have checked these numbers",
        error_messages={"required": "Tick the box once you have checked the numbers"},
    )


class FreezeAgainForm(Form):
    """Why a frozen roster is built again before the draw."""

    reason = forms.CharField(
        label="Why is the roster frozen again?",
        help_text="This is kept with the roster it replaces. Do not name anybody.",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say why in a sentence"},
    )


class HappeningForm(Form):
    """What happened to one person; which fields there are depends on what it was."""

    staff_id = forms.CharField(
        label="Staff code",
        help_text="As in the baseline return. Never a name.",
        max_length=200,
        widget=forms.TextInput(SHORT),
        error_messages={"required": "Give the staff code"},
    )
    on = DateField(label="Date", help_text="For example, 27 4 2026")
    how_far = forms.ChoiceField(
        label="How far do they withdraw?",
        choices=HOW_FAR,
        widget=RadioSelect,
        error_messages={"required": "Choose how far they withdraw"},
    )
    team = forms.CharField(
        label="New team", required=False, max_length=60, widget=forms.TextInput(SHORT)
    )
    building = forms.CharField(
        label="New building",
        help_text="Leave empty what did not change.",
        required=False,
        max_length=60,
        widget=forms.TextInput(SHORT),
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        if event != Event.WITHDRAWAL:
            del self.fields["how_far"]
        if event != Event.TRANSFER:
            del self.fields["team"], self.fields["building"]

    def clean(self) -> dict[str, Any]:
        """Refuse a move to nowhere."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.event == Event.TRANSFER and not (given.get("team") or given.get("building")):
            self.add_error("team", "Give the new team, or the new building below")
        return given

    @property
    def told(self) -> Told:
        """What the form tells."""
        given = self.cleaned_data
        return Told(
            given["staff_id"].strip(),
            self.event,
            given["on"],
            given.get("how_far", ""),
            given.get("team", ""),
            given.get("building", ""),
        )


class FileForm(Form):
    """A file that tells what happened to many people."""

    file = forms.FileField(
        label="Your file",
        help_text="A CSV file made from the template, 1 MB at most.",
        error_messages={"required": "Choose a file", "empty": "The file is empty"},
        widget=forms.ClearableFileInput({"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a large file before it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError("The file is over 1 MB. Send it in several parts")
        return file


class CancelForm(Form):
    """Why a record was a mistake."""

    reason = forms.CharField(
        label="What was wrong with it?",
        help_text="For example: the wrong staff code. Do not name anybody.",
        max_length=300,
        error_messages={"required": "Say what was wrong"},
    )
