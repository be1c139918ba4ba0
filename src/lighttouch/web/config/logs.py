"""Structured logs, one JSON object a line, without personal data.

A record's message is a fixed sentence; what varies travels in ``extra`` under names listed here.
Anything else is left out, so that no value can slip in by accident.
"""

import json
import logging
import traceback
from datetime import UTC, datetime

FIELDS = (
    "method",
    "route",
    "status",
    "milliseconds",
    "trial",
    "partner",
    "wave",
    "job",
    "kind",
    "attempt",
    "count",
    "event",
    "request_id",
)
OURS = ("lighttouch.", "gunicorn.")
"""The web server's words are chosen by :class:`ServerLines`."""


class JsonLines(logging.Formatter):
    """Write a record as one line of JSON with known fields only."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of an exception, its type and the places it passed, never its text."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _words_of(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["places"] = [
                f"{frame.name}:{frame.lineno}"
                for frame in traceback.extract_tb(record.exc_info[2])[-8:]
            ]
        return json.dumps(line, ensure_ascii=False)


def _words_of(record: logging.LogRecord) -> str:
    """Return a record's words without its values.

    Ours are fixed sentences. A library's may have values in it already, unless it kept them apart.
    """
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if record.args or record.name.startswith(OURS):
        return record.msg
    return "a library reported something"


class ServerLines(JsonLines):
    """Write the web server's records in those of its words that carry nothing of a request."""

    KNOWN = (
        "Starting gunicorn",
        "Listening at",
        "Using worker",
        "Booting worker",
        "Handling signal",
        "Worker exiting",
        "Worker failed to boot",
        "Worker (pid:%s) was sent",
        "WORKER TIMEOUT",
        "Autorestarting worker",
        "Shutting down",
    )

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what is not among the known words is only said to have happened."""
        said = str(record.msg)
        known = next((words for words in self.KNOWN if said.startswith(words)), None)
        record.msg = known or "the web server reported something"
        return super().format(record)
