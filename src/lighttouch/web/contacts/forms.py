"""Sending the key."""

from django import forms

from lighttouch.web.ui.forms import DateField, Form


class SendKey(Form):
    """The file, and the day it is destroyed."""

    file = forms.FileField(
        label="The list of who is who",
        help_text="The template filled in, as .xlsx or .csv.",
        error_messages={"required": "Choose the file"},
    )
    destroy_on = DateField(
        label="Destroy it on",
        help_text="The day your staff were promised, for example 30 9 2027.",
    )
