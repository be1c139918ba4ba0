"""The least that can be done: a handler without a framework, keeping the same answers.

It serves bytes at a link, takes the form, checks it by the core's rules, keeps it item by item in
one transaction, and thanks. It asks nobody for consent, knows no devices and writes no log.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from lighttouch.core.instruments.allowing import check_answer
from lighttouch.core.instruments.library import read_library

TABLES = """
CREATE TABLE bare_response (
    id {key}, person VARCHAR(64) NOT NULL UNIQUE, finished_at VARCHAR(40) NOT NULL
);
CREATE TABLE bare_answer (
    id {key}, response_id BIGINT NOT NULL REFERENCES bare_response (id),
    item VARCHAR(63) NOT NULL, value TEXT NOT NULL, UNIQUE (response_id, item)
);
"""
KEYS = {True: "BIGSERIAL PRIMARY KEY", False: "INTEGER PRIMARY KEY"}
LANDING = gzip.compress(
    b"<!doctype html><title>Survey</title><form method=post>"
    + random.Random(1).randbytes(4_000).hex().encode()
    + b"</form>"
)
"""As many bytes as the questionnaire has when it is packed."""
THANKS = b"<!doctype html><title>Thank you</title><p>Thank you</p>"

ADDRESS = os.environ.get("BARE_DATABASE", "")
IS_POSTGRES = ADDRESS.startswith("postgresql")
MARK = "%s" if IS_POSTGRES else "?"
ALLOWED = {
    item.id: read_library().instrument(one).response
    for one in json.loads(os.environ.get("BARE_INSTRUMENTS", "[]"))
    for item in read_library().instrument(one).items
}
_own = threading.local()


def connect() -> Any:  # noqa: ANN401 - of two drivers
    """Return this thread's connection."""
    if not hasattr(_own, "connection"):
        if IS_POSTGRES:
            import psycopg

            _own.connection = psycopg.connect(ADDRESS)
        else:
            _own.connection = sqlite3.connect(ADDRESS, timeout=20, isolation_level=None)
            _own.connection.execute("PRAGMA journal_mode=WAL")
            _own.connection.execute("PRAGMA synchronous=NORMAL")
            _own.connection.execute("PRAGMA foreign_keys=ON")
    return _own.connection


def make_tables() -> None:
    """Make the tables, empty."""
    connection = connect()
    for statement in TABLES.format(key=KEYS[IS_POSTGRES]).split(";"):
        if statement.strip():
            connection.execute(statement)
    if IS_POSTGRES:
        connection.commit()


def answers_kept() -> dict[str, dict[str, str]]:
    """Return what is kept, by person."""
    kept: dict[str, dict[str, str]] = {}
    rows = connect().execute(
        "SELECT r.person, a.item, a.value FROM bare_answer a "
        "JOIN bare_response r ON r.id = a.response_id"
    )
    for person, item, value in rows.fetchall():
        kept.setdefault(person, {})[item] = value
    return kept


def _keep(person: str, values: dict[str, str]) -> None:
    connection = connect()
    cursor = connection.cursor()
    if not IS_POSTGRES:
        cursor.execute("BEGIN IMMEDIATE")
    try:
        cursor.execute(
            f"INSERT INTO bare_response (person, finished_at) VALUES ({MARK}, 'now') RETURNING id",
            (person,),
        )
        (response,) = cursor.fetchone()
        row = f"({MARK}, {MARK}, {MARK})"
        rows = [field for item, value in values.items() for field in (response, item, value)]
        cursor.execute(
            "INSERT INTO bare_answer (response_id, item, value) VALUES "
            + ", ".join([row] * len(values)),
            rows,
        )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    """Answer a request."""
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "POST":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        values = {name: given[0] for name, given in parse_qs(body).items() if name in ALLOWED}
        if any(check_answer(value, ALLOWED[item]) for item, value in values.items()):
            start("422 Unprocessable Content", [("Content-Length", "0")])
            return [b""]
        _keep(path.strip("/"), values)
        start("303 See Other", [("Location", "/thanks/"), ("Content-Length", "0")])
        return [b""]
    page = THANKS if path == "/thanks/" else LANDING
    headers = [("Content-Type", "text/html"), ("Content-Length", str(len(page)))]
    start("200 OK", headers if page is THANKS else [*headers, ("Content-Encoding", "gzip")])
    return [page]


if __name__ == "__main__":
    make_tables()
    print(Path(__file__).name)
