"""The call, who answered it, how they were judged, matched and bound, and what they have to do."""

import uuid
from datetime import date, datetime, time

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lighttouch.web.accounts.models import User
from lighttouch.web.programmes.models import Partner, Programme, Trial


def _person() -> "models.ForeignKey[User, User]":
    """Return a link to whoever did something; nothing leads back from them."""
    return models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")


def _nobody_yet() -> "models.ForeignKey[User | None, User | None]":
    """Return a link to whoever will have done something."""
    return models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )


class Criterion(models.TextChoices):
    """What an intervention must be, for a partner to try it."""

    INEXPENSIVE = "inexpensive", "Inexpensive"
    DELIVERABLE = "deliverable", "Deliverable"
    SCALABLE = "scalable", "Scalable"
    LIGHT_TOUCH = "light_touch", "Light-touch"


class Phase(models.TextChoices):
    """Where a call is on a given day."""

    UNPUBLISHED = "unpublished", "Not published"
    BEFORE = "before", "Not open yet"
    OPEN = "open", "Open"
    AFTER = "after", "Closed"


class Call(models.Model):
    """A programme's call for partners, as the public reads it once published."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="call")
    title = models.CharField(max_length=120)
    summary = models.TextField(max_length=2000)
    opens_on = models.DateField()
    closes_on = models.DateField()
    tasks = models.TextField(max_length=4000)
    time = models.TextField(max_length=4000)
    data = models.TextField(max_length=4000)
    handling = models.TextField(max_length=4000)
    contact = models.EmailField()
    published_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="call_closes_after_it_opens"
            ),
        )

    def __str__(self) -> str:
        return f"call of {self.programme_id}"

    @property
    def closes_at(self) -> datetime:
        """The last minute in which it is open."""
        return timezone.make_aware(datetime.combine(self.closes_on, time(23, 59)))

    def phase(self, today: date) -> Phase:
        """Say where the call is; it is open to the end of its last day."""
        if self.published_at is None:
            return Phase.UNPUBLISHED
        if today < self.opens_on:
            return Phase.BEFORE
        return Phase.OPEN if today <= self.closes_on else Phase.AFTER


class Theme(models.Model):
    """Something a call asks about; one taken off the page stays with those who chose it."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="themes")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=80)
    meaning = models.CharField(max_length=300, blank=True)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=("call", "title"), name="theme_once"),)

    def __str__(self) -> str:
        return self.title


class Workforce(models.TextChoices):
    """Roughly how many staff an organisation could bring."""

    TENS = "tens", "Up to 50"
    SMALL = "small", "51 to 150"
    MEDIUM = "medium", "151 to 500"
    LARGE = "large", "More than 500"
    UNSURE = "unsure", "We do not know yet"


class Readiness(models.TextChoices):
    """How near an organisation is to sharing data."""

    READY = "ready", "Yes, and we know who would do it"
    PROBABLY = "probably", "Probably, but we have to ask"
    NOT_YET = "not_yet", "Not yet"


class State(models.TextChoices):
    """What became of an expression of interest."""

    RECEIVED = "received", "To be decided"
    SHORTLISTED = "shortlisted", "Shortlisted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Expression(models.Model):
    """One organisation's expression of interest.

    Who sent it is kept apart, as :class:`Applicant`, so that it can be deleted while this stays.
    ``draft`` is the form it came from: the same form sent twice is one expression.
    ``shortlisted_at`` stays when one that was shortlisted is declined or withdraws.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="expressions")
    reference = models.CharField(max_length=16, unique=True)
    draft = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    organisation = models.CharField(max_length=200)
    workforce = models.CharField(max_length=8, choices=Workforce.choices)
    themes = models.ManyToManyField(Theme, related_name="expressions")
    wish = models.TextField(max_length=3000)
    worry = models.TextField(max_length=3000, blank=True)
    readiness = models.CharField(max_length=8, choices=Readiness.choices)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=11, choices=State.choices, default=State.RECEIVED)
    reason = models.TextField(max_length=1000, blank=True)
    decided_by = _nobody_yet()
    decided_at = models.DateTimeField(null=True, blank=True)
    shortlisted_at = models.DateTimeField(null=True, blank=True)
    partner = models.OneToOneField(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="expression"
    )
    forgotten_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-received_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="expression_decided_by_somebody_with_a_reason",
                condition=Q(state="received", decided_by=None, decided_at=None)
                | (
                    Q(state__in=("shortlisted", "declined", "withdrawn"))
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(reason="")
                ),
            ),
            models.CheckConstraint(
                name="expression_shortlisted_before_partner",
                condition=Q(partner=None) | Q(shortlisted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="expression_shortlisted_has_its_moment",
                condition=~Q(state="shortlisted") | Q(shortlisted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Applicant(models.Model):
    """Who sent an expression of interest: personal, shown to reviewers only, deleted in time."""

    expression = models.OneToOneField(
        Expression, on_delete=models.CASCADE, related_name="applicant"
    )
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    email = models.EmailField()

    def __str__(self) -> str:
        return f"applicant of {self.expression_id}"


class Note(models.Model):
    """What somebody learnt about an organisation, on a day."""

    expression = models.ForeignKey(Expression, on_delete=models.PROTECT, related_name="notes")
    on = models.DateField()
    text = models.TextField(max_length=4000)
    author = _person()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"note {self.pk}"


class Assessment(models.Model):
    """One reviewer's judgement of an expression; given once, since others' then show."""

    expression = models.ForeignKey(Expression, on_delete=models.PROTECT, related_name="assessments")
    reviewer = _person()
    given_at = models.DateTimeField()

    class Meta:
        ordering = ("given_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("expression", "reviewer"), name="assessment_once"),
        )

    def __str__(self) -> str:
        return f"assessment {self.pk}"


class Score(models.Model):
    """How well one criterion is met, from 0 (not at all) to 3 (fully), and why."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="scores")
    criterion = models.CharField(max_length=11, choices=Criterion.choices)
    score = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("assessment", "criterion"), name="score_once"),
            models.CheckConstraint(condition=Q(score__lte=3), name="score_at_most_3"),
            models.CheckConstraint(
                condition=Q(criterion__in=Criterion.values), name="score_criterion_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="score_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.criterion} {self.score}"


class Kind(models.TextChoices):
    """What sort of thing a log entry tells of."""

    WORKSHOP = "workshop", "Workshop"
    INTERVIEW = "interview", "Interview"
    DECISION = "decision", "Decision"


class CodesignEntry(models.Model):
    """One entry in the log of co-design: what was done together, heard or decided."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="codesign")
    trial = models.ForeignKey(
        Trial, on_delete=models.PROTECT, null=True, blank=True, related_name="codesign"
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="codesign"
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    on = models.DateField()
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=6000)
    author = _person()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Quote(models.Model):
    """Words somebody said, under a theme; only their role is known. Exported once cleared."""

    entry = models.ForeignKey(CodesignEntry, on_delete=models.PROTECT, related_name="quotes")
    theme = models.CharField(max_length=80)
    role = models.CharField(max_length=80)
    text = models.TextField(max_length=1500)
    author = _person()
    created_at = models.DateTimeField()
    cleared_by = _nobody_yet()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("theme", "pk")
        constraints = (
            models.CheckConstraint(
                name="quote_cleared_by_somebody",
                condition=Q(cleared_by=None, cleared_at=None)
                | Q(cleared_by__isnull=False, cleared_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"quote {self.pk}"


class Match(models.Model):
    """That a partner was put to a trial, why, and what ended it if it ended.

    ``mistaken`` marks one that should not have been made; the funnel does not count it.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="matches")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="matches")
    reason = models.TextField(max_length=1000)
    matched_by = _person()
    matched_at = models.DateTimeField()
    ended_reason = models.TextField(max_length=1000, blank=True)
    ended_by = _nobody_yet()
    ended_at = models.DateTimeField(null=True, blank=True)
    mistaken = models.BooleanField(default=False)

    class Meta:
        ordering = ("partner__name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("trial", "partner"), condition=Q(ended_at=None), name="match_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="match_has_a_reason"),
            models.CheckConstraint(
                name="match_ended_with_a_reason",
                condition=Q(ended_at=None, ended_by=None, mistaken=False)
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"match {self.pk}"


class Signing(models.TextChoices):
    """How far a data-sharing agreement has come."""

    DRAFT = "draft", "Being written"
    SENT = "sent", "Sent for signature"
    SIGNED = "signed", "Signed"


class ContactRoute(models.TextChoices):
    """Who holds the contact details of a partner's staff."""

    HELD = "held", "Held by the partner"
    VAULT = "vault", "Kept in the vault"


class Agreement(models.Model):
    """What a partner and the research team agreed for one trial."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="agreements")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="agreements")
    state = models.CharField(max_length=6, choices=Signing.choices, default=Signing.DRAFT)
    reference = models.CharField(max_length=60, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    launch_on = models.DateField(null=True, blank=True)
    contact_route = models.CharField(max_length=5, choices=ContactRoute.choices, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("trial", "partner"), name="agreement_once"),
            models.CheckConstraint(
                name="agreement_dates_fit_state",
                condition=Q(state="draft", sent_on=None, signed_on=None)
                | (Q(state="sent", sent_on__isnull=False, signed_on=None) & ~Q(reference=""))
                | (Q(state="signed", signed_on__isnull=False) & ~Q(reference="")),
            ),
            models.CheckConstraint(
                name="agreement_signed_after_sent",
                condition=Q(sent_on=None) | Q(signed_on=None) | Q(signed_on__gte=F("sent_on")),
            ),
            models.CheckConstraint(
                name="agreement_route_known",
                condition=Q(contact_route__in=("", *ContactRoute.values)),
            ),
        )

    def __str__(self) -> str:
        return f"agreement of {self.partner_id} for {self.trial_id}"


class Officer(models.Model):
    """Somebody at a partner we may write to about a trial: personal, shown where needed only."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="officers")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="officers")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    email = models.EmailField()

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("trial", "partner", "email"), name="officer_once"),
        )

    def __str__(self) -> str:
        return f"officer {self.pk}"


class Task(models.Model):
    """One thing a partner has to do for a trial, once for each key.

    ``days`` counts from the launch agreed; a task moved by hand keeps the day it was moved to.
    ``href`` is the page where it is done; without one it is ticked off on the list.
    """

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="tasks")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="tasks")
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    hint = models.CharField(max_length=300, blank=True)
    href = models.CharField(max_length=300, blank=True)
    days = models.SmallIntegerField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    moved_reason = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = _nobody_yet()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = (F("due_on").asc(nulls_last=True), "days", "pk")
        constraints = (
            models.UniqueConstraint(fields=("trial", "partner", "key"), name="task_once"),
            models.CheckConstraint(
                condition=Q(done_by=None) | Q(done_at__isnull=False),
                name="task_done_has_its_moment",
            ),
        )

    def __str__(self) -> str:
        return self.key

    def is_late(self, today: date) -> bool:
        """Say whether its day has passed and it is not done."""
        return self.done_at is None and self.due_on is not None and self.due_on < today


class Stage(models.TextChoices):
    """Stages of recruitment, in their order."""

    ASKED = "asked", "Asked to take part"
    RESPONDED = "responded", "Responded to the call"
    SHORTLISTED = "shortlisted", "Shortlisted"
    CODESIGN = "codesign", "Took part in co-design"
    MATCHED = "matched", "Matched to a trial"
    AGREED = "agreed", "Signed the agreement"
    LAUNCHED = "launched", "Launched"


class FunnelStage(models.Model):
    """A number entered by hand for a stage, where rows here do not hold the whole history."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="funnel")
    stage = models.CharField(max_length=11, choices=Stage.choices)
    partners = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("programme", "stage"), name="funnel_stage_once"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="funnel_stage_known"),
        )

    def __str__(self) -> str:
        return f"{self.stage} of {self.programme_id}"
