"""A protocol from the library to the register, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from lighttouch.web.programmes.models import Trial
from lighttouch.web.protocols import queries
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.protocols.cases import TEXT, approved, edit, newest, registered, start_trial

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWN = "/trials/goal_setting/protocol/"
FAULTY = edit(TEXT, ("version = 1", "version = 2"))
LINE = FAULTY.split("\n").index("version = 2") + 1


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def go_on(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first.click()


def test_protocol_goes_from_the_library_to_the_register(
    cast: Cast, visit: Visit, look: Look
) -> None:
    author = visit("researcher", "/trials/new/")
    look(author, "new")
    author.get_by_label("Goals and well-being programme").check()
    press(author, "Start the trial")
    look(author, "editor-valid")

    author.get_by_label("Trial file").fill(FAULTY)
    fault = author.get_by_role("link", name=f"Line {LINE}")
    expect(fault).to_be_visible()
    look(author, "editor-fault")
    fault.click()
    chosen = author.evaluate(
        "() => { const t = document.activeElement;"
        " return t.value.slice(t.selectionStart, t.selectionEnd); }"
    )
    assert chosen == "version = 2"
    author.keyboard.type("version = 1  # mended")
    expect(author.get_by_role("status")).to_contain_text("No fault in the file")
    author.get_by_label("What did you change?").fill("Said that it is mended.")
    press(author, "Save as version 2")
    look(author, "protocol-draft")

    go_on(author, "Submit it for review")
    look(author, "submit")
    press(author, "Submit it for review")
    expect(author.get_by_role("heading", name="waits for a second person")).to_be_visible()

    second = visit("second", OWN)
    go_on(second, "Review it")
    look(second, "review")
    second.get_by_label("Approve it").check()
    press(second, "Confirm the decision")
    go_on(second, "Register the protocol")
    look(second, "register")
    second.get_by_label("I have checked this").check()
    press(second, "Register the protocol")
    look(second, "protocol-registered")

    trial = Trial.objects.get(slug="goal_setting")
    assert "# mended" in queries.text_in_force(trial)
    commitment = queries.find_registration(trial).secret_commitment
    reader = visit(None, "/protocols/goal_setting/")
    look(reader, "public")
    expect(reader.get_by_text(commitment)).to_be_visible()


def test_amendment_goes_from_a_reason_to_the_public_page(
    cast: Cast, visit: Visit, look: Look
) -> None:
    registered(cast)
    author = visit("researcher", f"{OWN}edit/")
    text = author.get_by_label("Trial file").input_value()
    author.get_by_label("Trial file").fill(edit(text, ('delete_after = "', 'delete_after = "1')))
    author.get_by_label("Why must the registered protocol change?").fill("The archive needs it.")
    look(author, "editor-amendment")
    press(author, "Save as version 2")
    go_on(author, "Submit it for review")
    press(author, "Submit it for review")
    second = visit("second", f"{OWN}review/")
    look(second, "review-amendment")
    second.get_by_label("Approve it").check()
    press(second, "Confirm the decision")
    go_on(second, "Publish the amendment")
    look(second, "amend")
    second.get_by_label("I have checked this").check()
    press(second, "Publish the amendment")
    reader = visit(None, "/protocols/goal_setting/")
    look(reader, "public-amended")
    expect(reader.get_by_text("The archive needs it.")).to_be_visible()


def test_power_moves_while_an_assumption_is_typed(cast: Cast, visit: Visit, look: Look) -> None:
    start_trial(cast)
    page = visit("researcher", f"{OWN}power/")
    look(page, "power-file")
    clusters = page.get_by_label("Clusters", exact=True)
    clusters.fill("13")
    expect(page.get_by_text("FEW CLUSTERS: 13 clusters")).to_be_visible()
    expect(page.get_by_role("columnheader", name="As you changed it")).to_be_visible()
    look(page, "power-changed")
    assert "clusters=13" in page.url
    clusters.fill("many")
    expect(page.get_by_role("status")).to_contain_text("These assumptions give no answer")


def test_power_is_in_sight_on_a_phone_while_an_assumption_is_typed(
    cast: Cast, visit: Visit
) -> None:
    start_trial(cast)
    page = visit("researcher", f"{OWN}power/", width="phone")
    page.get_by_label("Clusters", exact=True).fill("60")
    expect(page.get_by_role("status")).to_contain_text("Power ")
    expect(page.get_by_role("status")).to_be_in_viewport()


def test_power_of_the_design_is_simulated_with_progress(
    cast: Cast, visit: Visit, look: Look
) -> None:
    from lighttouch.core.protocol.library import library_text

    start_trial(cast, library_text("coffee"))
    page = visit("researcher", "/trials/coffee/protocol/power/")
    page.get_by_label("Trials to simulate").select_option("200")
    press(page, "Simulate the declared design")
    expect(page.get_by_role("heading", name="What the trial can find")).to_be_visible()
    expect(page.get_by_role("table", name="Power by simulation")).to_be_visible()
    look(page, "power-simulated")


def test_everything_works_without_scripts(cast: Cast, visit: Visit) -> None:
    start_trial(cast)
    page = visit("researcher", f"{OWN}edit/", scripts=False, width="phone")
    page.get_by_label("Trial file").fill(FAULTY)
    press(page, "Check it again")
    expect(page.get_by_role("link", name=f"Line {LINE}")).to_be_visible()
    page.get_by_label("Trial file").fill(TEXT + "# by hand\n")
    press(page, "Save as version 2")
    expect(page.get_by_text("Version 2 is saved.")).to_be_visible()
    page.goto(f"{OWN}power/")
    page.get_by_label("Clusters", exact=True).fill("20")
    press(page, "Show the power")
    expect(page.get_by_role("columnheader", name="As you changed it")).to_be_visible()


def test_stale_save_keeps_what_was_written(cast: Cast, visit: Visit, look: Look) -> None:
    start_trial(cast)
    one, other = (visit(key, f"{OWN}edit/") for key in ("researcher", "second"))
    for page, words in ((one, "# of one\n"), (other, "# of the other\n")):
        page.get_by_label("Trial file").fill(TEXT + words)
        press(page, "Save as version 2")
    look(other, "moved-on")
    press(other, "Open the editor with this text")
    press(other, "Save as version 3")
    expect(other.get_by_text("Version 3 is saved.")).to_be_visible()
    assert newest(Trial.objects.get(slug="goal_setting")).text == TEXT + "# of the other\n"


def test_versions_are_compared_and_read(cast: Cast, visit: Visit, look: Look) -> None:
    from tests.web.protocols.cases import amended

    trial = registered(cast).trial
    amended(cast, trial, edit(TEXT, ('delete_after = "', 'delete_after = "1')))
    page = visit("researcher", f"{OWN}compare/?before=1&after=2")
    look(page, "compare")
    expect(page.get_by_text("delete_after").first).to_be_attached()
    page.goto(f"{OWN}versions/1/")
    look(page, "version")
    page.goto(OWN)
    look(page, "protocol-amended")


def test_editor_is_used_with_the_keyboard_alone(cast: Cast, visit: Visit) -> None:
    start_trial(cast, FAULTY)
    page = visit("researcher", f"{OWN}edit/")
    link = page.get_by_role("link", name=f"Line {LINE}")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Trial file")).to_be_focused()
    page.keyboard.type("version = 1")
    expect(page.get_by_role("status")).to_contain_text("No fault in the file")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=re.compile("Check it again"))).to_be_focused()


def test_approver_is_never_the_author(cast: Cast, visit: Visit) -> None:
    trial = start_trial(cast)
    approved(cast, trial)
    page = visit("researcher", f"{OWN}review/")
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
