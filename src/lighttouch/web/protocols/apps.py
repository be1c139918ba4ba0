"""The Django application ``protocols``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.protocols"
    label = "protocols"
    default_auto_field = "django.db.models.BigAutoField"
