"""Whoever has a role of weight confirms with a second factor, and there is no way round."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.test import Client

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.actions import invite, reset_second_factor
from lighttouch.web.accounts.middleware import OPEN_WITHOUT
from lighttouch.web.accounts.models import Role, User
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.models import Event
from lighttouch.web.surveys.door import PREFIX as DOOR
from tests.web.access.walking import Address, every_address
from tests.web.accounts.conftest import ask_for_link, is_signed_in, mailed_path
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
START = "/account/second-factor/start/"
CONFIRM = "/account/second-factor/confirm/"
OF_WEIGHT = ["administrator", "trial_manager", "researcher", "randomiser"]
OTHERS = ["coordinator", "team_manager"]


@pytest.fixture(autouse=True)
def no_counts_from_before(db: None) -> Iterator[None]:
    """Forget codes used and counted by an earlier test."""
    cache.clear()
    yield
    cache.clear()


def code_now(secret: str = SECRET, *, out_by: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + out_by)))


def give_app(user: User) -> Authenticator:
    factor: Authenticator = TOTP.activate(user, SECRET).instance
    return factor


def after_link(key: str) -> tuple[Client, Any]:
    """Sign in as far as the link goes."""
    client = Client()
    return client, client.post(ask_for_link(f"{key}@example.org"))


def by_link(address: Address) -> bool:
    """Whether it is opened by a private link, where nobody is ever signed in."""
    return address.url({}).startswith(DOOR)


@pytest.mark.parametrize("key", OF_WEIGHT)
def test_role_of_weight_gets_nowhere_before_adding_a_second_factor(cast: Cast, key: str) -> None:
    client, _ = after_link(key)
    assert client.get("/")["Location"] == START
    assert client.get("/account/")["Location"] == START
    page = client.get(START).content.decode()
    assert "A passkey" in page
    assert "An app for one-time codes" in page


@pytest.mark.parametrize("key", OTHERS)
def test_coordinators_and_team_managers_need_none_but_may_add_one(cast: Cast, key: str) -> None:
    client, _ = after_link(key)
    assert client.get("/account/").status_code == 200
    assert "you may add one" in client.get(START).content.decode()
    assert client.get("/account/second-factor/app/add/").status_code == 200


@pytest.mark.parametrize("key", ["trial_manager", "administrator"])
def test_no_address_lets_anybody_round_the_second_factor(cast: Cast, key: str) -> None:
    client, _ = after_link(key)
    client.raise_request_exception = False
    closed = [a for a in every_address() if a.name not in OPEN_WITHOUT and not by_link(a)]
    assert len(closed) > 20
    for address in closed:
        for method in (client.get, client.post, client.head):
            answer = method(address.url({}))
            assert answer.status_code == 302, address.name
            assert answer["Location"] == START, address.name


def test_pages_open_without_a_second_factor_show_nothing_of_a_trial() -> None:
    """A new name here is a decision to be made on purpose."""
    assert {name for name in OPEN_WITHOUT if not name.startswith(("mfa_", "account"))} == {
        "health",
        "overview:about",
        "overview:privacy",
        "overview:accessibility",
    }


def test_recovery_codes_are_closed_too_until_a_second_factor_was_given(cast: Cast) -> None:
    RecoveryCodes.activate(cast["researcher"])
    client, _ = after_link("researcher")
    for page in ("codes/", "codes/new/", "codes/download/", "app/remove/"):
        assert client.get(f"/account/second-factor/{page}")["Location"] == START


def test_setting_up_an_app_lets_on_and_gives_recovery_codes(cast: Cast) -> None:
    client, _ = after_link("researcher")
    page = client.get("/account/second-factor/app/add/").content.decode()
    found = re.search(r"lt-code\">(\w{32})<", page)
    assert found
    answer = client.post("/account/second-factor/app/add/", {"code": code_now(found.group(1))})
    assert answer["Location"] == "/account/second-factor/codes/"
    codes = client.get("/account/second-factor/codes/").content.decode()
    assert len(re.findall(r"<code class=\"lt-code\">\d{8}</code>", codes)) == 10
    assert client.get("/").status_code == 200


def test_wrong_code_sets_nothing_up(cast: Cast) -> None:
    client, _ = after_link("researcher")
    client.get("/account/second-factor/app/add/")
    answer = client.post("/account/second-factor/app/add/", {"code": "000000"})
    assert "There is a problem" in answer.content.decode()
    assert not Authenticator.objects.exists()
    assert client.get("/")["Location"] == START


@pytest.mark.parametrize("key", ["researcher", "coordinator"])
def test_whoever_has_a_second_factor_is_not_in_until_it_is_given(cast: Cast, key: str) -> None:
    give_app(cast[key])
    client, answer = after_link(key)
    assert answer["Location"] == CONFIRM
    assert not is_signed_in(client)
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"
    client.post(CONFIRM, {"code": code_now()})
    assert is_signed_in(client, cast[key])
    assert client.get("/account/").status_code == 200


def test_session_changes_with_the_second_factor(cast: Cast) -> None:
    give_app(cast["researcher"])
    client, _ = after_link("researcher")
    half_way = client.session.session_key
    client.post(CONFIRM, {"code": code_now()})
    assert client.session.session_key != half_way


def test_page_that_was_wanted_comes_after_the_second_factor(cast: Cast) -> None:
    give_app(cast["researcher"])
    client = Client()
    client.get("/sign-in/", {"next": "/account/"})
    client.post(ask_for_link("researcher@example.org"))
    assert client.post(CONFIRM, {"code": code_now()})["Location"] == "/account/"


@pytest.mark.parametrize("code", ["", "000000", "abc", "1" * 400])
def test_wrong_code_does_not_let_in_and_is_logged(cast: Cast, code: str) -> None:
    give_app(cast["researcher"])
    client, _ = after_link("researcher")
    answer = client.post(CONFIRM, {"code": code})
    assert "There is a problem" in answer.content.decode()
    assert not is_signed_in(client)
    guessed = 0 < len(code) <= 20
    assert Event.objects.filter(act="second_factor.refused").exists() == guessed


def test_code_works_once(cast: Cast) -> None:
    give_app(cast["researcher"])
    code = code_now()
    first, _ = after_link("researcher")
    first.post(CONFIRM, {"code": code})
    second, _ = after_link("researcher")
    second.post(CONFIRM, {"code": code})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


@pytest.mark.parametrize(("out_by", "gets_in"), [(-1, True), (1, True), (-3, False), (3, False)])
def test_phone_whose_clock_is_half_a_minute_out_still_works(
    cast: Cast, out_by: int, gets_in: bool
) -> None:
    give_app(cast["researcher"])
    client, _ = after_link("researcher")
    client.post(CONFIRM, {"code": code_now(out_by=out_by)})
    assert is_signed_in(client) == gets_in


def test_recovery_code_lets_in_once(cast: Cast) -> None:
    give_app(cast["researcher"])
    code = RecoveryCodes.activate(cast["researcher"]).get_unused_codes()[0]
    first, _ = after_link("researcher")
    first.post(CONFIRM, {"code": code})
    second, _ = after_link("researcher")
    second.post(CONFIRM, {"code": code})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_after_five_wrong_codes_even_the_right_one_waits_five_minutes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_app(cast["researcher"])
    client, _ = after_link("researcher")
    for _ in range(5):
        client.post(CONFIRM, {"code": "000000"})
    answer = client.post(CONFIRM, {"code": code_now()})
    assert "Wait five minutes" in answer.content.decode()
    assert not is_signed_in(client)
    now = time.time()
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 301)
    client.post(CONFIRM, {"code": code_now()})
    assert is_signed_in(client)


def test_many_links_do_not_give_more_guesses(cast: Cast) -> None:
    give_app(cast["researcher"])
    for _ in range(5):
        client, _ = after_link("researcher")
        client.post(CONFIRM, {"code": "000000"})
    client, _ = after_link("researcher")
    client.post(CONFIRM, {"code": code_now()})
    assert not is_signed_in(client)


def test_demonstration_waives_the_second_factor(cast: Cast, settings: Any) -> None:
    settings.DEMONSTRATION = True
    client, _ = after_link("trial_manager")
    assert client.get("/").status_code == 200


def test_role_of_weight_given_during_a_session_asks_at_the_next_page(cast: Cast) -> None:
    client, _ = after_link("coordinator")
    assert client.get("/account/").status_code == 200
    invite(
        email="coordinator@example.org",
        name="",
        role=Role.RESEARCHER,
        programme=cast.programme,
        by=cast["trial_manager"],
        now=NOW,
    )
    assert client.get("/account/")["Location"] == START


def test_secrets_of_second_factors_are_sealed(cast: Cast) -> None:
    app = give_app(cast["researcher"])
    codes = RecoveryCodes.activate(cast["researcher"])
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    assert get_adapter().decrypt(app.data["secret"]) == SECRET
    assert not any(code in kept for code in codes.get_unused_codes())


def confirmed(cast: Cast, key: str) -> Client:
    """Sign in past the second factor, just confirmed again."""
    give_app(cast[key])
    client, _ = after_link(key)
    client.post(CONFIRM, {"code": code_now()})
    client.get("/account/second-factor/app/remove/")
    client.post(
        "/account/second-factor/again/?next=/account/second-factor/app/remove/",
        {"code": code_now(out_by=1)},
    )
    return client


def test_changing_second_factors_asks_for_one_again_first(cast: Cast) -> None:
    give_app(cast["coordinator"])
    client, _ = after_link("coordinator")
    client.post(CONFIRM, {"code": code_now()})
    for page in ("app/remove/", "codes/new/", "passkeys/add/"):
        answer = client.post(f"/account/second-factor/{page}", {})
        assert answer["Location"].startswith("/account/second-factor/again/"), page
    assert Authenticator.objects.filter(type="totp").exists()


def test_last_second_factor_of_a_role_of_weight_stays(cast: Cast) -> None:
    client = confirmed(cast, "researcher")
    page = client.post("/account/second-factor/app/remove/", {}).content.decode()
    assert "Your role needs a second factor. Add another one first" in page
    assert Authenticator.objects.filter(type="totp").exists()


def test_last_passkey_of_a_role_of_weight_stays(cast: Cast, sign_in: SignIn) -> None:
    passkey = Authenticator.objects.create(
        user=cast["researcher"], type="webauthn", data={"name": "Laptop"}
    )
    client = sign_in("researcher")
    answer = client.post(f"/account/second-factor/passkeys/{passkey.pk}/remove/")
    assert answer["Location"] == "/account/second-factor/"
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_nobody_removes_the_passkey_of_another(cast: Cast, sign_in: SignIn) -> None:
    passkey = Authenticator.objects.create(
        user=cast["researcher"], type="webauthn", data={"name": "Laptop"}
    )
    client = sign_in("coordinator")
    assert client.post(f"/account/second-factor/passkeys/{passkey.pk}/remove/").status_code == 404


def test_coordinator_may_remove_the_last_one_and_is_told_by_e_mail(cast: Cast) -> None:
    client = confirmed(cast, "coordinator")
    mail.outbox.clear()
    client.post("/account/second-factor/app/remove/", {})
    assert not Authenticator.objects.filter(user=cast["coordinator"]).exists()
    assert "An app for one-time codes was removed" in str(mail.outbox[0].body)
    assert Event.objects.filter(act="second_factor.removed").exists()


def test_adding_one_is_told_by_e_mail_and_logged(cast: Cast) -> None:
    client, _ = after_link("coordinator")
    page = client.get("/account/second-factor/app/add/").content.decode()
    secret = re.search(r"lt-code\">(\w{32})<", page)
    assert secret
    mail.outbox.clear()
    client.post("/account/second-factor/app/add/", {"code": code_now(secret.group(1))})
    assert [message.to for message in mail.outbox] == [["coordinator@example.org"]]
    assert "was added to your account" in str(mail.outbox[0].body)
    assert Event.objects.filter(act="second_factor.added").count() == 1


def test_administrator_helps_whoever_lost_their_phone(cast: Cast, sign_in: SignIn) -> None:
    give_app(cast["researcher"])
    RecoveryCodes.activate(cast["researcher"])
    lost = sign_in("researcher")
    administrator = sign_in("administrator")
    address = f"/people/{cast['researcher'].pk}/second-factor/reset/"
    assert "signed out everywhere" in administrator.get(address).content.decode()
    mail.outbox.clear()
    assert administrator.post(address)["Location"] == "/people/"
    assert not Authenticator.objects.filter(user=cast["researcher"]).exists()
    assert lost.get("/account/")["Location"].startswith("/sign-in/")
    assert [message.to for message in mail.outbox] == [["researcher@example.org"]]
    assert mailed_path() == ""
    client, _ = after_link("researcher")
    assert client.get("/")["Location"] == START


@pytest.mark.parametrize("key", ["trial_manager", "coordinator", "administrator"])
def test_nobody_but_another_administrator_takes_a_second_factor_away(cast: Cast, key: str) -> None:
    give_app(cast["administrator"])
    with pytest.raises(InputError, match="Ask another administrator"):
        reset_second_factor(user=cast["administrator"], by=cast[key], now=NOW)
    assert Authenticator.objects.exists()


def test_whoever_runs_the_server_can_help_the_only_administrator(cast: Cast) -> None:
    give_app(cast["administrator"])
    reset_second_factor(user=cast["administrator"], by=OPERATOR, now=NOW)
    assert not Authenticator.objects.exists()
