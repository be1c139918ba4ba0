"""The Django application ``allocation``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.allocation"
    label = "allocation"
    default_auto_field = "django.db.models.BigAutoField"
