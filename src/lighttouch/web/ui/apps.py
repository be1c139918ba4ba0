"""The Django application ``ui``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
