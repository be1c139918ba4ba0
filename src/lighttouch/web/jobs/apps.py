"""The Django application ``jobs``."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Learn every stage's jobs."""
        autodiscover_modules("jobs")
