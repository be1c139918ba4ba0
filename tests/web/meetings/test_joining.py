"""In a meeting everybody gets to their own page, and nobody to a colleague's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lighttouch.web.audit.models import Event
from lighttouch.web.meetings import actions
from lighttouch.web.meetings.codes import short_for
from lighttouch.web.meetings.models import Meeting, Presence
from lighttouch.web.meetings.queries import path_of
from lighttouch.web.meetings.views import joining
from lighttouch.web.surveys.actions import renew_link
from lighttouch.web.surveys.models import Link, Response
from lighttouch.web.surveys.queries import address_of
from lighttouch.web.surveys.slip_codes import LETTERS, slip_code
from tests.web.cast import Cast
from tests.web.meetings.cases import OTHER, links_in
from tests.web.ui.markup import read


def type_letters(meeting: Meeting, letters: str, **more: str) -> tuple[int, str]:
    """What comes of typing letters: the status, and where it leads or what it says."""
    answer = Client().post(path_of(meeting), {"letters": letters, **more})
    if answer.status_code == 302:
        return 302, answer["Location"]
    main = read(answer.content.decode()).one("main")
    return answer.status_code, main.text


def test_letters_of_a_slip_lead_to_its_owner_and_to_nobody_else(meeting: Meeting) -> None:
    links = links_in()
    led = [type_letters(meeting, slip_code(link).lower()) for link in links]
    assert led == [(302, address_of(link)) for link in links]
    assert len({where for _, where in led}) == 11


def test_letters_may_be_typed_with_gaps_and_in_small(meeting: Meeting) -> None:
    letters = slip_code(links_in()[0]).lower()
    assert type_letters(meeting, f" {letters[:5]}-{letters[5:]} ")[0] == 302


def test_staff_code_alone_leads_nowhere(meeting: Meeting) -> None:
    status, said = type_letters(meeting, links_in()[0].participant.staff_id)
    assert status == 200
    assert joining.WRONG_LETTERS in said


def test_wrong_letters_another_teams_and_a_renewed_slips_are_told_the_same(
    cast: Cast, meeting: Meeting
) -> None:
    lost = links_in()[0]
    renew_link(link=lost, by=cast["trial_manager"], now=timezone.now())
    wrong = ("BCDFGHJKLM", slip_code(links_in(OTHER)[0]), slip_code(lost))
    said = {type_letters(meeting, letters) for letters in wrong}
    assert len(said) == 1
    assert joining.WRONG_LETTERS in said.pop()[1]
    assert type_letters(meeting, slip_code(links_in()[0]))[0] == 302


def test_slip_letters_differ_for_everybody_and_use_plain_letters_only(meeting: Meeting) -> None:
    codes = [slip_code(link) for link in Link.objects.all()]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {10}
    assert set("".join(codes)) == set(LETTERS)


def test_opening_the_code_changes_nothing(meeting: Meeting) -> None:
    answer = Client().get(path_of(meeting))
    assert answer.status_code == 200
    assert not Presence.objects.exists()
    assert "no-store" in answer["Cache-Control"]


def test_typed_code_leads_to_the_meeting_and_a_wrong_one_nowhere(meeting: Meeting) -> None:
    right = Client().post("/m/", {"code": short_for(meeting.reference).lower()})
    wrong = Client().post("/m/", {"code": "BCDFGHJK"})
    assert right["Location"] == path_of(meeting)
    assert joining.WRONG_CODE in wrong.content.decode()


def test_code_leads_nowhere_once_the_meeting_has_ended_or_expired(
    cast: Cast, meeting: Meeting
) -> None:
    letters = slip_code(links_in()[0])
    Meeting.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expired = type_letters(meeting, letters)
    Meeting.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    assert type_letters(meeting, letters)[0] == 302
    actions.end_meeting(meeting=meeting, by=cast["coordinator"], now=timezone.now())
    ended = type_letters(meeting, letters)
    assert (expired[0], ended[0]) == (404, 404)
    assert Client().post("/m/", {"code": short_for(meeting.reference)}).status_code == 200


def test_tries_are_limited_right_or_wrong(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "PER_MEETING", 3)
    tries = [type_letters(meeting, "BCDFGHJKLM")[0] for _ in range(4)]
    assert tries == [200, 200, 200, 429]
    assert type_letters(meeting, slip_code(links_in()[0]))[0] == 429


def test_meetings_cannot_be_looked_for_without_limit(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "PER_NETWORK", 2)
    tries = [Client().post("/m/", {"code": "BCDFGHJK"}).status_code for _ in range(3)]
    assert tries == [200, 200, 429]


def test_not_today_is_no_refusal_and_leaves_no_name(meeting: Meeting) -> None:
    link = links_in()[0]
    status, where = type_letters(meeting, slip_code(link), not_today="yes")
    assert (status, where) == (302, f"{path_of(meeting)}not-today/")
    assert not Response.objects.exists()
    there = Presence.objects.get()
    assert there.not_today_at is not None
    assert link.participant.staff_id not in there.mark
    assert type_letters(meeting, slip_code(link))[0] == 302


def test_who_was_there_is_forgotten_when_a_meeting_ends_or_expires(
    cast: Cast, meeting: Meeting
) -> None:
    type_letters(meeting, slip_code(links_in()[0]))
    Meeting.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert actions.forget_expired(now=timezone.now()) == 1
    assert not Presence.objects.exists()
    meeting.refresh_from_db()
    assert meeting.ended_at == meeting.expires_at


def test_log_says_that_a_team_met_and_never_who_or_by_what_letters(
    cast: Cast, meeting: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    link = links_in()[0]
    type_letters(meeting, slip_code(link))
    type_letters(meeting, slip_code(link), not_today="yes")
    told = [event.details for event in Event.objects.filter(act__startswith="meeting.")]
    assert told == [{"wave": "baseline", "team": "T016"}]
    logged = " ".join(str(vars(one)) for one in caplog.records if one.name != "django.db.backends")
    assert slip_code(link) not in logged
    assert link.participant.staff_id not in logged
