"""Load the simulated programme into the data folder named by the environment; print the links.

Run by ``lighttouch demo --site`` in a process of its own, so that the command line never needs
Django. Writes one line per role to standard output: the role, a tab, the link.
"""

import logging
import os
import sys

import django


def main() -> None:
    """Make the tables, load everything, print a link per role."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lighttouch.web.config.settings")
    django.setup()
    logging.disable(logging.INFO)
    from django.core.management import call_command
    from django.utils import timezone

    from lighttouch.web.config.demonstration.loading import load

    for alias in ("default", "contacts"):
        call_command("migrate", database=alias, verbosity=0)
    call_command("createcachetable", verbosity=0)
    links = load(timezone.now(), lambda line: print(line, file=sys.stderr))  # noqa: T201
    for role, link in links.items():
        print(f"{role}\t{link}")  # noqa: T201


if __name__ == "__main__":
    main()
