"""The Django application ``jobs``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
