"""Questions of one arm: asked of it alone, and nobody else can tell."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from lighttouch.core.errors import InputError
from lighttouch.web.allocation.models import Assignment
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.protocols import actions as protocols
from lighttouch.web.protocols.queries import newest_version
from lighttouch.web.surveys import actions, handing, queries, slips
from lighttouch.web.surveys.asking import asked_items, told_count
from lighttouch.web.surveys.links import token_of
from lighttouch.web.surveys.models import Link, Survey
from lighttouch.web.surveys.standing import plan_of
from lighttouch.web.surveys.validating import AnswerError, check_values
from tests.own_questions import letters_asking
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.returns.cases import letters_text
from tests.web.studies import DRAWN_AT, world
from tests.web.surveys.cases import COOKIE, window_of

OPENED = datetime(2026, 6, 8, 9, 30, tzinfo=NOW.tzinfo)
"""In the endline's window at Dudley."""
ITEM = "letter_read_1"


def amend(cast: Cast) -> None:
    """Have the endline ask a question of the letter arm alone."""
    newest = newest_version(cast.trial)
    assert newest is not None
    version = protocols.save_version(
        trial=cast.trial,
        text=letters_asking(text=letters_text()),
        note="The letters are asked about.",
        after=newest.number,
        by=cast["researcher"],
        now=DRAWN_AT,
    )
    protocols.submit(version=version, by=cast["researcher"], now=DRAWN_AT)
    protocols.approve(version=version, by=cast["second"], now=DRAWN_AT)
    protocols.amend(
        trial=cast.trial, version=version, reason="Asked.", by=cast["trial_manager"], now=DRAWN_AT
    )


def open_endline(cast: Cast) -> Survey:
    return actions.open_survey(
        trial=cast.trial, wave="endline", by=cast["trial_manager"], now=OPENED
    )


@pytest.fixture
def cast(db: None) -> Cast:
    cast = world("allocated")
    amend(cast)
    return cast


@pytest.fixture
def endline(cast: Cast) -> Survey:
    return open_endline(cast)


def link_in(survey: Survey, arm: str) -> Link:
    """Return a link of somebody in an arm at Dudley."""
    members = Assignment.objects.filter(arm=arm, participant__partner__code="dudley")
    found = Link.objects.select_related("survey__trial__programme", "participant__partner")
    keys = members.values_list("participant", flat=True)
    return found.filter(survey=survey, participant__in=keys).order_by("pk")[0]


def test_a_question_of_one_arm_is_asked_of_it_and_of_nobody_else(endline: Survey) -> None:
    asked = {}
    for arm in ("letter", "waitlist"):
        pages = queries.pages_of(endline, link_in(endline, arm).variant)
        asked[arm] = [item.id for page in pages for item in page.items]
        assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert set(asked["letter"]) - set(asked["waitlist"]) == {ITEM}
    assert ITEM not in {item.id for page in queries.pages_of(endline) for item in page.items}


def test_everybody_in_an_arm_has_its_letters_and_they_name_no_arm(endline: Survey) -> None:
    arms = dict(Assignment.objects.values_list("participant", "arm"))
    links = Link.objects.filter(survey=endline).values_list("participant", "variant")
    pairs = {(arms[person], variant) for person, variant in links}
    assert len(pairs) == len({arm for arm, _ in pairs}) == 2
    kept = str(endline.asked) + str([variant for _, variant in pairs])
    assert not any(arm in kept.split("'") for arm in ("letter", "waitlist"))


def test_letters_lead_from_no_survey_to_another(cast: Cast, endline: Survey) -> None:
    other = open_baseline_again(cast)
    first = set(Link.objects.filter(survey=endline).values_list("variant", flat=True))
    again = set(Link.objects.filter(survey=other).values_list("variant", flat=True))
    assert "" not in first
    assert again == {""}  # everybody is asked the same there


def open_baseline_again(cast: Cast) -> Survey:
    return actions.open_survey(
        trial=cast.trial, wave="baseline", by=cast["trial_manager"], now=OPENED
    )


def test_a_survey_by_arm_waits_for_the_draw(db: None) -> None:
    cast = world("enrolled")
    amend(cast)
    with pytest.raises(InputError, match="nothing is allocated yet") as refused:
        open_endline(cast)
    assert "Allocate first" in str(refused.value)
    assert not Link.objects.exists()
    plan = plan_of(cast.trial, "endline")
    assert plan is not None
    assert plan.waits_for_arms


def test_somebody_without_an_arm_is_asked_what_everybody_is(cast: Cast) -> None:
    late = Participant.objects.filter(trial=cast.trial, excluded_because="").first()
    assert late is not None
    Assignment.objects.filter(participant=late).delete()
    survey = open_endline(cast)
    assert Link.objects.get(survey=survey, participant=late).variant == ""


def test_a_renewed_link_asks_the_same(cast: Cast, endline: Survey) -> None:
    link = link_in(endline, "letter")
    new = actions.renew_link(link=link, by=cast["trial_manager"], now=OPENED)
    assert new.variant == link.variant != ""


def test_what_is_not_asked_cannot_be_answered(endline: Survey) -> None:
    inside, outside = link_in(endline, "letter"), link_in(endline, "waitlist")
    allowed = asked_items(endline, inside.variant)
    assert check_values(allowed, {ITEM: "No"}) == {ITEM: "No"}
    for variant in (outside.variant, ""):
        with pytest.raises(AnswerError, match="no such question"):
            check_values(asked_items(endline, variant), {ITEM: "No"})
    device = actions.agree(link=outside, cookie=COOKIE, now=OPENED)
    with pytest.raises(AnswerError):
        actions.answer(response=device.response, values={ITEM: "No"}, device=device, now=OPENED)
    device = actions.agree(link=inside, cookie=f"{COOKIE}2", now=OPENED)
    assert actions.answer(response=device.response, values={ITEM: "No"}, device=device, now=OPENED)


def test_what_one_s_arm_is_not_asked_is_not_missing(endline: Survey) -> None:
    details = {}
    for arm in ("letter", "waitlist"):
        link = link_in(endline, arm)
        device = actions.agree(link=link, cookie=f"{COOKIE}{arm}", now=OPENED)
        pages = queries.pages_of(endline, link.variant)
        total = sum(len(page.items) for page in pages)
        values = {"life_happiness_1": "7"}
        actions.answer(response=device.response, values=values, device=device, now=OPENED)
        code = f"dudley/{link.participant.staff_id}"
        details[arm] = next(
            row[3]
            for row in queries.events_rows(endline.trial)
            if row[:2] == (code, "survey_partial")
        )
        assert details[arm] == f"endline: 1 of {total} items"
    assert details["letter"] != details["waitlist"]


def test_the_first_page_and_the_statement_are_the_same_for_everybody(
    endline: Survey, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: OPENED + timedelta(hours=1))
    pages = {}
    for arm in ("letter", "waitlist"):
        token = token_of(link_in(endline, arm))
        html = client.get(f"/s/{token}/").content.decode()
        pages[arm] = html.replace(token, "")
        assert f"{told_count(endline)} questions" in html
    assert strip_tokens(pages["letter"]) == strip_tokens(pages["waitlist"])
    assert any(
        "Not everybody is asked all the same questions" in line for line in endline.statement
    )
    assert any("no number below 10" in line for line in endline.statement)
    assert endline.least_cell == 10


def strip_tokens(html: str) -> list[str]:
    return [line for line in html.splitlines() if "csrfmiddlewaretoken" not in line]


def test_no_list_of_links_and_no_page_of_the_site_tells_the_letters(
    cast: Cast, endline: Survey, sign_in: SignIn
) -> None:
    letters = set(Link.objects.filter(survey=endline).values_list("variant", flat=True))
    handed = handing.take_links(
        window=window_of(endline), form=handing.Taken.TABLE, by=cast["coordinator"], now=OPENED
    )
    told = handing.links_table(handed).decode() + str(slips) + str(handed)
    for who, path in (
        ("trial_manager", "/trials/letters/surveys/"),
        ("researcher", "/trials/letters/surveys/"),
        ("coordinator", "/trials/letters/partners/dudley/"),
    ):
        answer = sign_in(who).get(path)
        assert answer.status_code == 200, path
        told += answer.content.decode()
    assert not [one for one in letters if one in told]
