"""The public expression of interest: one question to a page."""

from typing import Any, ClassVar

from django import forms

from lighttouch.web.partners.forms_working import long_text
from lighttouch.web.partners.models import Call, Readiness, Workforce
from lighttouch.web.partners.words import find_faults
from lighttouch.web.ui.forms import CheckboxSelectMultiple, Form, RadioSelect

TRAPPED = "Leave this field empty. It is there to stop programs that fill in forms"


class StepForm(Form):
    """One page of the form; ``words`` are fields in which nobody may be named."""

    words: ClassVar[tuple[str, ...]] = ()

    website = forms.CharField(
        label="Leave this empty",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call = call

    def clean_website(self) -> str:
        """Stop programs that fill in every field."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(TRAPPED)
        return ""

    def clean(self) -> dict[str, Any]:
        """Refuse names, addresses and numbers of people in free text."""
        cleaned: dict[str, Any] = super().clean() or {}
        given = {name: cleaned[name] for name in self.words if cleaned.get(name)}
        for name, said in find_faults(given).items():
            self.add_error(name, said.rstrip("."))
        return cleaned

    def answers(self) -> dict[str, Any]:
        """Return what was answered, as the session keeps it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "website"}


class OrganisationForm(StepForm):
    """Which organisation it is."""

    heading = "organisation"
    organisation = forms.CharField(
        label="What is your organisation called?",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ("organisation", "website")


class ContactForm(StepForm):
    """Whom to answer."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    role = forms.CharField(
        label="Your role",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    email = forms.EmailField(
        label="Your work e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("name", "role", "email", "website")


class WorkforceForm(StepForm):
    """Roughly how many staff there are."""

    heading = "workforce"
    workforce = forms.ChoiceField(
        label="About how many staff could take part?",
        choices=Workforce.choices,
        widget=RadioSelect,
    )
    field_order = ("workforce", "website")


class ThemesForm(StepForm):
    """What they care about."""

    heading = "themes"
    themes = forms.TypedMultipleChoiceField(
        label="Which themes matter most to your staff?",
        coerce=int,
        widget=CheckboxSelectMultiple,
        help_text="Choose as many as you like.",
    )
    field_order = ("themes", "website")

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, call=call, **kwargs)
        asked = list(call.themes.filter(retired=False))
        field = self.fields["themes"]
        field.choices = [(one.pk, one.title) for one in asked]  # type: ignore[attr-defined]
        field.widget.hints = {str(one.pk): one.meaning for one in asked}


class WishForm(StepForm):
    """What they would like to try."""

    heading = "wish"
    words = ("wish",)
    wish = long_text(
        "What would you like to try?",
        3000,
        rows=8,
        hint="A few sentences. An idea is enough. Please do not name people.",
    )
    field_order = ("wish", "website")


class WorryForm(StepForm):
    """What they worry about."""

    heading = "worry"
    words = ("worry",)
    worry = long_text(
        "What worries you about taking part?",
        3000,
        rows=6,
        hint="You can leave this empty. It does not count against you. Please do not name people.",
        required=False,
    )
    field_order = ("worry", "website")


class ReadinessForm(StepForm):
    """How near they are to sharing data."""

    heading = "readiness"
    readiness = forms.ChoiceField(
        label="Could you share staff data without names, under an agreement?",
        choices=Readiness.choices,
        widget=RadioSelect,
    )
    field_order = ("readiness", "website")


class SendForm(StepForm):
    """The button at the end."""


STEPS: dict[str, tuple[str, type[StepForm]]] = {
    "organisation": ("Your organisation", OrganisationForm),
    "contact": ("How we can reach you", ContactForm),
    "workforce": ("Staff", WorkforceForm),
    "themes": ("Themes", ThemesForm),
    "try": ("What you would like to try", WishForm),
    "worries": ("What worries you", WorryForm),
    "data": ("Sharing data", ReadinessForm),
}
"""The pages in their order."""


def fields_of(step: str) -> list[str]:
    """Return the names of what a page asks."""
    return [name for name in STEPS[step][1].base_fields if name != "website"]
