"""One e-mail per key, handed over once; in doubt where that is not known."""

import logging
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.config.logs import JsonLines
from lighttouch.web.notices.actions import send, send_again
from lighttouch.web.notices.models import Notice, State
from lighttouch.web.notices.sealing import unseal
from lighttouch.web.notices.sending import LEASE, MOST_ATTEMPTS, send_due, send_one
from tests.web.cast import NOW, Cast
from tests.web.notices.peer import Peer, listening
from tests.web.postgres import free_port
from tests.web.processes import environment_of_tests, until
from tests.web.together import at_once

BODY = "Dear colleague,\n\nYour return is due on Friday 3 May.\n"


def plan(cast: Cast, key: str = "one", subject: str = "Your return is due") -> Notice:
    """Have an e-mail sent to the coordinator, and return it as it then is."""
    notice = send(
        to=cast["coordinator"],
        kind="reminder",
        subject=subject,
        body=BODY,
        key=key,
        by=cast["trial_manager"],
        now=NOW,
    )
    notice.refresh_from_db()
    return notice


def later(notice: Notice, **time: int) -> Notice:
    """Do what is due some time from now, and return the e-mail as it then is."""
    send_due(timezone.now() + timedelta(**time))
    notice.refresh_from_db()
    return notice


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sends anything by themselves."""
    monkeypatch.setattr("lighttouch.web.notices.tasks.enqueue", lambda number: None)


def test_email_arrives_as_written(cast: Cast, peer: Peer) -> None:
    notice = plan(cast, subject="Your return for Dudley – due on Friday")
    assert peer.to == [cast["coordinator"].email]
    (message,) = peer.taken
    assert str(message["Subject"]).startswith("=?utf-8?")
    assert message["Auto-Submitted"] == "auto-generated"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n").strip() == BODY.strip()
    assert notice.state == State.SENT


def test_second_email_with_a_key_is_not_made(cast: Cast, peer: Peer) -> None:
    assert plan(cast) == plan(cast)
    send_due(timezone.now())
    assert len(peer.taken) == 1
    assert Event.objects.filter(act="notice.planned").count() == 1


def test_text_is_sealed_until_sent_and_gone_afterwards(
    cast: Cast, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("lighttouch.web.notices.tasks.enqueue", lambda number: None)
        notice = plan(cast)
    sealed = bytes(notice.sealed_body)
    assert b"return" not in sealed
    assert unseal(sealed) == BODY
    assert bytes(later(notice).sealed_body) == b""


def test_email_of_an_act_that_is_undone_is_never_sent(cast: Cast, peer: Peer) -> None:
    with transaction.atomic():
        plan(cast)
        transaction.set_rollback(True)
    send_due(timezone.now())
    assert peer.taken == []


@pytest.mark.parametrize(
    "subject",
    [
        "Hello\nBcc: everybody@example.org",
        "Hello\r\nBcc: everybody@example.org",
        "Hello\n",
        "Hello\x00",
        "Hello\u2028Bcc: everybody@example.org",
        "",
        "x" * 201,
    ],
)
def test_subject_cannot_add_a_header(cast: Cast, subject: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(cast, subject=subject)
    assert caught.value.faults[0].where == "subject"
    assert "everybody" not in str(caught.value)
    assert not Notice.objects.exists()


def test_address_cannot_add_a_header(cast: Cast, peer: Peer, idle: None) -> None:
    notice = plan(cast)
    type(cast["coordinator"]).objects.filter(pk=cast["coordinator"].pk).update(
        email="a@example.org\nBcc: everybody@example.org"
    )
    assert later(notice).state == State.FAILED
    assert peer.taken == []


def test_refused_connection_is_tried_again_with_longer_pauses(
    cast: Cast, by_smtp: Settings
) -> None:
    by_smtp.EMAIL_PORT = free_port()
    notice = plan(cast)
    assert (notice.state, notice.attempts) == (State.PLANNED, 1)
    assert notice.trouble == "the mail server could not be reached"
    first = notice.due_at
    assert later(notice).attempts == 1, "its pause is not over"
    later(notice, minutes=2)
    assert notice.attempts == 2
    assert notice.due_at - first > timedelta(minutes=2)
    peer = Peer()
    with listening(peer, by_smtp.EMAIL_PORT):
        assert later(notice, minutes=10).state == State.SENT
    assert len(peer.taken) == 1


def test_email_that_nobody_takes_for_hours_fails(cast: Cast, by_smtp: Settings) -> None:
    by_smtp.EMAIL_PORT = free_port()
    notice = plan(cast)
    for hours in range(1, MOST_ATTEMPTS):
        assert notice.state == State.PLANNED
        later(notice, hours=2 * hours)
    assert (notice.state, notice.attempts) == (State.FAILED, MOST_ATTEMPTS)


@pytest.mark.parametrize(
    ("address", "text", "state", "trouble"),
    [
        ("550 no such person", "250 OK", State.FAILED, "the mail server refused the address"),
        ("451 try later", "250 OK", State.PLANNED, "the mail server refused the address"),
        ("250 OK", "554 looks like spam", State.FAILED, "the mail server refused the e-mail"),
        ("250 OK", "452 full", State.PLANNED, "the mail server refused the e-mail"),
    ],
)
def test_refusal_is_known_for_what_it_is(
    cast: Cast, peer: Peer, address: str, text: str, state: State, trouble: str
) -> None:
    peer.answer_to_address, peer.answer_to_text = address, text
    notice = plan(cast)
    assert (notice.state, notice.trouble) == (state, trouble)
    assert peer.taken == []


def test_email_cut_off_half_way_is_in_doubt_and_not_sent_again(cast: Cast, peer: Peer) -> None:
    peer.cuts_off = True
    notice = plan(cast)
    assert notice.state == State.UNKNOWN
    peer.cuts_off = False
    assert later(notice, days=2).state == State.UNKNOWN
    assert len(peer.taken) == 1


def test_email_sent_again_by_hand_is_known_as_the_same(cast: Cast, peer: Peer) -> None:
    peer.cuts_off = True
    notice = plan(cast)
    peer.cuts_off = False
    send_again(notice=notice, by=cast["administrator"], now=timezone.now())
    notice.refresh_from_db()
    assert notice.state == State.SENT
    first, second = (message["Message-ID"] for message in peer.taken)
    assert first == second
    assert Event.objects.get(act="notice.sent_again").actor == cast["administrator"].actor


def test_email_that_was_sent_is_not_sent_again(cast: Cast, peer: Peer) -> None:
    notice = plan(cast)
    with pytest.raises(InputError, match="neither failed nor is in doubt"):
        send_again(notice=notice, by=cast["administrator"], now=NOW)


def test_closed_account_gets_nothing(cast: Cast, peer: Peer, idle: None) -> None:
    notice = plan(cast)
    type(cast["coordinator"]).objects.filter(pk=cast["coordinator"].pk).update(is_active=False)
    assert later(notice).trouble == "the account is closed"
    assert (notice.state, peer.taken) == (State.FAILED, [])


def test_text_sealed_with_keys_that_are_gone_fails_and_says_so(
    cast: Cast, peer: Peer, idle: None, settings: Settings
) -> None:
    notice = plan(cast)
    settings.VAULT_KEYS = ("5Xk1dFhVfJtYd0kRkqv5cJt1m4y0VqX2m7b1o0v5p1E=",)
    assert later(notice).trouble == "its text cannot be opened with the keys in use"
    assert notice.state == State.FAILED


def test_no_address_and_no_text_is_logged(
    cast: Cast, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    peer.answer_to_address = "550 <coordinator@example.org> is not here"
    with caplog.at_level(logging.DEBUG):
        plan(cast)
        peer.answer_to_address, peer.cuts_off = "250 OK", True
        plan(cast, "two")
        peer.cuts_off = False
        plan(cast, "three")
    ours = [r for r in caplog.records if not r.name.startswith("mail.")]  # the peer's own
    lines = "\n".join(JsonLines().format(record) for record in ours)
    assert "e-mail was not sent" in lines
    for word in ("coordinator", "example.org", "return", "colleague"):
        assert word not in lines


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.CLAIMED},
        {"state": State.SENT},
        {"state": "lost"},
        {"sent_at": NOW},
    ],
)
def test_database_refuses_an_email_in_no_state(
    cast: Cast, idle: None, change: dict[str, object]
) -> None:
    notice = plan(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**change)


def test_database_refuses_a_second_email_of_a_key(cast: Cast, idle: None) -> None:
    notice = plan(cast)
    notice.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_send_at_once_send_one(cast: Cast, peer: Peer, idle: None) -> None:
    notice = plan(cast)
    peer.waits = 0.3
    sent = at_once(*[lambda: send_one(notice.pk, timezone.now())] * 2)
    assert sorted(sent) == [False, True]
    assert len(peer.taken) == 1


SEND = """
import django
django.setup()
from django.utils import timezone
from lighttouch.web.notices.sending import send_due
send_due(timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_email_whose_worker_was_killed_after_handing_it_over_is_in_doubt_and_stays_so(
    cast: Cast, peer: Peer, idle: None, by_smtp: Settings, tmp_path: Path
) -> None:
    notice = plan(cast)
    peer.waits = 60.0
    smtp = f"smtp://127.0.0.1:{by_smtp.EMAIL_PORT}"
    environment = environment_of_tests(tmp_path, LIGHTTOUCH_SMTP_URL=smtp)
    worker = subprocess.Popen([sys.executable, "-c", SEND], env=environment)
    until(lambda: peer.taken)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert later(notice).state == State.CLAIMED, "for all anybody knows, it is being sent"
    later(notice, seconds=LEASE.seconds + 60)
    assert notice.state == State.UNKNOWN
    assert later(notice, days=2).state == State.UNKNOWN
    assert len(peer.taken) == 1
