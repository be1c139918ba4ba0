"""A partner's own service at GOV.UK Notify."""

import uuid

from django.db import models

from lighttouch.web.programmes.models import Partner


class NotifyService(models.Model):
    """How to send as one partner; the key is sealed with the keys of the vault.

    ``code`` names it in the address of its receipts. A service without a template cannot send by
    that channel; letters need none.
    """

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    partner = models.OneToOneField(Partner, on_delete=models.PROTECT, related_name="notify")
    sealed_key = models.BinaryField()
    email_template = models.CharField(max_length=36, blank=True)
    text_template = models.CharField(max_length=36, blank=True)
    letters = models.BooleanField(default=False)
    set_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(email_template="", text_template="", letters=False),
                name="delivery_notify_sends_something",
            ),
        )

    def __str__(self) -> str:
        return f"notify service {self.pk}"


class NotifyPace(models.Model):
    """Until when the turns of a service's key are given away, in seconds of the clock.

    In a row of its own, which every worker locks for a moment, and nobody's settings overwrite.
    """

    service = models.OneToOneField(NotifyService, on_delete=models.CASCADE, related_name="+")
    free_at = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"pace of {self.service_id}"


class NotifyQuestion(models.Model):
    """When Notify was last asked what it knows of a delivery."""

    delivery = models.OneToOneField(
        "delivery.Delivery", on_delete=models.CASCADE, related_name="question"
    )
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"question {self.pk}"
