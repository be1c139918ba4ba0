"""Questionnaires while they are put together; what counts is the trial file they go into."""

from django.db import models
from django.db.models import F, Q

from lighttouch.web.accounts.models import User
from lighttouch.web.programmes.models import Trial


class Draft(models.Model):
    """One questionnaire of a trial on the desk of those who write its protocol.

    ``entries`` and ``instruments`` hold what the trial file would. ``version`` is the version of
    the trial file it was last put into, as it was at ``version_revision``.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    waves = models.JSONField(default=list, blank=True)
    entries = models.JSONField(default=list, blank=True)
    instruments = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(null=True, blank=True)
    version_revision = models.PositiveIntegerField(null=True, blank=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("trial", "name"), name="questionnaire_draft_once"),
            models.CheckConstraint(
                condition=Q(minutes=None) | Q(minutes__gte=1),
                name="questionnaire_takes_a_minute",
            ),
            models.CheckConstraint(
                condition=Q(version=None, version_revision=None)
                | Q(version__gte=1, version_revision__lte=F("revision")),
                name="questionnaire_was_in_a_version",
            ),
        )

    def __str__(self) -> str:
        return f"questionnaire {self.name}"
