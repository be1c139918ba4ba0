"""The Django application ``delivery``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"
