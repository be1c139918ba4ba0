"""What the tests of a protocol's pages share: asking for a page, and sending a form."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from lighttouch.web.audit import once
from tests.web.protocols.cases import TEXT, edit

SignIn = Callable[[str], Client]
OWN = "/trials/goal_setting/protocol/"
FAULTY = edit(TEXT, ("version = 1", "version = 2"))


def post(client: Client, address: str, **data: Any) -> Any:
    """Send a form as its page would."""
    return client.post(address, {"once": once.token(), **data})


def page(client: Client, address: str, status: int = 200) -> str:
    """Return a page that answers so."""
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def new_trial(client: Client, start: str = "goal_setting", **data: Any) -> Any:
    """Send the form that starts a trial."""
    return post(client, "/trials/new/", programme="programme", start=start, **data)
