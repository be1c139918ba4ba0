"""The log of acts: append-only, each event sealed with the hash of the one before."""

from django.db import models

START = "0" * 64
"""The seal before the first event."""


class Event(models.Model):
    """One act: who did what to what, and when.

    ``details`` holds counts, codes and reasons, never a personal value. Rows are never changed or
    deleted: triggers in the database refuse it, and the chain of hashes shows it.
    """

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    act = models.CharField(max_length=64)
    programme = models.CharField(max_length=64, blank=True)
    trial = models.CharField(max_length=64, blank=True)
    partner = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)
        indexes = (
            models.Index(fields=("trial", "number"), name="event_by_trial"),
            models.Index(fields=("actor", "number"), name="event_by_actor"),
        )
        # Not "unique" of the field, for which PostgreSQL gets a second index to search by prefix.
        constraints = (models.UniqueConstraint(fields=("seal",), name="event_seal_once"),)

    def __str__(self) -> str:
        return f"{self.number} {self.act}"


class Head(models.Model):
    """The end of the chain: one row, locked while an event is added."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    seal = models.CharField(max_length=64, default=START)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one_row"),
        )

    def __str__(self) -> str:
        return f"event {self.number}"


class Receipt(models.Model):
    """A form that was acted on: a second press of its button finds this and changes nothing.

    ``token`` is the hash of the form's mark, its address and the person.
    """

    token = models.CharField(max_length=43, unique=True)
    at = models.DateTimeField()
    address = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=("at",), name="receipt_by_time"),)

    def __str__(self) -> str:
        return f"receipt {self.pk}"
