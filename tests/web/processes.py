"""What a process of its own needs in order to work on the tests' databases."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connections

PATIENCE = 30.0


def environment_of_tests(data: Path, **more: str) -> dict[str, str]:
    """Return the variables of a process that uses the tests' databases and a data folder."""
    return {
        **os.environ,
        "DATABASE_URL": database_url("default"),
        "CONTACTS_DATABASE_URL": database_url("contacts"),
        "LIGHTTOUCH_DATA": str(data),
        "LIGHTTOUCH_VAULT_KEYS": ",".join(settings.VAULT_KEYS),
        "DJANGO_SETTINGS_MODULE": "lighttouch.web.config.settings",
        **more,
    }


def database_url(alias: str) -> str:
    """Return the address of one of the tests' databases."""
    found = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgresql://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def until(true: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
