"""What the tests of accounts share."""

import re

import pytest
from django.core import mail
from django.test import Client

from lighttouch.web.accounts import limits
from lighttouch.web.accounts.models import User


@pytest.fixture(autouse=True)
def answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait out the time of an answer; one test shows that it is waited out."""
    monkeypatch.setattr(limits, "ANSWER_AFTER", 0.0)


def ask_for_link(email: str, client: Client | None = None) -> str:
    """Ask for a link and return the path in the e-mail that came, or nothing."""
    mail.outbox.clear()
    (client or Client()).post("/sign-in/", {"email": email})
    return mailed_path()


def mailed_path() -> str:
    """Return the path of the link in the newest e-mail, or nothing."""
    if not mail.outbox:
        return ""
    found = re.search(r"http://127\.0\.0\.1:8000(/sign-in/\S+)", str(mail.outbox[-1].body))
    return found.group(1) if found else ""


def is_signed_in(client: Client, user: User | None = None) -> bool:
    """Say whether a browser is signed in, as somebody if given."""
    key = client.session.get("_auth_user_id")
    return key is not None and (user is None or key == str(user.pk))
