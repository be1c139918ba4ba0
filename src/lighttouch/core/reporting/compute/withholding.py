"""Outcomes that so few people of an arm have that a number would describe one of them."""

from dataclasses import replace

from lighttouch.core.disclosure.counts import suppress_small_count
from lighttouch.core.estimation.model import ArmSummary
from lighttouch.core.reporting.results import OutcomeResult

TOO_FEW = (
    "Fewer than 5 participants of an arm have this outcome; numbers would describe single people."
)


def withhold_small_arms(outcomes: tuple[OutcomeResult, ...]) -> tuple[OutcomeResult, ...]:
    """Withhold every number about outcomes that fewer than five people of some arm have.

    An arm that nobody has the outcome in gives nobody away. The other arms keep their means; the
    differences go, as each would give the small arm's mean.
    """
    return tuple(_withhold(one) if _is_small(one) else one for one in outcomes)


def _is_small(outcome: OutcomeResult) -> bool:
    return any(suppress_small_count(summary.n) for summary in outcome.summaries)


def _withhold(outcome: OutcomeResult) -> OutcomeResult:
    return replace(
        outcome,
        summaries=tuple(_empty(summary) for summary in outcome.summaries),
        estimates=(),
        welch=(),
        randomisation=(),
        effect_sizes=(),
        adjusted=(),
        reliability=None,
        points=(),
        not_estimated=outcome.not_estimated or TOO_FEW,
    )


def _empty(summary: ArmSummary) -> ArmSummary:
    if not suppress_small_count(summary.n):
        return summary
    return replace(
        summary,
        mean=None,
        sd=None,
        standard_error=None,
        minimum=None,
        quartiles=None,
        maximum=None,
    )
