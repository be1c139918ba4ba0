"""Every address is asked for by everybody, and answers as declared."""

import pytest
from django.test import Client

from tests.web.access import ANONYMOUS, EVERYBODY
from tests.web.access.walking import Address, ask, declared, every_address, prepared, unlogged
from tests.web.cast import Cast, add_person, make_programme
from tests.web.conftest import SignIn


@pytest.fixture
def wide_cast(cast: Cast) -> Cast:
    """The cast, and the manager of another programme's trial."""
    other = make_programme("another_programme", "another_trial")
    cast.people["outsider"] = add_person(other, "trial_manager", "outsider")
    return cast


def test_every_address_is_declared_and_every_declaration_has_an_address() -> None:
    addresses = {address.name for address in every_address()}
    table = set(declared())
    assert sorted(addresses - table) == [], "these are not declared in tests/web/access"
    assert sorted(table - addresses) == [], "these are declared, but gone"


def test_every_view_says_whom_it_is_for() -> None:
    silent = {a.name for a in every_address() if getattr(a.view, "access", None) is None}
    assert silent == set()


def test_declarations_name_people_of_the_cast_only() -> None:
    assert {key for keys in declared().values() for key in keys} <= EVERYBODY


def test_views_open_to_all_are_declared_so_and_no_others() -> None:
    table = declared()
    known = [a for a in every_address() if a.name in table]
    public = {a.name for a in known if getattr(a.view, "access", None) == "public"}
    assert public == {a.name for a in known if ANONYMOUS in table[a.name]}


@pytest.mark.django_db(databases=["default", "contacts"])
@pytest.mark.parametrize("key", sorted(EVERYBODY))
def test_somebody_meets_the_pages_declared_for_them_and_no_others(
    wide_cast: Cast, sign_in: SignIn, key: str
) -> None:
    client = Client() if key == ANONYMOUS else sign_in(key)
    client.raise_request_exception = False
    table, arguments = declared(), prepared(wide_cast)
    faults = []
    for address in every_address():
        if address.name in table:
            real = address.name in arguments
            url = address.url(arguments.get(address.name, {}))
            with unlogged():
                answers = {method: ask(client, method, url) for method in ("get", "post")}
            if not _is_right(address, answers, key, allowed=key in table[address.name], real=real):
                faults.append(f"{address.name}: {answers}")
    assert not faults, "\n".join(faults)


def _is_right(
    address: Address, answers: dict[str, str], key: str, *, allowed: bool, real: bool
) -> bool:
    """Say whether the answers fit; a method that the page does not know tells nothing."""
    telling = set(answers.values()) - {"no such method"}
    if allowed:
        made_up = bool(address.converters) and not real
        return bool(telling) and telling <= ({"let in", "not found"} if made_up else {"let in"})
    if key == ANONYMOUS:
        return telling == {"to sign in"}
    unseen = {"turned away", "not found"} if key == "outsider" or real else {"turned away"}
    return bool(telling) and telling <= unseen
