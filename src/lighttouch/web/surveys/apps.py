"""The Django application ``surveys``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.surveys"
    label = "surveys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have answers erased with everything else about somebody who asks for it."""
        import lighttouch.web.surveys.erasing  # noqa: F401 - importing it registers the eraser
