"""What was agreed, whom we may write to, and how tasks follow."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lighttouch.web.audit.actors import SYSTEM
from lighttouch.web.audit.models import Event
from lighttouch.web.partners import actions, queries
from lighttouch.web.partners.errors import MovedOnError, RefusedError
from lighttouch.web.partners.jobs import seed
from lighttouch.web.partners.models import Agreement, ContactRoute, Officer, Signing, Task
from lighttouch.web.programmes.models import Partner
from tests.web.cast import NOW, Cast
from tests.web.partners.making import TODAY

LAUNCH = date(2026, 6, 1)
SIGNED = actions.Terms(
    state=Signing.SIGNED,
    reference="DSA 14",
    sent_on=TODAY - timedelta(days=9),
    signed_on=TODAY,
    launch_on=LAUNCH,
    contact_route=ContactRoute.VAULT,
)


def save(cast: Cast, terms: actions.Terms = SIGNED, revision: int = 0) -> Agreement:
    return actions.save_agreement(
        trial=cast.trial,
        partner=cast.dudley,
        terms=terms,
        revision=revision,
        by=cast["trial_manager"],
        now=NOW,
    )


def task(cast: Cast, key: str) -> Task:
    return Task.objects.get(trial=cast.trial, partner=cast.dudley, key=key)


@pytest.fixture
def here(cast: Cast) -> dict[str, Any]:
    actions.seed_tasks(trial=cast.trial, partner=cast.dudley, by=SYSTEM, now=NOW)
    return {"trial": cast.trial, "partner": cast.dudley, "by": cast["coordinator"], "now": NOW}


def test_contact_details_stay_with_the_partner_until_something_else_is_agreed(cast: Cast) -> None:
    assert queries.contact_route(cast.trial, cast.dudley) == ContactRoute.HELD
    save(cast)
    assert queries.contact_route(cast.trial, cast.dudley) == ContactRoute.VAULT
    assert queries.contact_route(cast.trial, cast.shropshire) == ContactRoute.HELD


def test_launch_dates_agreed_are_known_by_partner(cast: Cast) -> None:
    save(cast)
    assert queries.agreed_launches(cast.trial) == {"dudley": LAUNCH}


def test_second_of_two_editors_is_told(cast: Cast) -> None:
    save(cast)
    with pytest.raises(MovedOnError):
        save(cast, replace(SIGNED, launch_on=date(2026, 7, 1)))
    assert Agreement.objects.get().launch_on == LAUNCH


@pytest.mark.parametrize(
    "terms",
    [
        actions.Terms(Signing.SENT, reference="DSA 14"),
        actions.Terms(Signing.SENT, sent_on=TODAY),
        actions.Terms(Signing.SIGNED, reference="DSA 14"),
        replace(SIGNED, signed_on=TODAY - timedelta(days=30)),
        replace(SIGNED, reference="Sarah Jones"),
    ],
)
def test_agreement_out_of_order_is_refused(cast: Cast, terms: actions.Terms) -> None:
    with pytest.raises(Exception, match="|".join(("no ", "before", "name"))):
        save(cast, terms)
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"signed_on": None},
        {"reference": ""},
        {"state": "draft"},
        {"sent_on": TODAY + timedelta(days=1)},
        {"contact_route": "post"},
    ],
)
def test_database_refuses_an_agreement_that_contradicts_itself(
    cast: Cast, change: dict[str, Any]
) -> None:
    save(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.update(**change)


def test_partner_not_in_the_trial_has_no_agreement(cast: Cast) -> None:
    kent = Partner.objects.create(programme=cast.programme, code="kent", name="Kent")
    with pytest.raises(RefusedError, match="take part"):
        actions.save_agreement(
            trial=cast.trial, partner=kent, terms=SIGNED, revision=0, by=cast["second"], now=NOW
        )


def test_what_is_agreed_is_done_on_the_task_list(cast: Cast, here: dict[str, Any]) -> None:
    save(cast)
    for key in ("agreement", "launch", "route"):
        assert task(cast, key).done_by == cast["trial_manager"]
    save(cast, actions.Terms(Signing.DRAFT), revision=1)
    assert [task(cast, key).done_at for key in ("agreement", "launch", "route")] == [None] * 3


def test_tasks_are_due_so_many_days_from_the_launch(cast: Cast, here: dict[str, Any]) -> None:
    assert task(cast, "return:baseline").due_on is None
    save(cast)
    assert task(cast, "return:baseline").due_on == LAUNCH - timedelta(days=14)
    save(cast, replace(SIGNED, launch_on=LAUNCH + timedelta(days=7)), revision=1)
    assert task(cast, "return:baseline").due_on == LAUNCH - timedelta(days=7)


def test_task_moved_by_hand_or_done_does_not_follow_the_launch(
    cast: Cast, here: dict[str, Any]
) -> None:
    save(cast)
    moved = actions.move_task(
        task=task(cast, "ready"),
        due_on=TODAY,
        reason="Inspection.",
        revision=task(cast, "ready").revision,
        by=cast["trial_manager"],
        now=NOW,
    )
    actions.complete_task(key="tell_managers", **here)
    before = task(cast, "tell_managers").due_on
    save(cast, replace(SIGNED, launch_on=LAUNCH + timedelta(days=7)), revision=1)
    assert task(cast, "ready").due_on == moved.due_on == TODAY
    assert task(cast, "tell_managers").due_on == before


def test_task_is_added_once_for_each_key(cast: Cast, here: dict[str, Any]) -> None:
    one = actions.add_task(key="return:interim", title="Send it", due_on=TODAY, **here)
    again = actions.add_task(key="return:interim", title="Send it", due_on=TODAY, **here)
    assert (one.pk, one.revision) == (again.pk, again.revision)
    assert Event.objects.filter(act="task.added").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(
            trial=cast.trial, partner=cast.dudley, key="return:interim", title="Again"
        )


def test_later_stage_brings_a_seeded_task_up_to_date(cast: Cast, here: dict[str, Any]) -> None:
    actions.add_task(
        key="return:baseline", title="Send the return", due_on=TODAY, href="/there/", **here
    )
    found = task(cast, "return:baseline")
    assert (found.title, found.due_on, found.href) == ("Send the return", TODAY, "/there/")


def test_task_done_stays_with_who_did_it_first(cast: Cast, here: dict[str, Any]) -> None:
    actions.complete_task(key="ready", **here)
    actions.complete_task(key="ready", **{**here, "by": cast["second"]})
    actions.add_task(key="ready", title="Other words", **here)
    done = task(cast, "ready")
    assert (done.done_by, done.title) == (
        cast["coordinator"],
        "Confirm that everything is ready",
    )
    assert Event.objects.filter(act="task.done").count() == 1


def test_completing_what_is_not_there_is_nothing(here: dict[str, Any]) -> None:
    assert actions.complete_task(key="unknown", **here) is None


def test_what_the_system_does_has_no_person(cast: Cast, here: dict[str, Any]) -> None:
    actions.complete_task(key="ready", **{**here, "by": SYSTEM})
    assert task(cast, "ready").done_by is None
    assert task(cast, "ready").done_at == NOW


def test_stale_or_unreasoned_move_is_refused(cast: Cast, here: dict[str, Any]) -> None:
    move: dict[str, Any] = {"due_on": TODAY, "by": cast["second"], "now": NOW}
    ready = task(cast, "ready")
    with pytest.raises(RefusedError, match="no reason"):
        actions.move_task(task=ready, reason="", revision=ready.revision, **move)
    actions.move_task(task=ready, reason="Holiday.", revision=ready.revision, **move)
    with pytest.raises(MovedOnError):
        actions.move_task(task=ready, reason="Holiday.", revision=ready.revision, **move)


def test_task_is_late_from_the_day_after_until_it_is_done(cast: Cast, here: dict[str, Any]) -> None:
    one = actions.add_task(key="x", title="X", due_on=TODAY, **here)
    assert not one.is_late(TODAY)
    assert one.is_late(TODAY + timedelta(days=1))
    assert queries.late_tasks(cast.trial, TODAY + timedelta(days=1)) == [one]
    actions.complete_task(key="x", **here)
    assert queries.late_tasks(cast.trial, TODAY + timedelta(days=1)) == []


def test_partners_of_a_protocol_get_their_tasks_too(cast: Cast) -> None:
    seed(NOW)
    seed(NOW)
    for partner in (cast.dudley, cast.shropshire):
        assert len(queries.tasks(partner, cast.trial)) == 7
    assert Event.objects.filter(act="tasks.seeded").count() == 3


def test_task_that_comes_after_what_settles_it_is_done(cast: Cast) -> None:
    save(cast)
    seed(NOW)
    done = {one.key for one in queries.tasks(cast.dudley, cast.trial) if one.done_at == NOW}
    assert done == {"agreement", "launch", "route"}
    assert not [one for one in queries.tasks(cast.shropshire, cast.trial) if one.done_at]


def test_officer_is_named_once_and_taken_off(cast: Cast, here: dict[str, Any]) -> None:
    person: dict[str, Any] = {
        "name": "Perpetua Quill",
        "role": "Analyst",
        "email": "P.Quill@dudley.example",
    }
    one = actions.add_officer(**person, **here)
    assert actions.add_officer(**{**person, "email": "p.quill@dudley.example"}, **here) == one
    assert task(cast, "officers").done_at == NOW
    with pytest.raises(IntegrityError), transaction.atomic():
        Officer.objects.create(
            trial=cast.trial, partner=cast.dudley, name="x", role="y", email=one.email
        )
    actions.remove_officer(officer=one, by=cast["coordinator"], now=NOW)
    assert task(cast, "officers").done_at is None
    assert queries.officers(cast.dudley, cast.trial) == []


def test_no_event_names_an_officer(here: dict[str, Any]) -> None:
    actions.add_officer(
        name="Perpetua Quill", role="Analyst", email="p.quill@dudley.example", **here
    )
    told = " ".join(str(event.details) for event in Event.objects.all()).lower()
    assert "quill" not in told
    assert "@" not in told
