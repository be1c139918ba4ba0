"""E-mail waiting to go, gone, or in doubt."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

ONE_LINE = RegexValidator(r"^[^\x00-\x1f\x7f\x85\u2028\u2029]+\Z", "Use one line of plain text.")


class State(models.TextChoices):
    """Where an e-mail is."""

    PLANNED = "planned", "Waiting to be sent"
    CLAIMED = "claimed", "Being sent"
    SENT = "sent", "Handed to the mail server"
    FAILED = "failed", "Could not be sent"
    UNKNOWN = "unknown", "May or may not have been sent"


class Notice(models.Model):
    """One e-mail to somebody with an account; ``key`` makes a second one impossible.

    The text is sealed, since it can carry a link that lets somebody in, and is emptied once sent.
    ``claim`` names the attempt that holds it, or held it last; ``trouble`` says in plain words what
    went wrong, without the address.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=64)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200, validators=[ONE_LINE])
    sealed_body = models.BinaryField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "due_at"), name="notice_due"),)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=State.values), name="notice_state_known"),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claim__isnull=False, claimed_at__isnull=False),
                name="notice_held_while_claimed",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at=None)),
                name="notice_sent_has_its_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} notice {self.pk}"
