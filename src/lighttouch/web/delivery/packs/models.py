"""Packs that a partner's coordinator took, and what became of them."""

from django.db import models
from django.db.models import Q

from lighttouch.web.accounts.models import User


class PackKind(models.TextChoices):
    """What is handed to the partner."""

    MERGE = "merge", "For your own e-mail"
    LETTERS = "letters", "Letters to print"


CARRIERS = {PackKind.MERGE: "merge_pack", PackKind.LETTERS: "print"}
"""What the deliveries of a pack say carried them: people of the partner, who have days for it."""


class PackOutcome(models.TextChoices):
    """What the coordinator said became of a pack."""

    SENT = "sent", "Sent"
    NOT_SENT = "not_sent", "Not sent"


class Pack(models.Model):
    """Deliveries of one mailing that the partner sends itself, held together by ``claim``.

    ``sha256`` is of its spreadsheet or its letters as they were first made. ``answer_by`` is when
    its deliveries count as in doubt, if nobody said by then what became of it.
    """

    mailing = models.ForeignKey("delivery.Mailing", on_delete=models.PROTECT, related_name="packs")
    kind = models.CharField(max_length=7, choices=PackKind.choices)
    number = models.PositiveSmallIntegerField()
    claim = models.UUIDField(unique=True)
    rows = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=PackOutcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("mailing", "number")
        constraints = (
            models.UniqueConstraint(fields=("mailing", "number"), name="delivery_pack_numbered"),
            models.UniqueConstraint(
                fields=("mailing",), condition=Q(outcome=""), name="delivery_pack_one_open"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None, settled_by=None)
                | Q(
                    outcome__in=PackOutcome.values,
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                ),
                name="delivery_pack_settled_whole",
            ),
            models.CheckConstraint(
                condition=Q(rows__gte=1, number__gte=1), name="delivery_pack_holds_somebody"
            ),
        )

    def __str__(self) -> str:
        return f"pack {self.pk}"
