"""An outcome that a handful of people have is not printed."""

from dataclasses import replace

import pytest
from results_factory import letters

from lighttouch.core.reporting.compute.withholding import TOO_FEW, withhold_small_arms
from lighttouch.core.reporting.results import OutcomeResult


def outcome(n: int) -> OutcomeResult:
    """An outcome of two arms that ``n`` people of the first arm have."""
    first = letters().outcomes[0]
    one, other = first.summaries
    return replace(first, summaries=(replace(one, n=n), other))


@pytest.mark.parametrize("n", [1, 4])
def test_an_arm_of_fewer_than_five_withholds_the_outcome(n: int) -> None:
    before = outcome(n)
    (after,) = withhold_small_arms((before,))
    assert after.not_estimated == TOO_FEW
    assert (after.estimates, after.welch, after.randomisation) == ((), (), ())
    assert (after.effect_sizes, after.adjusted, after.points) == ((), (), ())
    small, other = after.summaries
    assert (small.n, small.mean, small.minimum, small.quartiles) == (n, None, None, None)
    assert other == before.summaries[1]


@pytest.mark.parametrize("n", [0, 5])
def test_five_people_or_none_withhold_nothing(n: int) -> None:
    before = outcome(n)
    assert withhold_small_arms((before,)) == (before,)
