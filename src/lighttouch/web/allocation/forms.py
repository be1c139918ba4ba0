"""Forms of the pages of allocation."""

from collections.abc import Sequence
from typing import Any

from django import forms

from lighttouch.web.programmes.models import Partner
from lighttouch.web.ui.forms import CheckboxSelectMultiple, Form


class ConfirmForm(Form):
    """Confirms a draw as the second person."""

    sure = forms.BooleanField(
        label="I have checked what will be drawn, and from which roster",
        error_messages={"required": "Tick the box once you have checked it"},
    )


class ReasonForm(Form):
    """Why data are locked, or arms opened."""

    reason = forms.CharField(
        label="Why now?",
        help_text="This is kept for good. Do not name anybody.",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say why in a sentence"},
    )


class UnblindForm(Form):
    """Confirms an unblinding as the second person."""

    sure = forms.BooleanField(
        label="I agree that researchers may see arms and results by arm from now on",
        error_messages={"required": "Tick the box if you agree"},
    )


class DeliveringForm(Form):
    """Which partners deliver what the arms get."""

    partners = forms.MultipleChoiceField(
        label="Partners that deliver",
        required=False,
        widget=CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, partners: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partners"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(partner.code, partner.name) for partner in partners]


class SearchForm(Form):
    """Which people's arms to list."""

    code = forms.CharField(
        label="Staff code, or part of it",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            {"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    partner = forms.ChoiceField(label="Partner", required=False)

    def __init__(self, *args: Any, partners: Sequence[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All partners"), *((p.code, p.name) for p in partners)]
