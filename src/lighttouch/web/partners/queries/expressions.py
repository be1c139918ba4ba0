"""Expressions of interest as reviewers read them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lighttouch.web.accounts.models import User
from lighttouch.web.partners.models import (
    Applicant,
    Assessment,
    Criterion,
    Expression,
    State,
    Theme,
    Workforce,
)
from lighttouch.web.programmes.models import Programme

LEAVE = {State.DECLINED, State.WITHDRAWN}


def list_expressions(
    programme: Programme,
    viewer: User,
    *,
    state: str = "",
    theme: int | None = None,
    workforce: str = "",
    mine: bool = False,
) -> QuerySet[Expression]:
    """Return expressions, newest first, without who sent them.

    Parameters
    ----------
    mine
        Only those the viewer has yet to assess.
    """
    own = Assessment.objects.filter(expression=OuterRef("pk"), reviewer=viewer)
    found = (
        Expression.objects.filter(call__programme=programme)
        .annotate(given=Count("assessments", distinct=True), own=Exists(own))
        .prefetch_related("themes")
        .select_related("partner")
        .order_by("-received_at", "-pk")
    )
    if state in State.values:
        found = found.filter(state=state)
    if workforce in Workforce.values:
        found = found.filter(workforce=workforce)
    if theme is not None:
        found = found.filter(themes=theme)
    if mine:
        found = found.filter(own=False, state__in=(State.RECEIVED, State.SHORTLISTED))
    return found


def themes_asked(programme: Programme) -> QuerySet[Theme]:
    """Return the themes of a programme's call that are asked about, or that somebody chose."""
    found = Theme.objects.filter(call__programme=programme)
    return found.filter(Q(retired=False) | Q(expressions__isnull=False)).distinct()


def applicant(expression: Expression) -> Applicant | None:
    """Return who sent an expression, if still known; personal, for reviewers' pages only."""
    return Applicant.objects.filter(expression=expression).first()


@dataclass(frozen=True, slots=True)
class CriterionView:
    """What the reviewers thought of one criterion: who, how much, why."""

    criterion: Criterion
    judgements: tuple[tuple[str, int, str], ...]

    @property
    def mean(self) -> float:
        """The mean of the scores."""
        return sum(score for _, score, _ in self.judgements) / len(self.judgements)

    @property
    def spread(self) -> int:
        """How far the highest score is from the lowest."""
        scores = [score for _, score, _ in self.judgements]
        return max(scores) - min(scores)


@dataclass(frozen=True, slots=True)
class Panel:
    """The assessments of an expression as one reviewer may see them.

    Until they have given their own, they learn only how many there are.
    """

    given: int
    own: bool
    criteria: tuple[CriterionView, ...]


def panel(expression: Expression, viewer: User) -> Panel:
    """Return the assessments of an expression, hidden from a viewer who has not given theirs."""
    rows = list(
        Assessment.objects.filter(expression=expression)
        .select_related("reviewer")
        .prefetch_related("scores")
    )
    if all(row.reviewer_id != viewer.pk for row in rows):
        return Panel(len(rows), own=False, criteria=())
    return Panel(len(rows), own=True, criteria=tuple(_by_criterion(rows)))


def _by_criterion(rows: list[Assessment]) -> Iterable[CriterionView]:
    for criterion in Criterion:
        yield CriterionView(
            criterion,
            tuple(
                (row.reviewer.name, score.score, score.reason)
                for row in rows
                for score in row.scores.all()
                if score.criterion == criterion
            ),
        )
