"""Partners' returns: what is asked, every file that came, and what was said about it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from lighttouch.web.programmes.models import Partner, Trial
from lighttouch.web.storage.models import StoredFile

SUFFIXES = (".xlsx", ".ods", ".csv")


class Return(models.Model):
    """What one partner is asked for at one wave, and whether it is settled.

    ``wave`` is the wave's id in the trial file. ``accepted`` is the version that was signed off.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="returns")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="returns")
    wave = models.CharField(max_length=63)
    opens_on = models.DateField()
    due_on = models.DateField()
    accepted = models.OneToOneField(
        "Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_off_at = models.DateTimeField(null=True, blank=True)
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("trial", "partner__name", "due_on")
        constraints = (
            models.UniqueConstraint(fields=("trial", "partner", "wave"), name="return_once"),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("due_on")), name="return_opens_before_it_is_due"
            ),
            models.CheckConstraint(
                condition=Q(accepted=None, signed_off_at=None, signed_off_by=None)
                | Q(
                    accepted__isnull=False, signed_off_at__isnull=False, signed_off_by__isnull=False
                ),
                name="return_signed_off_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.wave} return {self.pk}"


class State(models.TextChoices):
    """What became of a file."""

    CHECKING = "checking", "Being checked"
    PURGED = "purged", "Deleted: it held personal details"
    BLOCKED = "blocked", "To be put right"
    TO_EXPLAIN = "to_explain", "To be explained"
    CLEAN = "clean", "Nothing to put right"


class Version(models.Model):
    """One file a partner sent for a return, and what the check found.

    The file's name is never kept, only its kind. ``original`` is the file without the names that
    spreadsheet programs write into it; a purged version has none, one that could not be opened
    neither. ``canonical`` is the archive's form, there as soon as nothing blocks. ``sealed`` holds
    the encrypted file while a check in the background has not ended. ``findings`` is as
    :mod:`lighttouch.web.returns.convert` writes it; ``counts`` are absence totals and the like;
    ``compared_with`` are the ids of the partner's earlier versions it was compared with.
    """

    for_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    filename_suffix = models.CharField(max_length=5, blank=True)
    original = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    canonical = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    marked = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sealed = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    people = models.PositiveIntegerField(default=0)
    teams = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    findings = models.JSONField(default=list, blank=True)
    kinds_to_explain = models.PositiveIntegerField(default=0)
    compared_with = models.JSONField(default=list, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ("for_return", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("for_return", "number"), name="return_version_number_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="return_version_number_from_one"
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="return_version_state_known"
            ),
            models.CheckConstraint(
                condition=Q(filename_suffix__in=("", *SUFFIXES)), name="return_version_suffix_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="purged") | Q(original=None, canonical=None, marked=None),
                name="return_version_purged_holds_nothing",
            ),
            models.CheckConstraint(
                condition=Q(state="to_explain", kinds_to_explain__gte=1)
                | (~Q(state="to_explain") & Q(kinds_to_explain=0)),
                name="return_version_kinds_to_explain",
            ),
            models.CheckConstraint(
                condition=Q(state="checking", sealed__isnull=False)
                | (~Q(state="checking") & Q(sealed=None)),
                name="return_version_sealed_while_checking",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=("to_explain", "clean"),
                    canonical__isnull=False,
                    original__isnull=False,
                )
                | (~Q(state__in=("to_explain", "clean")) & Q(canonical=None)),
                name="return_version_canonical_once_it_passes",
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number} of return {self.for_return_id}"


class Explanation(models.Model):
    """What a coordinator says about one kind of finding that asks for a look."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="explanations")
    kind = models.CharField(max_length=80)
    text = models.TextField(max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("version", "kind")
        constraints = (
            models.UniqueConstraint(fields=("version", "kind"), name="return_explanation_once"),
            models.CheckConstraint(condition=~Q(text=""), name="return_explanation_says_something"),
        )

    def __str__(self) -> str:
        return f"explanation of {self.kind}"
