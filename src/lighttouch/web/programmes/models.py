"""Programmes, their partners and their trials: what rights are about.

Only identity and stage live here; every later stage keeps its own tables and points back.
"""

from django.core.validators import RegexValidator
from django.db import models

CODE = RegexValidator(r"^[a-z][a-z0-9_]{0,62}$", "Use small letters, digits and underscores.")


class Programme(models.Model):
    """A family of trials run together."""

    slug = models.CharField(max_length=63, unique=True, validators=[CODE])
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Partner(models.Model):
    """An organisation that takes part in a programme; ``code`` is its id in trial files."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="partners")
    code = models.CharField(max_length=63, validators=[CODE])
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("programme", "code"), name="partner_code_once"),
        )

    def __str__(self) -> str:
        return self.name


class Stage(models.TextChoices):
    """Where a trial is in its life; it only ever moves on."""

    DRAFT = "draft", "Being written"
    REGISTERED = "registered", "Registered"
    ENROLLED = "enrolled", "Roster frozen"
    ALLOCATED = "allocated", "Allocated"
    LOCKED = "locked", "Data locked"
    PUBLISHED = "published", "Published"


class Trial(models.Model):
    """One study; ``slug`` is its id in the trial file, once in the whole instance.

    ``unblinded_at`` is when results by arm, and single people's arms, were opened to researchers.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="trials")
    slug = models.CharField(max_length=63, unique=True, validators=[CODE])
    title = models.CharField(max_length=200)
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.DRAFT)
    created_at = models.DateTimeField()
    unblinded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("title",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(stage__in=Stage.values), name="trial_stage_known"
            ),
            models.CheckConstraint(
                condition=models.Q(unblinded_at__isnull=True)
                | models.Q(stage__in=("locked", "published")),
                name="trial_unblinded_only_after_lock",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def has_reached(self, stage: Stage) -> bool:
        """Say whether the trial is at a stage or past it."""
        order = list(Stage)
        return order.index(Stage(self.stage)) >= order.index(stage)


class Participation(models.Model):
    """A partner in a trial, as matched; launch dates are those of the protocol in force."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="participations")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="participations")

    class Meta:
        ordering = ("partner__name",)
        constraints = (
            models.UniqueConstraint(fields=("trial", "partner"), name="partner_once_in_trial"),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} in {self.trial_id}"
