"""The database itself refuses accounts, roles and links that make no sense."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from lighttouch.web.accounts.models import Attempt, Grant, Link, Role, User
from tests.web.cast import NOW, Cast


def is_refused(model: Any, **values: Any) -> bool:
    """Say whether the database refuses a row."""
    try:
        with transaction.atomic():
            model.objects.create(**values)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("email", ["coordinator@example.org", "COORDINATOR@example.org"])
def test_two_accounts_with_one_address_whatever_its_case(cast: Cast, email: str) -> None:
    assert is_refused(User, email=email, name="Twin", created_at=NOW)


@pytest.mark.parametrize(
    ("role", "given"),
    [
        (Role.ADMINISTRATOR, "programme"),
        (Role.ADMINISTRATOR, "partner"),
        (Role.ADMINISTRATOR, "team"),
        (Role.TRIAL_MANAGER, ""),
        (Role.TRIAL_MANAGER, "programme partner"),
        (Role.RESEARCHER, ""),
        (Role.RESEARCHER, "programme team"),
        (Role.RANDOMISER, ""),
        (Role.RANDOMISER, "programme partner"),
        (Role.COORDINATOR, "programme"),
        (Role.COORDINATOR, "partner"),
        (Role.COORDINATOR, "programme partner team"),
        (Role.TEAM_MANAGER, "programme partner"),
        (Role.TEAM_MANAGER, "programme team"),
        ("director", "programme"),
    ],
)
def test_role_with_a_scope_that_does_not_fit(cast: Cast, role: str, given: str) -> None:
    places = {"programme": cast.programme, "partner": cast.dudley, "team": "T01"}
    scope = {name: places[name] for name in given.split()}
    assert is_refused(Grant, user=cast["stranger"], role=role, granted_at=NOW, **scope)


def test_same_role_twice_at_a_time(cast: Cast) -> None:
    again = {
        "user": cast["researcher"],
        "role": "researcher",
        "programme": cast.programme,
        "granted_at": NOW,
    }
    assert is_refused(Grant, **again)
    Grant.objects.filter(user=cast["researcher"]).update(ended_at=NOW)
    assert not is_refused(Grant, **again)


def test_role_that_ended_before_it_began(cast: Cast) -> None:
    assert is_refused(
        Grant,
        user=cast["researcher"],
        role="randomiser",
        programme=cast.programme,
        granted_at=NOW,
        ended_at=NOW - timedelta(seconds=1),
    )


def test_account_with_a_role_cannot_be_deleted(cast: Cast) -> None:
    with pytest.raises(ProtectedError):
        cast["coordinator"].delete()


def link(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "user": cast["coordinator"],
        "purpose": "sign_in",
        "token_sha256": "a" * 64,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=1),
    } | changes


@pytest.mark.parametrize(
    "changes",
    [{"expires_at": NOW}, {"purpose": "anything"}, {"user": None}, {"token_sha256": None}],
)
def test_link_that_makes_no_sense(cast: Cast, changes: dict[str, Any]) -> None:
    assert is_refused(Link, **link(cast, **changes))


def test_two_links_with_one_hash(cast: Cast) -> None:
    Link.objects.create(**link(cast))
    assert is_refused(Link, **link(cast))


@pytest.mark.django_db
def test_two_counts_of_one_hour() -> None:
    Attempt.objects.create(digest="a", hour=NOW)
    assert is_refused(Attempt, digest="a", hour=NOW)
    assert is_refused(Attempt, digest="b", hour=NOW, count=-1)
