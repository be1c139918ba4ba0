"""The Django application ``accounts``: notes when a second factor was given."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for sign-ins and for new second factors."""
        from lighttouch.web.accounts import signals  # noqa: F401 - needs the models
