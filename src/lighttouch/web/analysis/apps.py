"""The Django application ``analysis``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.analysis"
    label = "analysis"
    default_auto_field = "django.db.models.BigAutoField"
