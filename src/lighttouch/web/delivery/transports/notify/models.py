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
