"""The Django application ``prizes``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.prizes"
    label = "prizes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have a secret committed to when a survey is opened."""
        import lighttouch.web.prizes.actions  # noqa: F401 - importing it registers the act
