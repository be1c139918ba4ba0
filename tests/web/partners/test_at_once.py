"""Two people, or two presses, at the same moment: one outcome, and nobody's work is lost."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from lighttouch.web.partners import actions
from lighttouch.web.partners.models import Applicant, Call, Expression, Match, State, Task
from lighttouch.web.programmes.models import Partner, Trial
from tests.web.cast import NOW, Cast, make_cast
from tests.web.partners.making import CALL, REASON, make_answers, make_call, make_expression
from tests.web.together import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def open_call(people: Cast) -> Call:
    return make_call(people.programme, people["trial_manager"])


def test_one_form_sent_twice_at_once_is_one_expression(open_call: Call) -> None:
    draft, answers = uuid.uuid4(), make_answers(open_call)

    def send() -> None:
        actions.express(call=open_call, answers=answers, draft=draft, network="a", now=NOW)

    assert refusals(at_once(send, send)) == ["done", "done"]
    assert Expression.objects.count() == Applicant.objects.count() == 1


def test_two_decisions_at_once_leave_one_and_one_warning(people: Cast, open_call: Call) -> None:
    expression = make_expression(open_call)

    def decide(state: State) -> Callable[[], object]:
        return lambda: actions.decide(
            expression=expression,
            state=state,
            reason=REASON,
            revision=1,
            by=people["trial_manager"],
            now=NOW,
        )

    outcomes = refusals(at_once(decide(State.SHORTLISTED), decide(State.DECLINED)))
    assert outcomes == ["done", "somebody changed this since you opened it"]


def test_two_changes_of_a_call_at_once_leave_one_and_one_warning(
    people: Cast, open_call: Call
) -> None:
    def save(title: str) -> Callable[[], object]:
        return lambda: actions.save_call(
            programme=people.programme,
            text=replace(CALL, title=title),
            revision=open_call.revision,
            by=people["trial_manager"],
            now=NOW,
        )

    assert refusals(at_once(save("One"), save("Other"))) == [
        "done",
        "somebody changed this since you opened it",
    ]


def test_one_partner_matched_twice_at_once_is_in_the_trial_once(people: Cast) -> None:
    kent = Partner.objects.create(programme=people.programme, code="kent", name="Kent")
    coffee = Trial.objects.create(
        programme=people.programme, slug="coffee", title="Coffee", created_at=NOW
    )

    def match() -> None:
        actions.match_partner(
            trial=coffee, partner=kent, reason="Fits.", by=people["second"], now=NOW
        )

    assert refusals(at_once(match, match)) == ["done", "the partner is in this trial already"]
    assert Match.objects.count() == 1


def test_task_added_twice_at_once_is_one_task(people: Cast) -> None:
    def add() -> None:
        actions.add_task(
            trial=people.trial,
            partner=people.dudley,
            key="return:interim",
            title="Send the return",
            by=people["trial_manager"],
            now=NOW,
        )

    assert refusals(at_once(add, add, add)) == ["done", "done", "done"]
    assert Task.objects.count() == 1
