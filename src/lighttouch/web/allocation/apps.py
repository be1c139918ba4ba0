"""The Django application ``allocation``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.allocation"
    label = "allocation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have surveys learn who is asked what, where some arms are asked more."""
        import lighttouch.web.allocation.telling_surveys  # noqa: F401 - importing it registers it
