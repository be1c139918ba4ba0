"""Forms for running a programme: its words, its call, and what is thought of expressions."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from lighttouch.web.partners.actions import CallText
from lighttouch.web.partners.actions.calls import MOST_THEMES
from lighttouch.web.partners.forms_working import long_text, revision_field
from lighttouch.web.partners.models import Criterion, State, Theme, Workforce
from lighttouch.web.programmes.models import CODE
from lighttouch.web.ui.forms import DateField, Form, RadioSelect

CODE_HINT = "Small letters, digits and underscores. It stands in addresses and files for good."
MEANS = {
    Criterion.INEXPENSIVE: "The organisation could pay for it itself, later and everywhere.",
    Criterion.DELIVERABLE: "Those who would have to do it think that they can.",
    Criterion.SCALABLE: "It would fit other organisations as well as this one.",
    Criterion.LIGHT_TOUCH: "It takes people little time and little effort.",
}
"""Each criterion in a plain sentence."""
SCORES = (("3", "3: fully"), ("2", "2: mostly"), ("1", "1: partly"), ("0", "0: not at all"))


class ProgrammeForm(Form):
    """What a programme is called and about."""

    title = forms.CharField(label="Title", max_length=200)
    summary = long_text("What it is about", 2000, hint="Two or three sentences.", required=False)


class NewProgrammeForm(ProgrammeForm):
    """A programme that is not there yet."""

    slug = forms.CharField(label="Code", max_length=63, validators=[CODE], help_text=CODE_HINT)
    field_order = ("title", "slug", "summary")


class EditProgrammeForm(ProgrammeForm):
    """A programme's words, as they were when the page was opened."""

    was = forms.CharField(widget=forms.HiddenInput)


class CallForm(Form):
    """What a call says."""

    title = forms.CharField(label="Title", max_length=120)
    summary = long_text("What you look for, and why", 2000)
    opens_on = DateField(label="Opens on", help_text="For example, 14 1 2027")
    closes_on = DateField(label="Closes on", help_text="It stays open to the end of this day.")
    themes = long_text(
        "Themes",
        4000,
        hint=f"One to a line, up to {MOST_THEMES}. After a colon, say what it means.",
    )
    tasks = long_text("What a partner does", 4000, hint="One thing to a line.")
    time = long_text("How much time it takes", 4000, rows=3)
    data = long_text("What data they share", 4000, rows=3)
    handling = long_text("How data are handled", 4000)
    contact = forms.EmailField(
        label="E-mail address for questions", help_text="It is shown to everybody."
    )
    revision = revision_field()

    def clean_themes(self) -> tuple[tuple[str, str], ...]:
        """Read one theme from each line."""
        lines = [line.strip() for line in self.cleaned_data["themes"].splitlines()]
        pairs = [tuple(part.strip() for part in line.partition(":")[::2]) for line in lines if line]
        if not 1 <= len(pairs) <= MOST_THEMES:
            raise forms.ValidationError(f"Write 1 to {MOST_THEMES} themes, one to a line")
        if len({title.casefold() for title, _ in pairs}) < len(pairs):
            raise forms.ValidationError("Write each theme once")
        return tuple((title, meaning) for title, meaning in pairs)

    def clean(self) -> dict[str, Any]:
        """Check that it closes after it opens."""
        cleaned: dict[str, Any] = super().clean() or {}
        opens, closes = cleaned.get("opens_on"), cleaned.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "It must close on the day it opens, or later")
        return cleaned

    def text(self) -> CallText:
        """Return what was written."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        return CallText(**given)


class ConfirmForm(Form):
    """A button for something that has a revision."""

    revision = revision_field()


class FilterForm(Form):
    """Which expressions to list."""

    state = forms.ChoiceField(
        label="State", choices=[("", "Every state"), *State.choices], required=False
    )
    theme = forms.ModelChoiceField(
        label="Theme", queryset=Theme.objects.none(), required=False, empty_label="Every theme"
    )
    workforce = forms.ChoiceField(
        label="Staff", choices=[("", "Any number"), *Workforce.choices], required=False
    )
    mine = forms.BooleanField(label="Only those I have yet to assess", required=False)

    def __init__(self, *args: Any, themes: QuerySet[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].queryset = themes  # type: ignore[attr-defined]


class NoteForm(Form):
    """What was learnt from an organisation."""

    on = DateField(label="On", help_text="The day you spoke to them.")
    text = long_text("Note", 4000, hint="Roles, not names. Everybody who reviews can read it.")


class AssessForm(Form):
    """A judgement of the four criteria, a score and a reason each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in Criterion:
            self.fields[f"score_{one.value}"] = forms.ChoiceField(
                label=one.label, help_text=MEANS[one], choices=SCORES, widget=RadioSelect
            )
            self.fields[f"reason_{one.value}"] = long_text(
                f"Why this score for “{one.label.lower()}”?", 500, rows=2
            )


DECISION_WORDS = {
    State.SHORTLISTED: "Shortlist it",
    State.DECLINED: "Decline it",
    State.WITHDRAWN: "Note that they withdrew",
    State.RECEIVED: "Put it back to be decided",
}


class DecideForm(Form):
    """What becomes of an expression, and why."""

    state = forms.ChoiceField(label="Decision", widget=RadioSelect)
    reason = long_text("Reason", 1000, rows=3, hint="It is kept. Name nobody.")
    revision = revision_field()

    def __init__(self, *args: Any, states: tuple[State, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.value, DECISION_WORDS[one]) for one in states]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]


class PartnerForm(Form):
    """What a partner is called from now on."""

    name = forms.CharField(label="Name", max_length=200)
    code = forms.CharField(label="Code", max_length=63, validators=[CODE], help_text=CODE_HINT)
    revision = revision_field()
