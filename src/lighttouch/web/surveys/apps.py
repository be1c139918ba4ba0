"""The Django application ``surveys``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.surveys"
    label = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
