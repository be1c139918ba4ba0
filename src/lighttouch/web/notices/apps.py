"""The Django application ``notices``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
