"""The archive of a trial as it was last built, tables collected elsewhere, and imports."""

from django.db import models
from django.db.models import Q

from lighttouch.core.archive.layout import DELIVERIES, RESPONSES, UPTAKE
from lighttouch.web.accounts.models import User
from lighttouch.web.programmes.models import Trial
from lighttouch.web.storage.models import StoredFile

TABLES = (RESPONSES, DELIVERIES, UPTAKE)
"""What may be collected outside and handed in as a file of the archive."""


class Collected(models.Model):
    """A table collected outside the platform, as a study folder holds it; the newest counts."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="collected")
    name = models.CharField(max_length=20, choices=[(name, name) for name in TABLES])
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(name__in=TABLES), name="collected_name_known"),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.trial_id}"


class Build(models.Model):
    """The archive as it was built: a zip whose bytes depend on its content alone.

    ``with_results`` says whether results and report are in it: only once the trial is unblinded.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="builds")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    with_results = models.BooleanField()
    manifest_sha256 = models.CharField(max_length=64)
    built_at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"archive {self.manifest_sha256[:12]}"


class Imported(models.Model):
    """A trial that came whole, as an archive of another instance; it is read, never changed."""

    trial = models.OneToOneField(Trial, on_delete=models.PROTECT, related_name="+")
    build = models.OneToOneField(Build, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"import of {self.trial_id}"
