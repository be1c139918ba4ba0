"""Files as rows: written in the transaction of the act, held once however often they are sent."""

from django.db import models


class StoredFile(models.Model):
    """The bytes of one file, known by what is in them.

    Held in the database, so that web and worker processes need no shared disk, a backup is whole,
    and an upload cut off half-way leaves nothing behind.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(size__gte=0), name="stored_file_size_not_negative"
            ),
        )

    def __str__(self) -> str:
        return self.sha256[:12]
