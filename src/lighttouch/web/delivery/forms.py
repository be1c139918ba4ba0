"""Forms of delivery."""

from django import forms

from lighttouch.web.ui.forms import CodeField, Form


class PreviewForm(Form):
    """For whom a message is shown."""

    code: forms.CharField = CodeField(label="Staff code", max_length=200)
