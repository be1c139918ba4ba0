"""Reviewers judge blind, once, with reasons; decisions stand with theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import InputError
from lighttouch.web.partners import actions
from lighttouch.web.partners.errors import MovedOnError, RefusedError
from lighttouch.web.partners.models import (
    Assessment,
    Call,
    Criterion,
    Expression,
    Note,
    Score,
    State,
)
from lighttouch.web.partners.queries.expressions import list_expressions, panel
from lighttouch.web.programmes.models import Partner
from tests.web.cast import NOW, Cast
from tests.web.partners.making import (
    REASON,
    TODAY,
    make_call,
    make_expression,
    make_judgements,
    make_partner,
    shortlist,
)


@pytest.fixture
def call(cast: Cast) -> Call:
    return make_call(cast.programme, cast["trial_manager"])


@pytest.fixture
def expression(call: Call) -> Expression:
    return make_expression(call)


def assess(cast: Cast, expression: Expression, who: str, score: int = 2) -> None:
    actions.assess(expression=expression, judgements=make_judgements(score), by=cast[who], now=NOW)


def decide(cast: Cast, expression: Expression, state: State, reason: str = REASON) -> Expression:
    expression.refresh_from_db()
    return actions.decide(
        expression=expression,
        state=state,
        reason=reason,
        revision=expression.revision,
        by=cast["trial_manager"],
        now=NOW,
    )


def test_reviewer_sees_no_other_assessment_before_giving_one(
    cast: Cast, expression: Expression
) -> None:
    assess(cast, expression, "researcher")
    seen = panel(expression, cast["second"])
    assert (seen.given, seen.own, seen.criteria) == (1, False, ())


def test_spread_between_reviewers_shows_once_both_have_given_theirs(
    cast: Cast, expression: Expression
) -> None:
    assess(cast, expression, "researcher", 3)
    assess(cast, expression, "second", 1)
    seen = panel(expression, cast["second"])
    assert [(one.criterion, one.mean, one.spread) for one in seen.criteria] == [
        (criterion, 2.0, 2) for criterion in Criterion
    ]


def test_assessment_is_given_once(cast: Cast, expression: Expression) -> None:
    assess(cast, expression, "researcher")
    with pytest.raises(RefusedError, match="given your assessment"):
        assess(cast, expression, "researcher")
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.create(expression=expression, reviewer=cast["researcher"], given_at=NOW)


def test_assessment_judges_all_four_criteria(cast: Cast, expression: Expression) -> None:
    judgements = make_judgements()
    judgements.pop(Criterion.SCALABLE)
    with pytest.raises(RefusedError, match="Scalable"):
        actions.assess(expression=expression, judgements=judgements, by=cast["second"], now=NOW)
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(("score", "reason"), [(4, REASON), (2, "")])
def test_score_is_0_to_3_with_a_reason(
    cast: Cast, expression: Expression, score: int, reason: str
) -> None:
    judgements = {one: actions.Judgement(score, reason) for one in Criterion}
    with pytest.raises(RefusedError):
        actions.assess(expression=expression, judgements=judgements, by=cast["second"], now=NOW)
    assess(cast, expression, "second")
    with pytest.raises(IntegrityError), transaction.atomic():
        Score.objects.filter(criterion="scalable").update(score=score, reason=reason)


@pytest.mark.parametrize("state", [State.DECLINED, State.WITHDRAWN])
def test_what_is_declined_or_withdrawn_is_not_assessed(
    cast: Cast, expression: Expression, state: State
) -> None:
    decide(cast, expression, state)
    with pytest.raises(RefusedError):
        assess(cast, expression, "researcher")


def test_decision_needs_a_reason(cast: Cast, expression: Expression) -> None:
    with pytest.raises(RefusedError, match="no reason"):
        decide(cast, expression, State.DECLINED, " ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Expression.objects.filter(pk=expression.pk).update(state="declined")


def test_decision_on_a_page_opened_before_another_is_refused(
    cast: Cast, expression: Expression
) -> None:
    shortlist(expression, cast["second"])
    with pytest.raises(MovedOnError):
        actions.decide(
            expression=expression,
            state=State.DECLINED,
            reason=REASON,
            revision=1,
            by=cast["trial_manager"],
            now=NOW,
        )


def test_earlier_reasons_stay_to_be_read(cast: Cast, expression: Expression) -> None:
    decide(cast, expression, State.DECLINED, "Too small.")
    decide(cast, expression, State.RECEIVED, "They grew.")
    decide(cast, expression, State.SHORTLISTED, "Large enough now.")
    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == [
        "Declined: Too small.",
        "Put back: They grew.",
        "Shortlisted: Large enough now.",
    ]


def test_one_withdrawn_after_the_shortlist_was_shortlisted(
    cast: Cast, expression: Expression
) -> None:
    decide(cast, expression, State.SHORTLISTED)
    assert decide(cast, expression, State.WITHDRAWN).shortlisted_at == NOW


def test_only_a_shortlisted_expression_becomes_a_partner(
    cast: Cast, expression: Expression
) -> None:
    with pytest.raises(RefusedError):
        actions.make_partner(
            expression=expression,
            code="northshire",
            name="Northshire",
            revision=1,
            by=cast["second"],
            now=NOW,
        )
    partner = Partner.objects.get(code="dudley")
    with pytest.raises(IntegrityError), transaction.atomic():
        Expression.objects.filter(pk=expression.pk).update(partner=partner)


def test_code_that_is_taken_is_refused(cast: Cast, expression: Expression) -> None:
    with pytest.raises(RefusedError):
        make_partner(cast, expression, code="dudley")
    assert Partner.objects.count() == 3


def test_matched_partner_is_not_declined(cast: Cast, expression: Expression) -> None:
    partner = make_partner(cast, expression)
    actions.match_partner(
        trial=cast.trial, partner=partner, reason="Fits.", by=cast["second"], now=NOW
    )
    with pytest.raises(RefusedError, match="matched"):
        decide(cast, expression, State.WITHDRAWN)


def test_note_is_of_a_day_that_has_come_and_names_nobody(
    cast: Cast, expression: Expression
) -> None:
    note: dict[str, Any] = {"expression": expression, "by": cast["researcher"], "now": NOW}
    with pytest.raises(RefusedError):
        actions.add_note(on=TODAY + timedelta(days=1), text="We will meet.", **note)
    with pytest.raises(InputError):
        actions.add_note(on=TODAY, text="Spoke to Sarah Jones", **note)
    actions.add_note(on=TODAY, text="Their data team is two people.", **note)
    assert Note.objects.get().author == cast["researcher"]


def test_list_is_filtered(cast: Cast, call: Call, expression: Expression) -> None:
    time = call.themes.get(title="Time")
    other = make_expression(call, workforce="tens", themes=(time.pk,))
    assess(cast, expression, "researcher")
    shortlist(expression, cast["second"])
    viewer, programme = cast["researcher"], cast.programme
    assert set(list_expressions(programme, viewer)) == {expression, other}
    assert list(list_expressions(programme, viewer, state="shortlisted")) == [expression]
    assert list(list_expressions(programme, viewer, theme=time.pk)) == [other]
    assert list(list_expressions(programme, viewer, workforce="tens")) == [other]
    assert list(list_expressions(programme, viewer, mine=True)) == [other]
