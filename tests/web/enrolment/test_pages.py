"""The pages of enrolment: what each person sees and can do."""

import pytest
from django.test import Client
from django.urls import reverse

from lighttouch.web.audit import once
from lighttouch.web.enrolment.models import (
    EarlierRoster,
    Event,
    Happening,
    Participant,
    Roster,
    RosterCount,
    Withdrawal,
)
from lighttouch.web.jobs.models import Job, State
from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns.models import Return
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.enrolment.cases import LOSE_BRACKNELL, amend, happened, somebody, tell, told


def at(name: str, cast: Cast, **more: object) -> str:
    where = {"trial": cast.trial.slug, **more}
    return reverse(f"enrolment:{name}", kwargs=where)


def at_dudley(name: str, cast: Cast, **more: object) -> str:
    return at(name, cast, partner="dudley", **more)


def enter(client: Client, cast: Cast, key: str) -> Client:
    """Sign in where the cast is not the conftest's own."""
    client.force_login(cast[key], backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["second_factor_at"] = "2026-03-02T09:00:00+00:00"
    session.save()
    return client


def said(text: str) -> str:
    return " ".join(text.split())


def test_page_names_missing_returns_with_links(returned: Cast, client: Client) -> None:
    Return.objects.filter(partner=returned.dudley).update(
        accepted=None, signed_off_at=None, signed_off_by=None
    )
    page = enter(client, returned, "trial_manager").get(at("page", returned)).content.decode()
    assert "1 return is still to be signed off" in said(page)
    assert reverse("returns:partner", args=["letters", "dudley"]) in page
    assert "Left before the trial started" in page
    assert at("freeze", returned) not in page


def test_trial_manager_freezes_the_roster_after_checking_the_numbers(
    returned: Cast, client: Client
) -> None:
    enter(client, returned, "trial_manager")
    assert at("freeze", returned) in client.get(at("page", returned)).content.decode()
    page = client.get(at("freeze", returned)).content.decode()
    assert "391" in page
    form = {"once": once.token(), "sure": "on", "seen": "0"}
    answer = client.post(at("freeze", returned), form)
    job = Job.objects.get()
    assert answer["Location"] == reverse("jobs:progress", args=[job.uuid])
    assert (job.state, job.then) == (State.DONE, at("page", returned))
    roster = Roster.objects.get()
    again = client.post(at("freeze", returned), form)
    assert again.status_code == 302
    assert Job.objects.count() == 1
    assert roster.sha256 in client.get(at("page", returned)).content.decode()


def test_roster_is_not_frozen_without_the_box_ticked(returned: Cast, client: Client) -> None:
    enter(client, returned, "trial_manager")
    answer = client.post(at("freeze", returned), {"once": once.token()})
    assert answer.status_code == 422
    assert "Tick the box" in answer.content.decode()
    assert not Roster.objects.exists()


def test_roster_is_frozen_again_with_a_reason_after_an_amendment(
    cast: Cast, sign_in: SignIn
) -> None:
    amend(cast, LOSE_BRACKNELL)
    client = sign_in("trial_manager")
    assert "The protocol was amended since" in client.get(at("page", cast)).content.decode()
    no_name = client.post(at("freeze", cast), {"once": once.token(), "reason": "Ann Lee asked."})
    assert no_name.status_code == 422
    client.post(at("freeze", cast), {"once": once.token(), "reason": "One partner was lost."})
    assert EarlierRoster.objects.get().reason == "One partner was lost."
    page = client.get(at("page", cast)).content.decode()
    assert "One partner was lost." in page
    assert "The protocol was amended since" not in page


def test_freezing_page_sends_back_once_the_trial_is_drawn(cast: Cast, sign_in: SignIn) -> None:
    cast.trial.stage = Stage.ALLOCATED
    cast.trial.save()
    answer = sign_in("trial_manager").get(at("freeze", cast))
    assert answer["Location"] == at("page", cast)


def test_researcher_sees_no_small_count_and_no_link_to_people(cast: Cast, sign_in: SignIn) -> None:
    tell(cast, told(somebody(cast)))
    small = [row.people for row in RosterCount.objects.all() if 0 < row.people < 5]
    assert small, "the roster has a small cell"
    exact = sign_in("trial_manager").get(at("page", cast)).content.decode()
    page = sign_in("researcher").get(at("page", cast)).content.decode()
    assert "fewer than 5" in page
    assert "fewer than 5" not in exact
    assert "1 left the organisation" in said(exact)
    assert "fewer than 5 left the organisation" in said(page)
    assert at_dudley("partner", cast) not in page
    flow = sign_in("researcher").get(at("flow", cast)).content.decode()
    assert "fewer than 5 left the organisation" in said(flow)


def test_flow_shows_every_box(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("researcher").get(at("flow", cast)).content.decode()
    for words in ("391</strong> screened", "51</strong> left out", "340</strong> enrolled"):
        assert words in page
    assert "Not allocated yet" in page


def test_flow_of_a_trial_without_a_roster_goes_to_the_enrolment_page(
    returned: Cast, client: Client
) -> None:
    answer = enter(client, returned, "researcher").get(at("flow", returned))
    assert answer["Location"] == at("page", returned)


def test_coordinator_records_a_leaver_after_checking(cast: Cast, sign_in: SignIn) -> None:
    client, person = sign_in("coordinator"), somebody(cast)
    url = at_dudley("record", cast, what="left")
    assert url in client.get(at_dudley("partner", cast)).content.decode()
    assert client.get(url).status_code == 200
    form = {"staff_id": person.staff_id, "on_day": "20", "on_month": "4", "on_year": "2026"}
    form["on_year"] = str(next_spring())
    check = client.post(url, form).content.decode()
    assert not Happening.objects.exists()
    assert person.staff_id in check
    assert f"20 April {form['on_year']}" in check
    back = client.post(url, {**form, "change": "1"}).content.decode()
    assert f'value="{person.staff_id}"' in back
    sure = {**form, "checked": "1", "once": once.token()}
    for _ in range(2):
        answer = client.post(url, sure)
        assert answer["Location"] == at_dudley("partner", cast)
    assert Happening.objects.get().participant == person
    assert person.staff_id in client.get(at_dudley("partner", cast)).content.decode()


def next_spring() -> int:
    """The year of a 20 April within a year of today."""
    from django.utils import timezone

    return timezone.localdate().year


def test_unknown_code_is_told_beside_its_field_and_kept(cast: Cast, sign_in: SignIn) -> None:
    form = {"staff_id": "nobody", "on_day": "20", "on_month": "4", "on_year": str(next_spring())}
    answer = sign_in("coordinator").post(at_dudley("record", cast, what="left"), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nobody on the partner&#x27;s roster has this code" in page
    assert 'value="nobody"' in page


def test_withdrawal_says_what_goes_and_what_stays_before_erasing(
    cast: Cast, sign_in: SignIn
) -> None:
    today = happened_today()
    form = {"staff_id": somebody(cast).staff_id, "how_far": "erase", **today}
    client, url = sign_in("coordinator"), at_dudley("record", cast, what="withdrew")
    page = client.post(url, form).content.decode()
    assert "Erasing cannot be undone" in page
    assert "place in the roster and in the draw" in said(page)
    client.post(url, {**form, "checked": "1", "once": once.token()})
    assert Happening.objects.get().detail == Withdrawal.ERASE


def happened_today() -> dict[str, str]:
    from django.utils import timezone

    day = timezone.localdate()
    return {"on_day": str(day.day), "on_month": str(day.month), "on_year": str(day.year)}


def test_move_needs_a_place(cast: Cast, sign_in: SignIn) -> None:
    client, url = sign_in("coordinator"), at_dudley("record", cast, what="moved")
    form = {"staff_id": somebody(cast).staff_id, **happened_today()}
    assert client.post(url, form).status_code == 422
    done = {**form, "building": "B9", "checked": "1", "once": once.token()}
    client.post(url, done)
    assert Happening.objects.get().building == "B9"


def test_what_cannot_be_recorded_is_not_found(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in("coordinator").get(at_dudley("record", cast, what="vanished"))
    assert answer.status_code == 404


def send_file(client: Client, cast: Cast, text: str) -> str:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("changes.csv", text.encode(), "text/csv")
    return client.post(at_dudley("many", cast), {"file": file}).content.decode()


def test_file_shows_what_it_comes_to_and_is_recorded_when_confirmed(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in("coordinator")
    people = [somebody(cast, at=place) for place in range(3)]
    day = happened_today()
    on = f"{day['on_day']}/{day['on_month']}/{day['on_year']}"
    rows = [f"{person.staff_id},left,{on},,," for person in people]
    head = client.get(at_dudley("template", cast)).content.decode("utf-8-sig").strip()
    page = send_file(client, cast, "\n".join([head, *rows]))
    assert "3: left the organisation" in page
    assert not Happening.objects.exists()
    plain = page.split('name="plain" value="')[1].split('"')[0]
    client.post(at_dudley("many", cast), {"plain": plain, "once": once.token()})
    assert Happening.objects.count() == 3


def test_file_with_faults_is_answered_by_row_and_nothing_is_recorded(
    cast: Cast, sign_in: SignIn
) -> None:
    day = happened_today()
    on = f"{day['on_day']}/{day['on_month']}/{day['on_year']}"
    rows = f"Staff ID,What happened,Date\nnobody,left,{on}\nnobody,vanished,{on}\n"
    page = send_file(sign_in("coordinator"), cast, rows)
    assert page.index("Row 2, staff code") < page.index("Row 3, column What happened")
    assert not Happening.objects.exists()


def test_coordinator_cancels_a_mistake_with_a_reason(cast: Cast, sign_in: SignIn) -> None:
    person = somebody(cast)
    tell(cast, told(person))
    client = sign_in("coordinator")
    url = at_dudley("cancel", cast, happening=happened(person).pk)
    assert client.post(url, {"once": once.token()}).status_code == 422
    client.post(url, {"once": once.token(), "reason": "The wrong person."})
    assert happened(person).cancelled_because == "The wrong person."
    assert "Cancelled: The wrong person." in client.get(at_dudley("partner", cast)).content.decode()


def test_record_of_another_partner_is_not_found_here(cast: Cast, sign_in: SignIn) -> None:
    person = somebody(cast, cast.shropshire)
    tell(cast, told(person), cast.shropshire)
    url = at_dudley("cancel", cast, happening=happened(person).pk)
    assert sign_in("coordinator").get(url).status_code == 404


def test_erasure_is_shown_as_final(cast: Cast, sign_in: SignIn) -> None:
    person = somebody(cast)
    tell(cast, told(person, Event.WITHDRAWAL, detail=Withdrawal.ERASE))
    client = sign_in("coordinator")
    assert "Cannot be undone" in client.get(at_dudley("partner", cast)).content.decode()
    url = at_dudley("cancel", cast, happening=happened(person).pk)
    answer = client.post(url, {"once": once.token(), "reason": "A mistake."})
    assert answer.status_code == 422


def test_partner_page_waits_for_the_roster(returned: Cast, client: Client) -> None:
    page = enter(client, returned, "coordinator").get(at_dudley("partner", returned))
    assert "not settled yet" in page.content.decode()


@pytest.mark.parametrize("name", ["page", "flow"])
def test_no_page_of_the_team_shows_a_code(cast: Cast, sign_in: SignIn, name: str) -> None:
    tell(cast, told(somebody(cast)))
    codes = set(Participant.objects.values_list("staff_id", flat=True))
    page = sign_in("researcher").get(at(name, cast)).content.decode()
    assert not [code for code in codes if f">{code}<" in page]
