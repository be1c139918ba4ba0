"""The Django application ``accounts``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
