"""Versions of a trial file, its registration and its amendments."""

from django.db import models
from django.db.models import F, Q

from lighttouch.web.accounts.models import User
from lighttouch.web.programmes.models import Trial
from lighttouch.web.storage.models import StoredFile


class State(models.TextChoices):
    """Where a version is between the desk and the register."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for review"
    RETURNED = "returned", "Sent back"
    APPROVED = "approved", "Approved"
    REGISTERED = "registered", "Registered"


class Version(models.Model):
    """One saved text of a trial file, numbered from 1; a trigger keeps its words as they are.

    Whoever reviewed it neither wrote nor submitted it: the database refuses the row otherwise.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_note = models.TextField(blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("trial", "number"), name="version_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_number_from_one"),
            models.CheckConstraint(
                name="version_state_fits_review",
                condition=Q(
                    state="draft",
                    submitted_by=None,
                    submitted_at=None,
                    reviewed_by=None,
                    reviewed_at=None,
                )
                | Q(
                    state="submitted",
                    submitted_by__isnull=False,
                    submitted_at__isnull=False,
                    reviewed_by=None,
                    reviewed_at=None,
                )
                | Q(
                    state__in=("returned", "approved", "registered"),
                    submitted_by__isnull=False,
                    submitted_at__isnull=False,
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="version_reviewed_by_another",
                condition=Q(reviewed_by=None)
                | (~Q(reviewed_by=F("author")) & ~Q(reviewed_by=F("submitted_by"))),
            ),
            models.CheckConstraint(
                name="version_sent_back_with_a_note",
                condition=~Q(state="returned") | ~Q(review_note=""),
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number} of {self.trial_id}"


class Registration(models.Model):
    """The moment a trial file froze: what was registered, as the core wrote it.

    ``sealed_secret`` is encrypted with the keys of the vault; only the draw opens it. Triggers
    refuse every change but sealing it anew.
    """

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="registration")
    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="+")
    protocol_sha256 = models.CharField(max_length=64)
    secret_commitment = models.CharField(max_length=64, unique=True)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sealed_secret = models.BinaryField()
    text = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    preregistration = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"registration of {self.trial_id}"


class Amendment(models.Model):
    """A later version of a registered trial file, with its reason.

    ``record`` is ``registration.toml`` as it stood from then on.
    """

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="amendments"
    )
    number = models.PositiveIntegerField()
    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "number"), name="amendment_number_once"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="amendment_number_from_one"),
            models.CheckConstraint(condition=~Q(reason=""), name="amendment_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"amendment {self.number} of {self.registration_id}"

    @property
    def filename(self) -> str:
        """Its name in a study folder."""
        return f"amendment-{self.number:02d}.toml"


class Simulation(models.Model):
    """Simulated power of a version under some assumptions; the same question is run once.

    ``given`` holds the assumptions that differ from the file's, as typed; ``found`` one result for
    each arm once it is done.
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="simulations")
    entry = models.PositiveSmallIntegerField()
    given = models.JSONField(default=dict, blank=True)
    draws = models.PositiveIntegerField()
    key = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    found = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("asked_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(draws__gte=100, draws__lte=10_000), name="simulation_draws_bounded"
            ),
        )

    def __str__(self) -> str:
        return f"simulation {self.pk} of {self.version_id}"
