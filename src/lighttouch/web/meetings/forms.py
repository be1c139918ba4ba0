"""Forms of meetings."""

from collections.abc import Iterable

from django import forms

from lighttouch.web.meetings.queries import Team
from lighttouch.web.ui.forms import Form

MARK = "="
"""Before a team's code in a form, for the code of those without a team is empty."""


class TeamForm(Form):
    """Which team meets."""

    team = forms.ChoiceField(label="Which team is meeting?")

    def __init__(self, *args: object, teams: Iterable[Team], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(f"{MARK}{one.code}", f"{one.label} ({one.people})") for one in teams]

    @property
    def chosen(self) -> str:
        """The code of the team chosen."""
        return str(self.cleaned_data["team"]).removeprefix(MARK)


class ShortForm(Form):
    """The letters that lead to a meeting."""

    code = forms.CharField(
        label="The eight letters on the screen or sheet",
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "Type the eight letters"},
    )


class SlipForm(Form):
    """The letters on somebody's slip."""

    letters = forms.CharField(
        label="The ten letters on your slip",
        help_text="In two groups, like BCDFG HJKLM. Capitals or not does not matter.",
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "Type the letters on your slip"},
    )
