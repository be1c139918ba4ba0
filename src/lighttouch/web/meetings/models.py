"""A team's meeting about a survey, and who is there, by a mark nobody else can make."""

from django.db import models
from django.db.models import F, Q

from lighttouch.web.accounts.models import User
from lighttouch.web.enrolment.models import LONGEST_CODE
from lighttouch.web.programmes.models import Partner
from lighttouch.web.surveys.models import Survey


class Meeting(models.Model):
    """Some hours in which one team picks up its private links, by one code that all can see.

    The code is made from ``reference`` and the site's key; here are only its hashes, of the long
    one that is scanned and of the short one that is typed. No team means those without one.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="meetings")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    team = models.CharField(max_length=LONGEST_CODE, blank=True)
    reference = models.UUIDField(unique=True)
    digest = models.CharField(max_length=64, unique=True)
    short_digest = models.CharField(max_length=64, unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    quiet_from = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("survey", "partner", "team"),
                condition=Q(ended_at=None),
                name="meeting_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("opened_at")), name="meeting_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False),
                name="meeting_ended_has_its_time",
            ),
        )

    def __str__(self) -> str:
        return f"meeting {self.pk}"

    @property
    def team_label(self) -> str:
        """The team on pages."""
        return f"Team {self.team}" if self.team else "People without a team"


class Presence(models.Model):
    """Somebody picked up their link in a meeting, or said not today; gone when it ends.

    ``mark`` is a keyed hash of meeting and participant, so that a copy of the database does not
    say who was there.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="presences")
    mark = models.CharField(max_length=64)
    at = models.DateTimeField()
    not_today_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("meeting", "mark"), name="meeting_presence_once"),
        )

    def __str__(self) -> str:
        return f"presence {self.pk}"
