"""The pages of allocation: two people draw, and only those who may see who is in which arm."""

import pytest
from django.test import Client
from django.urls import reverse

from lighttouch.web.allocation import actions
from lighttouch.web.allocation.models import (
    Allocation,
    Assignment,
    Delivering,
    Lock,
    Proposal,
    Replay,
)
from lighttouch.web.audit import once
from lighttouch.web.audit.models import Event
from lighttouch.web.enrolment.models import Event as What
from lighttouch.web.enrolment.models import Roster, Withdrawal
from lighttouch.web.jobs.models import Job, State
from lighttouch.web.notices.models import Notice
from tests.web.allocation.test_drawing import freeze_again, propose
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.enrolment.cases import LATER, somebody, tell, told
from tests.web.enrolment.test_pages import enter, said
from tests.web.studies import find_cast


def at(name: str, **more: str) -> str:
    return reverse(f"allocation:{name}", kwargs={"trial": "letters", **more})


def read(client: Client, name: str, **more: str) -> str:
    answer = client.get(at(name, **more))
    assert answer.status_code == 200, answer
    return answer.content.decode()


def press(client: Client, name: str, **fields: object) -> str:
    """Send a form and return where it leads."""
    answer = client.post(at(name), {"once": once.token(), **fields})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def deliver(cast: Cast, code: str = "dudley") -> None:
    actions.decide_delivering(
        trial=cast.trial,
        partner=cast.programme.partners.get(code=code),
        by_partner=True,
        by=cast["trial_manager"],
        now=LATER,
    )


def test_two_people_draw_in_the_browser(enrolled: Cast) -> None:
    one, two = Client(), Client()
    enter(one, enrolled, "trial_manager")
    enter(two, enrolled, "randomiser")
    page = read(one, "page")
    roster = Roster.objects.get()
    assert roster.sha256 in page
    assert "340 people are allocated, each by themselves." in page
    assert "A separate draw is made within each partner: 3 in all." in page
    assert "170" in page
    press(one, "propose", roster=roster.sha256)
    assert "waits for a second person" in read(one, "page")
    assert set(Notice.objects.filter(kind="allocation.proposed").values_list("to", flat=True)) == {
        enrolled["second"].pk,
        enrolled["randomiser"].pk,
    }
    assert "You proposed this draw" in read(one, "confirm")
    assert roster.sha256 in read(two, "confirm")
    proposal = Proposal.objects.get()
    went = press(two, "confirm", proposal=proposal.pk, sure="on")
    job = Job.objects.get(kind="allocation.draw")
    assert went == reverse("jobs:progress", args=[job.uuid])
    assert (job.state, job.then) == (State.DONE, at("page"))
    assert "You see that the draw is made" in read(two, "page")


def test_second_press_of_the_button_draws_nothing_twice(enrolled: Cast, client: Client) -> None:
    proposal = propose(enrolled)
    enter(client, enrolled, "randomiser")
    form = {"once": once.token(), "proposal": proposal.pk, "sure": "on"}
    first, second = (client.post(at("confirm"), form)["Location"] for _ in range(2))
    assert first == second
    assert Allocation.objects.count() == 1
    assert Job.objects.filter(kind="allocation.draw").count() == 1


def test_proposer_cannot_confirm_by_sending_the_form(enrolled: Cast, client: Client) -> None:
    proposal = propose(enrolled)
    enter(client, enrolled, "trial_manager")
    form = {"once": once.token(), "proposal": proposal.pk, "sure": "on"}
    answer = client.post(at("confirm"), form)
    assert answer.status_code == 422
    assert "Nobody confirms the draw they proposed" in answer.content.decode()
    assert not Allocation.objects.exists()


def test_form_about_an_earlier_roster_is_refused(enrolled: Cast, client: Client) -> None:
    old = Roster.objects.get().sha256
    proposal = propose(enrolled)
    freeze_again(enrolled)
    enter(client, enrolled, "second")
    form = {"once": once.token(), "proposal": proposal.pk, "sure": "on"}
    assert client.post(at("confirm"), form).status_code == 422
    assert "The proposal no longer holds" in read(client, "page")
    answer = client.post(at("propose"), {"once": once.token(), "roster": old})
    assert answer.status_code == 422
    assert Proposal.objects.filter(withdrawn_at=None).get() == proposal
    press(client, "propose", roster=Roster.objects.get().sha256)
    assert Proposal.objects.get(withdrawn_at=None).proposed_by == enrolled["second"]


def test_withdrawn_proposal_leaves_nothing_to_confirm(enrolled: Cast, client: Client) -> None:
    propose(enrolled)
    enter(client, enrolled, "randomiser")
    press(client, "withdraw")
    assert client.get(at("confirm"))["Location"] == at("page")
    assert "The draw can be proposed" in read(client, "page")


def test_draw_that_failed_says_so_and_is_started_again(
    enrolled: Cast, client: Client, settings: object
) -> None:
    from cryptography.fernet import Fernet

    proposal = propose(enrolled)
    enter(client, enrolled, "randomiser")
    kept = settings.VAULT_KEYS  # type: ignore[attr-defined]
    settings.VAULT_KEYS = (Fernet.generate_key().decode(),)  # type: ignore[attr-defined]
    press(client, "confirm", proposal=proposal.pk, sure="on")
    assert Job.objects.get().state == State.FAILED
    assert "The draw could not be made" in read(client, "page")
    settings.VAULT_KEYS = kept  # type: ignore[attr-defined]
    press(client, "draw")
    assert Allocation.objects.count() == 1


def test_nothing_is_drawn_without_a_confirmation(enrolled: Cast, client: Client) -> None:
    propose(enrolled)
    enter(client, enrolled, "randomiser")
    answer = client.post(at("draw"), {"once": once.token()})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_page_before_the_roster_says_what_is_missing(client: Client, returned: Cast) -> None:
    enter(client, returned, "randomiser")
    assert "Nothing can be drawn yet" in read(client, "page")
    enter(client, returned, "trial_manager")
    assert reverse("enrolment:page", args=["letters"]) in read(client, "page")


def test_randomiser_sees_counts_and_hashes_and_nothing_else(cast: Cast, sign_in: SignIn) -> None:
    page = read(sign_in("randomiser"), "page")
    drawn = Allocation.objects.get()
    assert drawn.table.sha256 in page
    assert drawn.roster.sha256 in page
    assert "Drawing again gives the recorded arm for all 340 units." in page
    for name in ("arms", "balance", "lock", "unblind", "delivering"):
        assert at(name) not in page
        assert sign_in("randomiser").get(at(name)).status_code == 403


def test_draw_is_replayed_from_the_page(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("randomiser")
    press(client, "replay")
    assert Replay.objects.count() == 2
    assert Event.objects.get(act="draw.replayed").details == {"confirmed": True}


def test_trial_manager_finds_a_persons_arm_and_every_look_is_written_down(
    cast: Cast, sign_in: SignIn
) -> None:
    client, person = sign_in("trial_manager"), somebody(cast)
    page = read(client, "arms")
    assert "340 people, page 1 of 7" in said(page)
    found = client.post(at("arms"), {"code": person.staff_id, "partner": "dudley"})
    arm = Assignment.objects.get(participant=person).arm
    label = {"letter": "Letter", "waitlist": "Waitlist"}[arm]
    cells = said(found.content.decode())
    assert f">{person.staff_id}</th>" in cells
    assert f'data-label="Arm">{label}</td>' in cells
    last = client.post(at("arms"), {"code": "", "partner": "", "page": "7"}).content.decode()
    assert "page 7 of 7" in said(last)
    looks = Event.objects.filter(act="arms.seen")
    assert [look.details["what"] for look in looks] == ["list", "search", "list"]
    assert [look.actor for look in looks] == [f"user:{cast['trial_manager'].pk}"] * 3
    assert person.staff_id not in str([look.details for look in looks])


def test_search_that_finds_nobody_says_so(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in("trial_manager").post(at("arms"), {"code": "nobody", "partner": ""})
    assert "Nobody has such a code" in answer.content.decode()


def test_coordinator_sees_arms_only_if_the_partner_delivers(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    where = {"partner": "dudley"}
    assert client.get(at("partner", **where)).status_code == 403
    assert client.get(at("partner-csv", **where)).status_code == 403
    deliver(cast)
    page = read(client, "partner", **where)
    person = somebody(cast)
    assert f">{person.staff_id}</th>" in page
    file = client.get(at("partner-csv", **where))
    lines = file.content.decode("utf-8-sig").splitlines()
    own = Assignment.objects.filter(participant__partner=cast.dudley).count()
    assert len(lines) == own + 1
    assert lines[0] == "Staff ID,Team ID,Building ID,Arm,Note"
    assert file["Cache-Control"] == "no-store"
    looks = Event.objects.filter(act="arms.seen", partner="dudley")
    assert [look.details["what"] for look in looks] == ["partner's list", "partner's file"]
    assert sign_in("stranger").get(at("partner", **where)).status_code == 403


def test_list_says_whom_not_to_write_to_and_where_people_are_now(
    cast: Cast, sign_in: SignIn
) -> None:
    deliver(cast)
    gone, moved = somebody(cast), somebody(cast, at=1)
    tell(cast, told(gone, What.WITHDRAWAL, detail=Withdrawal.STOP_CONTACT))
    tell(cast, told(gone))
    tell(cast, told(moved, What.TRANSFER, team="T77"))
    file = sign_in("coordinator").get(at("partner-csv", partner="dudley")).content.decode()
    rows = {line.split(",")[0]: line for line in file.splitlines()}
    assert '"Left, Do not contact"' in rows[gone.staff_id]
    assert ",T77," in rows[moved.staff_id]


def test_trial_manager_decides_who_delivers(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    assert "Which partners deliver?" in read(client, "delivering")
    press(client, "delivering", partners=["dudley", "shropshire"])
    press(client, "delivering", partners=["dudley"])
    rows = Delivering.objects.filter(by_partner=True).select_related("participation__partner")
    assert [row.participation.partner.code for row in rows] == ["dudley"]
    assert Event.objects.filter(act="delivering.decided").count() == 3


def test_balance_is_drawn_and_read(cast: Cast, sign_in: SignIn) -> None:
    page = read(sign_in("trial_manager"), "balance")
    assert "Letter against the reference arm" in page
    assert "Length of service" in page
    assert sign_in("researcher").get(at("balance")).status_code == 403


def test_data_are_locked_and_opened_by_two_people_in_the_browser(
    cast: Cast, sign_in: SignIn
) -> None:
    one, two = sign_in("trial_manager"), sign_in("second")
    assert "The data are not locked yet" in read(one, "unblind")
    assert "returns are not signed off" in said(read(one, "lock"))
    press(one, "lock", reason="Every return that will come is in.")
    assert Lock.objects.get().reason == "Every return that will come is in."
    press(one, "unblind", reason="The analysis is registered.")
    assert "waits for a second trial manager" in read(one, "unblind")
    own = one.post(at("unblind-confirm"), {"once": once.token(), "sure": "on"})
    assert own.status_code == 422
    assert "Nobody confirms the unblinding they proposed" in own.content.decode()
    assert sign_in("researcher").get(at("arms")).status_code == 403
    press(two, "unblind-confirm", sure="on")
    assert find_cast().trial.unblinded_at is not None
    researcher = sign_in("researcher")
    assert researcher.get(at("arms")).status_code == 200
    assert read(researcher, "balance")
    assert "Researchers can see" in read(two, "unblind")


def test_proposal_to_open_is_withdrawn(cast: Cast, sign_in: SignIn) -> None:
    one, two = sign_in("trial_manager"), sign_in("second")
    press(one, "lock", reason="Every return that will come is in.")
    press(one, "unblind", reason="The analysis is registered.")
    press(two, "unblind-withdraw")
    answer = two.post(at("unblind-confirm"), {"once": once.token(), "sure": "on"})
    assert answer.status_code == 422
    assert find_cast().trial.unblinded_at is None


@pytest.mark.parametrize("reason", ["", "Ann Lee said so."])
def test_lock_without_a_fit_reason_says_what_is_wrong(
    cast: Cast, sign_in: SignIn, reason: str
) -> None:
    answer = sign_in("trial_manager").post(at("lock"), {"once": once.token(), "reason": reason})
    assert answer.status_code == 422
    assert not Lock.objects.exists()
