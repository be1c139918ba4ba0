"""The Django application ``overview``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.overview"
    label = "overview"
    default_auto_field = "django.db.models.BigAutoField"
