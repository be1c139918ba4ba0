"""The count that a room sees points at nobody, whoever is last and however small the team."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from lighttouch.web.enrolment.models import Withdrawal
from lighttouch.web.meetings import actions
from lighttouch.web.meetings.counting import STEP, Shown, count_shown, lower_bound
from lighttouch.web.meetings.models import Meeting
from lighttouch.web.surveys import actions as surveys
from lighttouch.web.surveys.models import Link
from lighttouch.web.surveys.slip_codes import slip_code
from tests.web.conftest import SignIn
from tests.web.meetings.cases import links_in, screen_of
from tests.web.surveys.cases import COOKIE


@pytest.mark.parametrize("least", [5, 8])
def test_every_sentence_stands_for_as_many_truths_as_the_least_cell(least: int) -> None:
    for people in range(1, 60):
        shown = [lower_bound(count, people, least) for count in range(people + 1)]
        told = {one: shown.count(one) for one in shown}
        assert all(number >= min(least, people + 1) for number in told.values())
        if people < 2 * least - 1:
            assert set(shown) == {None}
        assert all(bound is None or least <= bound <= count for count, bound in enumerate(shown))


def finish(link: Link, now: datetime) -> None:
    surveys.agree(link=link, cookie=f"{COOKIE}{link.pk}", now=now)
    response = surveys.join_device(link=link, cookie=f"{COOKIE}{link.pk}", now=now).response
    surveys.finish(response=response, now=now)


def be_done(how: str, meeting: Meeting, link: Link, now: datetime) -> None:
    if how == "finishes":
        finish(link, now)
    elif how == "declines":
        surveys.decline(link=link, cookie=COOKIE, now=now)
    elif how == "not today":
        actions.say_not_today(meeting=meeting, typed=slip_code(link), now=now)
    elif how == "deletes":
        finish(link, now)
        surveys.erase(link=link, now=now)
    else:
        surveys.withdraw(link=link, how=Withdrawal.STOP_COLLECTION, now=now)


def test_page_is_the_same_whichever_way_somebody_is_done(meeting: Meeting, sign_in: SignIn) -> None:
    links, now = links_in(), timezone.now() - timedelta(minutes=10)
    for link in links[:4]:
        finish(link, now)
    browser = sign_in("coordinator")
    address = f"{screen_of(meeting)}count/"
    before = browser.get(address).content
    pages = set()
    for how in ("finishes", "declines", "not today", "deletes", "withdraws"):
        with transaction.atomic():
            be_done(how, meeting, links[4], now)
            pages.add(browser.get(address).content)
            transaction.set_rollback(True)
    assert len(pages) == 1
    assert pages != {before}
    assert b"at least <strong>5</strong> are done" in pages.pop()


def test_last_people_of_a_team_change_nothing_on_the_page(meeting: Meeting) -> None:
    now = timezone.now()
    then = now - timedelta(minutes=10)
    links, seen = links_in(), []
    for link in links:
        finish(link, then)
        seen.append(count_shown(meeting, now).done)
    assert seen == [None] * 4 + [5] * 7


def test_count_moves_with_the_minute_and_not_with_a_tap(meeting: Meeting) -> None:
    links = links_in()
    tap = meeting.opened_at + 3 * STEP + timedelta(seconds=20)
    for link in links[:5]:
        finish(link, tap)
    seconds = (21, 40, 59, 60, 75)
    shown = [
        count_shown(meeting, meeting.opened_at + 3 * STEP + timedelta(seconds=s)) for s in seconds
    ]
    nothing, five = Shown(None, None, too_small=False), Shown(5, 5, too_small=False)
    assert shown == [nothing, nothing, nothing, five, five]


def test_page_open_counts_who_picked_up_a_link_and_who_began_by_another(meeting: Meeting) -> None:
    links, then = links_in(), timezone.now() - timedelta(minutes=10)
    for link in links[:3]:
        actions.pick_up(meeting=meeting, typed=slip_code(link), now=then)
    for link in links[2:5]:
        surveys.agree(link=link, cookie=COOKIE, now=then)
    assert count_shown(meeting, timezone.now()) == Shown(5, None, too_small=False)


def test_small_team_is_never_counted(meeting: Meeting, sign_in: SignIn) -> None:
    Meeting.objects.update(team="T011")  # eight people
    then = timezone.now() - timedelta(minutes=10)
    for link in links_in("T011"):
        finish(link, then)
    page = sign_in("coordinator").get(f"{screen_of(meeting)}count/").content.decode()
    assert "In a team this small no number is shown" in page
    assert "At least" not in page
