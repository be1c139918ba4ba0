"""The Django application ``config``: the commands and the settings' checks."""

from django.apps import AppConfig


class Config(AppConfig):
    """Settings of the project itself."""

    name = "lighttouch.web.config"
    label = "config"
