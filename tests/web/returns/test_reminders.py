"""Who is reminded when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.mail import EmailMessage

from lighttouch.web.accounts.models import Role
from lighttouch.web.notices.models import Notice
from lighttouch.web.partners.models import Task
from lighttouch.web.returns import actions, jobs, queries
from lighttouch.web.returns.models import Return
from lighttouch.web.returns.queries import Progress
from lighttouch.web.returns.reminders import remind, step_for
from tests.web.cast import Cast, add_person
from tests.web.returns import cases


def at_nine(day: date) -> datetime:
    """Nine in the morning, by the clock of the server."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def told(cast: Cast, who: str, kind: str = "return.reminder") -> list[str]:
    """Subjects of what somebody was sent."""
    sent = Notice.objects.filter(to=cast[who], kind=kind).order_by("pk")
    return [one.subject.rpartition(" is due ")[2].rpartition(" was due ")[2] for one in sent]


def test_coordinator_is_reminded_before_and_after_the_day(asked: Cast) -> None:
    for days in range(-10, 20):
        for hour in (0, 3):
            remind(at_nine(cases.DUE + timedelta(days=days)) + timedelta(hours=hour))
    assert told(asked, "coordinator") == [
        "in 7 days", "tomorrow", "yesterday", "3 days ago", "7 days ago",
    ]  # fmt: skip


def test_trial_managers_hear_of_a_return_a_week_late(asked: Cast) -> None:
    for days in range(0, 9):
        remind(at_nine(cases.DUE + timedelta(days=days)))
    assert len(told(asked, "trial_manager", "return.late")) == 3  # one for each partner
    assert len(told(asked, "second", "return.late")) == 3
    assert told(asked, "researcher", "return.late") == []


def test_nobody_is_reminded_of_what_is_signed_off(asked: Cast) -> None:
    cases.signed_off(asked)
    remind(at_nine(cases.DUE - timedelta(days=7)))
    assert told(asked, "coordinator") == []
    assert told(asked, "stranger") == ["in 7 days"]


def test_signature_while_reminders_are_sent_is_respected(
    asked: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lighttouch.web.returns import reminders

    found = reminders.due_reminders(at_nine(cases.DUE - timedelta(days=7)))
    cases.signed_off(asked)
    monkeypatch.setattr(reminders, "due_reminders", lambda _now: found)
    remind(at_nine(cases.DUE - timedelta(days=7)))
    assert told(asked, "coordinator") == []


def test_steps_missed_while_no_worker_ran_are_not_made_up_for_all_at_once(asked: Cast) -> None:
    remind(at_nine(cases.DUE + timedelta(days=4)))
    assert told(asked, "coordinator") == ["4 days ago"]


def test_a_return_long_past_its_date_is_left_in_peace(asked: Cast) -> None:
    assert remind(at_nine(cases.DUE + timedelta(days=300))) == 0
    assert step_for(300) is None


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        (datetime(2026, 3, 28, 7, 30, tzinfo=UTC), 0),  # half past seven, winter time
        (datetime(2026, 3, 29, 7, 30, tzinfo=UTC), 3),  # half past eight, the clock went forward
        (datetime(2026, 3, 29, 18, 30, tzinfo=UTC), 0),
    ],
)
def test_reminders_go_by_the_clock_on_the_wall(asked: Cast, moment: datetime, count: int) -> None:
    Return.objects.filter(wave="baseline").update(due_on=date(2026, 4, 4))
    assert remind(moment) == count


def test_hour_that_comes_twice_in_october_reminds_once(asked: Cast) -> None:
    Return.objects.filter(wave="endline").update(due_on=date(2026, 11, 1))
    for hour in range(24):
        remind(datetime(2026, 10, 25, hour, tzinfo=UTC))
    assert told(asked, "coordinator") == ["in 7 days"]


def test_due_day_ends_at_midnight_in_britain(asked: Cast) -> None:
    sent = queries.must_find(asked.trial, asked.dudley, "endline")
    Return.objects.filter(pk=sent.pk).update(due_on=date(2026, 6, 30))
    evening = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)  # a minute to midnight, summer time
    assert queries.standing_of(sent, evening).progress == Progress.WAITING
    assert queries.standing_of(sent, evening + timedelta(minutes=1)).progress == Progress.LATE


def test_reminder_links_to_the_page_and_asks_for_codes(
    asked: Cast, mailoutbox: list[EmailMessage]
) -> None:
    remind(at_nine(cases.DUE - timedelta(days=7)))
    (body,) = (str(m.body) for m in mailoutbox if m.to == ["coordinator@example.org"])
    assert "/trials/letters/partners/dudley/returns/baseline/" in body
    assert "Monday 16 March 2026 (in 7 days)" in body
    assert "&" not in body


def test_every_coordinator_of_the_partner_is_reminded(asked: Cast) -> None:
    add_person(asked, Role.COORDINATOR, "colleague", asked.dudley)
    remind(at_nine(cases.DUE - timedelta(days=7)))
    assert told(asked, "colleague") == ["in 7 days"]


def test_task_is_done_when_the_return_is_signed_off_and_not_when_it_is_opened_again(
    asked: Cast,
) -> None:
    task = Task.objects.get(trial=asked.trial, partner=asked.dudley, key="return:baseline")
    assert (task.due_on, task.done_at) == (cases.DUE, None)
    sent = cases.signed_off(asked)
    task.refresh_from_db()
    assert task.done_by == asked["coordinator"]
    actions.reopen(sent=sent, reason="A team is missing.", by=asked["second"], now=cases.later())
    task.refresh_from_db()
    assert task.done_at is None
    assert told(asked, "coordinator", "return.opened_again") != []


def test_amendment_moves_the_dates_of_what_is_not_signed_off(asked: Cast) -> None:
    from tests.web.protocols.cases import amended

    cases.signed_off(asked)
    amended(asked, asked.trial, cases.letters_text().replace("2026-04-06", "2026-05-04"))
    jobs.ask(cases.later(days=40))
    due = dict(Return.objects.filter(wave="baseline").values_list("partner__code", "due_on"))
    assert due["dudley"] == cases.DUE
    assert due["shropshire"] == date(2026, 4, 13)


def test_what_is_missing_and_late_is_listed(asked: Cast) -> None:
    cases.signed_off(asked)
    missing = queries.missing(asked.trial, "baseline")
    assert [p.code for p in missing] == ["bracknell_forest", "shropshire"]
    late = queries.late(asked.trial, cases.DUE + timedelta(days=1))
    assert [r.partner.code for r in late] == ["bracknell_forest", "shropshire"]
    assert queries.late(asked.trial, cases.DUE) == []


def test_sweep_leaves_recent_checks_alone(asked: Cast) -> None:
    jobs.sweep(cases.later(hours=1))
    jobs.remind(cases.later(hours=1))
    assert Return.objects.count() == 6
