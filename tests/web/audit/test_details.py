"""The log names nobody: no detail of any act holds a name, an address or a contact."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lighttouch.web
from lighttouch.web.accounts import actions
from lighttouch.web.accounts.models import Link, Role, User
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.models import Event
from tests.web.cast import NOW, Cast

SOURCE = Path(lighttouch.web.__file__).parent
PERSONAL = {
    "name",
    "names",
    "email",
    "e_mail",
    "address",
    "phone",
    "telephone",
    "mobile",
    "staff_id",
    "password",
    "token",
}
"""Keys that details may not have: what they hold is about one person, or lets one in."""


def details_in_source() -> Iterator[tuple[str, ast.expr]]:
    """Find the details of every call of ``record`` and ``record_alone``."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in {"record", "record_alone"}:
                for keyword in node.keywords:
                    if keyword.arg == "details":
                        yield f"{path.relative_to(SOURCE)}:{node.lineno}", keyword.value


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_no_act_writes_a_personal_key_into_its_details() -> None:
    found = list(details_in_source())
    assert len(found) > 20
    wrong = [
        f"{place}: {key.value!r}"
        for place, details in found
        for node in ast.walk(details)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and str(key.value).lower() in PERSONAL
    ]
    assert wrong == []


def test_no_act_writes_the_name_or_address_of_a_person_into_its_details() -> None:
    wrong = [
        f"{place}: {ast.unparse(node)}"
        for place, details in details_in_source()
        for node in ast.walk(details)
        if isinstance(node, ast.Attribute)
        and node.attr in {"name", "email"}
        and re.search(r"user|person|by|author|officer|contact", ast.unparse(node.value))
    ]
    assert wrong == []


WORDS = st.text(st.characters(codec="ascii", categories=["L"]), min_size=6, max_size=12)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=WORDS, local=WORDS)
def test_whatever_somebody_is_called_the_acts_on_their_account_do_not_say_it(
    cast: Cast, name: str, local: str
) -> None:
    email = f"{local}@example.org"
    User.objects.filter(email__iexact=email).exists()
    before = Event.objects.count()
    user, token = actions.invite(
        email=email,
        name=f"Zz{name}",
        role=Role.COORDINATOR,
        programme=cast.programme,
        partner=cast.dudley,
        by=cast["trial_manager"],
        now=NOW,
    )
    actions.invite_again(grant=user.grants.get(), by=cast["second"], now=NOW)
    actions.send_link(email=email, by=OPERATOR, now=NOW + timedelta(minutes=1))
    actions.use_link(token=token, now=NOW)
    actions.note_second_factor(user=user, act="added", kind="totp", now=NOW)
    actions.reset_second_factor(user=user, by=OPERATOR, now=NOW)
    actions.end_role(grant=user.grants.get(), by=cast["second"], now=NOW)
    link = actions.make_link(user=user, purpose=Link.Purpose.SIGN_IN, by=user, now=NOW)
    events = list(Event.objects.filter(number__gt=before).values())
    text = " ".join(
        str({k: v for k, v in row.items() if k not in {"seal", "previous"}}) for row in events
    )
    assert len(events) >= 12
    for secret in (f"Zz{name}", local, "@", token, link):
        assert secret not in text
    user.grants.all().delete()


@pytest.mark.django_db
def test_actors_are_codes() -> None:
    assert re.fullmatch(r"user:\d+", User(pk=12).actor)
