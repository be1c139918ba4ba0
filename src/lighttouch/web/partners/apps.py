"""The Django application ``partners``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.partners"
    label = "partners"
    default_auto_field = "django.db.models.BigAutoField"
