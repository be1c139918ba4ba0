"""The pages of a private link."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from lighttouch.web.enrolment.models import Happening
from lighttouch.web.programmes.models import Stage, Trial
from lighttouch.web.surveys import actions, queries
from lighttouch.web.surveys.asking import freeze_one, hash_asked
from lighttouch.web.surveys.models import Answer, Device, Link, Response, Survey
from tests.web.cast import Cast
from tests.web.surveys.cases import OPENED_AT, link_of, window_of
from tests.web.ui.markup import read


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the clock says; a test may put it on."""
    clock = [OPENED_AT]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])
    return clock


@pytest.fixture
def link(survey: Survey) -> Link:
    return link_of(survey)


def text_of(response: Any) -> str:
    read(response.content.decode())
    return " ".join(re.sub("<[^>]+>", " ", response.content.decode()).split())


def begin(link: Link) -> Client:
    """A browser whose person has agreed."""
    client = Client()
    client.post(f"{queries.address_of(link)}questions/", {"consent": "agreed"})
    return client


def test_thanks_are_for_whoever_has_finished(link: Link) -> None:
    client = begin(link)
    thanks = f"{queries.address_of(link)}thanks/"
    assert client.get(thanks).url == queries.address_of(link)  # type: ignore[attr-defined]
    ended = client.post(f"{queries.address_of(link)}questions/", {"go": "finish"})
    assert "Thank you" in text_of(ended)
    assert client.get(thanks).content == ended.content


def test_a_scanner_that_asks_for_the_head_alone_changes_nothing(link: Link) -> None:
    assert Client().head(queries.address_of(link)).status_code == 200
    assert not Response.objects.exists()


def test_opening_a_link_changes_nothing_and_keeps_no_device(link: Link) -> None:
    client = Client()
    response = client.get(queries.address_of(link))
    assert "about 5 minutes" in text_of(response)
    assert client.cookies == {}
    assert not Response.objects.exists()


@pytest.mark.parametrize("done", ["agreed", "finished", "declined", "erased", "withdrawn"])
def test_a_browser_not_known_is_told_the_same_whatever_was_done_before(
    link: Link, done: str
) -> None:
    address = queries.address_of(link)
    before = {path: Client().get(f"{address}{path}") for path in ("", "mine/")}
    client = begin(link)
    if done == "finished":
        client.post(f"{address}questions/", {"life_happiness_1": "7", "go": "finish"})
    elif done == "declined":
        client.post(f"{address}questions/", {"consent": "declined"})
    elif done == "erased":
        client.post(f"{address}mine/delete/")
    elif done == "withdrawn":
        client.post(f"{address}mine/withdraw/erase/")
    for path, told in before.items():
        after = Client().get(f"{address}{path}")
        assert after.content == told.content
        assert set(after.headers) == set(told.headers)


def test_a_link_that_does_not_work_says_what_to_do(cast: Cast, link: Link) -> None:
    address = queries.address_of(link)
    actions.renew_link(link=link, by=cast["trial_manager"], now=OPENED_AT)
    for bad in (address, "/s/no-such-token/", "/s/no-such-token/mine/"):
        response = Client().get(bad)
        assert response.status_code == 404
        assert "This link does not work" in text_of(response)


def test_an_address_typed_without_its_last_stroke_is_put_right(link: Link) -> None:
    address = queries.address_of(link)
    assert Client().get(address.rstrip("/")).url == address  # type: ignore[attr-defined]


def test_the_device_is_known_by_a_cookie_out_of_reach_of_scripts(link: Link) -> None:
    cookie = begin(link).cookies["lighttouch_device"]
    assert cookie["httponly"]
    assert cookie["path"] == "/s/"
    assert cookie.value not in str(list(Device.objects.values()))


def test_nobody_answers_before_agreeing(link: Link) -> None:
    client, address = Client(), queries.address_of(link)
    client.get(address)
    for path in ("questions/", "save/"):
        assert client.post(f"{address}{path}", {"life_happiness_1": "7"}).status_code in {302, 409}
    assert client.get(f"{address}questions/").url == address  # type: ignore[attr-defined]
    assert not Answer.objects.exists()


def test_what_is_agreed_to_says_pseudonymous_who_sees_and_when_it_goes(link: Link) -> None:
    said = text_of(Client().get(queries.address_of(link)))
    told = (
        *("not anonymous", "never see your answers", "deleted 12 months after", "withdraw"),
        "held by: The local authority; never passed to the research team.",
    )
    for words in told:
        assert words in said


def test_declining_is_one_press_and_ends_it(link: Link) -> None:
    client, address = Client(), queries.address_of(link)
    response = client.post(f"{address}questions/", {"consent": "declined"}, follow=True)
    assert "Nobody will remind you" in text_of(response)
    assert Response.objects.get().consent == "declined"


def test_a_mind_is_changed_on_the_page_that_says_what_it_is_about(link: Link) -> None:
    client, address = Client(), queries.address_of(link)
    client.post(f"{address}questions/", {"consent": "declined"})
    assert "not anonymous" in text_of(client.get(f"{address}consent/"))
    client.post(f"{address}questions/", {"consent": "agreed"})
    assert Response.objects.get().consent == "agreed"


def answer_for(form: Any, item: str) -> str:
    fields = form.all("input", name=item)
    return str(fields[0]["value"]) if len(fields) > 1 else "4"


def test_a_whole_survey_without_scripts_part_by_part(survey: Survey, link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    where = f"{address}questions/"
    form = read(client.get(where).content.decode())
    sent: dict[str, str] = {}
    for page in queries.pages_of(survey)[:3]:
        sent |= {item.id: answer_for(form, item.id) for item in page.items}
        response = client.post(where, {**sent, "go": str(page.number + 1)})
        assert response.url == f"{where}#part-{page.number + 1}"  # type: ignore[attr-defined]
        assert Answer.objects.count() == len(sent)
    shown = read(client.get(where).content.decode())
    ticked = [one for one in shown.all("input") if "checked" in one.attributes]
    assert {one["name"]: one["value"] for one in ticked} == sent
    everything = [item.id for page in queries.pages_of(survey) for item in page.items]
    sent |= {item: answer_for(form, item) for item in everything}
    thanks = client.post(where, {**sent, "go": "finish"}, follow=True)
    assert "Your answers are in" in text_of(thanks)
    assert dict(Answer.objects.values_list("item", "value")) == sent
    assert Response.objects.get().finished_at == OPENED_AT


def test_somebody_known_goes_straight_on_to_the_questions(link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    assert client.get(address).url == f"{address}questions/"  # type: ignore[attr-defined]
    client.post(f"{address}questions/", {"life_happiness_1": "7", "go": "finish"})
    assert "You have finished" in text_of(client.get(address))


def test_a_passed_on_link_shows_nothing_of_what_was_said(link: Link) -> None:
    owner, address = begin(link), queries.address_of(link)
    owner.post(f"{address}questions/", {"life_happiness_1": "7"})
    other = Client()
    for path in ("", "questions/", "thanks/", "consent/"):
        assert "I agree, begin" in text_of(other.get(f"{address}{path}", follow=True)), path
    for path in ("mine/", "mine/answers.csv", "mine/delete/"):
        assert "open my page" in text_of(other.get(f"{address}{path}", follow=True)), path
    assert other.post(f"{address}mine/delete/").status_code == 302
    assert Answer.objects.count() == 1


def test_a_second_device_says_so_answers_and_never_sees_the_first_ones(link: Link) -> None:
    owner, address = begin(link), queries.address_of(link)
    owner.post(f"{address}questions/", {"life_happiness_1": "7"})
    other = Client()
    asked = other.post(f"{address}questions/", {"consent": "agreed"})
    assert "You began on another device. Is it yours?" in text_of(asked)
    assert Device.objects.count() == 1
    shown = other.post(f"{address}questions/", {"consent": "agreed", "mine": "yes"}, follow=True)
    assert " checked" not in shown.content.decode()
    assert "Answered on another device" in text_of(shown)
    assert " checked" in owner.get(f"{address}questions/").content.decode()


def test_a_page_that_lay_open_does_not_undo_what_another_device_changed(link: Link) -> None:
    owner, address = begin(link), queries.address_of(link)
    where = f"{address}questions/"
    owner.post(where, {"life_happiness_1": "7"})
    lay_open = {"life_happiness_1": "7", "life_happiness_1.was": "7", "burnout_1": "3"}
    other = Client()
    other.post(f"{address}questions/", {"consent": "agreed", "mine": "yes"})
    other.post(where, {"life_happiness_1": "9"})
    owner.post(where, lay_open)
    assert dict(Answer.objects.values_list("item", "value")) == {
        "life_happiness_1": "9",
        "burnout_1": "3",
    }


def test_a_number_that_cannot_be_is_told_and_the_rest_is_kept(link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    data = {"overtime_hours_1": "6", "overtime_hours_2": "<lots>", "go": "finish"}
    response = client.post(f"{address}questions/", data)
    assert response.status_code == 422
    assert "not a number of at least 0" in text_of(response)
    shown = read(response.content.decode()).one("input", name="overtime_hours_2")
    assert (shown["value"], shown["aria-invalid"]) == ("<lots>", "true")
    assert Answer.objects.get().value == "6"
    assert Response.objects.get().finished_at is None


def test_rather_not_say_wins_over_a_number_left_in_the_field(link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    client.post(f"{address}questions/", {"age_1": "40", "age_1.silent": "~"})
    assert Answer.objects.get().value == ""


def test_closing_while_somebody_types_keeps_the_page_and_says_so(cast: Cast, link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    actions.close(window=window_of(link.survey), by=cast["trial_manager"], now=OPENED_AT)
    response = client.post(f"{address}questions/", {"life_happiness_1": "7"})
    assert response.status_code == 409
    assert "The survey has closed" in text_of(response)
    assert " checked" in response.content.decode()
    assert client.post(f"{address}save/", {"life_happiness_1": "7"}).status_code == 409
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("days", "says"),
    [(-15, "opens on Monday 9 March 2026"), (8, "last day was Monday 30 March 2026")],
)
def test_a_closed_survey_says_so_with_its_date(
    link: Link, now: list[datetime], days: int, says: str
) -> None:
    now[0] = OPENED_AT + timedelta(days=days)
    assert says in text_of(Client().get(queries.address_of(link)))


def test_single_answers_are_saved_as_they_are_given_with_their_time(link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    data = {"life_happiness_1": "7", "life_happiness_1.seconds": "5"}
    assert client.post(f"{address}save/", data).json() == {"state": "saved"}
    assert client.post(f"{address}save/", data).json() == {"state": "saved"}
    assert Answer.objects.get().seconds == 5
    assert client.post(f"{address}save/", {"life_happiness_1": "99"}).status_code == 422


def test_the_form_keeps_the_time_an_answer_was_saved_with(link: Link, now: list[datetime]) -> None:
    client, address = begin(link), queries.address_of(link)
    client.post(f"{address}save/", {"life_happiness_1": "7", "life_happiness_1.seconds": "5"})
    now[0] += timedelta(minutes=9)
    page = read(client.get(f"{address}questions/").content.decode())
    was = page.one("input", name="life_happiness_1.was")["value"]
    sent = {"life_happiness_1": "7", "life_happiness_1.was": was}
    client.post(f"{address}questions/", sent)
    kept = Answer.objects.get()
    assert (kept.seconds, kept.answered_at) == (5, OPENED_AT)
    client.post(f"{address}questions/", {**sent, "life_happiness_1": "8"})
    kept.refresh_from_db()
    assert (kept.value, kept.seconds) == ("8", None)


def test_what_is_asked_for_by_a_link_costs_few_queries(
    link: Link, django_assert_max_num_queries: object
) -> None:
    client, address = begin(link), queries.address_of(link)
    client.get(f"{address}questions/")
    Client().get(address)
    most = django_assert_max_num_queries
    with most(1):  # type: ignore[operator]
        Client().get(address)
    with most(3):  # type: ignore[operator]
        client.get(f"{address}questions/")
    with most(7):  # type: ignore[operator] # with a savepoint
        client.post(f"{address}save/", {"life_happiness_1": "7"})
    with most(10):  # type: ignore[operator] # with a savepoint and the event
        client.post(f"{address}questions/", {"life_happiness_1": "8", "go": "finish"})
    with most(2):  # type: ignore[operator]
        client.get(f"{address}thanks/")
    with most(1):  # type: ignore[operator]
        client.get("/s/no-such-token/")


def test_own_answers_are_downloaded_only_where_they_were_given(link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    client.post(f"{address}questions/", {"life_happiness_1": "7"})
    table = client.get(f"{address}mine/answers.csv").content.decode()
    assert table.splitlines()[1].endswith(",7")
    assert client.get(f"{address}mine/answers.json").json()[0]["answer"] == "7"
    client.post(f"{address}mine/leave/")
    assert client.get(f"{address}mine/answers.csv").status_code == 302


def test_deleting_asks_first_and_leaves_the_page_saying_so(link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    client.post(f"{address}questions/", {"life_happiness_1": "7"})
    assert "cannot answer this survey again" in text_of(client.get(f"{address}mine/delete/"))
    assert Answer.objects.exists()
    assert "were deleted on" in text_of(client.post(f"{address}mine/delete/", follow=True))
    assert not Answer.objects.exists()


@pytest.mark.parametrize("how", ["stop_contact", "stop_collection", "erase"])
def test_withdrawing_asks_first_and_is_possible_after_closing_and_without_answers(
    link: Link, now: list[datetime], how: str
) -> None:
    client, address = Client(), queries.address_of(link)
    now[0] = OPENED_AT + timedelta(days=30)
    assert "Withdraw or delete" in text_of(
        client.post(f"{address}mine/", {"mine": "yes"}, follow=True)
    )
    client.get(f"{address}mine/withdraw/{how}/")
    assert not Happening.objects.exists()
    response = client.post(f"{address}mine/withdraw/{how}/", follow=True)
    assert "You withdrew" in text_of(response)
    assert Happening.objects.get().detail == how


def test_two_people_at_one_computer_keep_their_answers_apart(survey: Survey) -> None:
    client = begin(link_of(survey))
    client.post(f"{queries.address_of(link_of(survey))}questions/", {"life_happiness_1": "7"})
    second = queries.address_of(link_of(survey, place=1))
    shown = client.post(f"{second}questions/", {"consent": "agreed"}, follow=True)
    assert " checked" not in shown.content.decode()
    client.post(f"{second}questions/", {"life_happiness_1": "2"})
    assert set(Answer.objects.values_list("response__participant", "value")) == {
        (link_of(survey).participant_id, "7"),
        (link_of(survey, place=1).participant_id, "2"),
    }


def test_somebody_who_withdrew_is_told_so_and_asked_nothing(link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    assert client.post(f"{address}mine/withdraw/stop_collection/").status_code == 302
    assert "You withdrew" in text_of(client.get(address))
    response = client.post(f"{address}questions/", {"life_happiness_1": "7"})
    assert response.status_code == 409
    assert "You withdrew" in text_of(response)


def test_nothing_is_taken_once_the_data_are_locked(cast: Cast, link: Link) -> None:
    client, address = begin(link), queries.address_of(link)
    Trial.objects.filter(pk=cast.trial.pk).update(stage=Stage.LOCKED)
    assert "The trial has ended" in text_of(client.get(address))
    assert client.post(f"{address}save/", {"life_happiness_1": "7"}).status_code == 409
    assert not Answer.objects.exists()


def test_the_token_of_a_link_is_in_no_log_line(
    link: Link, caplog: pytest.LogCaptureFixture
) -> None:
    address = queries.address_of(link)
    with caplog.at_level("DEBUG"):
        begin(link).get(f"{address}questions/")
        Client().get(f"{address}no-such-page/")
    told = [str(line.__dict__) for line in caplog.records if line.name.startswith("lighttouch")]
    assert any("s/<slug:token>/" in line for line in told)
    assert not any(address.split("/")[2] in line for line in told)


def test_every_way_of_asking_comes_back_as_it_was_answered(cast: Cast, survey: Survey) -> None:
    survey.asked = [
        freeze_one(name) for name in ("goal_slot_activities", "social_ties", "comments")
    ]
    survey.sha256 = hash_asked(survey.asked)
    survey.save()
    link = link_of(survey)
    client, where = begin(link), f"{queries.address_of(link)}questions/"
    chosen = {"goal_slot_activities_1": ["Planning", "Reflecting"]}
    rest = {"social_ties_strong": "3", "social_ties_weak.silent": "~", "comments_1": "Fine."}
    client.post(where, {**chosen, "goal_slot_activities_1.other": "Tea | talk", **rest})
    assert dict(Answer.objects.values_list("item", "value")) == {
        "goal_slot_activities_1": "Planning|Reflecting|Other: Tea / talk",
        "social_ties_strong": "3",
        "social_ties_weak": "",
        "comments_1": "Fine.",
    }
    shown = read(client.get(where).content.decode())
    boxes = shown.all("input", name="goal_slot_activities_1")
    assert [box["value"] for box in boxes if "checked" in box.attributes] == chosen[
        "goal_slot_activities_1"
    ]
    assert shown.one("input", name="goal_slot_activities_1.other")["value"] == "Tea / talk"
    assert "Fine." in shown.one("textarea").text
    emptied = {
        "comments_1": "",
        "comments_1.was": "Fine.",
        "goal_slot_activities_1.was": "Planning",
    }
    client.post(where, emptied)
    assert Answer.objects.get(item="comments_1").value == ""
    assert Answer.objects.get(item="goal_slot_activities_1").value == ""
