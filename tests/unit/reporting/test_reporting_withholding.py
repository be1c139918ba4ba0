"""A mean of a handful of people is not printed, nor is what would give it away."""

from dataclasses import replace

import pytest
from results_factory import letters

from lighttouch.core.allocation.balance import BalanceRow
from lighttouch.core.reporting.composing.withholding import (
    withhold_balance,
    withhold_characteristics,
)
from lighttouch.core.reporting.results import CharacteristicCell, CharacteristicRow, Results


def results(letter: int, waitlist: int) -> Results:
    """Results whose only characteristic is a number that so many people of each arm have."""
    counts = {"letter": letter, "waitlist": waitlist, "all": letter + waitlist}
    cells = {key: CharacteristicCell(n, 0, mean=3.0, sd=1.0) for key, n in counts.items()}
    row = CharacteristicRow("tenure", "Length of service", "", cells)
    balance = BalanceRow(
        variable="tenure",
        label="Length of service",
        category="",
        arm="letter",
        arm_value=3.0,
        reference_value=3.0,
        standardised_difference=0.0,
        n_arm=letter,
        n_reference=waitlist,
        test="",
        test_statistic=None,
        test_degrees_of_freedom=None,
        test_p_value=None,
    )
    return replace(letters(), characteristics=(row,), balance=(balance,))


@pytest.mark.parametrize(
    ("letter", "waitlist", "hidden"),
    [
        (30, 30, set()),
        (0, 30, set()),
        (4, 30, {"letter", "waitlist"}),
        (30, 1, {"letter", "waitlist"}),
        (2, 2, {"letter", "waitlist", "all"}),
    ],
)
def test_means_of_fewer_than_five_hide_those_of_every_arm(
    letter: int, waitlist: int, hidden: set[str]
) -> None:
    found = results(letter, waitlist)
    assert withhold_characteristics(found) == {("tenure", "", key) for key in hidden}
    expected = {("tenure", "", "letter")} if hidden else set()
    assert withhold_balance(found) == expected
