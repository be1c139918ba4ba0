"""Forms of delivery."""

from django import forms

from lighttouch.web.ui.forms import Form


class PreviewForm(Form):
    """For whom a message is shown."""

    code = forms.CharField(
        label="Staff code",
        max_length=200,
        widget=forms.TextInput(
            {"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
