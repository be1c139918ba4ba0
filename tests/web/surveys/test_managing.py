"""The research team runs surveys; a partner sees of them only what singles out nobody."""

import csv
import io
from datetime import timedelta

import pytest
import segno
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from lighttouch.core.errors import AllocationError, InputError
from lighttouch.web.audit import once
from lighttouch.web.audit.models import Event
from lighttouch.web.enrolment.actions import freeze
from lighttouch.web.enrolment.models import Happening, Withdrawal
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Partner, Stage, Trial
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys import actions, handing, slips, standing
from lighttouch.web.surveys.models import Consent, Link, Response, Survey, Window
from lighttouch.web.surveys.queries import address_of
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.enrolment.cases import LATER, LOSE_BRACKNELL, amend
from tests.web.surveys.cases import COOKIE, OPENED_AT, link_of, window_of

HOME = "/trials/letters/surveys/"
DUDLEY = "/trials/letters/partners/dudley/surveys/baseline/"
REASON = "Two teams were away for a week."


@pytest.fixture
def running(survey: Survey) -> Survey:
    """The survey, open today everywhere."""
    today = today_of(timezone.now())
    Window.objects.update(opens_on=today - timedelta(days=5), closes_on=today + timedelta(days=5))
    return survey


def post(client: Client, address: str, **fields: object) -> HttpResponse:
    return client.post(address, {"once": once.token(), **fields})  # type: ignore[return-value]


def finish(survey: Survey, links: list[Link]) -> None:
    for link in links:
        Response.objects.create(
            survey=survey,
            participant=link.participant,
            consent=Consent.AGREED,
            consent_version=survey.consent_version,
            consented_at=OPENED_AT,
            touched_at=OPENED_AT,
            finished_at=OPENED_AT,
        )


def links_at(survey: Survey, partner: str = "dudley") -> list[Link]:
    found = Link.objects.filter(survey=survey, participant__partner__code=partner)
    return list(found.select_related("participant").order_by("participant__staff_id"))


def take(cast: Cast, survey: Survey) -> list[handing.Handed]:
    return handing.take_links(
        window=window_of(survey), form=handing.Taken.SLIPS, by=cast["coordinator"], now=OPENED_AT
    )


def test_trial_manager_opens_a_survey_after_seeing_what_it_freezes(
    cast: Cast, sign_in: SignIn
) -> None:
    browser = sign_in("trial_manager")
    body = browser.get(f"{HOME}baseline/open/").content.decode()
    assert "Taking all things together, how happy" in body
    assert f"{cast.trial.roster.randomisable:,} people" in body
    refused = post(browser, f"{HOME}baseline/open/")
    assert "Tick the box" in refused.content.decode()
    assert not Survey.objects.exists()
    opened = post(browser, f"{HOME}baseline/open/", sure="on")
    assert opened.status_code == 302
    assert Survey.objects.get().opened_by == cast["trial_manager"]
    assert browser.get(f"{HOME}baseline/open/").status_code == 302


def test_a_wave_without_a_survey_has_no_page(sign_in: SignIn) -> None:
    assert sign_in("trial_manager").get(f"{HOME}nothing/open/").status_code == 404


def test_no_survey_is_offered_before_the_roster(cast: Cast, sign_in: SignIn) -> None:
    Trial.objects.update(stage=Stage.REGISTERED)
    browser = sign_in("trial_manager")
    assert "Check and open" not in browser.get(HOME).content.decode()
    assert "cannot be opened now" in browser.get(f"{HOME}baseline/open/").content.decode()
    assert (
        "Freeze the roster first"
        in post(browser, f"{HOME}baseline/open/", sure="on").content.decode()
    )
    assert not Survey.objects.exists()


def test_research_team_sees_exact_numbers(running: Survey, sign_in: SignIn) -> None:
    finish(running, links_at(running)[:3])
    actions.decline(link=links_at(running)[3], cookie=COOKIE, now=timezone.now())
    body = sign_in("researcher").get(HOME).content.decode()
    assert "<strong>3</strong>finished" in body
    assert "<strong>1</strong>declined" in body
    assert "Extend" not in body


def test_queries_of_the_page_do_not_grow_with_partners(running: Survey, cast: Cast) -> None:
    with CaptureQueriesContext(connection) as few:
        standing.standings(cast.trial, NOW)
    for number in range(20):
        code = f"extra_{number}"
        extra = Partner.objects.create(programme=cast.programme, code=code, name=code)
        Window.objects.create(
            survey=running, partner=extra, opens_on=NOW.date(), closes_on=NOW.date()
        )
    with CaptureQueriesContext(connection) as many:
        standing.standings(cast.trial, NOW)
    assert len(many) == len(few)


def test_extending_needs_a_reason_and_a_later_day(running: Survey, sign_in: SignIn) -> None:
    browser, window = sign_in("trial_manager"), window_of(running)
    later = window.closes_on + timedelta(days=7)
    fields = {
        "closes_on_day": later.day,
        "closes_on_month": later.month,
        "closes_on_year": later.year,
        "revision": window.revision,
    }
    assert "Say why" in post(browser, f"{DUDLEY}extend/", **fields).content.decode()
    early = fields | {"closes_on_year": later.year - 1, "because": REASON}
    assert "not later" in post(browser, f"{DUDLEY}extend/", **early).content.decode()
    assert post(browser, f"{DUDLEY}extend/", **fields, because=REASON).status_code == 302
    window.refresh_from_db()
    assert (window.closes_on, window.extended_because) == (later, REASON)
    assert Event.objects.get(act="survey.extended").details["because"] == REASON


def test_stale_extension_is_refused_and_keeps_what_was_typed(
    running: Survey, sign_in: SignIn
) -> None:
    window = window_of(running)
    later = window.closes_on + timedelta(days=7)
    Window.objects.filter(pk=window.pk).update(revision=window.revision + 1)
    answer = post(
        sign_in("trial_manager"),
        f"{DUDLEY}extend/",
        closes_on_day=later.day,
        closes_on_month=later.month,
        closes_on_year=later.year,
        revision=window.revision,
        because=REASON,
    )
    assert answer.status_code == 409
    assert REASON in answer.content.decode()
    assert window_of(running).closes_on == window.closes_on


def test_closing_early_is_logged_with_its_reason(running: Survey, sign_in: SignIn) -> None:
    browser = sign_in("trial_manager")
    assert "Say why" in post(browser, f"{DUDLEY}close/").content.decode()
    assert post(browser, f"{DUDLEY}close/", because=REASON).status_code == 302
    assert window_of(running).closed_at is not None
    assert Event.objects.get(act="survey.closed").details["because"] == REASON
    assert "Closed early" in browser.get(HOME).content.decode()


def test_reason_that_names_somebody_is_refused(running: Survey, sign_in: SignIn) -> None:
    answer = post(sign_in("trial_manager"), f"{DUDLEY}close/", because="Ask jo@example.org")
    assert "looks like it holds" in answer.content.decode()
    assert window_of(running).closed_at is None


@pytest.mark.parametrize(
    ("done", "asked", "said"),
    [
        (0, 100, "Fewer than 5 of 100"),
        (4, 100, "Fewer than 5 of 100"),
        (7, 100, "About 5 of 100"),
        (96, 100, "Nearly all of 100"),
        (100, 100, "Nearly all of 100"),
        (9, 9, "Not shown: only 9 were asked"),
    ],
)
def test_a_partner_is_told_no_number_that_singles_anybody_out(
    done: int, asked: int, said: str
) -> None:
    assert standing.say_count(done, asked, 5) == said


def test_partner_page_hides_small_teams_and_counts_nobody_exactly(
    running: Survey, sign_in: SignIn
) -> None:
    finish(running, links_at(running)[:3])
    body = sign_in("coordinator").get(DUDLEY).content.decode()
    assert "Fewer than 5 of" in body
    assert "No team is shown yet" in body
    assert "declined" not in body.lower()


def test_slips_hold_each_address_once_and_its_code(cast: Cast, running: Survey) -> None:
    Window.objects.update(opens_on=OPENED_AT.date(), closes_on=OPENED_AT.date())
    handed = take(cast, running)[:20]
    content = slips.render_slips(running, handed)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    text = "\n".join(pages)
    for one in handed:
        assert text.count(one.address) == 1
        assert one.code in text
    assert len(pages) == 3  # eight to a page
    assert b"/StructTreeRoot" in content  # tagged


def test_code_on_a_slip_encodes_its_address(cast: Cast, running: Survey) -> None:
    address = "https://surveys.example.org/s/abcdefghijklmnopqrstuv/"
    again = io.BytesIO()
    segno.make_qr(address, error="m").save(again, kind="svg", border=2, xmldecl=False)
    assert slips.draw_code(address) == again.getvalue().decode()
    assert segno.make_qr(address, error="m").error == "M"


def test_slips_come_in_order_of_team(cast: Cast, survey: Survey) -> None:
    teams = [one.team for one in take(cast, survey)]
    assert teams == sorted(teams)
    assert len(set(teams)) > 1


def test_whoever_answered_or_declined_still_has_a_slip(cast: Cast, survey: Survey) -> None:
    before = take(cast, survey)
    finish(survey, links_at(survey)[:1])
    actions.decline(link=links_at(survey)[1], cookie=COOKIE, now=OPENED_AT)
    assert take(cast, survey) == before


def test_whoever_withdrew_has_none(cast: Cast, survey: Survey) -> None:
    link = link_of(survey)
    actions.withdraw(link=link, how=Withdrawal.STOP_CONTACT, now=OPENED_AT)
    assert link.participant.staff_id not in {one.code for one in take(cast, survey)}


def test_links_cannot_be_taken_once_the_survey_is_closed(cast: Cast, survey: Survey) -> None:
    with pytest.raises(InputError, match="closed"):
        handing.take_links(
            window=window_of(survey),
            form=handing.Taken.TABLE,
            by=cast["coordinator"],
            now=OPENED_AT + timedelta(days=60),
        )
    assert not Event.objects.filter(act="survey.links_taken").exists()


def test_table_of_links_runs_no_formula() -> None:
    text = handing.links_table([handing.Handed("=1+1", "@T", "https://example.org/s/a/")]).decode()
    assert text.splitlines()[1] == "'=1+1,'@T,https://example.org/s/a/"


def test_table_of_links_holds_everybody_asked_and_its_download_is_logged(
    running: Survey, sign_in: SignIn
) -> None:
    answer = sign_in("coordinator").post(f"{DUDLEY}links/")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Staff ID", "Team ID", "Private link"]
    assert len(rows) == 1 + len(links_at(running))
    assert all(row[2].startswith("http") for row in rows[1:])
    assert answer["Cache-Control"] == "no-store"
    event = Event.objects.get(act="survey.links_taken")
    assert event.details == {"wave": "baseline", "form": "table", "people": len(rows) - 1}


def test_partner_whose_list_is_in_the_vault_takes_slips_and_no_table(
    running: Survey, cast: Cast, sign_in: SignIn
) -> None:
    Agreement.objects.update_or_create(
        trial=cast.trial, partner=cast.dudley, defaults={"contact_route": ContactRoute.VAULT}
    )
    browser = sign_in("coordinator")
    assert browser.post(f"{DUDLEY}links/").status_code == 404
    assert browser.post(f"{DUDLEY}slips/")["Content-Type"] == "application/pdf"


def test_nobody_takes_links_by_merely_opening_an_address(running: Survey, sign_in: SignIn) -> None:
    assert sign_in("coordinator").get(f"{DUDLEY}links/").status_code == 405
    assert sign_in("coordinator").get(f"{DUDLEY}slips/").status_code == 405
    assert sign_in("trial_manager").post(f"{DUDLEY}links/").status_code == 403
    assert not Happening.objects.exists()


def test_a_roster_is_not_frozen_again_once_its_people_are_asked(cast: Cast, survey: Survey) -> None:
    amend(cast, LOSE_BRACKNELL)
    with pytest.raises(AllocationError, match="asked or sent something"):
        freeze(trial=cast.trial, by=cast["trial_manager"], now=LATER, again_because=REASON)
    assert Link.objects.filter(survey=survey).count() == cast.trial.roster.randomisable


ONE = f"{DUDLEY}one/"


def test_links_come_as_a_workbook_of_plain_text_too(
    cast: Cast, running: Survey, sign_in: SignIn
) -> None:
    answer = sign_in("coordinator").post(f"{DUDLEY}links/", {"as": "workbook"})
    book = load_workbook(io.BytesIO(answer.content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0] == handing.HEADINGS
    assert {row[0] for row in rows[1:]} == {one.participant.staff_id for one in links_at(running)}
    odd = handing.links_workbook([handing.Handed("=1+1", "@T", "https://example.org/s/a/")])
    cell = load_workbook(io.BytesIO(odd)).active["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_coordinator_prints_one_slip_again_and_the_link_stays(
    running: Survey, sign_in: SignIn
) -> None:
    link = link_of(running)
    code = link.participant.staff_id.lower()
    answer = sign_in("coordinator").post(ONE, {"code": f" {code} ", "slip": "yes"})
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert link.participant.staff_id in text
    assert text.count("In a team meeting, type:") == 1
    link.refresh_from_db()
    assert link.ended_at is None
    assert Event.objects.get(act="survey.links_taken").details["people"] == 1


@pytest.mark.parametrize("who", ["trial_manager", "coordinator"])
def test_link_that_went_astray_is_renewed_by_staff_code_once(
    running: Survey, sign_in: SignIn, who: str
) -> None:
    old = link_of(running)
    browser, mark = sign_in(who), once.token()
    fields = {"code": old.participant.staff_id, "renew": "yes", "once": mark}
    for _ in range(2):
        assert browser.post(ONE, fields)["Location"] == ONE
    assert Client().get(address_of(old)).status_code == 404
    assert Client().get(address_of(link_of(running))).status_code == 200
    assert Event.objects.filter(act="survey.link_renewed").count() == 1


def test_research_team_never_gets_a_slip_and_unknown_codes_are_refused(
    running: Survey, sign_in: SignIn
) -> None:
    code = link_of(running).participant.staff_id
    manager = sign_in("trial_manager")
    assert manager.post(ONE, {"code": code, "slip": "yes"}).status_code == 403
    elsewhere = link_of(running, "shropshire").participant.staff_id
    refused = post(manager, ONE, code=f"{elsewhere}-not-here", renew="yes")
    assert "Nobody with this staff code is asked here" in refused.content.decode()
    assert not Event.objects.filter(act="survey.link_renewed").exists()
