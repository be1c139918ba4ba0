"""The Django application ``audit``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
