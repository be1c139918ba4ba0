"""What is to be drawn at a wave, the secret committed to, and the draw."""

from django.db import models
from django.db.models import Q

from lighttouch.web.accounts.models import User
from lighttouch.web.storage.models import StoredFile
from lighttouch.web.surveys.models import Survey


class Rule(models.TextChoices):
    """Who is entered; values are those of the trial file."""

    TEAM = "team_complete", "Teams in which nobody is still to answer"
    PERSON = "person_complete", "Everybody who finished"


class Prize(models.Model):
    """The prizes of a survey as declared when it was opened, and the hash of their secret.

    The secret is sealed with the keys of the vault until the draw reveals it. A trigger refuses
    every change of a row.
    """

    survey = models.OneToOneField(Survey, on_delete=models.PROTECT, related_name="prize")
    rule = models.CharField(max_length=15, choices=Rule.choices)
    number = models.PositiveSmallIntegerField()
    worth = models.CharField(max_length=300)
    smallest_team = models.PositiveSmallIntegerField(default=0)
    commitment = models.CharField(max_length=64)
    sealed_secret = models.BinaryField()
    committed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(number__gte=1), name="prize_number_from_one"),
            models.CheckConstraint(
                name="prize_smallest_team_fits_rule",
                condition=Q(rule="team_complete", smallest_team__gte=3)
                | Q(rule="person_complete", smallest_team=0),
            ),
        )

    def __str__(self) -> str:
        return f"prize of {self.survey_id}"


class Draw(models.Model):
    """The draw, once: its record and its list of entries, as they go into the archive."""

    prize = models.OneToOneField(Prize, on_delete=models.PROTECT, related_name="draw")
    record = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    entries = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"draw of {self.prize_id}"
