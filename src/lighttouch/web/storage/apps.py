"""The Django application ``storage``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.storage"
    label = "storage"
    default_auto_field = "django.db.models.BigAutoField"
