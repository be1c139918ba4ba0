"""From the signed-off returns to the drawn trial and its opening, in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lighttouch.web.allocation import actions
from lighttouch.web.allocation.models import Allocation
from lighttouch.web.enrolment.models import Happening, Participant, Roster
from lighttouch.web.programmes.models import Stage
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import Cast
from tests.web.enrolment.cases import LATER, LOSE_BRACKNELL, amend, somebody
from tests.web.studies import find_cast, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ENROLMENT = "/trials/letters/enrolment/"
ALLOCATION = "/trials/letters/allocation/"
DUDLEY = "/trials/letters/partners/dudley/"


@pytest.fixture
def cast(request: pytest.FixtureRequest, transactional_db: None) -> Cast:
    """The cast, with its trial at the stage the test asks for."""
    return world(request.param)


def press(page: Page, role: str, name: str) -> None:
    """Go to a link or button with the keyboard, press it, and wait for the next page."""
    target = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    expect(target).to_be_visible()
    target.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("cast", ["returned"], indirect=True)
def test_two_people_freeze_and_draw_on_a_phone(cast: Cast, visit: Visit, look: Look) -> None:
    one = visit("trial_manager", ENROLMENT, width="phone")
    look(one, "enrolment-ready")
    press(one, "button", "Check and freeze the roster")
    look(one, "enrolment-freeze")
    press(one, "button", "Freeze the roster")
    expect(one.get_by_role("alert")).to_contain_text("Tick the box")
    look(one, "enrolment-freeze-unticked")
    one.get_by_label("I have checked these numbers").check()
    press(one, "button", "Freeze the roster")
    expect(one.get_by_role("heading", name="The roster is frozen")).to_be_visible()
    look(one, "enrolment-frozen")
    press(one, "link", "See the flow of participants")
    look(one, "enrolment-flow")
    one.go_back()
    press(one, "button", "Go to the allocation")
    look(one, "allocation-ready")
    press(one, "button", "Propose the draw")
    expect(one.get_by_text("Your proposal waits for a second person")).to_be_visible()
    look(one, "allocation-proposed")

    two = visit("randomiser", "/", width="phone")
    press(two, "link", "The draw of")
    look(two, "allocation-to-confirm")
    press(two, "button", "Check and confirm the draw")
    expect(two.get_by_text(Roster.objects.get().sha256)).to_be_visible()
    look(two, "allocation-confirm")
    two.get_by_label("I have checked what will be drawn").check()
    press(two, "button", "Confirm and draw")
    expect(two.get_by_text("You see that the draw is made")).to_be_visible()
    look(two, "allocation-drawn-randomiser")
    assert find_cast().trial.stage == Stage.ALLOCATED
    assert Allocation.objects.get().confirmed_by == cast["randomiser"]
    one.goto(ALLOCATION)
    look(one, "allocation-drawn-manager")
    one.goto(f"{ENROLMENT}flow/")
    look(one, "enrolment-flow-drawn")


@pytest.mark.parametrize("cast", ["returned"], indirect=True)
def test_freezing_and_proposing_work_without_scripts(cast: Cast, visit: Visit) -> None:
    page = visit("trial_manager", f"{ENROLMENT}freeze/", scripts=False)
    page.get_by_label("I have checked these numbers").check()
    page.get_by_role("button", name="Freeze the roster").click()
    page.goto(ALLOCATION)
    page.get_by_role("button", name="Propose the draw").click()
    page.get_by_role("button", name="Withdraw the proposal").click()
    expect(page.get_by_text("Nothing was drawn.")).to_be_visible()


@pytest.mark.parametrize("cast", ["enrolled"], indirect=True)
def test_stale_proposal_is_told_to_whoever_confirms(cast: Cast, visit: Visit, look: Look) -> None:
    actions.propose(trial=cast.trial, by=cast["second"], now=LATER)
    page = visit("trial_manager", f"{ALLOCATION}confirm/")
    amend(cast, LOSE_BRACKNELL)
    other = visit("second", f"{ENROLMENT}freeze/")
    other.get_by_label("Why is the roster frozen again?").fill("One partner was lost.")
    look(other, "enrolment-freeze-again")
    other.get_by_role("button", name="Freeze the roster").click()
    expect(other.get_by_text("One partner was lost.")).to_be_visible()
    look(other, "enrolment-frozen-again")
    page.get_by_label("I have checked what will be drawn").check()
    page.get_by_role("button", name="Confirm and draw").click()
    expect(page.get_by_role("alert")).to_contain_text("The roster was frozen again")
    page.goto(ALLOCATION)
    expect(page.get_by_text("The proposal no longer holds")).to_be_visible()
    look(page, "allocation-stale")


@pytest.mark.parametrize("cast", ["allocated"], indirect=True)
def test_coordinator_records_changes_by_hand_and_by_file(
    cast: Cast, visit: Visit, look: Look, tmp_path: Path
) -> None:
    person, other = somebody(cast), somebody(cast, at=1)
    page = visit("coordinator", f"{DUDLEY}enrolment/", width="phone")
    look(page, "partner-nothing-recorded")
    press(page, "link", "Somebody withdrew from the trial")
    look(page, "partner-withdrew")
    press(page, "button", "Continue")
    expect(page.get_by_role("alert")).to_contain_text("Give the staff code")
    page.get_by_label("Staff code").fill(person.staff_id)
    for part, value in (("Day", "2"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_label("Erase: what they answered").check()
    press(page, "button", "Continue")
    expect(page.get_by_text("Erasing cannot be undone.")).to_be_visible()
    look(page, "partner-erase-check")
    press(page, "button", "Change something")
    page.get_by_label("Stop contact").check()
    press(page, "button", "Continue")
    look(page, "partner-check")
    press(page, "button", "Record it")
    expect(page.get_by_text("Who was enrolled does not change.")).to_be_visible()
    look(page, "partner-recorded")
    assert Happening.objects.get().detail == "stop_contact"

    press(page, "link", "send a file")
    look(page, "partner-file")
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    head = "Staff ID,What happened,Date,How far,Team ID,Building ID\n"
    wrong.write_text(f"{head}nobody,left,1/3/2026,,,\n{other.staff_id},vanished,soon,,,\n")
    right.write_text(f"{head}{other.staff_id},moved,1/3/2026,,T77,\n")
    page.get_by_label("Your file").set_input_files(wrong)
    press(page, "button", "Check the file")
    expect(page.get_by_role("alert")).to_contain_text("Row 2, staff code")
    expect(page.get_by_role("alert")).to_contain_text("Row 3, column Date")
    look(page, "partner-file-faults")
    page.get_by_label("Your file").set_input_files(right)
    press(page, "button", "Check the file")
    look(page, "partner-file-check")
    press(page, "button", "Record it")
    press(page, "link", f"Cancel the record of {other.staff_id}")
    look(page, "partner-cancel")
    page.get_by_label("What was wrong with it?").fill("The wrong staff code.")
    press(page, "button", "Cancel the record")
    expect(page.get_by_text("Cancelled: The wrong staff code.")).to_be_visible()
    look(page, "partner-cancelled")


@pytest.mark.parametrize("cast", ["allocated"], indirect=True)
def test_trial_manager_sees_arms_and_two_people_open_them(
    cast: Cast, visit: Visit, look: Look
) -> None:
    person: Participant = somebody(cast)
    blind = visit("coordinator", f"{DUDLEY}allocation/")
    expect(blind.get_by_text("You stay blind")).to_be_visible()
    look(blind, "partner-blind")
    one = visit("trial_manager", ALLOCATION)
    press(one, "link", "See the balance of the arms")
    look(one, "allocation-balance")
    one.goto(ALLOCATION)
    press(one, "link", "See who is in which arm")
    look(one, "allocation-arms")
    one.get_by_label("Staff code, or part of it").fill(person.staff_id)
    press(one, "button", "Search")
    expect(one.get_by_role("rowheader", name=person.staff_id, exact=True)).to_be_visible()
    look(one, "allocation-arms-found")
    one.goto(f"{ALLOCATION}delivering/")
    look(one, "allocation-delivering")
    one.get_by_label("Dudley").check()
    press(one, "button", "Keep this")
    expect(one.get_by_text("Who delivers is kept.")).to_be_visible()
    blind.reload()
    expect(blind.get_by_text("You see this because your organisation delivers.")).to_be_visible()
    look(blind, "partner-arms")

    press(one, "link", "Lock the data")
    look(one, "allocation-lock")
    one.get_by_label("Why now?").fill("Every return that will come is in.")
    press(one, "button", "Lock the data")
    look(one, "allocation-unblind")
    one.get_by_label("Why now?").fill("The analysis is registered.")
    press(one, "button", "Propose to open the arms")
    expect(one.get_by_text("waits for a second trial manager")).to_be_visible()
    look(one, "allocation-unblind-proposed")
    two = visit("second", f"{ALLOCATION}unblind/")
    look(two, "allocation-unblind-confirm")
    two.get_by_label("I agree that researchers may see").check()
    press(two, "button", "Open the arms")
    expect(two.get_by_text("Researchers can see arms")).to_be_visible()
    look(two, "allocation-unblinded")
    researcher = visit("researcher", f"{ALLOCATION}arms/")
    expect(researcher.get_by_role("rowheader").first).to_be_visible()
    assert find_cast().trial.unblinded_at is not None
