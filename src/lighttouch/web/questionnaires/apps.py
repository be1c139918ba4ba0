"""The Django application ``questionnaires``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.questionnaires"
    label = "questionnaires"
    default_auto_field = "django.db.models.BigAutoField"
