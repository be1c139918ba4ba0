"""Reviewers read, note, assess blind and decide on the web; only they see who applied."""

import pytest
from django.test import Client

from lighttouch.web.audit import once
from lighttouch.web.partners import actions
from lighttouch.web.partners.models import Applicant, Assessment, Call, Criterion, Expression, Note
from lighttouch.web.programmes.models import Partner
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn
from tests.web.partners.making import (
    REASON,
    make_expression,
    make_judgements,
    shortlist,
)

LIST = "/programmes/programme/expressions/"
PERSONAL = ("Wilhelmina Featherstone", "w.featherstone@northshire.example")
MANAGERS = ["trial_manager", "second"]


@pytest.fixture
def expression(call: Call, in_march: None) -> Expression:
    return make_expression(call)


def page(expression: Expression, more: str = "") -> str:
    return f"{LIST}{expression.reference}/{more}"


def judged(**instead: str) -> dict[str, str]:
    given = {f"score_{one.value}": "2" for one in Criterion}
    reasons = {f"reason_{one.value}": REASON for one in Criterion}
    return {**given, **reasons, "once": once.token(), **instead}


@pytest.mark.parametrize("who", [*MANAGERS, "researcher"])
def test_reviewers_see_who_applied(expression: Expression, sign_in: SignIn, who: str) -> None:
    shown = sign_in(who).get(page(expression)).content.decode()
    assert all(words in shown for words in PERSONAL)


@pytest.mark.parametrize(
    "who", ["administrator", "randomiser", "coordinator", "stranger", "team_manager"]
)
def test_nobody_else_does(expression: Expression, sign_in: SignIn, who: str) -> None:
    for address in (LIST, page(expression), page(expression, "forget/")):
        found = sign_in(who).get(address)
        assert found.status_code == 403
        assert not any(words in found.content.decode() for words in PERSONAL)


def test_manager_of_another_programme_does_not(expression: Expression, outsider: Client) -> None:
    assert outsider.get(page(expression)).status_code == 403


def test_expression_of_another_programme_is_not_found_under_this_one(
    expression: Expression, outsider: Client
) -> None:
    address = f"/programmes/elsewhere/expressions/{expression.reference}/"
    assert outsider.get(address).status_code == 404


def test_list_names_organisations_never_people(expression: Expression, sign_in: SignIn) -> None:
    shown = sign_in("researcher").get(LIST).content.decode()
    assert expression.organisation in shown
    assert not any(words in shown for words in PERSONAL)


def test_list_is_filtered_by_state_theme_staff_and_what_is_left_to_do(
    cast: Cast, call: Call, expression: Expression, sign_in: SignIn
) -> None:
    time = call.themes.get(title="Time").pk
    make_expression(call, organisation="Southmoor", workforce="tens", themes=(time,))
    shortlist(expression, cast["second"])
    client = sign_in("researcher")
    for query in ("state=received", f"theme={time}", "workforce=tens"):
        shown = client.get(f"{LIST}?{query}").content.decode()
        assert "Southmoor" in shown
        assert "Northshire" not in shown
    client.post(page(expression, "assess/"), judged())
    assert "Northshire" not in client.get(f"{LIST}?mine=1").content.decode()
    assert "None of these" in client.get(f"{LIST}?state=declined").content.decode()
    assert "Northshire" in client.get(f"{LIST}?state=invented").content.decode()


def test_empty_list_says_what_to_do_next(call: Call, in_march: None, sign_in: SignIn) -> None:
    shown = sign_in("researcher").get(LIST).content.decode()
    assert "Nobody has answered yet" in shown
    assert "See the call" in shown


def test_assessment_of_others_shows_only_after_ones_own(
    cast: Cast, expression: Expression, sign_in: SignIn
) -> None:
    actions.assess(
        expression=expression, judgements=make_judgements(3), by=cast["researcher"], now=NOW
    )
    client = sign_in("trial_manager")
    before = client.get(page(expression)).content.decode()
    assert "1 reviewer has given theirs" in before
    assert REASON not in before
    assert "on average" not in before
    assert client.post(page(expression, "assess/"), judged()).status_code == 302
    after = client.get(page(expression)).content.decode()
    assert "Inexpensive: 2.5 on average, 1 apart" in after
    assert REASON in after


def test_assessment_without_a_reason_is_asked_for_it(
    expression: Expression, sign_in: SignIn
) -> None:
    given = judged(reason_scalable="")
    found = sign_in("researcher").post(page(expression, "assess/"), given)
    assert found.status_code == 422
    assert REASON in found.content.decode()
    assert not Assessment.objects.exists()


def test_assessment_given_twice_is_explained(expression: Expression, sign_in: SignIn) -> None:
    client = sign_in("researcher")
    client.post(page(expression, "assess/"), judged())
    found = client.post(page(expression, "assess/"), judged())
    assert found.status_code == 422
    assert "You have given your assessment" in found.content.decode()


def test_note_pressed_twice_is_one_note(expression: Expression, sign_in: SignIn) -> None:
    client, mark = sign_in("researcher"), once.token()
    given = {"on_0": "2", "on_1": "3", "on_2": "2026", "text": "Two data officers.", "once": mark}
    given |= {"on_day": "2", "on_month": "3", "on_year": "2026"}
    for _ in range(2):
        client.post(page(expression, "note/"), given)
    assert Note.objects.count() == 1
    shown = client.get(page(expression)).content.decode()
    assert "Two data officers." in shown
    assert "Researcher, Monday 2 March 2026" in shown


def test_note_that_names_somebody_is_refused_and_kept_on_the_page(
    expression: Expression, sign_in: SignIn
) -> None:
    given = {"on_day": "2", "on_month": "3", "on_year": "2026", "once": once.token()}
    found = sign_in("researcher").post(
        page(expression, "note/"), {**given, "text": "Met Sarah Jones today"}
    )
    assert found.status_code == 422
    assert "Met Sarah Jones today" in found.content.decode()
    assert "the name of a person" in found.content.decode()
    assert not Note.objects.exists()


def test_decision_from_a_stale_page_is_refused_with_what_was_typed(
    cast: Cast, expression: Expression, sign_in: SignIn
) -> None:
    shortlist(expression, cast["second"])
    given = {"state": "declined", "reason": "Too far away.", "revision": 1, "once": once.token()}
    found = sign_in("trial_manager").post(page(expression, "decide/"), given)
    assert found.status_code == 409
    assert "Too far away." in found.content.decode()
    expression.refresh_from_db()
    assert expression.state == "shortlisted"


def test_researcher_assesses_but_does_not_decide(expression: Expression, sign_in: SignIn) -> None:
    client = sign_in("researcher")
    assert client.get(page(expression, "assess/")).status_code == 200
    assert client.get(page(expression, "decide/")).status_code == 403
    assert "Decision" not in client.get(page(expression)).content.decode()


def test_shortlisted_expression_becomes_a_partner_to_be_matched(
    cast: Cast, expression: Expression, sign_in: SignIn
) -> None:
    client = sign_in("trial_manager")
    given = {"state": "shortlisted", "reason": REASON, "revision": 1, "once": once.token()}
    assert client.post(page(expression, "decide/"), given).status_code == 302
    form = client.get(page(expression, "partner/")).content.decode()
    assert 'value="northshire_council"' in form
    made = {"code": "northshire", "name": "Northshire", "revision": 2, "once": once.token()}
    found = client.post(page(expression, "partner/"), made)
    assert found["Location"] == "/programmes/programme/partners/match/?partner=northshire"
    assert Partner.objects.get(code="northshire").expression == expression


def test_code_that_is_taken_is_explained(
    cast: Cast, expression: Expression, sign_in: SignIn
) -> None:
    shortlist(expression, cast["second"])
    made = {"code": "dudley", "name": "Dudley", "revision": 2, "once": once.token()}
    found = sign_in("trial_manager").post(page(expression, "partner/"), made)
    assert found.status_code == 422
    assert Partner.objects.count() == 3


def test_applicant_is_deleted_on_request_and_the_page_says_so(
    expression: Expression, sign_in: SignIn
) -> None:
    client = sign_in("researcher")
    assert "cannot be undone" in client.get(page(expression, "forget/")).content.decode()
    client.post(page(expression, "forget/"), {"once": once.token()})
    assert not Applicant.objects.exists()
    shown = client.get(page(expression)).content.decode()
    assert "Deleted on Monday 2 March 2026" in shown
    assert not any(words in shown for words in PERSONAL)
