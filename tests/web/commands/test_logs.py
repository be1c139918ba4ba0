"""No line of the log names anybody, whatever people ask for and however it goes wrong."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lighttouch.web.accounts.actions import make_link
from lighttouch.web.accounts.models import Link
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.config.logs import JsonLines, ServerLines
from lighttouch.web.programmes.models import Programme
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.jobs import cases

PERSON = "Ada Lovelace"
ADDRESS = "ada.lovelace@example.org"
CODE = "S0017"


class Kept(logging.Handler):
    """Keeps what would be written, line by line."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    """What the service writes, at the levels it is set to."""
    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db(databases=["default", "contacts"])
def test_no_address_token_or_code_is_logged(
    cast: Cast, sign_in: SignIn, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast["coordinator"].email = ADDRESS
    cast["coordinator"].save()
    token = make_link(
        user=cast["coordinator"], purpose=Link.Purpose.SIGN_IN, by=OPERATOR, now=timezone.now()
    )
    client = Client(raise_request_exception=False)
    of_partner = "/trials/letters/partners/dudley"
    answers = [
        client.get(f"/sign-in/{token}/").status_code,
        client.get(f"/sign-in/{token}x/").status_code,
        client.post("/sign-in/", {"email": ADDRESS, "website": ""}).status_code,
        client.post("/sign-in/", {"email": f"{ADDRESS}\nBcc: {ADDRESS}"}).status_code,
        client.get(f"/nowhere/{CODE}/?who={ADDRESS}").status_code,
        client.get("/account/", headers={"host": f"{ADDRESS}.example"}).status_code,
        Client(enforce_csrf_checks=True).post("/sign-in/", {"email": ADDRESS}).status_code,
        client.post(f"/sign-in/{token}/").status_code,
        client.get(f"{of_partner}/enrolment/?staff_id={CODE}").status_code,
        client.post(f"{of_partner}/enrolment/record/left/", {"staff_id": CODE}).status_code,
        client.post(
            f"{of_partner}/returns/baseline/",
            {"file": SimpleUploadedFile(f"{PERSON}.csv", f"{CODE},{PERSON}".encode())},
        ).status_code,
        sign_in("researcher").get(f"/people/?q={ADDRESS}").status_code,
    ]
    assert {200, 302, 400, 403, 404} <= set(answers)
    _break(client, monkeypatch)
    cases.start("test.break", cast["coordinator"], secret=f"{PERSON} {ADDRESS} {CODE}")
    text = "\n".join(kept.lines)
    for word in (PERSON, "Lovelace", ADDRESS, "example.org", "Bcc", CODE, token, token[:12]):
        assert word not in text
    statuses = {json.loads(line).get("status") for line in kept.lines}
    assert {200, 302, 403, 404, 500} <= statuses, "what is not logged cannot leak, nor help"


def _break(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pages fail with values in their exceptions, one of them the database's own."""

    def fail() -> None:
        raise ValueError(f"{PERSON} {ADDRESS} {CODE}")

    def fail_in_database() -> None:
        with transaction.atomic():
            for _ in range(2):
                Programme.objects.create(slug=CODE, title=PERSON, created_at=timezone.now())

    for failing in (fail, fail_in_database):
        monkeypatch.setattr("lighttouch.web.config.health._queue", failing)
        assert client.get(reverse("health")).status_code == 500


def line_of(formatter: JsonLines, name: str, message: object, *args: object) -> dict[str, object]:
    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, args, None)
    record.created = datetime(2026, 3, 2, 9, 30, tzinfo=UTC).timestamp()
    return dict(json.loads(formatter.format(record)))


def test_line_has_the_moment_the_level_and_fixed_words() -> None:
    assert line_of(JsonLines(), "lighttouch.web", "answered") == {
        "at": "2026-03-02T09:30:00.000+00:00",
        "level": "error",
        "logger": "lighttouch.web",
        "message": "answered",
    }


def test_words_of_a_library_are_kept_only_where_its_values_are_apart() -> None:
    said = line_of(JsonLines(), "library", "could not reach %s", ADDRESS)
    assert said["message"] == "could not reach %s"
    mixed = line_of(JsonLines(), "library", f"could not reach {ADDRESS}")
    assert mixed["message"] == "a library reported something"
    thing = line_of(JsonLines(), "library", ValueError(ADDRESS))
    assert thing["message"] == "ValueError"


def test_web_server_says_what_it_does_and_nothing_of_a_request() -> None:
    known = line_of(ServerLines(), "gunicorn.error", "Booting worker with pid: %s", 12)
    assert known["message"] == "Booting worker"
    other = line_of(ServerLines(), "gunicorn.error", f"Invalid request from ip=10.0.0.1: {ADDRESS}")
    assert other["message"] == "the web server reported something"
    failed = line_of(ServerLines(), "gunicorn.error", "Error handling request %s", f"/{CODE}/")
    assert CODE not in json.dumps(failed)


def test_field_nobody_declared_is_left_out() -> None:
    record = logging.LogRecord("lighttouch.web", logging.INFO, "x.py", 1, "answered", (), None)
    record.email = ADDRESS
    assert ADDRESS not in JsonLines().format(record)
