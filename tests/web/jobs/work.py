"""Workers of the tests, as processes of their own: ``python -m tests.web.jobs.work LEASE``.

Loads everything once, then forks. Reads a line at a time: ``hire`` starts a worker and answers
with its number, ``wait NUMBER`` answers with its exit code.
"""

import os
import sys
from datetime import timedelta
from importlib import import_module

import django


def main() -> None:
    """Hire workers for the database named by the environment, with a short lease."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lighttouch.web.config.settings")
    django.setup()
    import_module("tests.web.jobs.cases")
    for line in sys.stdin:
        order, _, number = line.strip().partition(" ")
        if order == "hire":
            answer = _hire()
        else:
            _, status = os.waitpid(int(number), 0)
            answer = os.waitstatus_to_exitcode(status)
        print(answer, flush=True)  # noqa: T201


def _hire() -> int:
    number = os.fork()
    if number:
        return number
    from lighttouch.web.jobs import runs
    from lighttouch.web.jobs.keeping import Keeper
    from lighttouch.web.jobs.worker import run_worker

    runs.LOOK = runs.HEARTBEAT = 0.2
    code = 1
    try:
        run_worker(keeper=Keeper(lease=timedelta(seconds=float(sys.argv[1]))), look_every=0.1)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
