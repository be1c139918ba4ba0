"""A survey of one wave, its window at each partner, private links, and answers item by item."""

from django.db import models
from django.db.models import F, Q

from lighttouch.web.accounts.models import User
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.programmes.models import Partner, Trial


class Survey(models.Model):
    """What one wave of a trial asks, frozen when it was opened.

    ``asked`` is the questionnaire as the core's library had it on that day: a list of pages, each
    with its instrument, words, way of answering and items; a page with ``variants`` is asked only
    under links that have one of them. ``sha256`` is of its bytes.
    ``statement`` is what people are told before they agree, line by line; ``consent_version`` is
    the SHA-256 of its text.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="surveys")
    wave = models.CharField(max_length=63)
    questionnaire = models.CharField(max_length=63)
    title = models.CharField(max_length=200)
    asked = models.JSONField()
    sha256 = models.CharField(max_length=64)
    minutes = models.PositiveSmallIntegerField()
    statement = models.JSONField()
    consent_version = models.CharField(max_length=64)
    least_cell = models.PositiveSmallIntegerField(default=5)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("trial", "wave"), name="survey_once"),
            models.CheckConstraint(condition=Q(least_cell__gte=5), name="survey_cell_at_least_5"),
        )

    def __str__(self) -> str:
        return f"survey {self.wave}"


class Window(models.Model):
    """When a survey can be answered at one partner; both days are included."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="windows")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    opens_on = models.DateField()
    closes_on = models.DateField()
    extended_because = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("survey", "partner"), name="survey_window_once"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="survey_window_has_its_days"
            ),
        )

    def __str__(self) -> str:
        return f"window of {self.survey_id}"


class Link(models.Model):
    """A private address of one participant's survey, known to us by its hash only.

    The address can be made again from ``number`` and the site's key, and from nothing else. A new
    number ends the link before it. ``variant`` says which pages are asked: letters drawn for this
    survey alone, which stand for no arm anywhere else.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="links")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64, unique=True)
    variant = models.CharField(max_length=8, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("survey", "participant", "number"), name="survey_link_once"
            ),
            models.UniqueConstraint(
                fields=("survey", "participant"),
                condition=Q(ended_at=None),
                name="survey_link_one_alive",
            ),
        )

    def __str__(self) -> str:
        return f"link {self.pk}"


class Consent(models.TextChoices):
    """What somebody said before the first question."""

    AGREED = "agreed", "Agreed"
    DECLINED = "declined", "Declined"


class Response(models.Model):
    """One participant's answers to one survey, from their first word on consent.

    ``erased_at`` leaves the row as a sealed marker: its answers and devices are gone, and counts
    still reconcile.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="responses")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    consent = models.CharField(max_length=8, choices=Consent.choices)
    consent_version = models.CharField(max_length=64)
    consented_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("survey", "participant"), name="survey_response_once"),
            models.CheckConstraint(
                condition=Q(consent__in=Consent.values), name="survey_consent_known"
            ),
            models.CheckConstraint(
                condition=~Q(consent="declined") | Q(finished_at=None),
                name="survey_declined_is_not_finished",
            ),
        )

    def __str__(self) -> str:
        return f"response {self.pk}"


class Device(models.Model):
    """A browser somebody answered from, known by the hash of its cookie.

    Answers given on one device are never shown on another, for a link may have been passed on.
    """

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()

    class Meta:
        # Not "unique" of the field, for which PostgreSQL gets a second index to search by prefix.
        constraints = (models.UniqueConstraint(fields=("digest",), name="survey_device_once"),)

    def __str__(self) -> str:
        return f"device {self.pk}"


class Answer(models.Model):
    """One answer; an empty value means that somebody would rather not say.

    ``seconds`` is how long the question was in sight on the device, where that is known.

    Sixty rows are written at a time, so each has as little to keep up as can be: answers are found
    by the unique index alone. That the device is the response's own is checked as they are kept,
    under the response's lock, and devices go with their response's answers and never alone.
    """

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    item = models.CharField(max_length=63)
    value = models.TextField(max_length=2000, blank=True)
    device = models.ForeignKey(
        Device,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    answered_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("response", "item"), name="survey_answer_once"),
        )

    def __str__(self) -> str:
        return f"answer {self.pk}"
