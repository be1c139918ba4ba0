"""Programmes are listed, started and run on the web; their call is looked at before it is saved."""

import pytest
from django.test import Client

from lighttouch.web.audit import once
from lighttouch.web.partners.models import Call
from lighttouch.web.partners.queries.programmes import fingerprint
from lighttouch.web.programmes.models import Programme
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.partners.making import make_call, make_expression

HOME = "/programmes/programme/"
NEW = {"title": "Well-being at work", "slug": "well_being", "summary": "Small things."}


def call_form(**instead: object) -> dict[str, object]:
    given: dict[str, object] = {
        "title": "Try something small",
        "summary": "We look for councils.",
        "opens_on_day": "2",
        "opens_on_month": "2",
        "opens_on_year": "2026",
        "closes_on_day": "18",
        "closes_on_month": "3",
        "closes_on_year": "2026",
        "themes": "Feeling valued: thanks that reach people\nTime",
        "tasks": "Name two people.\nSend a spreadsheet.",
        "time": "Six days.",
        "data": "A list without names.",
        "handling": "We hold codes.",
        "contact": "trials@example.org",
        "revision": 0,
        "verb": "save",
        "once": once.token(),
    }
    return {**given, **instead}


def test_list_shows_own_programmes_and_what_to_start(cast: Cast, sign_in: SignIn) -> None:
    Programme.objects.create(slug="other", title="Somebody else's", created_at="2026-01-01T00:00Z")
    shown = sign_in("trial_manager").get("/programmes/").content.decode()
    assert "Light-touch programme" in shown
    assert "Start a programme" in shown
    assert "Somebody else" not in shown
    assert "Start a programme" not in sign_in("researcher").get("/programmes/").content.decode()


def test_programme_is_started_once_and_managed_by_who_started_it(
    cast: Cast, sign_in: SignIn
) -> None:
    client, mark = sign_in("trial_manager"), once.token()
    for _ in range(2):
        found = client.post("/programmes/new/", {**NEW, "once": mark})
        assert found["Location"] == "/programmes/well_being/"
    assert Programme.objects.filter(slug="well_being").count() == 1
    shown = client.get("/programmes/well_being/").content.decode()
    assert "Write the call for partners" in shown
    assert "No trials yet" in shown
    assert sign_in("second").get("/programmes/well_being/").status_code == 403


@pytest.mark.parametrize("slug", ["programme", "new", "Not A Code"])
def test_code_that_cannot_be_used_is_explained_at_its_field(
    cast: Cast, sign_in: SignIn, slug: str
) -> None:
    given = {**NEW, "slug": slug, "once": once.token()}
    found = sign_in("trial_manager").post("/programmes/new/", given)
    assert found.status_code == 422
    assert 'href="#id_slug"' in found.content.decode()


def test_words_changed_from_a_stale_page_are_refused(cast: Cast, sign_in: SignIn) -> None:
    was = fingerprint(cast.programme)
    client = sign_in("trial_manager")
    for title, status in (("First", 302), ("Second", 409)):
        given = {"title": title, "summary": "", "was": was, "once": once.token()}
        found = client.post(f"{HOME}edit/", given)
        assert found.status_code == status
    assert "Second" in found.content.decode()
    assert Programme.objects.get(pk=cast.programme.pk).title == "First"


def test_page_says_where_recruitment_stands_and_what_to_do_next(
    cast: Cast, call: Call, in_march: None, sign_in: SignIn
) -> None:
    make_expression(call)
    shown = sign_in("trial_manager").get(HOME).content.decode()
    for words in (
        "1 expression for you to assess",
        "1 expression to be decided",
        "Have the missing agreements signed",
        "It closes in 16 days, on Wednesday 18 March 2026",
        "3 agreements to be signed",
        "Partners at each stage",
        "Letters of recognition",
    ):
        assert words in shown


def test_call_is_looked_at_before_it_is_saved(cast: Cast, in_march: None, sign_in: SignIn) -> None:
    client = sign_in("trial_manager")
    found = client.post(f"{HOME}call/edit/", call_form(verb="preview"))
    shown = found.content.decode()
    assert found.status_code == 200
    assert "Nothing is saved yet" in shown
    assert "thanks that reach people" in shown
    assert not Call.objects.exists()


def test_call_is_saved_then_published_then_taken_down(
    cast: Cast, in_march: None, sign_in: SignIn
) -> None:
    client, public = sign_in("trial_manager"), Client()
    assert client.post(f"{HOME}call/edit/", call_form()).status_code == 302
    assert public.get("/calls/programme/").status_code == 404
    assert "Nobody outside can read it" in client.get(f"{HOME}call/").content.decode()
    for verb, revision, status in (("publish", 1, 200), ("unpublish", 2, 404)):
        given = {"verb": verb, "revision": revision, "once": once.token()}
        assert client.post(f"{HOME}call/publish/", given).status_code == 302
        assert public.get("/calls/programme/").status_code == status


def test_publishing_what_somebody_changed_meanwhile_is_refused(
    cast: Cast, in_march: None, sign_in: SignIn
) -> None:
    make_call(cast.programme, cast["second"], published=False)
    given = {"verb": "publish", "revision": 0, "once": once.token()}
    found = sign_in("trial_manager").post(f"{HOME}call/publish/", given)
    assert found.status_code == 409
    assert Call.objects.get().published_at is None


def test_call_changed_from_a_stale_page_is_refused_with_what_was_typed(
    cast: Cast, in_march: None, sign_in: SignIn
) -> None:
    make_call(cast.programme, cast["second"])
    found = sign_in("trial_manager").post(f"{HOME}call/edit/", call_form(title="My better title"))
    assert found.status_code == 409
    assert "My better title" in found.content.decode()
    assert Call.objects.get().title == "Try something small with us"


@pytest.mark.parametrize(
    ("instead", "words"),
    [
        ({"closes_on_month": "1"}, "It must close on the day it opens, or later"),
        ({"themes": "Time\ntime"}, "Write each theme once"),
        ({"opens_on_day": "31"}, "must be a real date"),
        ({"contact": "nobody"}, "such as name@council.gov.uk"),
    ],
)
def test_call_that_cannot_be_saved_is_explained(
    cast: Cast, in_march: None, sign_in: SignIn, instead: dict[str, object], words: str
) -> None:
    found = sign_in("trial_manager").post(f"{HOME}call/edit/", call_form(**instead))
    assert found.status_code == 422
    assert words in found.content.decode()
    assert not Call.objects.exists()


def test_researcher_reads_the_call_and_changes_nothing(
    cast: Cast, call: Call, in_march: None, sign_in: SignIn
) -> None:
    client = sign_in("researcher")
    shown = client.get(f"{HOME}call/").content.decode()
    assert "Try something small with us" in shown
    assert "Take it down" not in shown
    assert client.get(f"{HOME}call/edit/").status_code == 403
    assert client.get("/programmes/new/").status_code == 403
