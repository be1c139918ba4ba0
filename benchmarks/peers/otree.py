"""oTree serving a questionnaire of the library: written as an app, run as its own server.

It lives in an environment of its own (``make .venv/otree.stamp``), since it needs older libraries
than Lighttouch does.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from lighttouch.core.instruments.model import (
    ChoiceResponse,
    Instrument,
    Item,
    NumberResponse,
    Response,
    ScaleResponse,
)

PROGRAMS = Path(__file__).parents[2] / ".venv" / "otree" / "bin"
PATIENCE = 60.0
Answers = dict[str, dict[str, str]]
SETTINGS = """\
SESSION_CONFIGS = [dict(name="survey", app_sequence=["survey"], num_demo_participants=1)]
SESSION_CONFIG_DEFAULTS = dict(
    real_world_currency_per_point=1.0, participation_fee=0.0, doc=""
)
PARTICIPANT_FIELDS = []
SESSION_FIELDS = []
DEMO_PAGE_INTRO_HTML = ""
INSTALLED_APPS = ["otree"]
LANGUAGE_CODE = "en"
REAL_WORLD_CURRENCY_CODE = "GBP"
USE_POINTS = False
SECRET_KEY = "not a secret: serves a benchmark on this machine only"
ADMIN_USERNAME = "admin"
ADMIN_PASSWORD = "admin"
"""
HEAD = """\
from otree.api import *


class C(BaseConstants):
    NAME_IN_URL = "survey"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


class Player(BasePlayer):
"""
TAIL = """

class Landing(Page):
    pass


class Questions(Page):
    form_model = "player"
    form_fields = {names!r}


class Thanks(Page):
    pass


page_sequence = [Landing, Questions, Thanks]
"""
PAGE = """\
{{{{ block title }}}}{title}{{{{ endblock }}}}
{{{{ block content }}}}{body}{{{{ endblock }}}}
"""


def write_project(folder: Path, asked: Sequence[Instrument]) -> None:
    """Write an oTree project that asks instruments on one page, with a page either side."""
    app = folder / "survey"
    for name in (app, folder / "_static", folder / "_templates"):
        name.mkdir(parents=True)
    (folder / "settings.py").write_text(SETTINGS, encoding="utf-8")
    fields = [_field(item, one.response) for one in asked for item in one.items]
    names = [item.id for one in asked for item in one.items]
    text = HEAD + "\n".join(fields) + "\n" + TAIL.format(names=names)
    (app / "__init__.py").write_text(text, encoding="utf-8")
    for title, body in (
        ("Landing", "<p>About this survey.</p>{{ next_button }}"),
        ("Questions", "{{ formfields }}{{ next_button }}"),
        ("Thanks", "<p>Thank you.</p>"),
    ):
        (app / f"{title}.html").write_text(PAGE.format(title=title, body=body), encoding="utf-8")


def _field(item: Item, response: Response) -> str:
    said = f"    {item.id} = models"
    if isinstance(response, ScaleResponse):
        choices = list(range(response.min, response.max + 1))
        return (
            f"{said}.IntegerField(label={item.text!r}, choices={choices!r}, "
            "widget=widgets.RadioSelectHorizontal, blank=True)"
        )
    if isinstance(response, NumberResponse):
        return f"{said}.IntegerField(label={item.text!r}, min={response.min}, blank=True)"
    if isinstance(response, ChoiceResponse) and response.kind == "single_choice":
        return (
            f"{said}.StringField(label={item.text!r}, choices={list(response.options)!r}, "
            "widget=widgets.RadioSelect, blank=True)"
        )
    return f"{said}.LongStringField(label={item.text!r}, blank=True)"


@contextlib.contextmanager
def serving(folder: Path, port: int, database: str = "") -> Iterator[None]:
    """Run oTree's production server on a project, with PostgreSQL if named, else its own SQLite."""
    variables = os.environ | {"OTREE_PRODUCTION": "1", "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    for name in ("DATABASE_URL", "PYTHONPATH"):
        variables.pop(name, None)
    if database:
        variables["DATABASE_URL"] = database
    otree = [str(PROGRAMS / "otree")]
    subprocess.run(
        [*otree, "resetdb", "--noinput"], cwd=folder, env=variables, check=True, capture_output=True
    )
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(
        [*otree, "prodserver1of2", str(port)],
        cwd=folder,
        env=variables,
        **quiet,  # type: ignore[call-overload]
    )
    try:
        _wait(port)
        yield
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError):
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")
            return
        time.sleep(0.2)
    raise SystemExit("oTree did not start")


def make_participants(port: int, count: int) -> list[str]:
    """Make a session, and return the code of each participant's own link."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(server):
        wanted = json.dumps({"session_config_name": "survey", "num_participants": count})
        server.request("POST", "/api/sessions", wanted, {"Content-Type": "application/json"})
        code = json.loads(server.getresponse().read())["code"]
        server.request("GET", f"/api/sessions/{code}")
        found = json.loads(server.getresponse().read())
    return [str(one["code"]) for one in found["participants"]]


def answers_kept(folder: Path, names: Sequence[str], database: str = "") -> Answers:
    """Return what is kept, by the code of the participant."""
    columns = ", ".join(f"p.{name}" for name in names)
    found = (
        f"SELECT o.code, {columns} FROM survey_player p "
        "JOIN otree_participant o ON o.id = p.participant_id"
    )
    opened: Any = psycopg.connect(database) if database else sqlite3.connect(folder / "db.sqlite3")
    with contextlib.closing(opened) as connection:
        rows = connection.execute(found).fetchall()
    return {
        code: {name: str(value) for name, value in zip(names, values, strict=True)}
        for code, *values in rows
        if any(value is not None for value in values)
    }
