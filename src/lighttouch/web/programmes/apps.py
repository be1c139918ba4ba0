"""The Django application ``programmes``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.programmes"
    label = "programmes"
    default_auto_field = "django.db.models.BigAutoField"
