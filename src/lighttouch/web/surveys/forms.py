"""Forms of the pages on which surveys are run."""

from django import forms

from lighttouch.web.enrolment.models import LONGEST_CODE
from lighttouch.web.ui.forms import DateField, Form

BECAUSE = "This is kept in the log. Do not name anybody."


class OpenForm(Form):
    """Confirms that a survey is to be opened."""

    sure = forms.BooleanField(
        label="I have checked what is asked, of whom and when",
        error_messages={"required": "Tick the box once you have checked it"},
    )


class ExtendForm(Form):
    """A later last day, and why."""

    closes_on = DateField(label="New last day", help_text="People can answer until its end.")
    because = forms.CharField(
        label="Why is it open for longer?",
        help_text=BECAUSE,
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say why in a sentence"},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class CloseForm(Form):
    """Why a survey closes before its last day."""

    because = forms.CharField(
        label="Why is it closed early?",
        help_text=BECAUSE,
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say why in a sentence"},
    )


class OneForm(Form):
    """Whose link it is about."""

    code = forms.CharField(
        label="Staff code",
        max_length=LONGEST_CODE,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Give the staff code"},
    )
