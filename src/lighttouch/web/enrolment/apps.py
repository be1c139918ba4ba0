"""The Django application ``enrolment``."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of this stage."""

    name = "lighttouch.web.enrolment"
    label = "enrolment"
    default_auto_field = "django.db.models.BigAutoField"
