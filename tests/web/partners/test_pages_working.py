"""Tasks, agreements, officers, co-design, matching and the funnel, as people use them."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from lighttouch.web.audit import once
from lighttouch.web.audit.models import Event
from lighttouch.web.partners import actions
from lighttouch.web.partners.models import (
    Agreement,
    Call,
    CodesignEntry,
    ContactRoute,
    Kind,
    Match,
    Officer,
    Quote,
    Signing,
    Task,
)
from lighttouch.web.programmes.models import Participation, Partner, Trial
from lighttouch.web.programmes.models import Stage as TrialStage
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.partners.making import TODAY, make_expression, shortlist

AT_DUDLEY = "/trials/letters/partners/dudley/"
TASKS = f"{AT_DUDLEY}tasks/"
PROGRAMME = "/programmes/programme/"
pytestmark = pytest.mark.usefixtures("in_march")


@pytest.fixture
def seeded(cast: Cast) -> Cast:
    """The cast, with Dudley's first tasks."""
    actions.seed_tasks(trial=cast.trial, partner=cast.dudley, by=cast["trial_manager"], now=NOW)
    return cast


@pytest.fixture
def coffee(cast: Cast) -> Trial:
    return Trial.objects.create(
        programme=cast.programme, slug="coffee", title="Coffee", created_at=NOW
    )


@pytest.fixture
def entry(cast: Cast) -> CodesignEntry:
    return actions.log_entry(
        programme=cast.programme,
        kind=Kind.WORKSHOP,
        on=TODAY,
        title="First workshop",
        text="Twelve social workers drew their week.",
        by=cast["researcher"],
        now=NOW,
    )


def agree(cast: Cast, launch_on: date) -> Agreement:
    return actions.save_agreement(
        trial=cast.trial,
        partner=cast.dudley,
        terms=actions.Terms(Signing.DRAFT, launch_on=launch_on),
        revision=0,
        by=cast["trial_manager"],
        now=NOW,
    )


def post(client: Client, address: str, **given: Any) -> Any:
    return client.post(address, {"once": once.token(), **given})


def on(name: str, day: date) -> dict[str, str]:
    return {
        f"{name}_day": f"{day.day}",
        f"{name}_month": f"{day.month}",
        f"{name}_year": f"{day.year}",
    }


def shown(client: Client, address: str) -> str:
    found = client.get(address)
    assert found.status_code == 200
    return found.content.decode()


# Tasks


def task_page(key: str) -> str:
    return f"{TASKS}{Task.objects.get(partner__code='dudley', key=key).pk}/"


def test_tasks_say_what_is_due_when_and_what_is_late(seeded: Cast, sign_in: SignIn) -> None:
    agree(seeded, date(2026, 3, 20))
    page = shown(sign_in("coordinator"), TASKS)
    for words in (
        "The launch is on Friday 20 March 2026, in 18 days",
        "4 tasks are past their day",
        "Due Friday 6 March 2026, in 4 days",
        "Sign the data-sharing agreement",
    ):
        assert words in page


def test_tasks_without_a_launch_say_what_they_wait_for(seeded: Cast, sign_in: SignIn) -> None:
    assert "No launch date is agreed yet" in shown(sign_in("coordinator"), TASKS)


def test_partner_without_tasks_learns_when_they_come(cast: Cast, sign_in: SignIn) -> None:
    assert "No tasks yet" in shown(sign_in("coordinator"), TASKS)


def test_coordinator_ticks_off_a_task_once_with_name_and_day(seeded: Cast, sign_in: SignIn) -> None:
    client, page, mark = sign_in("coordinator"), task_page("tell_managers"), once.token()
    for _ in range(2):
        assert client.post(page, {"once": mark, "verb": "done"})["Location"] == TASKS
    assert Event.objects.filter(act="task.done").count() == 1
    assert "Monday 2 March 2026, by Coordinator" in shown(client, TASKS)


def test_stale_page_does_not_undo_what_somebody_else_did(seeded: Cast, sign_in: SignIn) -> None:
    page = task_page("ready")
    post(sign_in("trial_manager"), page, verb="done")
    post(sign_in("coordinator"), page, verb="done")
    assert Task.objects.get(key="ready").done_by == seeded["trial_manager"]


def test_task_done_on_a_page_of_its_own_is_not_ticked(seeded: Cast, sign_in: SignIn) -> None:
    found = post(sign_in("coordinator"), task_page("agreement"), verb="done")
    assert found.status_code == 422
    assert Task.objects.get(key="agreement").done_at is None


def test_task_can_be_taken_back(seeded: Cast, sign_in: SignIn) -> None:
    client, page = sign_in("coordinator"), task_page("ready")
    post(client, page, verb="done")
    assert "Mark as not done" in shown(client, page)
    post(client, page, verb="reopen")
    assert Task.objects.get(key="ready").done_at is None


def test_task_of_another_partner_is_not_found_under_this_one(seeded: Cast, sign_in: SignIn) -> None:
    number = Task.objects.get(key="ready").pk
    there = f"/trials/letters/partners/shropshire/tasks/{number}/"
    assert sign_in("stranger").get(there).status_code == 404
    assert sign_in("stranger").get(TASKS).status_code == 403


def test_manager_moves_a_task_with_a_reason_and_a_stale_page_is_refused(
    seeded: Cast, sign_in: SignIn
) -> None:
    client, page = sign_in("trial_manager"), f"{task_page('ready')}move/"
    given = {**on("due_on", date(2026, 4, 1)), "reason": "Inspection.", "revision": 1}
    assert post(client, page, **given)["Location"] == TASKS
    assert "It was moved." in shown(client, TASKS)
    again = post(client, page, **{**given, "reason": "Holidays."})
    assert again.status_code == 409
    assert "Holidays." in again.content.decode()
    assert sign_in("coordinator").get(page).status_code == 403


# Agreements and officers


def terms(**instead: Any) -> dict[str, Any]:
    given = {
        "state": "signed",
        "reference": "DSA 14",
        **on("sent_on", date(2026, 2, 20)),
        **on("signed_on", date(2026, 2, 27)),
        **on("launch_on", date(2026, 4, 20)),
        "contact_route": "vault",
        "revision": 0,
    }
    return {**given, **instead}


def test_manager_records_an_agreement_and_the_tasks_follow(seeded: Cast, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    found = post(client, f"{AT_DUDLEY}agreement/record/", **terms())
    assert found["Location"] == f"{AT_DUDLEY}agreement/"
    kept = Agreement.objects.get()
    assert (kept.state, kept.contact_route) == (Signing.SIGNED, ContactRoute.VAULT)
    page = shown(sign_in("coordinator"), f"{AT_DUDLEY}agreement/")
    for words in ("Signed", "DSA 14", "Monday 20 April 2026", "Kept in the vault"):
        assert words in page
    assert Task.objects.get(key="agreement").done_by == seeded["trial_manager"]


def test_coordinator_reads_the_agreement_and_records_nothing(seeded: Cast, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    assert "The research team records this" in shown(client, f"{AT_DUDLEY}agreement/")
    assert client.get(f"{AT_DUDLEY}agreement/record/").status_code == 403


@pytest.mark.parametrize(
    ("instead", "words"),
    [
        ({"reference": ""}, "There is no reference"),
        ({"signed_on_day": "", "signed_on_month": "", "signed_on_year": ""}, "There is no day"),
        ({"signed_on_month": "1"}, "signed before it was sent"),
        ({"launch_on_month": "13"}, "Month must be a number"),
    ],
)
def test_agreement_that_contradicts_itself_is_explained(
    seeded: Cast, sign_in: SignIn, instead: dict[str, str], words: str
) -> None:
    found = post(sign_in("trial_manager"), f"{AT_DUDLEY}agreement/record/", **terms(**instead))
    assert found.status_code == 422
    assert words in found.content.decode()
    assert not Agreement.objects.exists()


def test_agreement_recorded_from_a_stale_page_is_refused(seeded: Cast, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    post(client, f"{AT_DUDLEY}agreement/record/", **terms())
    found = post(client, f"{AT_DUDLEY}agreement/record/", **terms(reference="DSA 15"))
    assert found.status_code == 409
    assert "DSA 15" in found.content.decode()
    assert Agreement.objects.get().reference == "DSA 14"


OFFICER = {"name": "Perpetua Quill", "role": "Data analyst", "email": "p.quill@dudley.example"}


def test_officer_is_named_seen_where_needed_and_removed(seeded: Cast, sign_in: SignIn) -> None:
    client, page = sign_in("coordinator"), f"{AT_DUDLEY}officers/"
    assert "Nobody is named yet" in shown(client, page)
    assert post(client, page, **OFFICER)["Location"] == page
    assert all(words in shown(client, page) for words in OFFICER.values())
    assert "Perpetua Quill" in shown(sign_in("trial_manager"), page)
    number = Officer.objects.get().pk
    assert post(client, f"{page}{number}/remove/")["Location"] == page
    assert not Officer.objects.exists()


@pytest.mark.parametrize(
    "who", ["stranger", "researcher", "randomiser", "team_manager", "administrator"]
)
def test_nobody_else_sees_an_officer(seeded: Cast, sign_in: SignIn, who: str) -> None:
    post(sign_in("coordinator"), f"{AT_DUDLEY}officers/", **OFFICER)
    for address in (f"{AT_DUDLEY}officers/", f"{AT_DUDLEY}agreement/", TASKS):
        found = sign_in(who).get(address)
        assert found.status_code == 403
        assert "Quill" not in found.content.decode()


# Co-design


def test_entry_is_logged_with_its_day_and_author(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("researcher")
    given = {"kind": "workshop", **on("on", TODAY), "title": "A wall of thanks"}
    found = post(client, f"{PROGRAMME}codesign/new/", **given, text="We drew.", trial=cast.trial.pk)
    page = shown(client, found["Location"])
    for words in ("Workshop, Monday 2 March 2026", "About Letters of recognition", "Researcher"):
        assert words in page
    assert "A wall of thanks" in shown(client, f"{PROGRAMME}codesign/")


def test_trial_of_another_programme_cannot_be_chosen(
    cast: Cast, outsider: Client, sign_in: SignIn
) -> None:
    other = Trial.objects.get(slug="other_trial").pk
    given = {"kind": "workshop", **on("on", TODAY), "title": "A", "text": "B", "trial": other}
    assert post(sign_in("researcher"), f"{PROGRAMME}codesign/new/", **given).status_code == 422


def test_quote_that_names_somebody_is_refused_and_kept_on_the_page(
    entry: CodesignEntry, sign_in: SignIn
) -> None:
    page = f"{PROGRAMME}codesign/{entry.pk}/"
    given = {"theme": "Time", "role": "Social worker", "text": "Sarah Jones helped me"}
    found = post(sign_in("researcher"), page, **given)
    assert found.status_code == 422
    assert "Sarah Jones helped me" in found.content.decode()
    assert "the name of a person" in found.content.decode()
    assert not Quote.objects.exists()


def test_quote_is_kept_cleared_by_a_manager_and_exported(
    cast: Cast, entry: CodesignEntry, sign_in: SignIn
) -> None:
    page, client = f"{PROGRAMME}codesign/{entry.pk}/", sign_in("researcher")
    post(client, page, theme="Time", role="Social worker", text="My diary is a wish list")
    clear = f"{PROGRAMME}codesign/quotes/{Quote.objects.get().pk}/"
    assert post(client, clear, verb="clear").status_code == 403
    assert "wish list" not in shown(client, f"{PROGRAMME}codesign/quotes.csv")
    post(sign_in("trial_manager"), clear, verb="clear")
    assert "wish list" in shown(client, f"{PROGRAMME}codesign/quotes.csv")
    assert "Cleared" in shown(client, page)


def test_log_is_filtered_and_empty_ones_say_what_to_do(
    cast: Cast, entry: CodesignEntry, sign_in: SignIn
) -> None:
    client = sign_in("researcher")
    assert "First workshop" in shown(client, f"{PROGRAMME}codesign/?kind=workshop")
    assert "No entry of this kind" in shown(client, f"{PROGRAMME}codesign/?kind=decision")
    entry.delete()
    assert "Nothing is in the log yet" in shown(client, f"{PROGRAMME}codesign/")


# Matching


def test_partner_is_matched_once_whatever_is_pressed(
    cast: Cast, coffee: Trial, sign_in: SignIn
) -> None:
    kent = Partner.objects.create(programme=cast.programme, code="kent", name="Kent")
    client, mark = sign_in("trial_manager"), once.token()
    given = {"partner": kent.pk, "trial": coffee.pk, "reason": "Thirteen buildings.", "once": mark}
    for _ in range(2):
        found = client.post(f"{PROGRAMME}partners/match/", given)
        assert found["Location"] == f"{PROGRAMME}partners/"
    assert Match.objects.count() == 1
    page = shown(client, f"{PROGRAMME}partners/")
    assert "Thirteen buildings." in page
    assert "Matched by Trial_Manager on Monday 2 March 2026" in page


def test_partner_in_another_trial_needs_a_second_thought(
    cast: Cast, coffee: Trial, sign_in: SignIn
) -> None:
    client = sign_in("trial_manager")
    given = {"partner": cast.dudley.pk, "trial": coffee.pk, "reason": "Two offices."}
    found = post(client, f"{PROGRAMME}partners/match/", **given)
    page = found.content.decode()
    assert found.status_code == 422
    assert "already in: Letters of recognition" in page
    assert "Two offices." in page
    assert not Match.objects.exists()
    post(client, f"{PROGRAMME}partners/match/", **given, aware="on")
    assert Match.objects.get().partner == cast.dudley
    for address in (f"{PROGRAMME}partners/", PROGRAMME):
        assert "can reach people of another" in shown(client, address)


def test_match_ends_with_a_reason_until_the_trial_is_registered(
    cast: Cast, coffee: Trial, sign_in: SignIn
) -> None:
    kent = Partner.objects.create(programme=cast.programme, code="kent", name="Kent")
    made = actions.match_partner(
        trial=coffee, partner=kent, reason="Fits.", by=cast["second"], now=NOW
    )
    client, page = sign_in("trial_manager"), f"{PROGRAMME}partners/matches/{made.pk}/end/"
    assert post(client, page, reason="").status_code == 422
    Trial.objects.filter(pk=coffee.pk).update(stage=TrialStage.REGISTERED)
    refused = post(client, page, reason="They left.")
    assert refused.status_code == 422
    assert "The trial is registered, with its partners" in refused.content.decode()
    Trial.objects.filter(pk=coffee.pk).update(stage=TrialStage.DRAFT)
    assert post(client, page, reason="They left.").status_code == 302
    assert not Participation.objects.filter(trial=coffee).exists()
    assert "They left." in shown(client, f"{PROGRAMME}partners/")


def test_programme_without_partners_says_what_to_do(cast: Cast, sign_in: SignIn) -> None:
    Participation.objects.all().delete()
    cast.people.pop("coordinator").grants.all().delete()
    for who in ("stranger", "team_manager"):
        cast[who].grants.all().delete()
    Partner.objects.all().delete()
    page = shown(sign_in("researcher"), f"{PROGRAMME}partners/")
    assert "Shortlist an expression of interest" in page


# The funnel


def test_number_is_entered_shown_and_downloaded(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    given = {"partners": "1,152", "note": "Every authority.", "revision": 0}
    found = post(client, f"{PROGRAMME}funnel/asked/", **given)
    assert found["Location"] == f"{PROGRAMME}funnel/"
    page = shown(client, f"{PROGRAMME}funnel/")
    assert "1,152" in page
    assert "Every authority." in page
    rows = shown(client, f"{PROGRAMME}funnel.csv").splitlines()
    assert rows[:2] == ["stage,partners,note", "Asked to take part,1152,Every authority."]


def test_number_that_would_make_the_funnel_rise_is_explained_at_its_field(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in("trial_manager")
    post(client, f"{PROGRAMME}funnel/asked/", partners="20", note="", revision=0)
    found = post(client, f"{PROGRAMME}funnel/responded/", partners="35", note="", revision=0)
    page = found.content.decode()
    assert found.status_code == 422
    assert "partners only become fewer" in page
    assert 'href="#id_partners"' in page


def test_number_entered_from_a_stale_page_is_refused(cast: Cast, sign_in: SignIn) -> None:
    client, page = sign_in("trial_manager"), f"{PROGRAMME}funnel/asked/"
    assert post(client, page, partners="152", note="", revision=0).status_code == 302
    assert post(client, page, partners="150", note="", revision=0).status_code == 409


def test_stage_known_only_from_a_later_one_says_so(cast: Cast, call: Call, sign_in: SignIn) -> None:
    shortlist(make_expression(call), cast["second"])
    client, page = sign_in("trial_manager"), f"{PROGRAMME}funnel/"
    post(client, f"{page}responded/", partners="35", note="", revision=0)
    assert "At least as many as went further" in shown(client, page)
    post(client, f"{page}shortlisted/", partners="15", note="", revision=0)
    assert "At least as many as went further" not in shown(client, page)


def test_unknown_stage_is_not_found_and_researchers_enter_nothing(
    cast: Cast, sign_in: SignIn
) -> None:
    assert sign_in("trial_manager").get(f"{PROGRAMME}funnel/invented/").status_code == 404
    assert sign_in("researcher").get(f"{PROGRAMME}funnel/asked/").status_code == 403
