"""A staff return from the template to the signature, in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from lighttouch.web.returns.models import Return, Version
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.returns import cases, files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "/trials/letters/partners/dudley/returns/"
MOST_TABS = 60


@pytest.fixture
def asked(cast: Cast) -> Cast:
    """The cast, with the trial registered and its partners asked for returns."""
    cases.register_letters(cast)
    return cast


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until something has the focus."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("it cannot be reached with the keyboard")


def press(page: Page, role: str, name: str) -> None:
    """Go to a link or button with the keyboard, press it, and wait for the page it leads to."""
    tab_to(page, page.get_by_role(role, name=name).first)  # type: ignore[arg-type]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("body.js-enabled").wait_for()  # the scripts have dressed the form


def choose(page: Page, path: Path) -> None:
    """Choose a file with the keyboard."""
    tab_to(page, page.get_by_label("Your file"))
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Enter")
    chosen.value.set_files(path)


def test_return_goes_from_template_to_signature_on_a_phone_by_keyboard(
    asked: Cast, visit: Visit, look: Look, tmp_path: Path
) -> None:
    good, faulty = tmp_path / "good.xlsx", tmp_path / "faulty.xlsx"
    good.write_bytes(cases.good_file())
    faulty.write_bytes(cases.faulty_file())
    page = visit("coordinator", HOME, width="phone")
    page.on("filechooser", lambda _: None)  # from now on no dialogue of the system's opens
    look(page, "returns-of-partner")
    press(page, "link", "Baseline")
    look(page, "return-waiting")
    tab_to(page, page.get_by_role("button", name="Download the template"))
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename == "letters-dudley-baseline.xlsx"

    press(page, "button", "Send and check")
    expect(page.get_by_role("alert")).to_contain_text("Choose the file to send")
    look(page, "return-no-file")
    choose(page, faulty)
    press(page, "button", "Send and check")
    expect(page.get_by_role("heading", name="1 thing to put right")).to_be_visible()
    expect(page.get_by_text("Row 6")).to_be_visible()
    look(page, "return-blocked")

    choose(page, good)
    press(page, "button", "Send and check")
    expect(page.get_by_role("heading", name="3 things to look at")).to_be_visible()
    look(page, "return-to-explain")
    press(page, "button", "Explain")
    look(page, "return-explain")
    for box in page.get_by_role("textbox").all():
        tab_to(page, box)
        page.keyboard.type("Not held for agency staff.")
    press(page, "button", "Save and continue")
    expect(page.get_by_role("heading", name="Check before you sign off")).to_be_visible()
    look(page, "return-sign-off")
    press(page, "button", "Sign off this return")
    expect(page.get_by_text("is signed off. Thank you.")).to_be_visible()
    look(page, "return-signed-off")
    assert Return.objects.get(partner=asked.dudley, wave="baseline").accepted is not None


def test_file_with_a_name_is_told_where_it_is(
    asked: Cast, visit: Visit, look: Look, tmp_path: Path
) -> None:
    (tmp_path / "r.xlsx").write_bytes(cases.file_with_name())
    page = visit("coordinator", f"{HOME}baseline/")
    page.locator("input[type=file]").set_input_files(tmp_path / "r.xlsx")
    page.get_by_role("button", name="Send and check").click()
    expect(page.get_by_role("heading", name="This file was deleted")).to_be_visible()
    look(page, "return-purged")


def test_file_too_large_is_told_before_it_is_sent(
    asked: Cast, visit: Visit, tmp_path: Path
) -> None:
    with (tmp_path / "r.xlsx").open("wb") as file:
        file.truncate(51 * 2**20)
    page = visit("coordinator", f"{HOME}baseline/")
    page.locator("input[type=file]").set_input_files(tmp_path / "r.xlsx")
    expect(page.get_by_text("larger than 50 MB")).to_be_visible()


def test_large_file_is_followed_until_it_is_checked(
    asked: Cast, visit: Visit, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighttouch.web.returns.views.sending.AT_ONCE", 1000)
    (tmp_path / "r.xlsx").write_bytes(cases.clean_file())
    page = visit("coordinator", f"{HOME}baseline/")
    page.locator("input[type=file]").set_input_files(tmp_path / "r.xlsx")
    page.get_by_role("button", name="Send and check").click()
    expect(page.get_by_role("heading", name="Nothing to put right")).to_be_visible()
    look(page, "return-clean")


def test_everything_works_without_scripts(asked: Cast, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "r.xlsx").write_bytes(cases.clean_file())
    page = visit("coordinator", f"{HOME}baseline/", scripts=False, width="phone")
    page.get_by_label("Your file").set_input_files(tmp_path / "r.xlsx")
    page.get_by_role("button", name="Send and check").click()
    page.get_by_role("button", name="Check and sign off").click()
    page.get_by_role("button", name="Sign off this return").click()
    expect(page.get_by_text("is signed off. Thank you.")).to_be_visible()


def test_trial_manager_watches_the_grid_fill(asked: Cast, visit: Visit, look: Look) -> None:
    cases.signed_off(asked)
    cases.send(asked, cases.faulty_file(), partner=asked.shropshire, by=asked["stranger"])
    page = visit("trial_manager", "/trials/letters/returns/")
    look(page, "returns-grid")
    page.get_by_role("link", name="Signed off").first.click()
    look(page, "return-as-manager")
    page.get_by_role("link", name="Open it again").click()
    look(page, "return-reopen")
    page.get_by_label("Why is it opened again?").fill("Two teams are missing.")
    page.get_by_role("button", name="Open it again").click()
    expect(page.get_by_text("The return is open again.")).to_be_visible()


def test_what_changed_between_waves_is_shown_to_the_coordinator(
    asked: Cast, visit: Visit, look: Look
) -> None:
    cases.signed_off(asked)
    content = cases.good_file(wave="endline")
    version = cases.send(asked, content, wave="endline", now=cases.ENDLINE_NOW)
    page = visit("coordinator", f"{HOME}endline/versions/1/")
    look(page, "return-endline")
    page.get_by_role("link", name="See which staff codes").click()
    look(page, "return-changes")
    cases.explain_all(asked, version)
    page.goto(f"{HOME}endline/versions/1/sign-off/")
    look(page, "return-endline-sign-off")
    assert Version.objects.count() == 2


def test_stale_signature_is_refused_kindly(asked: Cast, visit: Visit, look: Look) -> None:
    cases.send(asked, cases.clean_file())
    page = visit("coordinator", f"{HOME}baseline/versions/1/sign-off/")
    cases.send(asked, files.with_macros())
    page.get_by_role("button", name="Sign off this return").click()
    expect(page.get_by_role("heading", name="This has changed")).to_be_visible()
    look(page, "return-moved-on")
    page.get_by_role("link", name="See the current version").click()
    page.get_by_role("link", name="See what was found").click()
    look(page, "return-refused")
