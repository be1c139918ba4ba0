"""Settings of gunicorn, which reads this module by name; how many and where comes with the call.

Its lines carry addresses of pages and of people: what is written is our own words instead.
"""

import gc
from pathlib import Path

timeout = 60
graceful_timeout = 20
limit_request_line = 4094
max_requests = 50_000
max_requests_jitter = 10_000
worker_class = "gthread"
accesslog = None
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's own recommendation, so that no disk slows it
    worker_tmp_dir = "/dev/shm"  # noqa: S108

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "lighttouch.web.config.logs.ServerLines"}},
    "handlers": {
        "lines": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": "lines",
        }
    },
    "root": {"level": "WARNING", "handlers": ["lines"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["lines"], "propagate": False},
        "gunicorn.access": {"level": "CRITICAL", "handlers": ["lines"], "propagate": False},
    },
}


def post_worker_init(_worker: object) -> None:
    """Keep what was loaded out of the collector's rounds, which a busy process makes often."""
    gc.collect()
    gc.freeze()
