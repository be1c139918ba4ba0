"""One page per trial says where it stands, what is late and what to do next."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lighttouch.web.overview import queries
from lighttouch.web.programmes.models import Participation, Partner, Trial
from lighttouch.web.returns.models import Return
from lighttouch.web.surveys.models import Window
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.studies import world
from tests.web.surveys.cases import OPENED_AT, open_baseline


@pytest.fixture
def cast(db: None) -> Cast:
    """The letters trial, its roster frozen."""
    return world("enrolled")


@pytest.mark.parametrize("page", ["", "about/", "about/privacy/", "about/accessibility/"])
@pytest.mark.django_db
def test_public_pages_open_to_everybody(page: str) -> None:
    assert Client().get(f"/{page}").status_code == 200


def test_next_action_of_a_frozen_trial_is_the_draw(cast: Cast) -> None:
    found = queries.trial_overview(cast.trial, cast["trial_manager"], NOW)
    assert found.next is not None
    assert found.next.words == "Allocation: ready to be drawn"
    assert found.next.href == "/trials/letters/allocation/"


def test_late_returns_are_listed_longest_overdue_first(cast: Cast) -> None:
    last = Return.objects.order_by("-due_on").first()
    assert last is not None
    after = NOW.replace(year=last.due_on.year + 1)
    found = queries.trial_overview(cast.trial, cast["trial_manager"], after)
    assert len(found.late) == Return.objects.filter(accepted=None).count()
    dues = [one.note.split("was due ")[1] for one in found.late if "return" in one.words]
    assert dues == sorted(dues, key=lambda words: -int(words.split()[0]))


def test_trial_page_says_how_many_answered_and_when_the_survey_closes(cast: Cast) -> None:
    before = queries.trial_overview(cast.trial, cast["trial_manager"], NOW)
    assert "Survey: baseline" in [step.title for step in before.steps]
    open_baseline(cast)
    found = queries.trial_overview(cast.trial, cast["trial_manager"], OPENED_AT)
    line = next(step for step in found.steps if step.title == "Survey answers: baseline")
    assert line.words == f"0 of {cast.trial.roster.randomisable} answered, closes 30 March"
    assert line.href == "/trials/letters/surveys/"


def test_partner_page_names_its_survey_and_no_number(cast: Cast) -> None:
    survey = open_baseline(cast)
    lines = queries.partner_overview(cast.trial, cast.dudley, OPENED_AT).surveys
    assert [(one.title, one.words) for one in lines] == [
        (survey.title, "Open until Monday 30 March 2026")
    ]


def test_people_enrolled_are_those_of_the_roster(cast: Cast) -> None:
    told = queries.trial_overview(cast.trial, cast["trial_manager"], NOW)
    found = {words: number for number, words in told.figures}
    assert found["people enrolled"] == f"{cast.trial.roster.randomisable:,}"


def count_queries(cast: Cast) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        queries.trial_overview(cast.trial, cast["trial_manager"], NOW)
    return len(caught)


def test_number_of_queries_does_not_grow_with_partners(cast: Cast) -> None:
    survey = open_baseline(cast)
    queries.trial_overview(cast.trial, cast["trial_manager"], NOW)
    few = count_queries(cast)
    for number in range(30):
        partner = Partner.objects.create(
            programme=cast.programme, code=f"extra_{number}", name=f"Extra {number}"
        )
        Participation.objects.create(trial=cast.trial, partner=partner)
        Return.objects.create(
            trial=cast.trial,
            partner=partner,
            wave="baseline",
            opens_on=NOW.date(),
            due_on=NOW.date() + timedelta(days=9),
        )
        Window.objects.create(
            survey=survey, partner=partner, opens_on=NOW.date(), closes_on=NOW.date()
        )
    assert count_queries(cast) == few


def test_home_shows_each_role_where_its_work_is(cast: Cast, sign_in: SignIn) -> None:
    assert "/trials/letters/" in sign_in("trial_manager").get("/").content.decode()
    own = sign_in("coordinator").get("/").content.decode()
    assert "/trials/letters/partners/dudley/" in own
    assert "shropshire" not in own
    draw = sign_in("randomiser").get("/").content.decode()
    assert "/trials/letters/allocation/" in draw
    assert 'href="/trials/letters/"' not in draw


def test_somebody_without_a_role_is_told_what_to_do(cast: Cast, sign_in: SignIn) -> None:
    cast["team_manager"].grants.update(ended_at=NOW)
    assert "Nothing here yet" in sign_in("team_manager").get("/").content.decode()


def test_partner_page_names_its_next_step(cast: Cast, sign_in: SignIn) -> None:
    body = sign_in("coordinator").get("/trials/letters/partners/dudley/").content.decode()
    assert "Next" in body
    assert "it never comes here" in body


@pytest.mark.django_db
def test_draft_trial_says_that_returns_come_after_registration(sign_in: SignIn, cast: Cast) -> None:
    Trial.objects.create(programme=cast.programme, slug="draft", title="Draft", created_at=NOW)
    body = sign_in("trial_manager").get("/trials/draft/").content.decode()
    assert "Returns are asked for once the protocol is registered" in body
