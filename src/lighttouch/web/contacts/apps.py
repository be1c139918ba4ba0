"""The Django application ``contacts``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
