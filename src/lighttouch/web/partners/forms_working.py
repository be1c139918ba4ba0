"""Forms for work with partners: tasks, agreements, the funnel, co-design and matching."""

from typing import Any

from django import forms

from lighttouch.web.partners.models import ContactRoute, Kind, Signing
from lighttouch.web.programmes.models import Partner, Programme, Trial
from lighttouch.web.programmes.models import Stage as TrialStage
from lighttouch.web.ui.forms import DateField, Form, RadioSelect, WholeNumberField


def revision_field() -> forms.IntegerField:
    """Return the hidden field that says what the page was opened with."""
    return forms.IntegerField(min_value=0, widget=forms.HiddenInput)


def long_text(label: str, most: int, *, rows: int = 5, hint: str = "", **more: Any) -> Any:  # noqa: ANN401
    """Return a field for some sentences."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, help_text=hint, widget=widget, **more)


class MoveTaskForm(Form):
    """Another day for a task."""

    due_on = DateField(label="New day", help_text="For example, 27 3 2027")
    reason = long_text("Reason", 300, rows=3, hint="One sentence. Name nobody.")
    revision = revision_field()


class AgreementForm(Form):
    """What was agreed with a partner."""

    state = forms.ChoiceField(
        label="How far is the data-sharing agreement?",
        choices=Signing.choices,
        widget=RadioSelect,
    )
    reference = forms.CharField(
        label="Reference",
        max_length=60,
        required=False,
        help_text="The number or name on the agreement. Needed once it is sent.",
    )
    sent_on = DateField(label="Sent on", required=False)
    signed_on = DateField(label="Signed on", required=False, help_text="The last signature.")
    launch_on = DateField(
        label="Launch date agreed",
        required=False,
        help_text="The partner's tasks are counted from it. Leave it empty if it is open.",
    )
    contact_route = forms.ChoiceField(
        label="Who holds staff's contact details?",
        required=False,
        choices=[("", "Not agreed yet"), *ContactRoute.choices],
        widget=RadioSelect(
            hints={
                ContactRoute.HELD: "We issue links and letters by code; the partner adds names.",
                ContactRoute.VAULT: "Encrypted, read only to deliver, destroyed on a set day.",
            }
        ),
    )
    revision = revision_field()


class OfficerForm(Form):
    """Somebody at a partner we may write to."""

    name = forms.CharField(label="Name", max_length=120)
    role = forms.CharField(label="Role", max_length=120, help_text="Such as: data analyst.")
    email = forms.EmailField(label="Work e-mail address")


class StageForm(Form):
    """A number of the funnel, entered by hand."""

    partners = WholeNumberField(
        label="Partners",
        required=False,
        min_value=0,
        max_value=100_000,
        help_text="Leave it empty to use what this site holds.",
    )
    note = forms.CharField(
        label="Note",
        max_length=300,
        required=False,
        help_text="Where the number is from. It is published with the report.",
    )
    revision = revision_field()


class EntryForm(Form):
    """An entry in the log of co-design."""

    kind = forms.ChoiceField(label="What was it?", choices=Kind.choices, widget=RadioSelect)
    on = DateField(label="On", help_text="For example, 12 2 2027")
    title = forms.CharField(label="Title", max_length=120)
    text = long_text(
        "What was said or decided",
        6000,
        rows=8,
        hint="Roles and organisations, not people's names.",
    )
    trial = forms.ModelChoiceField(
        label="Trial it is about",
        queryset=Trial.objects.none(),
        required=False,
        empty_label="The whole programme",
    )
    partner = forms.ModelChoiceField(
        label="Partner it was with",
        queryset=Partner.objects.none(),
        required=False,
        empty_label="No one partner",
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trial"].queryset = programme.trials.all()  # type: ignore[attr-defined]
        self.fields["partner"].queryset = programme.partners.all()  # type: ignore[attr-defined]


class QuoteForm(Form):
    """Words somebody said."""

    theme = forms.CharField(
        label="Theme", max_length=80, help_text="A few words, such as: time pressure."
    )
    role = forms.CharField(
        label="Role of who said it",
        max_length=80,
        help_text="Such as: team manager. Never a name.",
    )
    text = long_text(
        "Quote", 1500, rows=4, hint="Take out names, places of a home, numbers and addresses."
    )


class MatchForm(Form):
    """A partner put to a trial.

    ``aware`` is asked for only where the partner is in another trial already.
    """

    partner = forms.ModelChoiceField(
        label="Partner", queryset=Partner.objects.none(), empty_label="Choose a partner"
    )
    trial = forms.ModelChoiceField(
        label="Trial", queryset=Trial.objects.none(), empty_label="Choose a trial"
    )
    reason = long_text(
        "Why they fit",
        1000,
        hint="Local conditions, wishes, size. It is kept for the report; name nobody.",
    )
    aware = forms.BooleanField(
        label="We have thought about this, and match them all the same",
        required=False,
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafts = programme.trials.filter(stage=TrialStage.DRAFT)
        self.fields["partner"].queryset = programme.partners.all()  # type: ignore[attr-defined]
        self.fields["trial"].queryset = drafts  # type: ignore[attr-defined]
        self.elsewhere: list[str] = []
        if not self.is_bound:
            del self.fields["aware"]

    def clean(self) -> dict[str, Any]:
        """Warn once where what is done in one trial could reach people of another."""
        cleaned: dict[str, Any] = super().clean() or {}
        partner, trial = cleaned.get("partner"), cleaned.get("trial")
        if partner and trial:
            places = partner.participations.exclude(trial=trial).select_related("trial")
            self.elsewhere = [place.trial.title for place in places]
        if not self.elsewhere:
            del self.fields["aware"]
        elif not cleaned.get("aware"):
            self.add_error("aware", "Tick the box if you have thought about this")
        return cleaned


class EndMatchForm(Form):
    """Why a match ends."""

    reason = long_text("Why does the match end?", 1000, hint="Name nobody.")
    mistaken = forms.BooleanField(
        label="It was a mistake: do not count it in the funnel", required=False
    )
