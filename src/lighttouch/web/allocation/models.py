"""The draw: proposed, confirmed by a second person, recorded; then locked and unblinded."""

from django.db import models
from django.db.models import F, Q

from lighttouch.web.accounts.models import User
from lighttouch.web.enrolment.models import Participant, Roster
from lighttouch.web.programmes.models import Participation, Trial
from lighttouch.web.storage.models import StoredFile


class Proposal(models.Model):
    """One person's proposal to draw from a roster, named by its hash.

    It is open until it is withdrawn or confirmed; there is one of those at a time. Whoever
    confirms is somebody else: the database refuses the row otherwise.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="proposals")
    roster_sha256 = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="proposal_confirmed_by_another",
            ),
            models.CheckConstraint(
                name="proposal_confirmed_whole",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_withdrawn_whole",
                condition=Q(withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("trial",), condition=Q(withdrawn_at=None), name="proposal_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"proposal {self.pk}"


class Allocation(models.Model):
    """The draw as the core recorded it, file by file; a trial has one, and it never changes.

    ``record`` is ``allocation.toml`` (with the secret the draw reveals) and ``table`` is
    ``allocation.csv``: both tell arms, and only those who may see arms get at them.
    """

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="+")
    of_roster = models.OneToOneField(Roster, on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    table = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    roster = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    balance = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("proposed_by")), name="allocation_by_two_people"
            ),
        )

    def __str__(self) -> str:
        return f"allocation {self.pk}"


class Assignment(models.Model):
    """The arm of one participant, by way of the unit they belong to."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="+")
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=300)
    arm = models.CharField(max_length=64)

    class Meta:
        indexes = (models.Index(fields=("allocation", "arm"), name="assignment_by_arm"),)

    def __str__(self) -> str:
        return f"assignment {self.pk}"


class Delivering(models.Model):
    """Whether a partner delivers what the arms get, so that its coordinator must know who is who.

    One row per partner from the draw on.
    """

    participation = models.OneToOneField(Participation, on_delete=models.PROTECT, related_name="+")
    by_partner = models.BooleanField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"delivering {self.pk}"


class Replay(models.Model):
    """One time the recorded draw was drawn again, and what was found, line by line."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed = models.BooleanField()
    lines = models.JSONField(default=list)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"replay {self.pk}"


class Lock(models.Model):
    """The moment nothing more was collected, and why then."""

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=1000)

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="lock_has_a_reason"),)

    def __str__(self) -> str:
        return f"lock {self.pk}"


class Unblinding(models.Model):
    """A proposal to open arms and results by arm to researchers, confirmed by a second person."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=1000)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="unblinding_has_a_reason"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="unblinding_confirmed_by_another",
            ),
            models.CheckConstraint(
                name="unblinding_confirmed_whole",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="unblinding_withdrawn_whole",
                condition=Q(withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("trial",), condition=Q(withdrawn_at=None), name="unblinding_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"unblinding {self.pk}"
