"""The Django application ``returns``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.returns"
    label = "returns"
    default_auto_field = "django.db.models.BigAutoField"
