"""What the coordinator says of a pack."""

import re

from django import forms

from lighttouch.web.ui.forms import Form, RadioSelect

LONGEST = 100_000
HELP = "Staff codes as they stand in the pack, one to a line. Leave empty for none."


class Codes(forms.CharField):
    """Staff codes, one to a line or with commas between them."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"})

    def clean(self, value: str | None) -> frozenset[str]:
        """Return the codes."""
        text = super().clean(value)
        parts = (part.strip() for part in re.split(r"[\n\r,;]+", text))
        return frozenset(part for part in parts if part)


class OutcomeForm(Form):
    """What became of a pack."""

    sent = forms.ChoiceField(
        label="What became of this pack?",
        choices=(("yes", "We sent it"), ("no", "We did not send it")),
        widget=RadioSelect(hints={"no": "It waits again. Make it anew when you can send it."}),
        error_messages={"required": "Say whether it was sent"},
    )
    came_back = Codes(label="Came back", help_text=HELP, required=False, max_length=LONGEST)
    unsent = Codes(
        label="Could not be sent",
        help_text="Such as people you have no address for. " + HELP,
        required=False,
        max_length=LONGEST,
    )


class ReturnedForm(Form):
    """What came back after a pack was sent."""

    came_back = Codes(
        label="Codes that came back",
        help_text="One to a line.",
        max_length=LONGEST,
        error_messages={"required": "Give at least one code"},
    )


class SpoiltForm(Form):
    """Letters to print again."""

    codes = Codes(
        label="Codes of the letters",
        help_text="The code stands at the foot of each letter. One to a line.",
        max_length=LONGEST,
        error_messages={"required": "Give at least one code"},
    )
