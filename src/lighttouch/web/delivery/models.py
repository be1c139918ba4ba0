"""The outbox: what is to reach whom, when, and what is known of it.

No address, name or text is kept here: both are put together at the moment of sending.
"""

from django.db import models
from django.db.models import Q

from lighttouch.web.accounts.models import User
from lighttouch.web.delivery.packs.models import Pack as Pack
from lighttouch.web.delivery.transports.notify.models import NotifyPace as NotifyPace
from lighttouch.web.delivery.transports.notify.models import NotifyQuestion as NotifyQuestion
from lighttouch.web.delivery.transports.notify.models import NotifyService as NotifyService
from lighttouch.web.delivery.turns.models import TextTurn as TextTurn
from lighttouch.web.enrolment.models import LONGEST_CODE, Participant
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.surveys.models import Survey


class Kind(models.TextChoices):
    """What a step asks of people."""

    INVITATION = "invitation", "Invitation"
    REMINDER = "reminder", "Reminder"
    MESSAGE = "message", "Message"


class Step(models.Model):
    """One thing to be sent in a trial, as the trial file declares it.

    A survey's invitation and reminders go to everybody; a message of an intervention goes to the
    arm that gets it, ``number`` times over if it is repeated. ``act`` is the step's name in the
    trial file and ``title`` what pages call it.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="steps")
    survey = models.ForeignKey(
        Survey, null=True, blank=True, on_delete=models.PROTECT, related_name="steps"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField(default=0)
    intervention = models.CharField(max_length=60, blank=True)
    act = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("survey", "intervention", "act", "number")
        constraints = (
            models.UniqueConstraint(fields=("survey", "kind", "number"), name="delivery_step_once"),
            models.UniqueConstraint(
                fields=("trial", "intervention", "act", "number"),
                condition=Q(survey=None),
                name="delivery_message_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="invitation", number=0)
                | Q(kind__in=("reminder", "message"), number__gte=1),
                name="delivery_step_numbered",
            ),
            models.CheckConstraint(
                condition=Q(survey=None, kind="message") & ~Q(intervention="") & ~Q(act="")
                | Q(survey__isnull=False, intervention="", act="") & ~Q(kind="message"),
                name="delivery_step_of_one_thing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def code(self) -> str:
        """Its name in errors and in the log."""
        if self.survey is None:
            return f"{self.intervention}-{self.act}-{self.number}"
        return f"{self.survey.wave}-{self.kind}" + (f"-{self.number}" if self.number else "")

    @property
    def label(self) -> str:
        """Its name on pages."""
        if self.survey is None:
            return self.title
        number = f" {self.number}" if self.number else ""
        return f"{self.survey.title}: {self.get_kind_display().lower()}{number}"


class Mailing(models.Model):
    """One step at one partner, on one day; nothing of it goes before its coordinator signs it off.

    A mailing moved to another day, or put in other words, needs signing off again. ``words`` is the
    SHA-256 of its words as planned. ``seen_at`` is when somebody last saw to what went wrong in it.
    """

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="mailings")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    signed_off_at = models.DateTimeField(null=True, blank=True)
    signed_off_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    words = models.CharField(max_length=64, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("due_at", "partner__name", "step")
        constraints = (
            models.UniqueConstraint(fields=("step", "partner"), name="delivery_mailing_once"),
            models.CheckConstraint(
                condition=Q(signed_off_at=None, signed_off_by=None)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False),
                name="delivery_signed_off_whole",
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="delivery_seen_whole",
            ),
        )

    def __str__(self) -> str:
        return f"mailing {self.pk}"


class Route(models.TextChoices):
    """By what means a delivery goes."""

    EMAIL = "email", "E-mail"
    TEXT = "text", "Text message"
    LETTER = "letter", "Letter"
    PACK = "pack", "Sent by the partner itself"


class State(models.TextChoices):
    """Where a delivery is."""

    PLANNED = "planned", "Planned"
    DUE = "due", "Due"
    CLAIMED = "claimed", "Being prepared"
    SENT = "sent", "Being handed over"
    ACCEPTED = "accepted", "Sent"
    DELIVERED = "delivered", "Delivered"
    RETURNED = "returned", "Came back"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Not known"
    CANCELLED = "cancelled", "Not needed"


WAITING = (State.PLANNED, State.DUE)
HELD = (State.CLAIMED, State.SENT)


class Delivery(models.Model):
    """One step for one participant by one route; a second cannot exist.

    No path leads here from a participant, for a message of an intervention gives away an arm.
    ``claim`` names the worker's attempt that holds it, or held it last, and ``lease_until`` when
    that ends. ``reference`` names it to a transport, the same at every attempt. ``opt_out`` is the
    hash of the token that stops further messages. ``trouble`` says why it is where it is.
    """

    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, related_name="deliveries")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="deliveries")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    route = models.CharField(max_length=6, choices=Route.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    reference = models.UUIDField(unique=True)
    opt_out = models.CharField(max_length=64, unique=True)
    transport = models.CharField(max_length=20, blank=True)
    provider_id = models.CharField(max_length=100, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("state", "due_at"), name="delivery_due"),
            models.Index(fields=("participant", "handed_over_at"), name="delivery_recent"),
        )
        constraints = (
            models.UniqueConstraint(fields=("step", "participant", "route"), name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="delivery_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("claimed", "sent"))
                | Q(claim__isnull=False, lease_until__isnull=False),
                name="delivery_held_while_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sent", "accepted", "delivered", "unknown"))
                | Q(handed_over_at__isnull=False),
                name="delivery_handed_over_has_its_time",
            ),
        )

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Passage(models.Model):
    """A delivery came to a state; only ever added to."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="passages")
    state = models.CharField(max_length=9, choices=State.choices)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.state} {self.delivery_id}"


class Pause(models.Model):
    """Sending in a trial was paused, or stopped for good; nothing is handed over meanwhile."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="pauses")
    for_good = models.BooleanField(default=False)
    paused_at = models.DateTimeField()
    paused_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("trial",), condition=Q(resumed_at=None), name="delivery_paused_once"
            ),
            models.CheckConstraint(
                condition=Q(for_good=False) | Q(resumed_at=None), name="delivery_stop_stays"
            ),
            models.CheckConstraint(
                condition=Q(resumed_at=None, resumed_by=None)
                | Q(resumed_at__isnull=False, resumed_by__isnull=False),
                name="delivery_resumed_whole",
            ),
        )

    def __str__(self) -> str:
        return f"pause {self.pk}"


class OptOut(models.Model):
    """Somebody wants no more messages, in any trial of their partner's programme."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    staff_id = models.CharField(max_length=LONGEST_CODE)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("partner", "staff_id"), name="delivery_opt_out_once"),
        )

    def __str__(self) -> str:
        return f"opt-out {self.pk}"
