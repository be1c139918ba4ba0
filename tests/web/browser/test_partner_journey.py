"""A council from the call to its first task, in a browser: visitor, reviewers, coordinator."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lighttouch.web.partners import actions
from lighttouch.web.partners.models import Call, Expression, Match, Signing
from lighttouch.web.partners.views import apply
from lighttouch.web.programmes.models import Trial
from tests.web.browser.conftest import Look, Visit
from tests.web.cast import NOW, Cast
from tests.web.partners.making import CALL, make_expression

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "/calls/programme/"
PROGRAMME = "/programmes/programme/"


@pytest.fixture
def call(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Call:
    """A call that is open today, and visitors who may be quick."""
    monkeypatch.setattr(apply, "LEAST", timedelta(0))
    today, by = timezone.localdate(), cast["trial_manager"]
    text = replace(CALL, opens_on=today - timedelta(days=9), closes_on=today + timedelta(days=9))
    saved = actions.save_call(programme=cast.programme, text=text, revision=0, by=by, now=NOW)
    return actions.publish_call(call=saved, revision=saved.revision, by=by, now=NOW)


def go_on(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("scripts", [True, False])
def test_visitor_answers_a_call_on_a_phone_with_and_without_scripts(
    call: Call, visit: Visit, look: Look, scripts: bool
) -> None:
    page = visit(None, HOME, width="phone", scripts=scripts)

    def see(name: str) -> None:
        if scripts:
            look(page, f"call-{name}")

    see("open")
    page.get_by_role("button", name="Start now").click()
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("What is your organisation called?")
    see("organisation-missing")
    page.get_by_label("What is your organisation called?").fill("Lakeside Council")
    go_on(page)
    for label, words in (
        ("Your name", "Ottilie Marsh"),
        ("Your role", "Head of service"),
        ("Your work e-mail address", "o.marsh@lakeside.example"),
    ):
        page.get_by_label(label).fill(words)
    see("contact")
    go_on(page)
    page.get_by_label("151 to 500").check()
    see("staff")
    go_on(page)
    page.get_by_label("Feeling valued").check()
    see("themes")
    go_on(page)
    page.get_by_label("What would you like to try?").fill("Ask Sarah Jones about it")
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("the name of a person")
    see("wish-names-somebody")
    page.get_by_label("What would you like to try?").fill("A kinder rota.")
    go_on(page)
    go_on(page)
    page.go_back()
    page.go_back()
    expect(page.get_by_label("What would you like to try?")).to_have_value("A kinder rota.")
    page.goto(f"{HOME}check/")
    page.get_by_label("Probably, but we have to ask").check()
    see("data")
    go_on(page)
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    see("check")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text(Expression.objects.get().reference)).to_be_visible()
    see("sent")


def test_call_that_closes_while_somebody_writes_gives_their_words_back(
    call: Call, visit: Visit, look: Look
) -> None:
    page = visit(None, f"{HOME}express/organisation/", width="phone")
    page.get_by_label("What is your organisation called?").fill("Lakeside Council")
    go_on(page)
    yesterday = timezone.localdate() - timedelta(days=1)
    Call.objects.update(closes_on=yesterday, opens_on=yesterday)
    go_on(page)
    expect(page.get_by_role("heading", name="This call is closed")).to_be_visible()
    expect(page.get_by_text("Lakeside Council")).to_be_visible()
    look(page, "call-closed-meanwhile")
    page.get_by_role("link", name="Back to the call").click()
    look(page, "call-closed")


def test_expression_is_assessed_blind_shortlisted_and_matched(
    cast: Cast, call: Call, visit: Visit, look: Look
) -> None:
    Trial.objects.create(programme=cast.programme, slug="coffee", title="Coffee", created_at=NOW)
    expression = make_expression(call, now=timezone.now())
    researcher = visit("researcher", f"{PROGRAMME}expressions/?mine=on")
    look(researcher, "expressions")
    researcher.get_by_role("link", name="Northshire Council").click()
    look(researcher, "expression-unassessed")
    researcher.get_by_role("button", name="Assess it").click()
    for number in range(4):
        researcher.get_by_label("2: mostly").nth(number).check()
        researcher.get_by_label("Why this score").nth(number).fill("They have done it before.")
    look(researcher, "assess")
    researcher.get_by_role("button", name="Give it").click()
    expect(researcher.get_by_text("Inexpensive: 2.0 on average")).to_be_visible()
    look(researcher, "expression-assessed")

    manager = visit("trial_manager", f"{PROGRAMME}expressions/{expression.reference}/")
    expect(manager.get_by_text("They have done it before.")).to_have_count(0)
    manager.get_by_role("button", name="Decide").click()
    manager.get_by_label("Shortlist it").check()
    manager.get_by_label("Reason").fill("They have the people for it.")
    look(manager, "decide")
    manager.get_by_role("button", name="Confirm the decision").click()
    manager.get_by_role("button", name="Make it a partner").click()
    look(manager, "make-partner")
    manager.get_by_label("Code").fill("northshire")
    manager.get_by_role("button", name="Make it a partner").click()
    manager.get_by_label("Trial", exact=True).select_option(label="Coffee")
    manager.get_by_label("Why they fit").fill("Two offices of like size.")
    look(manager, "match")
    manager.get_by_role("button", name="Match them").click()
    expect(manager.get_by_text("Two offices of like size.")).to_be_visible()
    assert Match.objects.get().partner.code == "northshire"
    look(manager, "partners")
    manager.goto(PROGRAMME)
    look(manager, "programme")


def test_manager_writes_previews_and_publishes_a_call(cast: Cast, visit: Visit, look: Look) -> None:
    page = visit("trial_manager", f"{PROGRAMME}call/")
    look(page, "no-call")
    page.get_by_role("link", name="Write the call").click()
    today = timezone.localdate()
    page.get_by_label("What you look for, and why").fill("We look for councils.")
    page.get_by_label("E-mail address for questions").fill("trials@example.org")
    for name, day in (("opens_on", today), ("closes_on", today + timedelta(days=20))):
        for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
            page.locator(f"[name={name}_{part}]").fill(str(value))
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    look(page, "call-preview")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_role("alert")).to_contain_text("The call is published")
    look(page, "call-published")
    page.get_by_role("link", name="See its public page").click()
    expect(page.get_by_role("button", name="Start now")).to_be_visible()


def test_coordinator_sees_what_is_due_and_does_it(cast: Cast, visit: Visit, look: Look) -> None:
    by = cast["trial_manager"]
    actions.seed_tasks(trial=cast.trial, partner=cast.dudley, by=by, now=NOW)
    actions.save_agreement(
        trial=cast.trial,
        partner=cast.dudley,
        terms=actions.Terms(Signing.DRAFT, launch_on=timezone.localdate() + timedelta(days=18)),
        revision=0,
        by=by,
        now=NOW,
    )
    page = visit("coordinator", "/trials/letters/partners/dudley/tasks/", width="phone")
    look(page, "tasks")
    page.get_by_role("link", name="Tell team managers").click()
    look(page, "task")
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("by Coordinator")).to_be_visible()
    page.get_by_role("link", name="Name the people").click()
    page.get_by_label("Name").fill("Perpetua Quill")
    page.get_by_label("Role").fill("Data analyst")
    page.get_by_label("Work e-mail address").fill("p.quill@dudley.example")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("p.quill@dudley.example")).to_be_visible()
    look(page, "officers")
    page.goto("/trials/letters/partners/dudley/agreement/")
    look(page, "agreement")
