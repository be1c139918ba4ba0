"""Settings of the tests: a data folder of their own, quick hashing, mail kept in memory.

The databases are SQLite, or what ``DATABASE_URL`` and ``CONTACTS_DATABASE_URL`` name: run
``python -m tests.web.postgres COMMAND`` for a PostgreSQL of the tests' own.
"""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="lighttouch-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["LIGHTTOUCH_DATA"] = _data

from lighttouch.web.config.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
for _name, _database in DATABASES.items():  # noqa: F405
    if _database["ENGINE"].endswith("sqlite3"):
        # A file, as in use: threads that share a database in memory do not wait for each other.
        _database["TEST"] = {"NAME": f"{_data}/test-{_name}.sqlite3"}
