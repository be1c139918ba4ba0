"""The Django application ``analysis``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.analysis"
    label = "analysis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have answers come from one source only."""
        import lighttouch.web.analysis.sources  # noqa: F401 - importing it registers the check
