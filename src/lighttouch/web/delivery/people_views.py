"""What one participant was sent and will be, by staff code: for those who run the sending."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.permissions import Right, ScopedRequest, requires
from lighttouch.web.allocation.actions import note_look
from lighttouch.web.audit import once
from lighttouch.web.delivery.composing import Written, gather, preview
from lighttouch.web.delivery.models import HELD, WAITING, Delivery, OptOut, Passage, State
from lighttouch.web.enrolment.models import LONGEST_CODE, Participant
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.ui.forms import Form


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery, what it came through, and its words if it is still to come."""

    delivery: Delivery
    passages: tuple[Passage, ...]
    words: Written | None

    @property
    def look(self) -> str:
        """How its state is shown."""
        if self.delivery.state in (*WAITING, *HELD):
            return "waiting"
        if self.delivery.state in (State.FAILED, State.RETURNED):
            return "wrong"
        if self.delivery.state == State.UNKNOWN:
            return "late"
        return "closed" if self.delivery.state == State.CANCELLED else "done"


class FindForm(Form):
    """Whose messages are looked at."""

    partner = forms.ChoiceField(label="Partner", error_messages={"required": "Choose a partner"})
    code = forms.CharField(
        label="Staff code", max_length=LONGEST_CODE, error_messages={"required": "Give a code"}
    )

    def __init__(self, *args: Any, trial: Trial) -> None:
        super().__init__(*args)
        self.people = Participant.objects.filter(trial=trial, excluded_because="")
        places = Partner.objects.filter(pk__in=self.people.values("partner")).order_by("name")
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *places.values_list("code", "name")]

    def clean(self) -> dict[str, Any]:
        """Find the participant."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            found = self.people.filter(partner__code=given["partner"], staff_id=given["code"])
            given["participant"] = found.first()
            if given["participant"] is None:
                self.add_error("code", "Nobody who takes part there has this code")
        return given


@requires(Right.MANAGE_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: ScopedRequest, **_where: str) -> HttpResponseBase:
    """Find a participant by code, which no address of a page repeats."""
    trial = _trial(request)
    form = FindForm(*([request.POST] if request.method == "POST" else []), trial=trial)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data["participant"]
        return redirect("delivery:person", trial=trial.slug, participant=found.pk)
    context = {"trial": trial, "form": form}
    return render(request, "delivery/people.html", context, status=422 if form.errors else 200)


@requires(Right.MANAGE_RETURNS)
@require_safe
def person(request: ScopedRequest, participant: int, **_where: str) -> HttpResponse:
    """Show one participant's messages: those sent, and those to come in their words."""
    trial = _trial(request)
    who = get_object_or_404(
        Participant.objects.select_related("partner"),
        pk=participant,
        trial=trial,
        excluded_because="",
    )
    lines = _lines(who)
    if any(line.delivery.step.survey_id is None for line in lines):  # that gives away an arm
        note_look(trial=trial, what="person", people=1, by=request.user, now=timezone.now())
    context = {
        "trial": trial,
        "who": who,
        "lines": lines,
        "opted_out": OptOut.objects.filter(partner=who.partner, staff_id=who.staff_id).first(),
        "once": once.token(),
    }
    return render(request, "delivery/person.html", context)


def _lines(who: Participant) -> list[Line]:
    deliveries = (
        Delivery.objects.filter(participant=who)
        .select_related(
            "mailing__partner",
            "mailing__signed_off_by",
            "mailing__step__survey__trial",
            "mailing__step__trial",
            "step__survey",
        )
        .prefetch_related("passages")
        .order_by("due_at", "pk")
    )
    return [Line(one, tuple(one.passages.all()), _words(one, who)) for one in deliveries]


def _words(delivery: Delivery, who: Participant) -> Written | None:
    if delivery.state not in WAITING:
        return None
    try:
        return preview(gather(delivery.mailing, [who]), who)
    except InputError:  # an amendment took it out of the trial file
        return None


def _trial(request: ScopedRequest) -> Trial:
    assert request.scope.trial is not None, "the address names a trial"
    return request.scope.trial
