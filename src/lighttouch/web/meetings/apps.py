"""The Django application ``meetings``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.meetings"
    label = "meetings"
    default_auto_field = "django.db.models.BigAutoField"
