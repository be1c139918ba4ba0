"""The vault: sealed contact details, in a database of their own.

Nothing here points at a row elsewhere, since the vault may live on another server: a partner is
known by the trial's id and the partner's code.
"""

from django.db import models
from django.db.models import Q


class PartnerKey(models.Model):
    """The key that seals one partner's contacts in one trial, itself sealed by the vault's keys.

    When it is destroyed, nothing it sealed can be read again, not even in an old backup of the
    vault's database without the vault's keys.
    """

    trial = models.CharField(max_length=63)
    partner = models.CharField(max_length=63)
    sealed_key = models.BinaryField()
    created_at = models.DateTimeField()
    destroy_on = models.DateField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("trial", "partner"),
                condition=Q(destroyed_at=None),
                name="vault_key_once",
            ),
            models.CheckConstraint(
                condition=Q(destroyed_at=None) | Q(sealed_key=b""), name="vault_key_destroyed_whole"
            ),
        )

    def __str__(self) -> str:
        return f"key {self.pk}"


class Contact(models.Model):
    """How to reach one member of staff: sealed, found by their code."""

    key = models.ForeignKey(PartnerKey, on_delete=models.CASCADE, related_name="contacts")
    staff_id = models.CharField(max_length=200)
    sealed = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("key", "staff_id"), name="vault_contact_once"),
        )

    def __str__(self) -> str:
        return f"contact {self.pk}"
