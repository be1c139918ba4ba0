"""Signing in, second factors, people and the log, in a real browser."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from lighttouch.web.accounts import limits
from lighttouch.web.accounts.models import Grant, User
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, settings: Any, live_server: Any) -> None:
    """Links lead to the test's own server, by a host name that passkeys are good for."""
    monkeypatch.setattr(limits, "ANSWER_AFTER", 0.0)
    settings.SITE_URL = here(live_server)
    cache.clear()


def here(live_server: Any) -> str:
    return str(live_server.url).replace("127.0.0.1", "localhost")


def code_for(secret: str, *, out_by: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + out_by)))


def mailed_link() -> str:
    found = re.search(r"http://localhost:\d+/sign-in/\S+", str(mail.outbox[-1].body))
    assert found
    return found.group()


def ask_for_link(page: Page, site: str, email: str) -> str:
    page.goto(f"{site}/sign-in/")
    page.get_by_label("Your work e-mail address").fill(email)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look in your e-mail")).to_be_visible()
    return mailed_link()


def use_link(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()


def _pass_by(_page: Page, _name: str) -> None:
    """Look at nothing: the scan for accessibility needs scripts."""


def give_passkeys(page: Page) -> None:
    """Plug a passkey of the browser's own making into it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("scripts", [True, False])
def test_coordinator_signs_in_and_out(
    cast: Cast, visit: Visit, look: Look, live_server: Any, scripts: bool
) -> None:
    page, site = visit(scripts=scripts), here(live_server)
    page.goto(f"{site}/sign-in/")
    if scripts:
        look(page, "sign-in")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    link = ask_for_link(page, site, "coordinator@example.org")
    if scripts:
        look(page, "sign-in-sent")
    page.goto(link)
    if scripts:
        look(page, "sign-in-link")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Account").click()
    if scripts:
        look(page, "account-coordinator")
    expect(page.get_by_text("Partner coordinator for Dudley")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    use_link(page, link)
    expect(page.get_by_role("heading", name="This link was used already")).to_be_visible()
    if scripts:
        look(page, "sign-in-link-over")
    page.get_by_label("Your work e-mail address").fill("coordinator@example.org")
    page.get_by_role("button", name="Send me a new link").click()
    expect(page.get_by_role("heading", name="Look in your e-mail")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_researcher_sets_up_codes_and_confirms_with_one(
    cast: Cast, visit: Visit, look: Look, live_server: Any, scripts: bool
) -> None:
    page, site = visit(scripts=scripts), here(live_server)
    seen: Look = look if scripts else _pass_by
    use_link(page, ask_for_link(page, site, "researcher@example.org"))
    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    seen(page, "second-factor-needed")
    page.get_by_role("link", name="An app for one-time codes").click()
    page.get_by_text("No camera?").click()
    secret = page.locator(".lt-code").inner_text()
    seen(page, "second-factor-app")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    seen(page, "second-factor-app-wrong")
    page.get_by_label("Code").fill(code_for(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    seen(page, "recovery-codes")
    page.get_by_role("button", name="I have kept them: go on").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    use_link(page, ask_for_link(page, site, "researcher@example.org"))
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    seen(page, "second-factor-confirm")
    page.get_by_label("Code").fill(code_for(secret, out_by=1))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_text("An app for one-time codes")).to_be_visible()
    page.get_by_role("link", name="Change second factors").click()
    seen(page, "second-factors")
    page.get_by_role("link", name="Remove the app").click()
    expect(page.get_by_role("heading", name="Confirm again that it is you")).to_be_visible()
    seen(page, "second-factor-again")


def test_trial_manager_adds_a_passkey_signs_in_with_it_and_keeps_the_last(
    cast: Cast, visit: Visit, look: Look, live_server: Any
) -> None:
    page, site = visit(), here(live_server)
    give_passkeys(page)
    use_link(page, ask_for_link(page, site, "trial_manager@example.org"))
    page.get_by_role("link", name="A passkey").click()
    look(page, "passkey-add")
    page.get_by_label("What you call it").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    use_link(page, ask_for_link(page, site, "trial_manager@example.org"))
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    look(page, "passkey-confirm")
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_text("1 passkey")).to_be_visible()
    page.get_by_role("link", name="Change second factors").click()
    expect(page.get_by_role("term").get_by_text("Work laptop")).to_be_visible()
    look(page, "second-factors-passkey")
    page.get_by_role("link", name="Remove Work laptop").click()
    expect(page.get_by_text("Your role needs a second factor")).to_be_visible()
    look(page, "passkey-last")


def test_whoever_puts_the_passkey_off_is_told_what_to_do(
    cast: Cast, visit: Visit, live_server: Any
) -> None:
    page, site = visit(), here(live_server)
    use_link(page, ask_for_link(page, site, "coordinator@example.org"))
    page.goto(f"{site}/account/second-factor/passkeys/add/")
    page.evaluate(
        "() => { navigator.credentials.create = () => Promise.reject(new Error('put off')); }"
    )
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("The passkey was not used")).to_be_visible()


def test_confirming_again_with_a_passkey_lets_on_to_what_was_asked(
    cast: Cast, visit: Visit, look: Look, live_server: Any
) -> None:
    page, site = visit(), here(live_server)
    give_passkeys(page)
    use_link(page, ask_for_link(page, site, "coordinator@example.org"))
    page.goto(f"{site}/account/second-factor/passkeys/add/")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    use_link(page, ask_for_link(page, site, "coordinator@example.org"))
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_role("link", name="Account").click()
    page.get_by_role("link", name="Change second factors").click()
    page.get_by_role("link", name="Remove Passkey 1").click()
    page.get_by_role("link", name="Use your passkey instead").click()
    look(page, "passkey-again")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="Remove Passkey 1?")).to_be_visible()
    look(page, "passkey-remove")
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("None yet. A passkey is")).to_be_visible()


def test_trial_manager_invites_a_coordinator_and_ends_a_role(
    cast: Cast, visit: Visit, look: Look
) -> None:
    page = visit("trial_manager", "/people/")
    look(page, "people")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_text("What each role may do").click()
    look(page, "people-invite")
    page.get_by_label("Name", exact=True).fill("Nell New")
    page.get_by_label("Work e-mail address").fill("new@example.org")
    page.get_by_label("Role").select_option("Partner coordinator")
    page.get_by_role("button", name="Send the invitation").click()
    expect(
        page.get_by_role("link", name="Choose a programme, a trial or a partner")
    ).to_be_visible()
    look(page, "people-invite-wrong")
    page.get_by_label("Where").select_option(label="Light-touch programme: Dudley")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("an invitation is on its way")).to_be_visible()
    look(page, "people-invited")
    page.get_by_role("link", name=re.compile("End the role of Stranger")).click()
    look(page, "people-end")
    page.get_by_role("button", name="End the role").click()
    expect(page.get_by_text("The role is ended.")).to_be_visible()
    assert Grant.objects.get(user=cast["stranger"]).ended_at is not None
    assert User.objects.filter(email="new@example.org").exists()


def test_administrator_reads_the_log_and_chooses_from_it(
    cast: Cast, visit: Visit, look: Look
) -> None:
    manager = visit("trial_manager", "/people/")
    manager.get_by_role("button", name=re.compile("Invite again.*Coordinator")).click()
    page = visit("administrator", "/audit/")
    look(page, "log")
    page.get_by_text("Show only some of it").click()
    page.get_by_label("What was done").select_option("Link made")
    look(page, "log-choose")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 event, newest first")).to_be_visible()
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_role("rowheader", name="Page seen").first).to_be_visible()
    own = visit("trial_manager", "/trials/letters/log/")
    look(own, "log-trial-empty")
