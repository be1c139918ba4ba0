"""Turns that texts took."""

from django.db import models
from django.db.models import Q


class TextTurn(models.Model):
    """A delivery's place among the texts that one number gets on one day; gone after two days.

    ``number`` is a keyed hash, from which nobody without the site's key can tell the number.
    """

    delivery = models.OneToOneField(
        "delivery.Delivery", on_delete=models.CASCADE, related_name="text_turn"
    )
    number = models.CharField(max_length=64)
    day = models.DateField()
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("number", "day", "place"), name="delivery_text_turn_once"
            ),
            models.CheckConstraint(condition=Q(place__gte=1), name="delivery_text_turn_from_one"),
        )

    def __str__(self) -> str:
        return f"turn {self.pk}"
