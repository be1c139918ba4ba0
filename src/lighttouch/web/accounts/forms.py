"""Forms of signing in and of giving roles."""

from typing import Any

from django import forms

from lighttouch.web.accounts.models import Grant, Role, User
from lighttouch.web.accounts.permissions import live_grants
from lighttouch.web.accounts.queries import is_administrator
from lighttouch.web.accounts.rights_to_give import may_give
from lighttouch.web.audit.queries import known_acts
from lighttouch.web.programmes.models import Participation, Partner, Programme, Trial
from lighttouch.web.ui.forms import DateField, Form


class AskForLink(Form):
    """Where to send the link."""

    email = forms.EmailField(
        label="Your work e-mail address",
        help_text="We send a link that signs you in. It works once, for 15 minutes.",
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address like name@council.gov.uk"},
    )


class OwnName(Form):
    """How somebody writes their own name."""

    name = forms.CharField(
        label="Name",
        help_text="Shown to the people you work with here, and in the e-mails we send you.",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
    )


class Invite(Form):
    """Whom to invite, as what, and where."""

    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(
        label="Work e-mail address",
        error_messages={"invalid": "Enter an e-mail address like name@council.gov.uk"},
    )
    role = forms.ChoiceField(label="Role")
    where = forms.ChoiceField(
        label="Where",
        help_text="Coordinators and team managers have a partner; every other role has a programme"
        " or one trial.",
        required=False,
    )
    team = forms.CharField(
        label="Team code",
        help_text="For a team manager only: the team's code, as in the returns.",
        max_length=64,
        required=False,
    )

    def __init__(self, *args: Any, giver: User, **kwargs: Any) -> None:
        self.giver = giver
        super().__init__(*args, **kwargs)
        places = places_to_give(giver)
        if is_administrator(giver):
            places.insert(0, ("service", "The whole service (administrators only)"))
        _offer(self, "role", [("", "Choose a role"), *self.roles_to_give])
        _offer(self, "where", [("", "Choose a place"), *places])

    @property
    def roles_to_give(self) -> list[tuple[str, str]]:
        """The roles that this person may give somewhere."""
        every = [(role.value, role.label) for role in Role]
        return every if is_administrator(self.giver) else every[1:]

    def clean(self) -> dict[str, Any]:
        """Check that role and place fit together and that the giver may give it."""
        data = super().clean() or {}
        if self.errors:
            return data
        role = Role(data["role"])
        scope = scope_of(data.get("where", ""))
        at_partner = role in (Role.COORDINATOR, Role.TEAM_MANAGER)
        if role == Role.ADMINISTRATOR and data["where"] != "service":
            self.add_error("where", "Choose the whole service for an administrator")
        elif role != Role.ADMINISTRATOR and scope["programme"] is None:
            self.add_error("where", "Choose a programme, a trial or a partner for this role")
        elif at_partner != (scope["partner"] is not None):
            what = "Choose a partner" if at_partner else "Choose a programme or a trial"
            self.add_error("where", f"{what} for this role")
        if role == Role.TEAM_MANAGER and not data["team"]:
            self.add_error("team", "Enter the team's code")
        elif role != Role.TEAM_MANAGER and data["team"]:
            self.add_error("team", "Leave the team's code empty: it is for a team manager only")
        if not self.errors and not may_give(self.giver, Grant(role=role, **scope)):
            self.add_error("role", "You may not give this role here")
        return data | scope


class ChooseRole(Form):
    """Which people to list."""

    role = forms.ChoiceField(
        label="Role", choices=[("", "Every role"), *Role.choices], required=False
    )


class ChooseEvents(Form):
    """Which events to show."""

    act = forms.ChoiceField(label="What was done", required=False)
    trial = forms.ChoiceField(label="Trial", required=False)
    since = DateField(label="From", required=False)
    until = DateField(label="To", required=False)

    def __init__(self, *args: Any, trial: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "act", [("", "Everything"), *known_acts(trial=trial)])
        if trial:
            del self.fields["trial"]
        else:
            titles = Trial.objects.values_list("slug", "title")
            _offer(self, "trial", [("", "Every trial"), *titles])

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen rightly; the rest is as if it had not been."""
        if not self.is_bound:
            return {}
        self.full_clean()
        return {key: value for key, value in self.cleaned_data.items() if value}


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def places_to_give(giver: User) -> list[tuple[str, str]]:
    """Return the programmes, trials and partners somebody may give roles in."""
    own = live_grants(giver)
    everything = is_administrator(giver)
    managed = [grant for grant in own if grant.role == Role.TRIAL_MANAGER]
    whole = {grant.programme_id for grant in managed if grant.trial_id is None}
    single = {grant.trial_id for grant in managed if grant.trial_id is not None}
    found: list[tuple[str, str]] = []
    for programme in Programme.objects.all():
        if everything or programme.pk in whole:
            found.append((f"programme:{programme.pk}", f"{programme.title}: every trial"))
            found += [
                (f"partner:{partner.pk}", f"{programme.title}: {partner.name}")
                for partner in programme.partners.all()
            ]
    for trial in Trial.objects.select_related("programme"):
        if everything or trial.programme_id in whole or trial.pk in single:
            found.append((f"trial:{trial.pk}", f"{trial.title}: this trial"))
    for taking in Participation.objects.filter(trial__in=single).select_related("trial", "partner"):
        found.append((f"at:{taking.pk}", f"{taking.trial.title}: {taking.partner.name}"))
    return found


def scope_of(where: str) -> dict[str, Any]:
    """Turn a choice of place into the fields of a role."""
    scope: dict[str, Any] = {"programme": None, "trial": None, "partner": None}
    kind, _, key = where.partition(":")
    if kind == "programme":
        scope["programme"] = Programme.objects.get(pk=key)
    elif kind == "trial":
        scope["trial"] = Trial.objects.select_related("programme").get(pk=key)
        scope["programme"] = scope["trial"].programme
    elif kind == "partner":
        scope["partner"] = Partner.objects.select_related("programme").get(pk=key)
        scope["programme"] = scope["partner"].programme
    elif kind == "at":
        taking = Participation.objects.select_related("trial__programme", "partner").get(pk=key)
        scope = {
            "programme": taking.trial.programme,
            "trial": taking.trial,
            "partner": taking.partner,
        }
    return scope
