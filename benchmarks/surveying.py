"""What is asked, who is asked, and the three servers that ask it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

from lighttouch.core.instruments.library import read_library
from lighttouch.core.instruments.model import ChoiceResponse, Instrument, Response, ScaleResponse

MORE = ("time_pressure", "goal_task_urgency")
"""With the letters questionnaire's 57 questions these make 60."""
WEB, THREADS = 2, 4
"""As ``lighttouch serve`` runs them."""

Answers = dict[str, str]

PREPARE = """
import json, sys
from datetime import date, timedelta
import django

django.setup()
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from lighttouch.web.accounts.models import User
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.programmes.models import Programme, Trial
from lighttouch.web.surveys.asking import freeze_one, hash_asked
from lighttouch.web.surveys.consent import version_of
from lighttouch.web.surveys.links import digest_of, token_for
from lighttouch.web.surveys.models import Link, Survey, Window

call_command("migrate", verbosity=0)
call_command("migrate", database="contacts", verbosity=0)
instruments, count = json.loads(sys.argv[1]), int(sys.argv[2])
now, today = timezone.now(), date.today()
programme = Programme.objects.create(slug="speed", title="Speed", created_at=now)
partner = programme.partners.create(code="council", name="Council")
by = User.objects.create(email="a@example.org", name="A", created_at=now)
trial = Trial.objects.create(
    programme=programme, slug="speed", title="Speed", stage="enrolled", created_at=now
)
asked = [freeze_one(name) for name in instruments]
statement = ["You can skip any question."] * 11
survey = Survey.objects.create(
    trial=trial, wave="baseline", questionnaire="letters", title="Speed", asked=asked,
    sha256=hash_asked(asked), minutes=5, statement=statement,
    consent_version=version_of(statement), opened_at=now, opened_by=by,
)
Window.objects.create(
    survey=survey, partner=partner, opens_on=today - timedelta(1), closes_on=today + timedelta(9)
)
people = Participant.objects.bulk_create(
    Participant(trial=trial, partner=partner, staff_id=f"S{k}", team="t") for k in range(count)
)
tokens = [token_for(survey.pk, one.pk, 1) for one in people]
Link.objects.bulk_create(
    Link(survey=survey, participant=one, digest=digest_of(token), made_at=now)
    for one, token in zip(people, tokens)
)
# As the database does by itself within a minute, long before people are told of a survey.
for table in ("enrolment_participant", "surveys_link"):
    connection.cursor().execute(f"ANALYZE {table}")
print(json.dumps(tokens))
"""
READ = """
import json
import django

django.setup()
from lighttouch.web.audit.verifying import verify_chain
from lighttouch.web.surveys.links import token_for
from lighttouch.web.surveys.models import Answer, Response

kept = {}
rows = Answer.objects.filter(response__finished_at__isnull=False).values_list(
    "response__survey_id", "response__participant_id", "item", "value"
)
for survey, participant, item, value in rows:
    kept.setdefault(token_for(survey, participant, 1), {})[item] = value
verify_chain()
print(json.dumps(kept))
"""


def instruments() -> tuple[Instrument, ...]:
    """Return what is asked: sixty questions."""
    library = read_library()
    more = (library.instrument(name) for name in MORE)
    return (*library.asked("letters", "baseline"), *more)


def item_names() -> list[str]:
    """Return the questions' names."""
    return [item.id for one in instruments() for item in one.items]


def answers_of(person: int) -> Answers:
    """Return what somebody answers: to every question, and not what others do."""
    rng = random.Random(person)
    return {item.id: _answer(one.response, rng) for one in instruments() for item in one.items}


def _answer(response: Response, rng: random.Random) -> str:
    if isinstance(response, ScaleResponse):
        return str(rng.randint(response.min, response.max))
    if isinstance(response, ChoiceResponse):
        return rng.choice(response.options)
    return str(rng.randint(18, 60)) if response.kind != "free_text" else f"Words {rng.random()}"


def forms_of(person: int, **more: str) -> str:
    """Return somebody's answers as a browser sends them."""
    return urlencode(answers_of(person) | more)


def check_kept(kept: Mapping[str, Answers], sent: Mapping[str, int]) -> int:
    """Return how many people were kept, each exactly as they answered; stop at a difference."""
    for key, person in sent.items():
        if kept.get(key) != answers_of(person):
            raise SystemExit("an answer was lost or mixed")
    return len(sent)


@contextlib.contextmanager
def gunicorn(app: str, port: int, variables: Mapping[str, str]) -> Iterator[None]:
    """Serve an application with as many processes and threads as the platform has."""
    command = [sys.executable, "-m", "gunicorn", app, "-b", f"127.0.0.1:{port}"]
    command += ["--config", "python:lighttouch.web.config.webserver"]
    command += ["--workers", str(WEB), "--threads", str(THREADS)]
    server = subprocess.Popen(
        command, env=dict(variables), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        _wait(port)
        yield
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    for _ in range(400):
        with contextlib.suppress(OSError):
            http.client.HTTPConnection("127.0.0.1", port, timeout=10).request("GET", "/health/")
            return
        time.sleep(0.1)
    raise SystemExit("a server did not start")


def variables_for(folder: Path, databases: Mapping[str, str]) -> dict[str, str]:
    """Return what our server is told by its environment."""
    return os.environ | databases | {
        "DJANGO_SETTINGS_MODULE": "lighttouch.web.config.settings",
        "LIGHTTOUCH_DATA": str(folder / "data"),
    }  # fmt: skip


def run_python(code: str, variables: Mapping[str, str], *arguments: str) -> str:
    """Run code with an environment, and return the last line it printed, if any."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=dict(variables), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return (done.stdout.strip().splitlines() or [""])[-1]


def prepare(variables: Mapping[str, str], count: int) -> list[str]:
    """Open a survey of so many people, and return the secret part of each link."""
    names = json.dumps([one.id for one in instruments()])
    tokens: list[str] = json.loads(run_python(PREPARE, variables, names, str(count)))
    return tokens


def read_kept(variables: Mapping[str, str]) -> dict[str, Answers]:
    """Return the answers of everybody who finished, by link; the log's chain is checked too."""
    kept: dict[str, Answers] = json.loads(run_python(READ, variables))
    return kept


def names_of(asked: Sequence[Instrument]) -> str:
    """Return instruments' names as the bare handler is told them."""
    return json.dumps([one.id for one in asked])
