"""E-mail over a real mail server: what it has, has not, and may have."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from lighttouch.web.delivery.transports.base import Result
from lighttouch.web.delivery.transports.smtp import SmtpTransport
from tests.web.delivery import contract
from tests.web.delivery.smtp import server
from tests.web.delivery.smtp.server import Day, MailServer
from tests.web.postgres import free_port

FAULTS = {
    Day.CUT_AT_SENDER: Result.LATER,
    Day.LEAVES_AT_SENDER: Result.LATER,
    Day.SENDER_REFUSED: Result.LATER,
    Day.CUT_AT_ADDRESS: Result.LATER,
    Day.SILENT_AT_ADDRESS: Result.LATER,
    Day.ADDRESS_LATER: Result.LATER,
    Day.ADDRESS_REFUSED: Result.REFUSED,
    Day.TEXT_LATER: Result.LATER,
    Day.TEXT_REFUSED: Result.REFUSED,
    Day.CUT_BEFORE_TAKING: Result.UNKNOWN,
    Day.CUT_AFTER_TAKING: Result.UNKNOWN,
    Day.SILENT_AFTER_TAKING: Result.UNKNOWN,
    Day.NONSENSE_AFTER_TAKING: Result.UNKNOWN,
}


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[MailServer, int]]:
    with server.running() as found:
        yield found


@pytest.fixture
def peer(serving: tuple[MailServer, int], settings: Any) -> MailServer:
    """A mail server as if it had just begun, that the site's settings name."""
    found, port = serving
    found.days.clear()
    found.taken.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = server.PATIENCE
    return found


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """What was logged on our side of the line; the server logs all it hears."""
    return "\n".join(one.getMessage() for one in caplog.records if one.name != "mail.log")


def test_it_holds_to_what_every_transport_holds_to(
    peer: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    contract.check_transport(SmtpTransport(), peer.references, lambda: logged(caplog))
    assert len(peer.taken) == 2


@pytest.mark.parametrize("day", FAULTS, ids=lambda day: day.name.lower())
def test_only_after_the_last_dot_is_anything_in_doubt(
    day: Day, peer: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    show = partial(peer.days.append, day)
    faults = {day.name: (show, FAULTS[day])}
    contract.check_faults(SmtpTransport(), faults, peer.references, lambda: logged(caplog))
    assert not peer.days


def test_a_connection_cut_while_idle_is_opened_again_and_the_message_goes_once(
    peer: MailServer,
) -> None:
    transport, message = SmtpTransport(), contract.message_for_sian()
    assert transport.send(contract.message_for_sian()).result == Result.ACCEPTED
    peer.hang_up()
    assert transport.send(message).result == Result.ACCEPTED
    assert peer.references().count(message.reference) == 1
    transport.close()


def test_a_server_that_is_not_there_took_nothing(peer: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = free_port()
    outcome = SmtpTransport().send(contract.message_for_sian())
    contract.check_outcome(outcome)
    assert outcome.result == Result.LATER


@pytest.mark.parametrize("address", ["siân@example.gov.uk", "a\nBcc: b@example.gov.uk"])
def test_an_address_that_no_line_carries_is_refused_before_anything_is_said(
    address: str, peer: MailServer
) -> None:
    outcome = SmtpTransport().send(contract.message_for_sian(address=address))
    contract.check_outcome(outcome)
    assert outcome.result == Result.REFUSED
    assert not peer.taken


def test_lines_that_begin_with_a_dot_arrive_as_they_were(peer: MailServer) -> None:
    transport = SmtpTransport()
    message = replace(contract.message_for_sian(), text=".\n..two\nDŵr, as ever\n.")
    assert transport.send(message).result == Result.ACCEPTED
    transport.close()
    [got] = peer.taken
    content = got.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.decode().split() == message.text.split()
    assert got["List-Unsubscribe"] == f"<{message.unsubscribe}>"
