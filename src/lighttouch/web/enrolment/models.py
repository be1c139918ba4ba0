"""The frozen roster, everybody on it, and what happened to them since."""

from django.db import models
from django.db.models import F, Q

from lighttouch.web.accounts.models import User
from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.storage.models import StoredFile

LONGEST_CODE = 200
"""Characters of a code of a person, team or building; returns accept sixty."""


class Roster(models.Model):
    """Everyone screened in a trial, frozen: ``roster.csv`` as the core wrote it, and its hash.

    ``number`` is 1 the first time; a roster frozen again before the draw, with its reason, takes
    the place of the one before. ``design_sha256`` is the trial file in force when it was frozen.
    A trigger refuses every change of a row.
    """

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="roster")
    number = models.PositiveIntegerField(default=1)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    design_sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    people = models.PositiveIntegerField()
    randomisable = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(randomisable__gte=1, randomisable__lte=F("people")),
                name="roster_has_somebody_to_randomise",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="roster_number_from_one"),
        )

    def __str__(self) -> str:
        return f"roster {self.sha256[:12]}"


class RosterSource(models.Model):
    """A baseline return as it was when the roster was frozen; later versions change nothing."""

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="sources")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    suffix = models.CharField(max_length=5)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("roster", "partner"), name="roster_source_once"),
        )

    def __str__(self) -> str:
        return f"source of {self.roster_id}"


class EarlierRoster(models.Model):
    """A roster that was frozen again before anything was drawn, and why."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="earlier_rosters")
    number = models.PositiveIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    people = models.PositiveIntegerField()
    randomisable = models.PositiveIntegerField()
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=1000)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("trial", "number"), name="earlier_roster_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="earlier_roster_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"earlier roster {self.sha256[:12]}"


class RosterCount(models.Model):
    """How many people of a partner one rule left out; an empty rule counts those enrolled."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="roster_counts")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    excluded_because = models.CharField(max_length=64, blank=True)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("trial", "partner", "excluded_because"), name="roster_count_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.people} of {self.partner_id}"


class ArmCount(models.Model):
    """How many people and units an arm got; written by the draw, and never who they are."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="arm_counts")
    arm = models.CharField(max_length=64)
    units = models.PositiveIntegerField()
    people = models.PositiveIntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("trial", "arm"), name="arm_count_once"),
            models.CheckConstraint(
                condition=Q(units__lte=F("people")), name="arm_count_units_have_people"
            ),
        )

    def __str__(self) -> str:
        return f"{self.people} in {self.arm}"


class Participant(models.Model):
    """Somebody on the frozen roster, as the baseline return had them.

    A trigger refuses every change: who moved or left since is told by happenings. Whoever has no
    ``excluded_because`` is enrolled. No relation leads from here to an arm.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="participants")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="participants")
    staff_id = models.CharField(max_length=LONGEST_CODE)
    team = models.CharField(max_length=LONGEST_CODE, blank=True)
    building = models.CharField(max_length=LONGEST_CODE, blank=True)
    excluded_because = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("trial", "partner", "staff_id"), name="participant_once"
            ),
            models.CheckConstraint(condition=~Q(staff_id=""), name="participant_has_a_code"),
        )

    def __str__(self) -> str:
        return f"participant {self.pk}"


class Event(models.TextChoices):
    """What can happen to somebody after the roster is frozen; values are those of the archive."""

    LEFT = "left", "Left the organisation"
    TRANSFER = "transfer", "Moved to another team or building"
    ON_LEAVE = "on_leave", "Went on long leave"
    RETURNED = "returned_from_leave", "Came back from leave"
    WITHDRAWAL = "withdrawal", "Withdrew from the trial"


class Withdrawal(models.TextChoices):
    """How far somebody withdraws; each goes further than the one before."""

    STOP_CONTACT = "stop_contact", "Stop contacting them"
    STOP_COLLECTION = "stop_collection", "Stop collecting anything about them"
    ERASE = "erase", "Erase what they answered and used"


class Happening(models.Model):
    """Something that happened to a participant on a day, as somebody recorded it.

    It never changes who was enrolled or in which arm. A record made by mistake is cancelled with
    a reason and stays; an erasure cannot be cancelled, for what is gone is gone. Nobody has
    recorded what the person said themselves, by their private link.
    """

    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="happenings"
    )
    event = models.CharField(max_length=20, choices=Event.choices)
    detail = models.CharField(max_length=16, choices=Withdrawal.choices, blank=True)
    team = models.CharField(max_length=LONGEST_CODE, blank=True)
    building = models.CharField(max_length=LONGEST_CODE, blank=True)
    on = models.DateField()
    recorded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(event__in=Event.values), name="happening_event_known"
            ),
            models.CheckConstraint(
                name="happening_detail_fits_event",
                condition=Q(event="withdrawal", detail__in=Withdrawal.values)
                | (~Q(event="withdrawal") & Q(detail="")),
            ),
            models.CheckConstraint(
                name="happening_place_fits_event",
                condition=(Q(event="transfer") & ~Q(team="", building=""))
                | (~Q(event="transfer") & Q(team="", building="")),
            ),
            models.CheckConstraint(
                name="happening_cancelled_whole",
                condition=Q(cancelled_at=None, cancelled_by=None, cancelled_because="")
                | (
                    Q(cancelled_at__isnull=False, cancelled_by__isnull=False)
                    & ~Q(cancelled_because="")
                ),
            ),
            models.CheckConstraint(
                condition=~Q(detail="erase") | Q(cancelled_at=None),
                name="happening_erasure_stays",
            ),
            models.UniqueConstraint(
                fields=("participant", "event", "detail", "team", "building", "on"),
                condition=Q(cancelled_at=None),
                name="happening_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
