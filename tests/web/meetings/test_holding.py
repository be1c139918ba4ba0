"""A meeting is held by those who may, for one team, and is over after some hours."""

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pypdf import PdfReader

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.models import Grant
from lighttouch.web.audit.models import Event
from lighttouch.web.meetings import actions
from lighttouch.web.meetings.codes import digest_of, short_for, token_for
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.surveys.models import Survey, Window
from tests.web.cast import Cast
from tests.web.conftest import SignIn
from tests.web.meetings.cases import HELD, OTHER, TEAM, screen_of
from tests.web.surveys.cases import window_of
from tests.web.together import at_once
from tests.web.ui.markup import read


def test_coordinator_shows_one_code_for_a_team(survey: Survey, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    answer = browser.post(HELD, {"team": f"={TEAM}"})
    meeting = Meeting.objects.get()
    assert answer["Location"] == screen_of(meeting)
    page = browser.get(answer["Location"]).content.decode()
    short = short_for(meeting.reference)
    assert f"{short[:4]} {short[4:]}" in page
    assert "<svg" in page
    assert Event.objects.filter(act="meeting.opened").count() == 1


def test_codes_are_kept_as_hashes_only(meeting: Meeting) -> None:
    kept = {field.attname: getattr(meeting, field.attname) for field in Meeting._meta.fields}
    token, short = token_for(meeting.reference), short_for(meeting.reference)
    assert token not in str(kept)
    assert short not in str(kept)
    assert (kept["digest"], kept["short_digest"]) == (digest_of(token), digest_of(short))


def test_opening_again_gives_the_meeting_that_is_on_and_another_once_it_expired(
    cast: Cast, meeting: Meeting
) -> None:
    window = Window.objects.get(survey=meeting.survey, partner=cast.dudley)
    by, past = cast["coordinator"], meeting.expires_at + timedelta(minutes=1)
    same = actions.open_meeting(window=window, team=TEAM, by=by, now=timezone.now())
    later = actions.open_meeting(window=window, team=TEAM, by=by, now=past)
    assert same == meeting
    assert later != meeting
    meeting.refresh_from_db()
    assert meeting.ended_at == meeting.expires_at


def test_database_refuses_a_second_meeting_of_a_team_at_a_time(meeting: Meeting) -> None:
    meeting.pk, meeting.digest, meeting.short_digest = None, "a" * 64, "b" * 64
    meeting.reference = meeting.reference.__class__(int=1)
    told = r"meeting_one_at_a_time|meetings_meeting"
    with pytest.raises(IntegrityError, match=told), transaction.atomic():
        meeting.save(force_insert=True)


@pytest.mark.parametrize("change", [{"opens_on": 1}, {"closes_on": -1}])
def test_no_meeting_before_or_after_the_survey_is_open(
    cast: Cast, survey: Survey, change: dict[str, int]
) -> None:
    today = timezone.now().date()
    Window.objects.update(
        opens_on=today + timedelta(days=change.get("opens_on", -5)),
        closes_on=today + timedelta(days=change.get("closes_on", 5)),
    )
    with pytest.raises(InputError, match="cannot be answered today"):
        actions.open_meeting(
            window=window_of(survey), team=TEAM, by=cast["coordinator"], now=timezone.now()
        )


def test_no_meeting_of_a_team_nobody_is_in(cast: Cast, survey: Survey) -> None:
    with pytest.raises(InputError, match="nobody of this team"):
        actions.open_meeting(
            window=window_of(survey), team="T999", by=cast["coordinator"], now=timezone.now()
        )


def test_team_manager_holds_the_meetings_of_their_team_and_no_other(
    cast: Cast, survey: Survey, sign_in: SignIn
) -> None:
    Grant.objects.filter(user=cast["team_manager"]).update(team=OTHER)
    browser = sign_in("team_manager")
    page = read(browser.get(HELD).content.decode())
    assert page.one("input", name="team")["value"] == f"={OTHER}"
    assert browser.post(HELD, {"team": f"={TEAM}"}).status_code == 200
    assert not Meeting.objects.exists()
    shown = browser.post(HELD, {"team": f"={OTHER}"})
    assert browser.get(shown["Location"]).status_code == 200
    other = actions.open_meeting(
        window=window_of(survey), team=TEAM, by=cast["coordinator"], now=timezone.now()
    )
    assert browser.get(screen_of(other)).status_code == 404
    assert browser.post(f"{screen_of(other)}end/").status_code == 404


def test_team_managers_first_page_leads_to_their_meeting(
    cast: Cast, survey: Survey, sign_in: SignIn
) -> None:
    Grant.objects.filter(user=cast["team_manager"]).update(team=OTHER)
    home = sign_in("team_manager").get("/").content.decode()
    assert f'href="{HELD}"' in home


def test_sheet_has_the_code_to_scan_and_to_type_on_one_page(
    meeting: Meeting, sign_in: SignIn
) -> None:
    answer = sign_in("coordinator").get(f"{screen_of(meeting)}sheet.pdf")
    pdf = PdfReader(io.BytesIO(answer.content))
    text = pdf.pages[0].extract_text()
    short = short_for(meeting.reference)
    assert len(pdf.pages) == 1
    assert f"{short[:4]} {short[4:]}" in text
    assert "127.0.0.1:8000/m" in text


def test_quiet_minutes_are_counted_by_the_page_itself(meeting: Meeting, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    browser.post(f"{screen_of(meeting)}quiet/")
    begun = read(browser.get(f"{screen_of(meeting)}count/").content.decode())
    assert begun.one("progress")["max"] == "300"
    assert "About 5 minutes left" in begun.text
    Meeting.objects.update(quiet_from=timezone.now() - timedelta(minutes=6))
    over = browser.get(f"{screen_of(meeting)}count/").content.decode()
    assert "The five minutes are over" in over


def test_ended_meeting_says_so_and_stops_asking(meeting: Meeting, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    browser.post(f"{screen_of(meeting)}end/")
    browser.post(f"{screen_of(meeting)}end/")
    assert Event.objects.filter(act="meeting.ended").count() == 1
    assert "This meeting is over" in browser.get(screen_of(meeting)).content.decode()
    assert 'data-stop=""' in browser.get(f"{screen_of(meeting)}count/").content.decode()
    assert browser.get(f"{screen_of(meeting)}sheet.pdf").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_open_at_the_same_moment_show_the_same_code(cast: Cast, survey: Survey) -> None:
    now = timezone.now()

    def open_it() -> Meeting:
        return actions.open_meeting(
            window=window_of(survey), team=TEAM, by=cast["coordinator"], now=now
        )

    one, other = at_once(open_it, open_it)
    assert one == other
