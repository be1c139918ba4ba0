"""Handing in a table that was collected elsewhere."""

from django import forms
from django.conf import settings

from lighttouch.web.analysis.models import TABLES
from lighttouch.web.ui.forms import Form, RadioSelect

WORDS = {
    "responses.csv": "Answers to a survey (responses.csv)",
    "deliveries.csv": "What was delivered (deliveries.csv)",
    "uptake.csv": "What was used (uptake.csv)",
}


class AttachTable(Form):
    """Which table, and the file."""

    name = forms.ChoiceField(
        label="What the file holds",
        choices=[(name, WORDS[name]) for name in TABLES],
        widget=RadioSelect,
        error_messages={"required": "Choose what the file holds"},
    )
    file = forms.FileField(
        label="The file",
        help_text="A .csv as a study folder holds it. No names, addresses or numbers of people.",
        error_messages={"required": "Choose a file"},
    )

    def clean_file(self) -> bytes:
        """Return the file's bytes, if it is not too large."""
        given = self.cleaned_data["file"]
        if given.size > settings.LARGEST_UPLOAD:
            raise forms.ValidationError("The largest file taken is 50 MB; split the table")
        content: bytes = given.read()
        return content
